import { afterEach, describe, expect, it } from "vitest";
import { unknownAccount } from "../../core/accounts.ts";
import type { Lease } from "../../core/credential.ts";
import { createPool } from "../../pool/pool.ts";
import { openNodeSqlite } from "../../storage/drivers/open-node.ts";
import type { Store } from "../../storage/types.ts";
import {
  createAccountWorld,
  credentialsFile,
  digest,
  json,
  start,
  type AccountWorld,
} from "../../testkit/account-world.ts";
import { createSeededRandom } from "../../testkit/simulated.ts";
import { createAccounts, forgetOldTroubles, type Accounts } from "./create-accounts.ts";

const stores: Store[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

async function world(environment: Record<string, string> = {}): Promise<AccountWorld> {
  const store = await openNodeSqlite({ path: ":memory:" });
  stores.push(store);
  return createAccountWorld({ store, environment });
}

function accountsOf(made: AccountWorld, patienceMs?: number): Accounts {
  const { settings, tools } = made;
  return createAccounts({ ...tools, settings, ...(patienceMs === undefined ? {} : { patienceMs }) });
}

describe("accounts of a host", () => {
  it("a call waits for an account only so long; the work goes on, and the next call has it", async () => {
    const made = await world();
    await made.add();
    let answer = (): void => undefined;
    const opened = new Promise<void>((resolve) => (answer = resolve));
    made.google.answers.set("/token", async () => {
      await opened;
      return json({ access_token: "ya29.granted-1", expires_in: 3_600 });
    });
    const accounts = accountsOf(made, 10);
    const lease = await made.lease();
    expect(await accounts.keeper.prepare(lease, start)).toMatchObject({
      ok: false,
      rule: "account.setup-unfinished",
      effects: [{ kind: "cooldown", scope: "credential", untilMs: start + 2_000 }],
    });
    answer();
    await accounts.keeper.idle();
    expect(accounts.keeper.lend(lease, start)?.cloudProject).toBe("found-project");
    expect(made.google.count("/token")).toBe(1);
    await accounts.close();
  });

  it("a project that the settings name anew is looked up at once, not when the old one is over", async () => {
    const old = await world({ GEMINI_PROJECT_ID: "old-project" });
    const told: string[] = [];
    old.google.answers.set("/v1internal:loadCodeAssist", ({ body }) => {
      told.push((JSON.parse(body ?? "{}") as { cloudaicompanionProject: string }).cloudaicompanionProject);
      return json({ currentTier: { id: "standard-tier" } });
    });
    await old.add(credentialsFile({ expiry_date: start + 3_600_000 }));
    expect(await old.keeper.prepare(await old.lease(), start)).toMatchObject({
      lease: { cloudProject: "old-project" },
    });
    const { store, google, clock } = old;
    const again = createAccountWorld({ store, google, clock, environment: { GEMINI_PROJECT_ID: "old-project" } });
    expect(await again.keeper.prepare(await again.lease(), start)).toMatchObject({ ok: true });
    expect(told).toEqual(["old-project"]);
    const anew = createAccountWorld({ store, google, clock, environment: { GEMINI_PROJECT_ID: "new-project" } });
    const lease = await anew.lease();
    expect(await anew.keeper.prepare(lease, start)).toMatchObject({ lease: { cloudProject: "new-project" } });
    expect(anew.keeper.lend(lease, start)?.cloudProject).toBe("new-project");
    expect(told).toEqual(["old-project", "new-project"]);
  });

  it.each([
    ["account.project-missing", true],
    ["account.project-number", true],
    ["account.setup-refused", true],
    ["account.not-eligible", true],
    ["account.client-missing", true],
    ["account.client-refused", true],
    ["account.login-needed", false],
    ["account.validation-required", false],
    ["key.invalid", false],
  ])("at a start, what %s kept away is tried again: %s", async (rule, isTried) => {
    const made = await world();
    await made.add();
    const pool = createPool({ random: createSeededRandom(), onChange: () => undefined });
    const lease = await made.lease();
    pool.replace([
      {
        id: lease.credentialId,
        name: "ada",
        secret: lease.secret,
        kind: "code-assist",
        projectId: null,
        source: "stored",
        weight: 1,
        tier: 0,
        enabled: true,
      },
    ]);
    disable(pool, lease, rule);
    const { store, settings, clock } = made;
    await forgetOldTroubles({ pool, store, settings, digest, clock });
    expect(pool.counts(start).usable).toBe(isTried ? 1 : 0);
  });

  it("what is noted of an account does not touch tokens and choices that came meanwhile", async () => {
    const made = await world();
    const id = await made.add();
    const before = await made.shelf.read(id);
    await made.add(credentialsFile({ refresh_token: "1//fresh-refresh-token-x" }));
    await made.shelf.note(id, { facts: { ...unknownAccount, lastError: "old" }, was: before?.sealed ?? "" });
    expect((await made.shelf.read(id))?.facts.lastError).toBeNull();
  });
});

function disable(pool: ReturnType<typeof createPool>, lease: Lease, rule: string): void {
  pool.apply({
    lease,
    model: null,
    rule,
    effects: [{ kind: "disable", scope: "credential", reason: "not-eligible", probeAtMs: null, words: "" }],
    consumer: null,
    limits: [],
    now: start,
  });
}
