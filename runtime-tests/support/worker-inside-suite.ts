/* oxlint-disable max-lines -- one suite: everything that is asked inside one workerd */
/**
 * Store and state object inside workerd, over the SQLite of real Durable Objects.
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEmulator } from "../../emulator/src/emulator.ts";
import { limitOf } from "../../gateway/src/pool/pool-fixture.ts";
import { sampleCall, sampleRecord, sampleStart } from "../../gateway/src/storage/contract-samples.ts";
import type { ClientKey, ClientLimits } from "../../gateway/src/clients/types.ts";
import { storageContract } from "../../gateway/src/storage/contract.ts";
import { root, startWorker, type RunningWorker } from "./wrangler-worker.ts";

const model = "gemini-3.8-flash";
const keys = ["AIzaSyStateTestKey-00000000000000000001", "AIzaSyStateTestKey-00000000000000000002"] as const;
const dayMs = 86_400_000;

/** Registers the tests. */
export function describeInsideWorkerd(): void {
  let worker: RunningWorker;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "gemini-proxy-inside-"));
    const config = join(root, "runtime-tests/support/store-worker/wrangler.jsonc");
    worker = await startWorker({ config, folder, variables: {} });
  }, 90_000);
  afterAll(async () => {
    await worker?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function ask<T>(path: string, ...values: unknown[]): Promise<T> {
    const response = await fetch(`${worker.url}/${path}`, { method: "POST", body: JSON.stringify(values) });
    const { value, error } = (await response.json()) as { value: T; error?: string };
    if (error !== undefined) throw new Error(error);
    return value;
  }
  /** A state object of its own; its variables are those of a deployment. */
  async function stateObject(name: string, variables: Record<string, string> = {}, kv = false): Promise<StateObject> {
    const call = <T>(method: string, ...values: unknown[]): Promise<T> => ask(`state/${name}/${method}`, ...values);
    const fixed = { API_KEYS: keys.join(","), LOG_LEVEL: "error", ADMIN_TOKEN: "gpa-inside-0123456789" };
    await call("configure", { ...fixed, ...variables }, kv);
    const plan = (id: string, startedAt: number, change: object = {}, attempt = 0): Promise<PlannedPick> => {
      const request = {
        model,
        strategy: "round_robin",
        stickyKey: null,
        tried: [],
        client: { id: "client_1", shared: false },
        names: [],
        creates: false,
        list: null,
        signature: null,
        now: Date.now(),
        ...change,
      };
      return call("plan", request, { id, startedAt }, attempt);
    };
    const status = async (): Promise<Status> => JSON.parse(await call<string>("admin", "status", "")) as Status;
    const calls = async (): Promise<CallView[]> =>
      (JSON.parse(await call<string>("admin", "calls", "limit=1000")) as { calls: CallView[] }).calls;
    const inFlight = async (): Promise<number> =>
      (await status()).credentials.reduce((sum, credential) => sum + credential.inFlight, 0);
    return { call, plan, status, calls, inFlight };
  }

  describe("the store's contract over a Durable Object's SQLite", () => {
    it.each(storageContract().map(({ name }, index) => ({ name, index })))("$name", async ({ index }) => {
      expect(await ask(`store/contract-${index}/contract`, index)).toBe(null);
    });
  });

  describe("marks of open calls", () => {
    it("give back what began before the time, until it settles; the first mark of a call holds, and takes the first model", async () => {
      const open = "store/open";
      await ask(`${open}/began`, { id: "a", startedAt: 100 }, model);
      await ask(`${open}/began`, { id: "a", startedAt: 900 }, "another");
      await ask(`${open}/began`, { id: "b", startedAt: 200 }, null);
      await ask(`${open}/began`, { id: "b", startedAt: 900 }, model);
      await ask(`${open}/began`, { id: "c", startedAt: 300 }, null);
      const lost = await ask<CallView[]>(`${open}/lost`, 300);
      expect(lost.map(({ id, startedAt, modelAsked }) => ({ id, startedAt, modelAsked }))).toEqual([
        { id: "a", startedAt: 100, modelAsked: model },
        { id: "b", startedAt: 200, modelAsked: model },
      ]);
      expect(lost.every(({ outcome }) => outcome === "interrupted")).toBe(true);
      expect(await ask<CallView[]>(`${open}/lost`, 300)).toHaveLength(2);
      await ask(`${open}/settled`, "a");
      expect((await ask<CallView[]>(`${open}/lost`, 1_000)).map(({ id }) => id)).toEqual(["b", "c"]);
    });

    it("are taken 500 at a time", async () => {
      const state = await stateObject("many");
      await state.plan("zzzzzzzzz-last", sampleStart);
      await state.call(
        "sql",
        `with recursive n(i) as (select 1 union all select i + 1 from n where i < 600)
         insert into open_calls (id, started_at, model) select printf('call-%04d', i), ${sampleStart}, null from n`,
      );
      await state.call("due", sampleStart + dayMs / 2);
      expect(await state.call("sql", "select count(*) as left from open_calls")).toEqual([{ left: 101 }]);
    });
  });

  describe("the state object", () => {
    it("writes a call whose worker never settles as interrupted after 45 minutes, and frees its credential", async () => {
      const state = await stateObject("lost");
      const { id, startedAt } = sampleRecord(0);
      expect(await state.plan(id, startedAt)).toMatchObject({ ok: true });
      await state.call("due", startedAt + 44 * 60_000);
      expect(await state.calls()).toEqual([]);
      expect(await state.inFlight()).toBe(1);
      await state.call("due", startedAt + 46 * 60_000);
      expect(await state.calls()).toMatchObject([{ id, startedAt, modelAsked: model, outcome: "interrupted" }]);
      expect(await state.inFlight()).toBe(0);
      await state.call("due", startedAt + 47 * 60_000);
      expect(await state.calls()).toHaveLength(1);
    });

    it("a call that settles leaves no mark, also when nothing could be planned", async () => {
      const state = await stateObject("settled");
      const [served, refused] = [sampleRecord(1), sampleRecord(2, { outcome: "error", status: 503, attempts: [] })];
      await state.plan(served.id, served.startedAt);
      await state.call("settle", served, null);
      await state.plan(refused.id, refused.startedAt, {
        tried: (await state.status()).credentials.map(({ id }) => id),
      });
      await state.call("settle", refused, null);
      await state.call("settle", sampleRecord(3, { outcome: "refused", attempts: [] }));
      expect(await state.call("sql", "select * from open_calls")).toEqual([]);
      await state.call("due", sampleStart + dayMs);
      expect((await state.calls()).map(({ outcome }) => outcome)).toEqual(["refused", "error", "ok"]);
    });

    it("a plan that is asked twice holds one credential; a report that comes twice frees it once", async () => {
      const state = await stateObject("twice");
      await state.plan("first", Date.now());
      await state.plan("first", Date.now());
      const { lease } = await state.plan("second", Date.now());
      expect(await state.inFlight()).toBe(2);
      const report = { lease, callId: "second", model, rule: "ok", effects: [], consumer: null, limits: [] };
      const whole = { ...report, succeeded: true, stickyKey: null, now: Date.now() };
      await state.call("report", whole);
      await state.call("report", whole);
      expect(await state.inFlight()).toBe(1);
    });

    it("a plan and a report that come again take the quota once and give it back once", async () => {
      const state = await stateObject("quota-twice", { API_KEYS: keys[0] });
      const cost = { requests: 1, tokens: 5 };
      const now = Date.now();
      const used = async (): Promise<number | undefined> =>
        (JSON.parse(await state.call<string>("admin", "quotas", "")) as { quotas: { used: number }[] }).quotas[0]?.used;
      const { lease } = await state.plan("first", now, { cost });
      const limits = [limitOf("day", 50)];
      const report = { lease, callId: "first", model, rule: "ok", effects: [], consumer: null, limits };
      const whole = { ...report, succeeded: false, stickyKey: null, used: null, now };
      await state.call("report", whole);
      for (let time = 0; time < 3; time++) await state.plan("second", now, { cost });
      const third = await state.plan("third", now, { cost });
      expect(await used()).toBe(2);
      const again = { ...whole, lease: third.lease, callId: "third", limits: [] };
      for (let time = 0; time < 3; time++) await state.call("report", again);
      expect([await used(), await state.inFlight()]).toEqual([1, 1]);
      // The first attempt's report comes once more while the second attempt is made.
      await state.plan("third", now, { cost }, 1);
      await state.call("report", again);
      expect([await used(), await state.inFlight()]).toEqual([2, 2]);
    });

    it("a client's call that is reserved and settled again and again counts once", async () => {
      const state = await stateObject("charged");
      const client = limitedClient({ concurrency: 2, tokensPerMinute: 100_000 });
      const { record } = sampleCall(0);
      const now = Date.now();
      const reserve = (id: string): Promise<{ ok: boolean; reservation: object }> =>
        state.call("reserve", client, { tokens: 10, costNanoUsd: 1_000 }, now, { id, startedAt: now });
      const { reservation } = await reserve(record.id);
      expect(await reserve(record.id)).toMatchObject({ ok: true, reservation });
      expect((await reserve("other")).ok).toBe(true);
      expect((await reserve("third")).ok).toBe(false);
      await state.plan(record.id, now);
      await state.call("sql", "alter table calls rename to away");
      for (let time = 0; time < 3; time++)
        await expect(state.call("settle", record, reservation)).rejects.toThrow(/calls/);
      await state.call("sql", "alter table away rename to calls");
      for (let time = 0; time < 2; time++) await state.call("settle", record, reservation);
      expect((await reserve("third")).ok).toBe(true);
      expect((await reserve("fourth")).ok).toBe(false);
      // Written with the end of a call: no report and no alarm came since.
      const kept = await state.call<object[]>("sql", "select * from client_usage where period = 'total'");
      expect(kept).toMatchObject([{ client_id: client.id, requests: 2, tokens: record.usage?.totalTokens }]);
    });

    it("a worker that dies keeps neither its client's place nor its money, whether it had planned or not", async () => {
      const state = await stateObject("dead");
      const client = limitedClient({ concurrency: 2, budgets: { total: 0.001 } });
      const now = Date.now();
      const reserve = (id: string, at: number): Promise<{ ok: boolean }> =>
        state.call("reserve", client, { tokens: 10, costNanoUsd: 500_000 }, at, { id, startedAt: at });
      expect((await reserve("planned", now)).ok).toBe(true);
      await state.plan("planned", now);
      expect((await reserve("reserved", now)).ok).toBe(true);
      await state.call("due", now + 44 * 60_000);
      expect((await reserve("next", now + 45 * 60_000)).ok).toBe(false);
      await state.call("due", now + 46 * 60_000);
      expect((await reserve("next", now + 47 * 60_000)).ok).toBe(true);
      const models = new Map((await state.calls()).map(({ id, modelAsked }) => [id, modelAsked]));
      expect(Object.fromEntries(models)).toEqual({ planned: model, reserved: null });
    });

    it("a ledger that cannot be written shows in the health, and the call is written when it can", async () => {
      const state = await stateObject("broken");
      const { record } = sampleCall(0);
      await state.plan(record.id, record.startedAt);
      await state.call("sql", "alter table calls rename to away");
      await expect(state.call("settle", record, null)).rejects.toThrow(/calls/);
      expect((await state.call<Health>("health")).ledgerError).toMatch(/calls/);
      expect((await state.status()).ledger.lastError).toMatch(/calls/);
      // The alarm's other work goes on, and the mark of the call stays.
      const before = Date.now();
      expect(await state.call<number>("fireAlarm")).toBeGreaterThanOrEqual(before + 60_000);
      await state.call("due", record.startedAt + dayMs);
      expect(await state.call("sql", "select id from open_calls")).toEqual([{ id: record.id }]);
      await state.call("sql", "alter table away rename to calls");
      await state.call("settle", record, null);
      expect(await state.call<Health>("health")).toEqual({ usable: 2, ledgerError: null });
      expect((await state.calls()).map(({ outcome }) => outcome)).toEqual(["ok"]);
    });

    it("probes a disabled credential by its alarm when the time has come", async () => {
      const emulator = await startEmulator({ projects: [{ id: "projects/1", keys: [{ key: keys[0] }] }] });
      try {
        const disabledUntil = async (name: string, probeAtMs: number): Promise<StateObject> => {
          const state = await stateObject(name, { API_KEYS: keys[0], GOOGLE_GEMINI_API_BASE_URL: emulator.url });
          const { lease } = await state.plan("call", Date.now());
          const words = "not valid";
          const effects = [{ kind: "disable", scope: "credential", reason: "invalid-key", probeAtMs, words }];
          const report = { lease, callId: "call", model, rule: "key.invalid", consumer: null, limits: [], effects };
          await state.call("report", { ...report, succeeded: false, stickyKey: null, now: Date.now() });
          expect((await state.call<Health>("health")).usable).toBe(0);
          await state.call("fireAlarm");
          return state;
        };
        const later = await disabledUntil("probed-later", Date.now() + dayMs);
        expect((await later.call<Health>("health")).usable).toBe(0);
        expect(emulator.record()).toEqual([]);
        const due = await disabledUntil("probed-now", Date.now() - 1);
        expect((await due.call<Health>("health")).usable).toBe(1);
        expect(emulator.record()).toMatchObject([{ key: keys[0], method: "GET", path: "/v1beta/models" }]);
        expect(await due.call("sql", "select * from disabled")).toEqual([]);
      } finally {
        await emulator.close();
      }
    });

    it("sets its alarm with the first question", async () => {
      const state = await stateObject("alarm");
      expect(await state.call("alarmAt")).toBe(null);
      await state.call("health");
      expect(await state.call("alarmAt")).toBeGreaterThan(Date.now());
    });

    it("deletes calls that are older than RETENTION_DAYS, and its size goes down", async () => {
      const state = await stateObject("old", { RETENTION_DAYS: "10" });
      await state.call("settle", sampleRecord(0));
      for (let index = 1; index < 40; index++)
        await state.call("settle", sampleRecord(index, { path: "/".repeat(8_000) }));
      await state.call("settle", sampleRecord(9 * dayMs));
      const full = await state.call<number>("bytes");
      await state.call("due", sampleStart + 10 * dayMs + 1_000);
      expect(await state.calls()).toHaveLength(1);
      expect(await state.call<number>("bytes")).toBeLessThan(full);
    });

    it("writes nothing with LEDGER=off", async () => {
      const state = await stateObject("off", { LEDGER: "off" });
      await state.plan("call", sampleStart);
      await state.call("settle", sampleRecord(0));
      await state.call("due", sampleStart + dayMs);
      expect(await state.calls()).toEqual([]);
    });

    it("says what is wrong with its settings and no value, and works when they are right", async () => {
      const state = await stateObject("wrong", { MAX_BODY_BYTES: "as-much-as-secret" });
      const words = await state.call("health").catch(String);
      expect(words).toContain("MAX_BODY_BYTES");
      expect(words).not.toContain("as-much-as-secret");
      await state.call("configure", { MAX_BODY_BYTES: "1MB" });
      expect(await state.call<Health>("health")).toEqual({ usable: 2, ledgerError: null });
    });

    it("is asked again through a new stub when a restart cut the question off", async () => {
      await stateObject("restarted");
      const { broken, linked } = await ask<{ broken: string[]; linked: string }>("aborted/restarted/-", 2);
      expect(broken).toEqual(["Error: restarted by the test", "Error: restarted by the test"]);
      expect(linked).toBe("answered");
      const hopeless = await ask<{ linked: string }>("aborted/restarted/-", 9);
      expect(hopeless.linked).toBe("Error: restarted by the test");
    });
  });

  describe("keys of an older worker in KV", () => {
    const idOf = (secret: string): string => `cred_${createHash("sha256").update(secret).digest("hex").slice(0, 16)}`;
    const [one, two] = keys;
    const cases = [
      {
        shape: '{"keys": [...]}',
        entries: { GEMINI_API_KEYS_CONFIG: JSON.stringify({ keys: [one, two] }) },
        names: ["kv-1", "kv-2"],
      },
      {
        shape: '[{"key": "key_0", "value": "..."}]',
        entries: {
          GEMINI_API_KEYS_CONFIG: JSON.stringify([
            { key: "key_0", value: one },
            { key: "key_1", value: two },
          ]),
        },
        names: ["key_0", "key_1"],
      },
      { shape: "single entries", entries: { key_0: one, key_7: two, key_note: "no key" }, names: ["key_0", "key_7"] },
      {
        shape: "both",
        entries: { GEMINI_API_KEYS_CONFIG: JSON.stringify({ keys: [one] }), key_3: two },
        names: ["key_3", "kv-1"],
      },
    ];
    it.each(cases)("are taken over from $shape", async ({ shape, entries, names }) => {
      for (const [name, value] of Object.entries(entries)) await ask(`kv/${name}/put`, value);
      const state = await stateObject(encodeURIComponent(`kv ${shape}`), { API_KEYS: "" }, true);
      const { credentials } = await state.status();
      for (const name of Object.keys(entries)) await ask(`kv/${name}/delete`);
      expect(credentials.map(({ id }) => id).toSorted()).toEqual([idOf(one), idOf(two)].toSorted());
      expect(credentials.map(({ name }) => name).toSorted()).toEqual(names);
    });

    it("an outage of KV fails the question that meets it, and no later one", async () => {
      await ask("kv/GEMINI_API_KEYS_CONFIG/put", JSON.stringify({ keys: [one] }));
      const state = await stateObject("kv-outage", { API_KEYS: "" }, true);
      await state.call("failKv", 1);
      await expect(state.call("health")).rejects.toThrow("KV is down");
      expect(await state.call<Health>("health")).toEqual({ usable: 1, ledgerError: null });
      await ask("kv/GEMINI_API_KEYS_CONFIG/delete");
    });
  });
}

// --- helpers ---

function limitedClient(limits: ClientLimits): ClientKey {
  return {
    id: "client_limited",
    name: "limited",
    digest: "",
    prefix: "",
    source: "stored",
    enabled: true,
    expiresAt: null,
    allowedModels: null,
    createdAt: 0,
    limits,
  };
}

interface StateObject {
  call<T = unknown>(method: string, ...values: unknown[]): Promise<T>;
  plan(id: string, startedAt: number, change?: object, attempt?: number): Promise<PlannedPick>;
  status(): Promise<Status>;
  calls(): Promise<CallView[]>;
  inFlight(): Promise<number>;
}
interface PlannedPick {
  ok: boolean;
  lease: { credentialId: string; credentialName: string; projectId: string; secret: string };
}
interface Health {
  usable: number;
  ledgerError: string | null;
}
interface Status {
  credentials: { id: string; name: string; inFlight: number }[];
  ledger: { lastError: string | null };
}
interface CallView {
  id: string;
  startedAt: number;
  modelAsked: string | null;
  outcome: string;
}
