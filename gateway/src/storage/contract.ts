/**
 * What every store must do, whatever database is behind it. Free of test runners and runtimes: it runs under vitest over
 * node:sqlite and as it is inside a Durable Object.
 * @module
 */
import { administrationContract } from "./administration/administration-contract.ts";
import type { ClientKey } from "../clients/types.ts";
import type { Cooldown, Disabled } from "../pool/types.ts";
import { accountContract } from "./contract-accounts.ts";
import { analyticsContract } from "./contract-analytics.ts";
import { assertEqual, assertRejects, type ContractCase } from "./contract-assert.ts";
import { ledgerContract } from "./contract-ledger.ts";
import { resourceContract } from "./contract-resources.ts";
import { responseContract } from "./contract-responses.ts";
import { usageContract } from "./contract-usage.ts";
import type { StoredCredential } from "./types.ts";

/** All promises of a store. */
export function storageContract(): ContractCase[] {
  return [
    ...stateContract,
    ...accountContract,
    ...resourceContract,
    ...responseContract,
    ...usageContract,
    ...ledgerContract,
    ...analyticsContract,
    ...administrationContract(),
  ];
}

// --- helpers ---

const credential: StoredCredential = {
  id: "cred_0123456789abcdef",
  name: "first",
  sealed: "sealed text",
  fingerprint: "0123456789abcdef",
  projectId: null,
  weight: 1.5,
  tier: 0,
  enabled: true,
  createdAt: 1_763_000_000_000,
  baseUrl: null,
  sealedProxy: null,
  quotaTier: null,
};
const client: ClientKey = {
  id: "client_0123456789abcdef",
  name: "laptop",
  digest: "aa".repeat(32),
  prefix: "gp-abcd",
  source: "stored",
  enabled: true,
  expiresAt: null,
  allowedModels: ["gemini-3.8-flash", "gemini-4-*"],
  createdAt: 1_763_000_000_001,
  limits: null,
  ipRanges: null,
  aliases: null,
  resourceScope: "own",
};
const cooldown: Cooldown = {
  scope: "project-model",
  subject: "project-1",
  model: "gemini-3.8-flash",
  untilMs: 1_763_000_060_000,
  sinceMs: 1_763_000_000_000,
  cause: "minute-quota",
  rule: "quota.minute",
  words: "Please retry in 34s.",
};
const disabled: Disabled = {
  scope: "credential",
  subject: "cred_1",
  reason: "invalid-key",
  sinceMs: 1_763_000_000_000,
  probeAtMs: null,
  rule: "key.invalid",
  words: "API key not valid",
};

const stateContract: ContractCase[] = [
  {
    name: "a credential comes back as it was added",
    async run({ credentials }) {
      assertEqual(await credentials.list(), [], "an empty list");
      assertEqual(await credentials.add(credential), true, "added");
      const off = {
        ...credential,
        id: "cred_b",
        fingerprint: "b",
        enabled: false,
        projectId: "p",
        weight: 2,
        tier: 3,
        createdAt: 1,
        baseUrl: "https://gw.example/google",
        sealedProxy: "sealed proxy",
        quotaTier: "paid1",
      };
      assertEqual(await credentials.add(off), true, "added");
      assertEqual(await credentials.list(), [off, credential], "in the order of creation");
    },
  },
  {
    name: "a credential with a known fingerprint or id is left alone",
    async run({ credentials }) {
      await credentials.add(credential);
      assertEqual(
        await credentials.add({ ...credential, id: "cred_other", name: "second" }),
        false,
        "same fingerprint",
      );
      assertEqual(await credentials.add({ ...credential, fingerprint: "other", name: "third" }), false, "same id");
      assertEqual(await credentials.list(), [credential], "unchanged");
    },
  },
  {
    name: "a credential's change touches only what is named, also back to null and false",
    async run({ credentials }) {
      await credentials.add(credential);
      assertEqual(
        await credentials.update(credential.id, { enabled: false, projectId: "p", weight: 0.5 }),
        true,
        "changed",
      );
      const changed = { ...credential, enabled: false, projectId: "p", weight: 0.5 };
      assertEqual(await credentials.list(), [changed], "three fields");
      assertEqual(
        await credentials.update(credential.id, { projectId: null, name: "n", tier: 1, sealed: "s" }),
        true,
        "changed",
      );
      assertEqual(
        await credentials.list(),
        [{ ...changed, projectId: null, name: "n", tier: 1, sealed: "s" }],
        "four more",
      );
      const network = { baseUrl: "https://gw.example", sealedProxy: "p", quotaTier: "free" };
      await credentials.update(credential.id, network);
      await credentials.update(credential.id, { quotaTier: null });
      assertEqual(
        await credentials.list(),
        [{ ...changed, projectId: null, name: "n", tier: 1, sealed: "s", ...network, quotaTier: null }],
        "base, proxy and quota tier",
      );
      await credentials.update(credential.id, { baseUrl: null, sealedProxy: null });
      assertEqual(await credentials.update(credential.id, {}), true, "nothing to change, but there");
      assertEqual(await credentials.update("nobody", { name: "x" }), false, "not there");
    },
  },
  {
    name: "a credential is removed once",
    async run({ credentials }) {
      await credentials.add(credential);
      assertEqual(await credentials.remove(credential.id), true, "removed");
      assertEqual(await credentials.remove(credential.id), false, "gone already");
      assertEqual(await credentials.list(), [], "empty");
    },
  },
  {
    name: "a client key comes back as it was added, changed and removed",
    async run({ clients }) {
      await clients.add(client);
      const open: ClientKey = {
        ...client,
        id: "client_2",
        digest: "bb",
        allowedModels: null,
        expiresAt: 5,
        enabled: false,
        createdAt: 0,
        limits: { requestsPerMinute: 60, tokensPerMinute: null, budgets: { day: 2.5, total: null } },
        ipRanges: ["10.0.0.0/8", "2001:db8::1"],
        aliases: { fast: "gemini-3.8-flash", "models/\u00fc'": "x" },
        resourceScope: "shared",
      };
      await clients.add(open);
      assertEqual(await clients.list(), [open, client], "in the order of creation");
      assertEqual(
        await clients.update(open.id, { allowedModels: [], expiresAt: null, enabled: true, name: "n" }),
        true,
        "changed",
      );
      assertEqual(await clients.update("nobody", { name: "n" }), false, "not there");
      const changed = { ...open, allowedModels: [], expiresAt: null, enabled: true, name: "n" };
      assertEqual(await clients.list(), [changed, client], "changed");
      const wider = { limits: null, ipRanges: null, aliases: {}, resourceScope: "own" } as const;
      assertEqual(await clients.update(open.id, wider), true, "changed");
      assertEqual(await clients.list(), [{ ...changed, ...wider }, client], "without limits");
      assertEqual(await clients.update(open.id, { limits: { concurrency: 3 }, ipRanges: [] }), true, "changed");
      Object.assign(changed, wider, { limits: { concurrency: 3 }, ipRanges: [] });
      assertEqual(await clients.remove(client.id), true, "removed");
      assertEqual(await clients.remove(client.id), false, "gone already");
      assertEqual(await clients.list(), [changed], "one left");
    },
  },
  {
    name: "what a credential or a client key leaves out comes back as nothing",
    async run({ credentials, clients }) {
      const { baseUrl: _baseUrl, sealedProxy: _sealedProxy, quotaTier: _quotaTier, ...bareCredential } = credential;
      const { limits: _limits, ipRanges: _ipRanges, aliases: _aliases, resourceScope: _scope, ...bareClient } = client;
      await credentials.add(bareCredential);
      await clients.add(bareClient);
      assertEqual(await credentials.list(), [credential], "credential");
      assertEqual(await clients.list(), [client], "client");
    },
  },
  {
    name: "two client keys cannot have one digest",
    async run({ clients }) {
      await clients.add(client);
      await assertRejects(clients.add({ ...client, id: "client_2" }), "the second one");
      assertEqual(await clients.list(), [client], "one");
    },
  },
  {
    name: "health is kept by subject: the last word counts, and removed entries are gone",
    async run({ health }) {
      const later = { ...cooldown, untilMs: cooldown.untilMs + 5, words: "later" };
      const whole: Cooldown = { ...cooldown, scope: "model", subject: "", model: "m" };
      const probed = { ...disabled, scope: "project", subject: "p", probeAtMs: 7 } as const;
      await health.write([
        { kind: "cooldown", value: cooldown, removed: false },
        { kind: "cooldown", value: whole, removed: false },
        { kind: "disabled", value: disabled, removed: false },
        { kind: "disabled", value: probed, removed: false },
        { kind: "cooldown", value: later, removed: false },
      ]);
      const kept = await health.list();
      assertEqual(bySubject(kept.cooldowns), bySubject([later, whole]), "cooldowns");
      assertEqual(bySubject(kept.disabled), bySubject([disabled, probed]), "disabled");
      await health.write([
        { kind: "cooldown", value: cooldown, removed: true },
        { kind: "disabled", value: probed, removed: true },
        { kind: "disabled", value: { ...disabled, words: "other" }, removed: false },
      ]);
      await health.write([]);
      assertEqual(
        await health.list(),
        { cooldowns: [whole], disabled: [{ ...disabled, words: "other" }] },
        "what is left",
      );
    },
  },
  {
    name: "a meta value is set and set again",
    async run({ meta }) {
      assertEqual(await meta.get("a"), null, "not there");
      await meta.set("a", "1");
      await meta.set("a", "2");
      await meta.set("b", "\u00fc\u2603\u{1f600} 'quoted'");
      assertEqual(
        [await meta.get("a"), await meta.get("b")],
        ["2", "\u00fc\u2603\u{1f600} 'quoted'"],
        "the last words",
      );
    },
  },
  {
    name: "the revision begins at 0 and gives each raise its own number",
    async run({ revision }) {
      assertEqual(await revision.get(), 0, "at first");
      const raised = await Promise.all([revision.raise(), revision.raise(), revision.raise()]);
      assertEqual(
        raised.sort((a, b) => a - b),
        [1, 2, 3],
        "three raises",
      );
      assertEqual(await revision.get(), 3, "then");
    },
  },
];

function bySubject<Entry extends { subject: string }>(entries: readonly Entry[]): Entry[] {
  return [...entries].sort((a, b) => (a.subject < b.subject ? -1 : 1));
}
