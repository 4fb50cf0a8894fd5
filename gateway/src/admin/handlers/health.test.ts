import { afterEach, expect, it } from "vitest";
import type { Pool, QuotaView } from "../../pool/types.ts";
import type { RecorderState } from "../../ledger/types.ts";
import { callAt, createResourceWorld, geminiKey } from "../../testkit/admin-resources.ts";
import type { AdminWorld } from "../../testkit/admin-world.ts";

let world: AdminWorld;
afterEach(() => world.close());

const now = Date.UTC(2026, 10, 21, 12);

function quota(value: number, roomAtMs: number | null): QuotaView {
  const subject = { projectId: "p", model: "m", metric: "requests", window: "day" } as const;
  return { ...subject, value, source: "google", learnedAt: now, used: value, roomAtMs };
}

async function poolOf(quotas: QuotaView[], isPanic: boolean): Promise<void> {
  const counts = { total: 3, usable: 2, cooling: 1, disabled: 0, off: 0, panic: isPanic };
  const pool = { counts: () => counts, view: () => [], quotas: () => quotas } as unknown as Pool;
  world = await createResourceWorld({ services: { pool, affinity: { size: () => 42 } } });
}

it("tells in the status whether the pool is in panic, what quotas are left and how many owners are known", async () => {
  const quotas = [quota(10, null), quota(10, now + 9_000), quota(5, now + 4_000), quota(0, Infinity)];
  await poolOf(quotas, true);
  expect((await world.request("GET", "/status")).body).toMatchObject({
    credentials: [],
    panic: true,
    quotas: { limits: 4, exhausted: 2, unavailable: 1, soonestMs: now + 4_000 },
    affinity: { resources: 42 },
    ledger: { lost: 0 },
  });
  expect((await world.request("GET", "/quotas")).body).toEqual({
    quotas: [
      { ...quotas[0], state: "room" },
      { ...quotas[1], state: "full" },
      { ...quotas[2], state: "full" },
      { ...quotas[3], state: "unavailable", roomAtMs: null },
    ],
  });
  await world.close();
  await poolOf([], false);
  expect((await world.request("GET", "/status")).body).toMatchObject({
    panic: false,
    quotas: { limits: 0, exhausted: 0, unavailable: 0, soonestMs: null },
  });
});

it("health tells how the gateway fares, and nothing that it does not know as 0", async () => {
  world = await createResourceWorld({ environment: { GEMINI_API_KEY: geminiKey("a"), CAPTURE: "errors" } });
  world.clock.advance(90_500);
  const health = async () => (await world.request("GET", "/health")).body;
  expect(await health()).toMatchObject({
    status: "healthy",
    uptimeSeconds: 90,
    url: "https://gateway.test",
    ledger: { lost: 0, oldestCallMs: null, bytes: expect.any(Number) },
    pool: { total: 1, usable: 1 },
    features: { capture: true, openMode: false },
  });
  await world.store.ledger.insert([callAt(now - 5)]);
  expect((await health()).ledger.oldestCallMs).toBe(now - 5);
  const fares = (change: Partial<RecorderState>): void => {
    const well = { queued: 0, spilled: 0, lost: 0, failures: 0, lastError: null };
    world.services.recorder = () => ({ ...well, ...change });
  };
  fares({ lastError: "disk full", failures: 3 });
  expect(await health()).toMatchObject({ status: "degraded", ledger: { lastError: "disk full" } });
  fares({ lost: 1 });
  expect((await health()).status).toBe("unhealthy");
  world.services.recorder = () => null;
  world.services.memory = () => ({ rssBytes: null });
  expect(await health()).toMatchObject({ status: "healthy", ledger: null, memory: { rssBytes: null } });
});

it("a gateway without a usable key is unhealthy", async () => {
  world = await createResourceWorld();
  expect((await world.request("GET", "/health")).body.status).toBe("unhealthy");
});
