import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { StoredResponse } from "../../call/response-archive.ts";
import { openNodeSqlite } from "../../storage/drivers/open-node.ts";
import type { SealedResponse, Store } from "../../storage/types.ts";
import { closeStores, makeStore, makeVault } from "../../testkit/loaded-state.ts";
import { createKeptLogger, createSimulatedClock } from "../../testkit/simulated.ts";
import { createResponseArchive, type ResponseArchiveParts, type StoredResponses } from "./response-archive.ts";

afterEach(closeStores);

const ttlMs = 3_600_000;
const question = { id: "resp_1", clientId: "client_1" };
const settings = { responsesStore: true, responsesTtlMs: ttlMs, responsesStoreBytes: 256 << 20 };

interface World {
  archive: StoredResponses;
  table: Store["responses"];
  clock: ReturnType<typeof createSimulatedClock>;
  logger: ReturnType<typeof createKeptLogger>;
  /** A new archive over the same table, with nothing in memory. */
  again(more?: Partial<ResponseArchiveParts>): StoredResponses;
}

async function makeWorld(more: Partial<ResponseArchiveParts> = {}): Promise<World> {
  const table = more.store ?? (await makeStore()).responses;
  const clock = createSimulatedClock();
  const logger = createKeptLogger();
  const again = (changes: Partial<ResponseArchiveParts> = {}): StoredResponses =>
    createResponseArchive({ store: table, vault: makeVault(), settings, clock, logger, ...more, ...changes });
  return { archive: again(), table, clock, logger, again };
}

function response({ clock }: Pick<World, "clock">, id = "resp_1", more: Partial<StoredResponse> = {}): StoredResponse {
  const turns = `[{"role":"user","content":"secret words of ${id}"}]`;
  return { id, clientId: "client_1", model: "gemini-3.8-flash", turns, createdAt: clock.now(), ...more };
}

function get(archive: StoredResponses, clock: World["clock"], id: string, clientId = "client_1") {
  return new Promise<StoredResponse | null>((resolve) => archive.get({ id, clientId, now: clock.now() }, resolve));
}

function remove(archive: StoredResponses, id: string, clientId = "client_1"): Promise<boolean> {
  return new Promise((resolve) => archive.remove({ id, clientId }, resolve));
}

/** A table that fails as long as told. */
function failing(table: Store["responses"]): Store["responses"] & { broken: boolean; writes: number } {
  const check = (): void => {
    if (store.broken) throw new Error("disk I/O error");
  };
  const store = {
    broken: true,
    writes: 0,
    write: async (rows: readonly SealedResponse[]) => (store.writes++, check(), table.write(rows)),
    get: async (clientId: string, id: string) => (check(), table.get(clientId, id)),
    remove: async (clientId: string, id: string) => (check(), table.remove(clientId, id)),
    prune: async (now: number, mostBytes: number, limit: number) => (check(), table.prune(now, mostBytes, limit)),
  };
  return store;
}

describe("a stored response", () => {
  it("is there at once, and after a restart over the same file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "gemini-proxy-"));
    const path = join(folder, "x.sqlite");
    const first = await openNodeSqlite({ path });
    const world = await makeWorld({ store: first.responses });
    const stored = response(world, "resp_1", { turns: `["${"ünïcödé 🙂 ".repeat(20_000)}"]` });
    world.archive.put(stored);
    let found: unknown = "not asked";
    world.archive.get({ id: "resp_1", clientId: "client_1", now: world.clock.now() }, (value) => (found = value));
    expect(found).toEqual(stored);
    await world.archive.flush();
    await first.close();

    const second = await openNodeSqlite({ path });
    const after = world.again({ store: second.responses });
    expect(await get(after, world.clock, "resp_1")).toEqual(stored);
    await second.close();
    // And from memory from then on.
    expect(await get(after, world.clock, "resp_1")).toEqual(stored);
    rmSync(folder, { recursive: true });
  });

  it("is its client's only: neither memory nor table give it to another", async () => {
    const { archive, clock, again } = await makeWorld();
    archive.put(response({ clock }));
    archive.put(response({ clock }, "resp_1", { clientId: "client_2", turns: '["of another"]' }));
    await archive.flush();
    for (const each of [archive, again()]) {
      expect(await get(each, clock, "resp_1", "client_3")).toBeNull();
      expect(await remove(each, "resp_1", "client_3")).toBe(false);
      expect((await get(each, clock, "resp_1", "client_2"))?.turns).toBe('["of another"]');
      expect(await get(each, clock, "resp_1")).toEqual(response({ clock }));
    }
  });

  it("is sealed at rest, for its client and id alone", async () => {
    const { archive, table, clock, logger, again } = await makeWorld();
    archive.put(response({ clock }));
    await archive.flush();
    const row = (await table.get("client_1", "resp_1")) as SealedResponse;
    expect(row.sealed).toMatch(/^v1\./);
    expect(row.sealed).not.toContain("secret words");
    await table.write([
      { ...row, id: "resp_2" },
      { ...row, clientId: "client_2" },
    ]);
    expect(await get(again(), clock, "resp_2")).toBeNull();
    expect(await get(again(), clock, "resp_1", "client_2")).toBeNull();
    expect(await get(again({ vault: makeVault(2) }), clock, "resp_1")).toBeNull();
    expect(logger.lines.map(({ event }) => event)).toEqual(Array.from({ length: 3 }, () => "response.unreadable"));
  });

  it("ends with its time, in memory and in the table, and pruning deletes it", async () => {
    const { archive, table, clock, again } = await makeWorld();
    archive.put(response({ clock }));
    await archive.flush();
    clock.advance(ttlMs - 1);
    await archive.prune(clock.now());
    expect(await get(archive, clock, "resp_1")).not.toBeNull();
    expect(await get(again(), clock, "resp_1")).not.toBeNull();
    clock.advance(1);
    expect(await get(archive, clock, "resp_1")).toBeNull();
    expect(await get(again(), clock, "resp_1")).toBeNull();
    expect(await table.get("client_1", "resp_1")).not.toBeNull();
    await archive.prune(clock.now());
    expect(await table.get("client_1", "resp_1")).toBeNull();
    expect(await remove(archive, "resp_1")).toBe(false);
  });

  it("is removed wherever it is: waiting, being written, or stored", async () => {
    const { archive, table, clock } = await makeWorld();
    archive.put(response({ clock }, "resp_waiting"));
    expect(await remove(archive, "resp_waiting")).toBe(true);
    archive.put(response({ clock }, "resp_written"));
    // The batch is taken out of the queue after one turn of the event loop's microtasks, and then sealed.
    await Promise.resolve();
    await Promise.resolve();
    expect(await remove(archive, "resp_written")).toBe(true);
    archive.put(response({ clock }, "resp_stored"));
    await archive.flush();
    expect(await remove(archive, "resp_stored")).toBe(true);
    expect(await remove(archive, "resp_stored")).toBe(false);
    await archive.flush();
    for (const id of ["resp_waiting", "resp_written", "resp_stored"]) {
      expect(await get(archive, clock, id)).toBeNull();
      expect(await table.get("client_1", id)).toBeNull();
    }
  });

  it("that is removed while it is read does not come back", async () => {
    const { archive, clock, again } = await makeWorld();
    archive.put(response({ clock }));
    await archive.flush();
    const other = again();
    const reading = get(other, clock, "resp_1");
    expect(await remove(other, "resp_1")).toBe(true);
    await reading;
    expect(await get(other, clock, "resp_1")).toBeNull();
  });

  it("is neither kept nor known while RESPONSES_STORE is off", async () => {
    const changing = { ...settings };
    const { archive, table, clock } = await makeWorld({ settings: changing });
    archive.put(response({ clock }, "resp_1"));
    await archive.flush();
    changing.responsesStore = false;
    archive.put(response({ clock }, "resp_2"));
    await archive.keep(response({ clock }, "resp_3"));
    await archive.flush();
    expect(await get(archive, clock, "resp_1")).toBeNull();
    expect(await remove(archive, "resp_1")).toBe(true);
    changing.responsesStore = true;
    for (const id of ["resp_1", "resp_2", "resp_3"]) {
      expect(await get(archive, clock, id)).toBeNull();
      expect(await table.get("client_1", id)).toBeNull();
    }
  });

  it("is written before `keep` resolves, for hosts that may be put to sleep afterwards", async () => {
    const { archive, clock, again } = await makeWorld();
    await archive.keep(response({ clock }));
    expect(await get(again(), clock, "resp_1")).toEqual(response({ clock }));
    const broken = again({ store: failing((await makeStore()).responses) });
    await expect(broken.keep(response({ clock }))).rejects.toThrow("disk I/O error");
  });
});

describe("the bounds of stored responses", () => {
  it("RESPONSES_STORE_BYTES: the oldest make room, also between two runs of the timer", async () => {
    const { archive, table, clock } = await makeWorld({ settings: { ...settings, responsesStoreBytes: 40_000 } });
    for (let number = 0; number < 20; number++) {
      archive.put(response({ clock }, `resp_${number}`, { turns: `"${"x".repeat(3_000)}"` }));
      await archive.flush();
      clock.advance(1);
    }
    const there = await Promise.all(Array.from({ length: 20 }, (_, number) => table.get("client_1", `resp_${number}`)));
    const bytes = there.reduce((sum, row) => sum + (row?.sealed.length ?? 0), 0);
    expect(bytes).toBeLessThan(45_000);
    expect(bytes).toBeGreaterThan(30_000);
    expect(there.map((row) => row !== null)).toEqual(there.map((_, number) => number >= there.findIndex((row) => row)));
    await archive.prune(clock.now());
    expect(await table.get("client_1", "resp_19")).not.toBeNull();
  });

  it("memory: what was used last stays, the rest is read from the table", async () => {
    const { table, clock, again } = await makeWorld();
    const counted = {
      ...table,
      gets: 0,
      get: (clientId: string, id: string) => (counted.gets++, table.get(clientId, id)),
    };
    const archive = again({ store: counted, maxMemoryBytes: 1_000 });
    for (const id of ["resp_1", "resp_2", "resp_3", "resp_4"]) archive.put(response({ clock }, id));
    await archive.flush();
    expect((await get(archive, clock, "resp_4"))?.id).toBe("resp_4");
    expect(counted.gets).toBe(0);
    expect((await get(archive, clock, "resp_1"))?.id).toBe("resp_1");
    expect(counted.gets).toBe(1);
  });

  it("one response: larger ones are in memory only, and the log says so", async () => {
    const { archive, clock, logger, again } = await makeWorld({ maxSealedBytes: 10_000 });
    const large = response({ clock }, "resp_1", { turns: `"${"x".repeat(9_000)}"` });
    archive.put(large);
    archive.put(response({ clock }, "resp_2"));
    await archive.flush();
    expect(await get(archive, clock, "resp_1")).toEqual(large);
    expect(await get(again(), clock, "resp_1")).toBeNull();
    expect(await get(again(), clock, "resp_2")).not.toBeNull();
    expect(logger.lines.map(({ event }) => event)).toEqual(["response.oversized"]);
    expect(JSON.stringify(logger.lines)).not.toContain("xxx");
  });

  it("the queue: the oldest are dropped, and the log says so once", async () => {
    const { archive, clock, logger, again } = await makeWorld({
      limits: { entries: 3, bytes: 1 << 20 },
      maxMemoryBytes: 0,
    });
    for (let number = 0; number < 10; number++) archive.put(response({ clock }, `resp_${number}`));
    await archive.flush();
    const found = await Promise.all(Array.from({ length: 10 }, (_, number) => get(again(), clock, `resp_${number}`)));
    expect(found.flatMap((each) => each?.id ?? [])).toEqual(["resp_7", "resp_8", "resp_9"]);
    expect(logger.lines.map(({ event }) => event)).toEqual(["responses.dropped"]);
    archive.put(response({ clock }, "resp_a", { turns: `"${"x".repeat(1 << 20)}"` }));
    await archive.flush();
    expect(await get(again(), clock, "resp_a")).toBeNull();
    expect(logger.lines.map(({ event }) => event)).toEqual(["responses.dropped", "responses.dropped"]);
  });
});

describe("a store that fails", () => {
  it("answers null, and the log tells why, without what was in the response", async () => {
    const table = failing((await makeStore()).responses);
    const { archive, clock, logger } = await makeWorld({ store: table });
    expect(await get(archive, clock, "resp_1")).toBeNull();
    expect(await remove(archive, "resp_1")).toBe(false);
    expect(logger.lines.map(({ event }) => event)).toEqual(["response.unreadable", "response.kept"]);
    await expect(archive.prune(clock.now())).rejects.toThrow("disk I/O error");
    archive.put(response({ clock }));
    await archive.flush();
    expect(JSON.stringify(logger.lines)).not.toContain("secret words");
  });

  it("gets what could not be written when it works again", async () => {
    const table = failing((await makeStore()).responses);
    const { archive, clock, logger, again } = await makeWorld({ store: table, maxMemoryBytes: 0 });
    archive.put(response({ clock }, "resp_1"));
    await archive.flush();
    // The first try, and the one of the flush.
    const events = ["responses.unwritten", "responses.unwritten", "responses.lost"];
    expect(logger.lines.map(({ event }) => event)).toEqual(events);
    // It is left alone for a while, and what waits is given from the queue.
    archive.put(response({ clock }, "resp_2"));
    expect((await get(archive, clock, "resp_1"))?.id).toBe("resp_1");
    expect(table.writes).toBe(2);
    table.broken = false;
    clock.advance(1_000);
    archive.put(response({ clock }, "resp_3"));
    await archive.flush();
    for (const id of ["resp_1", "resp_2", "resp_3"]) expect((await get(again(), clock, id))?.id).toBe(id);
  });

  it("does not get a response later that was removed while its write failed", async () => {
    const { responses: table } = await makeStore();
    let fail: (error: Error) => void = () => undefined;
    let hold = true;
    const holding: Store["responses"] = {
      ...table,
      write: (rows) => (hold ? new Promise((_, reject) => (fail = reject)) : table.write(rows)),
    };
    const { archive, clock, again } = await makeWorld({ store: holding });
    archive.put(response({ clock }));
    while (fail.length === 0) await new Promise(setImmediate);
    const removal = remove(archive, "resp_1");
    expect(await new Promise((resolve) => archive.get({ ...question, now: clock.now() }, resolve))).toBeNull();
    hold = false;
    fail(new Error("disk I/O error"));
    expect(await removal).toBe(true);
    await archive.flush();
    expect(await get(again(), clock, "resp_1")).toBeNull();
  });

  it("loses a response that it never takes, and no other", async () => {
    const { responses: table } = await makeStore();
    const refusing: Store["responses"] = {
      ...table,
      write: async (rows) => {
        if (rows.some(({ id }) => id === "resp_bad")) throw new Error("too big");
        await table.write(rows);
      },
    };
    const { archive, clock, again } = await makeWorld({ store: refusing, maxMemoryBytes: 0 });
    for (const id of ["resp_1", "resp_bad", "resp_2"]) archive.put(response({ clock }, id));
    for (let tries = 0; tries < 8; tries++) await archive.flush();
    for (const id of ["resp_1", "resp_2"]) expect((await get(again(), clock, id))?.id).toBe(id);
    expect(await get(archive, clock, "resp_bad")).toBeNull();
  });
});
