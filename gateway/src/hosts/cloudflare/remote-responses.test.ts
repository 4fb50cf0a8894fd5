import { afterEach, expect, test } from "vitest";
import type { StoredResponse } from "../../call/response-archive.ts";
import { closeStores, makeStore, makeVault } from "../../testkit/loaded-state.ts";
import { createKeptLogger, createSimulatedClock } from "../../testkit/simulated.ts";
import { createResponseArchive } from "../responses/response-archive.ts";
import { createRemoteResponses, mostSealedBytes } from "./remote-responses.ts";
import type { StateApi } from "./state-api.ts";
import { createStateLink } from "./state-link.ts";

afterEach(closeStores);

const clock = createSimulatedClock();
const settings = { responsesStore: true, responsesTtlMs: 3_600_000, responsesStoreBytes: 256 << 20 };
const question = { id: "resp_1", clientId: "client_1" };
const stored: StoredResponse = { ...question, model: "gemini-3.8-flash", turns: '["words"]', createdAt: clock.now() };

/** A worker's archive over an object's. */
async function makeWorld(failure: (() => Error | null) | null = null) {
  const logger = createKeptLogger();
  const { responses: store } = await makeStore();
  const archive = createResponseArchive({ store, vault: makeVault(), settings, clock, logger });
  const check = (): void => {
    const error = failure?.() ?? null;
    if (error !== null) throw error;
  };
  const state = {
    keepResponse: async (response: StoredResponse) => (check(), archive.keep(response)),
    findResponse: async (asked: typeof question & { now: number }) => {
      check();
      return new Promise((resolve) => archive.get(asked, resolve));
    },
    removeResponse: async (asked: typeof question) => {
      check();
      return new Promise((resolve) => archive.remove(asked, resolve));
    },
  } as unknown as StateApi;
  const link = createStateLink(
    () => state,
    async () => undefined,
  );
  const working: Promise<unknown>[] = [];
  const keepAlive = (work: Promise<unknown>): void => void working.push(work);
  const remote = createRemoteResponses({ link, settings, keepAlive, logger });
  const get = (more: object = {}) =>
    new Promise((resolve) => remote.get({ ...question, now: clock.now(), ...more }, resolve));
  const remove = () => new Promise((resolve) => remote.remove(question, resolve));
  return { remote, logger, get, remove, done: () => Promise.all(working) };
}

test("a response that one isolate gave is found and removed by another, for its own client only", async () => {
  const { remote, get, remove, done } = await makeWorld();
  remote.put(stored);
  await done();
  expect(await get()).toEqual(stored);
  expect(await get({ clientId: "client_2" })).toBeNull();
  expect([await remove(), await remove(), await get()]).toEqual([true, false, null]);
});

test("an object that was cut off is asked again, and one that cannot be reached answers null and is logged", async () => {
  let failures = 1;
  const cutOff = Object.assign(new Error("cut off"), { retryable: true });
  const passing = await makeWorld(() => (failures-- > 0 ? cutOff : null));
  passing.remote.put(stored);
  await passing.done();
  failures = 1;
  expect(await passing.get()).toEqual(stored);
  expect(passing.logger.lines).toEqual([]);

  const gone = await makeWorld(() => new Error("gone"));
  gone.remote.put(stored);
  expect([await gone.get(), await gone.remove()]).toEqual([null, false]);
  await gone.done();
  expect(gone.logger.lines.map(({ event }) => event).toSorted()).toEqual([
    "response.kept",
    "response.lost",
    "response.unreadable",
  ]);
  expect(JSON.stringify(gone.logger.lines)).not.toContain("words");
});

test("what no row can hold is not sent, and nothing is asked while RESPONSES_STORE is off", async () => {
  const { remote, logger, get, done } = await makeWorld(() => new Error("asked"));
  remote.put({ ...stored, turns: "x".repeat(mostSealedBytes + 1) });
  settings.responsesStore = false;
  remote.put(stored);
  expect(await get()).toBeNull();
  settings.responsesStore = true;
  await done();
  expect(logger.lines.map(({ event }) => event)).toEqual(["response.oversized"]);
});
