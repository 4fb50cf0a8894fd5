import { expect, it } from "vitest";
import type { Pool, QuotaView } from "../pool/types.ts";
import { sampleCall, sampleUsage } from "../storage/contract-samples.ts";
import { openNodeSqlite } from "../storage/drivers/open-node.ts";
import { cacheHitRate, readAdmin } from "./admin-reads.ts";

const now = 1_763_000_000_000;

function quota(value: number, roomAtMs: number | null): QuotaView {
  const subject = { projectId: "p", model: "m", metric: "requests", window: "day" } as const;
  return { ...subject, value, source: "google", learnedAt: now, used: value, roomAtMs };
}

function poolOf(quotas: QuotaView[], panic: boolean): Pool {
  const counts = { total: 3, usable: 2, cooling: 1, disabled: 0, off: 0, panic };
  return { counts: () => counts, view: () => [], quotas: () => quotas } as unknown as Pool;
}

it("tells in the status whether the pool is in panic, what quotas are left and how many owners are known", async () => {
  const store = await openNodeSqlite({ path: ":memory:" });
  const rest = { store, recorder: null, now: () => now };
  const quotas = [quota(10, null), quota(10, now + 9_000), quota(5, now + 4_000), quota(0, Infinity)];
  const status = await readAdmin(
    { ...rest, pool: poolOf(quotas, true), affinity: { size: () => 42 } },
    "status",
    new URLSearchParams(),
  );
  expect(status).toMatchObject({
    panic: true,
    quotas: { limits: 4, exhausted: 2, unavailable: 1, soonestMs: now + 4_000 },
    affinity: { resources: 42 },
  });
  expect(await readAdmin({ ...rest, pool: poolOf([], false) }, "status", new URLSearchParams())).toMatchObject({
    panic: false,
    quotas: { limits: 0, exhausted: 0, unavailable: 0, soonestMs: null },
    affinity: null,
  });
  expect(await readAdmin({ ...rest, pool: poolOf(quotas, false) }, "quotas", new URLSearchParams())).toEqual({
    quotas: [
      { ...quotas[0], state: "room" },
      { ...quotas[1], state: "full" },
      { ...quotas[2], state: "full" },
      { ...quotas[3], state: "unavailable", roomAtMs: null },
    ],
  });
  await store.close();
});

it("tells how much of the prompts came from Google's cache", async () => {
  const store = await openNodeSqlite({ path: ":memory:" });
  const sources = { store, recorder: null, now: () => now, pool: poolOf([], false) };
  expect(await readAdmin(sources, "stats", new URLSearchParams())).toMatchObject({ calls: 0, cacheHitRate: null });
  await store.ledger.insert([
    sampleCall(0, { usage: sampleUsage({ promptTokens: 1_000, cachedTokens: 900 }) }),
    sampleCall(1, { usage: sampleUsage({ promptTokens: 3_000, cachedTokens: 0 }) }),
  ]);
  expect(await readAdmin(sources, "stats", new URLSearchParams())).toMatchObject({ calls: 2, cacheHitRate: 0.225 });
  expect(cacheHitRate({ prompt: 1, cached: 5 })).toBe(1);
  await store.close();
});
