import { afterEach, expect, it } from "vitest";
import { sampleCall } from "../../storage/contract-samples.ts";
import { openNodeSqlite } from "../../storage/drivers/open-node.ts";
import type { GatewayStore } from "../../storage/types-analytics.ts";
import { housekeeping } from "./housekeeping.ts";

const day = 86_400_000;
const stores: GatewayStore[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

async function makeStore(): Promise<GatewayStore> {
  const store = await openNodeSqlite({ path: ":memory:" });
  stores.push(store);
  return store;
}

async function keepHouse(
  store: GatewayStore,
  now: number,
  settings: { retentionDays: number; auditRetentionDays: number; ledgerMaxBytes: number },
): Promise<number> {
  let pruned = 0;
  const captures = { prune: () => Promise.resolve(void pruned++) };
  for (const step of Object.values(housekeeping({ store, settings, captures, now }))) await step();
  return pruned;
}

it("deletes calls, log-ins and audit lines beyond what the settings of this moment allow", async () => {
  const store = await makeStore();
  const { administration } = store;
  const call = sampleCall(1);
  const { startedAt } = call.record;
  await store.ledger.insert([call]);
  const line = { actor: "a", role: "admin", action: "x", target: null, detail: null, address: null };
  await administration.audit.add({ id: "1", at: startedAt, outcome: "done", ...line });
  const session = { operatorId: null, name: "a", role: "admin", csrfToken: "c", createdAt: 0, seenAt: 0 } as const;
  await administration.sessions.add({ digest: "old", expiresAt: startedAt, ...session });
  await administration.sessions.add({ digest: "new", expiresAt: startedAt + 30 * day, ...session });

  const settings = { retentionDays: 90, auditRetentionDays: 90, ledgerMaxBytes: 2 ** 31 };
  const now = startedAt + 10 * day;
  expect(await keepHouse(store, now, settings)).toBe(1);
  expect(await store.ledger.get(call.record.id)).not.toBe(null);
  expect(await administration.audit.list({ limit: 10 })).toHaveLength(1);
  expect([await administration.sessions.get("old"), (await administration.sessions.get("new"))?.digest]).toEqual([
    null,
    "new",
  ]);

  await keepHouse(store, now, { ...settings, retentionDays: 5, auditRetentionDays: 5 });
  expect(await store.ledger.get(call.record.id)).toBe(null);
  expect(await administration.audit.list({ limit: 10 })).toEqual([]);
});

it("prunes stored responses where they are kept, at the time of the run", async () => {
  const store = await makeStore();
  const settings = { retentionDays: 90, auditRetentionDays: 90, ledgerMaxBytes: 2 ** 31 };
  const pruned: number[] = [];
  const responses = { prune: (now: number) => Promise.resolve(void pruned.push(now)) };
  for (const step of Object.values(housekeeping({ store, settings, captures: null, responses, now: 5 }))) await step();
  expect(pruned).toEqual([5]);
});

it("deletes the oldest calls while the ledger is larger than it may be", async () => {
  const store = await makeStore();
  const calls = Array.from({ length: 20 }, (_, index) => sampleCall(index));
  await store.ledger.insert(calls);
  const now = Math.max(...calls.map(({ record }) => record.startedAt)) + 1;
  await keepHouse(store, now, { retentionDays: 90, auditRetentionDays: 90, ledgerMaxBytes: 1 });
  expect(await store.ledger.list({})).toEqual([]);
});
