/**
 * What every store must do for Code Assist accounts.
 * @module
 */
import { unknownAccount } from "../core/accounts.ts";
import { assertEqual, type ContractCase } from "./contract-assert.ts";
import type { StoredCredential } from "./types.ts";

const key: StoredCredential = {
  id: "cred_0123456789abcdef",
  name: "first",
  sealed: "sealed text",
  fingerprint: "0123456789abcdef",
  projectId: null,
  weight: 1,
  tier: 0,
  enabled: true,
  createdAt: 1_763_000_000_000,
  baseUrl: null,
  sealedProxy: null,
  quotaTier: null,
};

/** Its promises. */
export const accountContract: readonly ContractCase[] = [
  {
    name: "an account comes back as it was added, and its tokens change only while they are the known ones",
    async run({ credentials }) {
      const account: StoredCredential = {
        ...key,
        kind: "code-assist",
        account: { ...unknownAccount, email: "ada@example.com", scopes: ["a"], given: "f" },
      };
      assertEqual(await credentials.add(account), true, "added");
      assertEqual(await credentials.get(account.id), account, "one");
      assertEqual(await credentials.get("nobody"), null, "none");
      const facts = { ...unknownAccount, cloudProject: "p", lastRefreshAt: 7 };
      const change = { sealed: "new", account: facts };
      assertEqual(await credentials.update(account.id, change, { sealed: "other" }), false, "somebody else wrote");
      assertEqual(await credentials.list(), [account], "unchanged");
      assertEqual(await credentials.update(account.id, change, { sealed: account.sealed }), true, "changed");
      assertEqual(await credentials.list(), [{ ...account, ...change }], "both");
    },
  },
  {
    name: "a lease of an account is of one owner until it ends or is given back",
    async run({ accountLeases }) {
      const lease = (owner: string, now: number) => ({ id: "cred_1", owner, now, untilMs: now + 30_000 });
      assertEqual(await accountLeases.take(lease("one", 1_000)), true, "free");
      assertEqual(await accountLeases.take(lease("two", 1_001)), false, "taken");
      assertEqual(await accountLeases.take({ ...lease("two", 1_001), id: "cred_2" }), true, "of another account");
      assertEqual(await accountLeases.take(lease("one", 2_000)), true, "by the same owner");
      await accountLeases.release({ id: "cred_1", owner: "two" });
      assertEqual(await accountLeases.take(lease("two", 31_999)), false, "not theirs to give back");
      assertEqual(await accountLeases.take(lease("two", 32_000)), true, "over");
      await accountLeases.release({ id: "cred_1", owner: "two" });
      assertEqual(await accountLeases.take(lease("one", 32_001)), true, "given back");
    },
  },
];
