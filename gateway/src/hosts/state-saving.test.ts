import { afterEach, describe, expect, it } from "vitest";
import type { ClientKey } from "../clients/types.ts";
import { pacificDay } from "../core/pacific-day.ts";
import type { Store } from "../storage/types.ts";
import { pruneResources } from "./state-resources.ts";
import {
  addCredential,
  binding,
  closeStores,
  load,
  makeStore,
  makeVault,
  model,
  take,
} from "../testkit/loaded-state.ts";

afterEach(closeStores);

describe("what memory learns", () => {
  it("of owners is there after a restart, with details that the database does not show", async () => {
    const store = await makeStore();
    const first = await load(store);
    const detail = "/upload/v1beta/files?upload_id=hunter2";
    const upload = binding("uploads/abc", { kind: "upload", detail });
    first.affinity.bind([binding("files/a"), binding("files/b"), upload], first.clock.now());
    first.affinity.forget("files/b");
    await first.saveUrgent();
    expect(JSON.stringify(await store.resources.list(0, 10))).not.toContain("hunter2");
    const second = await load(store);
    expect(second.affinity.size()).toBe(2);
    expect(second.affinity.get("uploads/abc", 0)).toMatchObject({ detail, clientId: "client_1" });
    expect(second.affinity.get("files/b", 0)).toBeNull();
  });

  it("of owners is left out where another master key sealed it, and one line says so", async () => {
    const store = await makeStore();
    const first = await load(store);
    first.affinity.bind([binding("files/a"), binding("uploads/b", { detail: "x" })], first.clock.now());
    await first.saveUrgent();
    const second = await load(store, { vault: makeVault(2) });
    expect(second.affinity.size()).toBe(1);
    expect(second.logger.lines).toMatchObject([{ event: "resources.unreadable", fields: { count: 1 } }]);
  });

  it("of owners ends in the store when it has expired", async () => {
    const store = await makeStore();
    const state = await load(store);
    const now = state.clock.now();
    state.affinity.bind([binding("files/a", { expiresAt: now + 10 }), binding("files/b")], now);
    await state.saveUrgent();
    expect([await pruneResources(store, now + 9), await pruneResources(store, now + 10)]).toEqual([0, 1]);
    expect((await store.resources.list(0, 10)).map(({ name }) => name)).toEqual(["files/b"]);
  });

  it("of quotas is there after a restart of the same day, and forgotten the day after", async () => {
    const store = await makeStore();
    await addCredential(store, "one", { projectId: "p1" });
    const first = await load(store);
    const { start } = pacificDay(first.clock.now());
    const limit = {
      quotaId: "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
      quotaMetric: "generativelanguage.googleapis.com/generate_content_free_tier_requests",
      kind: "requests",
      window: "day",
      value: 3,
      model,
    } as const;
    const taken = take(first, { cost: { requests: 1, tokens: 100 } });
    const facts = { model, rule: "quota.day", effects: [], consumer: null, now: first.clock.now() };
    first.pool.apply({ lease: taken, ...facts, limits: [limit] });
    first.pool.settle(taken, { tokens: 120 }, first.clock.now());
    first.pool.release(taken);
    await first.saveHealth();
    const { limits, usage } = await store.quotas.list();
    expect(limits).toMatchObject([{ projectId: "p1", model, metric: "requests", window: "day", value: 3 }]);
    expect(usage).toContainEqual({ projectId: "p1", model, metric: "requests", windowStart: start, used: 1 });
    const second = await load(store);
    expect(second.pool.quotas(second.clock.now())).toMatchObject([{ value: 3, used: 1 }]);
    const later = await load(store, { now: first.clock.now() + 86_400_000 });
    expect(later.pool.quotas(later.clock.now())).toMatchObject([{ value: 3, used: 0 }]);
  });

  it("of clients' uses is there after a restart", async () => {
    const store = await makeStore();
    const client: ClientKey = {
      id: "client_1",
      name: "me",
      digest: "d",
      prefix: "gp-abcd",
      source: "stored",
      enabled: true,
      expiresAt: null,
      allowedModels: null,
      createdAt: 0,
      limits: { requestsPerDay: 100, budgets: { total: 5 } },
    };
    await store.clients.add(client);
    const first = await load(store);
    const now = first.clock.now();
    const reserved = first.clients.reserve(client, { tokens: 10, costNanoUsd: 1_000 }, now);
    if (!reserved.ok) throw new Error(reserved.what);
    first.clients.settle(reserved.reservation, { tokens: 25, costNanoUsd: 2_500 }, now);
    await first.saveUrgent();
    expect(await store.clientUsage.list()).toEqual([]);
    await first.saveHealth();
    const second = await load(store);
    expect(second.clients.usage("client_1", now)).toEqual(first.clients.usage("client_1", now));
    expect(second.clients.usage("client_1", now)).toContainEqual(
      expect.objectContaining({ window: "total", requests: 1, tokens: 25, costNanoUsd: 2_500 }),
    );
  });
});

describe("saving", () => {
  /** A store whose writes fail on demand and are counted. */
  function flaky(store: Store): { store: Store; failing: Set<string>; open: () => number } {
    const failing = new Set<string>();
    let [open, most] = [0, 0];
    const guard = <Value>(name: string, write: (value: Value) => Promise<void>) => {
      return async (value: Value): Promise<void> => {
        most = Math.max(most, ++open);
        await Promise.resolve();
        open--;
        if (failing.has(name)) throw new Error(`${name} is down`);
        await write(value);
      };
    };
    return {
      failing,
      open: () => most,
      store: {
        ...store,
        health: { ...store.health, write: guard("health", store.health.write) },
        resources: { ...store.resources, write: guard("resources", store.resources.write) },
        quotas: { ...store.quotas, write: guard("quotas", store.quotas.write) },
      },
    };
  }

  it("that fails in one kind writes the others, tells it, and loses nothing", async () => {
    const inner = await makeStore();
    const { store, failing } = flaky(inner);
    await addCredential(inner, "one", { projectId: "p1" });
    const state = await load(store);
    const now = state.clock.now();
    const disable = { kind: "disable", scope: "credential", reason: "leaked", probeAtMs: null, words: "w" } as const;
    state.pool.apply({ lease: take(state), model, rule: "r", effects: [disable], consumer: null, limits: [], now });
    state.affinity.bind([binding("files/a")], now);
    failing.add("resources").add("health");
    await expect(state.saveUrgent()).rejects.toThrow("health is down");
    failing.delete("health");
    await expect(state.saveUrgent()).rejects.toThrow("resources is down");
    expect((await inner.health.list()).disabled).toHaveLength(1);
    failing.clear();
    await state.saveUrgent();
    expect(await inner.resources.list(0, 10)).toEqual([binding("files/a")]);
  });

  it("never overlaps itself, and what changed before it was asked for is safe afterwards", async () => {
    const inner = await makeStore();
    const { store, open } = flaky(inner);
    const state = await load(store);
    const saves = Array.from({ length: 20 }, async (_, number) => {
      state.affinity.bind([binding(`files/${number}`)], state.clock.now());
      await state.saveUrgent();
      expect((await inner.resources.list(0, 100)).map(({ name }) => name)).toContain(`files/${number}`);
    });
    await Promise.all(saves);
    expect(open()).toBe(1);
  });

  it("does not let a reload take back a disable that is just being written", async () => {
    const inner = await makeStore();
    await addCredential(inner, "one");
    let letWrite = (): void => undefined;
    const gate = new Promise<void>((resolve) => (letWrite = resolve));
    const write: Store["health"]["write"] = async (changes) => {
      await gate;
      await inner.health.write(changes);
    };
    const state = await load({ ...inner, health: { ...inner.health, write } });
    const disable = { kind: "disable", scope: "credential", reason: "leaked", probeAtMs: null, words: "w" } as const;
    const facts = { model, rule: "r", effects: [disable], consumer: null, limits: [], now: state.clock.now() };
    state.pool.apply({ lease: take(state), ...facts });
    const saving = state.saveUrgent();
    await state.reload();
    expect(state.pool.counts(state.clock.now()).disabled).toBe(1);
    letWrite();
    await saving;
    await state.reload();
    expect(state.pool.counts(state.clock.now()).disabled).toBe(1);
    // `keys enable` of another process.
    const [kept] = (await inner.health.list()).disabled;
    if (kept !== undefined) await inner.health.write([{ kind: "disabled", value: kept, removed: true }]);
    await state.reload();
    expect(state.pool.counts(state.clock.now()).disabled).toBe(0);
  });
});
