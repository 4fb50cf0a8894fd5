import { afterEach, beforeEach, expect, it } from "vitest";
import { callAt, createResourceWorld } from "../../testkit/admin-resources.ts";
import type { AdminWorld, Caller } from "../../testkit/admin-world.ts";
import { tailBounds } from "../admin-state.ts";
import { mostReplayed, tailQueueLength } from "./tail.ts";

let world: AdminWorld;
const readers: { cancel(): Promise<void> }[] = [];
beforeEach(async () => {
  world = await createResourceWorld();
});
afterEach(async () => {
  for (const reader of readers.splice(0)) await reader.cancel();
  await world.close();
});

const start = Date.UTC(2026, 10, 21, 12);

interface TailEvent {
  id?: string | undefined;
  event?: string | undefined;
  data?: Record<string, unknown> | null | undefined;
  comment?: string | undefined;
}

/** Opens a tail and reads its events one after the other. */
async function tail(query = "", headers: Record<string, string> = {}, as: Caller = "admin-token") {
  const response = await world.open("GET", `/calls/tail?${query}`, { headers, as });
  const reader = response.body?.getReader();
  if (reader === undefined) throw new Error("no body");
  readers.push(reader);
  const decoder = new TextDecoder();
  const events: TailEvent[] = [];
  let buffered = "";
  const read = async (): Promise<TailEvent | null> => {
    while (events.length === 0) {
      const { done, value } = await reader.read();
      if (done) return null;
      buffered += decoder.decode(value, { stream: true });
      const blocks = buffered.split("\n\n");
      buffered = blocks.pop() ?? "";
      events.push(...blocks.map(parseEvent));
    }
    return events.shift() ?? null;
  };
  return { response, read, reader };
}

function parseEvent(block: string): TailEvent {
  const fields = new Map(
    block.split("\n").map((line) => {
      const at = line.indexOf(": ");
      return [line.slice(0, at), line.slice(at + 2)];
    }),
  );
  const data = fields.get("data");
  return {
    id: fields.get("id"),
    event: fields.get("event"),
    data: data === undefined ? undefined : (JSON.parse(data) as Record<string, unknown>),
    comment: fields.get(""),
  };
}

it("pushes calls that fit the filter as they end, with their ids and costs", async () => {
  const { response, read } = await tail("clientId=client_2");
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  expect(await read()).toMatchObject({ comment: "connected" });
  const waiting = read();
  world.hub.emit(callAt(start).record);
  const wanted = callAt(start + 1, { clientId: "client_2" }).record;
  world.hub.emit(wanted);
  const told = await waiting;
  expect(told).toMatchObject({ id: wanted.id, event: "call", data: { id: wanted.id, clientId: "client_2" } });
  expect(told?.data?.["costUsd"]).toEqual(expect.any(Number));
});

it("a slow reader loses what does not fit, is told how many, and hears on", async () => {
  const { read } = await tail();
  await read();
  const records = Array.from({ length: tailQueueLength + 44 }, (_, index) => callAt(start + index).record);
  for (const record of records) world.hub.emit(record);
  for (const record of records.slice(0, tailQueueLength)) expect(await read()).toMatchObject({ id: record.id });
  expect(await read()).toMatchObject({ event: "gap", data: { missed: 44 } });
  const next = callAt(start + 10_000).record;
  world.hub.emit(next);
  expect(await read()).toMatchObject({ id: next.id });
});

it("a comment comes every fifteen seconds, and after a quarter of an hour the stream ends", async () => {
  const { read } = await tail();
  await read();
  const [timer] = [...world.timers];
  expect(timer?.ms).toBe(15_000);
  timer?.task();
  expect(await read()).toMatchObject({ comment: "ping" });
  world.clock.advance(15 * 60_000);
  timer?.task();
  expect(await read()).toBeNull();
  expect([world.hub.listeners, world.timers.size]).toEqual([0, 0]);
});

it("a listener that leaves is forgotten, and one too many is refused; none takes all places", async () => {
  const { most, mostOfOne } = tailBounds;
  const refusal = async (as: Caller) => {
    const { status, body } = await world.request("GET", "/calls/tail", { as });
    return [status, body.error.code];
  };
  const tails = [];
  for (let index = 0; index < mostOfOne; index++) tails.push(await tail("", {}, "viewer"));
  expect(await refusal("viewer")).toEqual([503, "unavailable"]);
  for (let index = 0; index < mostOfOne; index++) await tail("", {}, "viewer-token");
  for (let index = 2 * mostOfOne; index < most; index++) await tail();
  expect(world.hub.listeners).toBe(most);
  expect(await refusal("admin-token")).toEqual([503, "unavailable"]);
  await tails[0]?.reader.cancel();
  expect([world.hub.listeners, world.timers.size]).toEqual([most - 1, most - 1]);
  expect((await tail()).response.status).toBe(200);
});

it.each([
  ["a session", "viewer", () => world.store.administration.sessions.removeOf("operator_viewer")],
  ["a token", "viewer-token", () => world.store.administration.tokens.remove("token_viewer")],
] as const)("%s that has ended sees no more calls", async (_, as, work) => {
  const { read } = await tail("", {}, as);
  expect(await read()).toMatchObject({ comment: "connected" });
  const [timer] = world.timers;
  timer?.task();
  expect(await read()).toMatchObject({ comment: "ping" });
  await work();
  world.clock.advance(5_000);
  timer?.task();
  await read();
  expect(await read()).toBeNull();
  expect([world.hub.listeners, world.timers.size]).toEqual([0, 0]);
});

it("after a reconnection what was missed is told again, each call once", async () => {
  const calls = [0, 1, 2, 3].map((index) => callAt(start + index));
  await world.store.ledger.insert(calls);
  const { read } = await tail("", { "last-event-id": calls[1]?.record.id ?? "" });
  await read();
  // Ended while the replay was under way: in the store already, and pushed as well.
  world.hub.emit(calls[3]?.record ?? callAt(start).record);
  const later = callAt(start + 9).record;
  world.hub.emit(later);
  const seen = [await read(), await read(), await read()].map((event) => event?.id);
  expect(seen).toEqual([calls[2]?.record.id, calls[3]?.record.id, later.id]);
});

it("after a reconnection a long call is told that began before the last one seen and ended while nobody listened", async () => {
  const [long, seen, other] = [0, 1, 2].map((second) => callAt(start + second));
  await world.store.ledger.insert([long, seen, other].filter((call) => call !== undefined));
  const ids = [seen, long, other].map((call) => call?.record.id ?? "");
  for (const call of [seen, long, other]) if (call !== undefined) world.hub.emit(call.record);
  const { read } = await tail("", { "last-event-id": ids[0] ?? "" });
  await read();
  expect([await read(), await read()].map((event) => event?.id)).toEqual(ids.slice(1));
});

it("calls that ended and cannot be read are a gap of unknown length", async () => {
  const [seen, lost] = [callAt(start).record, callAt(start + 1).record];
  for (const record of [seen, lost]) world.hub.emit(record);
  const { read } = await tail("", { "last-event-id": seen.id });
  await read();
  expect(await read()).toMatchObject({ event: "gap", data: { missed: null } });
});

it("more than can be told again is a gap of unknown length; a wrong last id counts as none", async () => {
  const calls = Array.from({ length: mostReplayed + 5 }, (_, index) => callAt(start + index));
  await world.store.ledger.insert(calls.slice(0, 300));
  await world.store.ledger.insert(calls.slice(300));
  const { read } = await tail("", { "last-event-id": callAt(start - 1).record.id });
  await read();
  let event = await read();
  let told = 0;
  for (; event?.event === "call"; event = await read()) told++;
  expect([told, event]).toMatchObject([mostReplayed, { event: "gap", data: { missed: null } }]);
  const other = await tail("", { "last-event-id": "' or 1=1" });
  await other.read();
  world.hub.emit(callAt(start + 9_999).record);
  expect(await other.read()).toMatchObject({ id: callAt(start + 9_999).record.id });
});
