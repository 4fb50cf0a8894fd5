import { afterEach, expect, it } from "vitest";
import type { AnalyticsStore } from "../../storage/types-analytics.ts";
import { callAt, createResourceWorld } from "../../testkit/admin-resources.ts";
import type { AdminWorld, Caller } from "../../testkit/admin-world.ts";
import { exportBounds } from "../admin-state.ts";

let world: AdminWorld;
afterEach(() => world.close());

const start = Date.UTC(2026, 10, 20, 12);

async function worldOf(calls: number, pageRows?: number): Promise<void> {
  world = await createResourceWorld(pageRows === undefined ? {} : { pageRows });
  const all = Array.from({ length: calls }, (_, index) =>
    callAt(start + index * 1000, { clientId: index % 2 === 0 ? "client_1" : "client_2" }),
  );
  for (let from = 0; from < calls; from += 500) await world.store.ledger.insert(all.slice(from, from + 500));
}

/** Counts questions to the store. */
function watched(): { asked: number; failAt: number } {
  const watch = { asked: 0, failAt: Infinity };
  const { search } = world.services.analytics;
  const watching: AnalyticsStore["search"] = async (...question) => {
    if (++watch.asked >= watch.failAt) throw new Error("disk gone");
    return search(...question);
  };
  world.services.analytics = { ...world.services.analytics, search: watching };
  return watch;
}

it("CSV has a head, a line a call with times of the asked zone, and guards against formulas", async () => {
  await worldOf(0);
  await world.store.ledger.insert([
    callAt(
      start,
      { path: '=cmd|"/c calc"', modelAsked: "@sum", clientId: null, usage: null, firstByteMicros: null },
      null,
    ),
  ]);
  const answer = await world.request("GET", "/calls/export?format=csv&zone=Asia/Ho_Chi_Minh");
  expect(answer.headers.get("content-type")).toContain("text/csv");
  expect(answer.headers.get("content-disposition")).toBe('attachment; filename="calls-2026-11-21.csv"');
  const [head, row, end] = answer.text.split("\r\n");
  expect(head).toMatch(/^id,started_at,client_id,client,/);
  expect(row).toContain(`,2026-11-20T19:00:00.000+07:00,,,`);
  expect(row).toContain(`,"'=cmd|""/c calc""",'@sum,`);
  // Neither tokens nor cost are known: empty, not 0.
  expect(row).toContain(",,,,,,,,,823.456,");
  expect(end).toBe("");
  const wrong = await world.request("GET", "/calls/export?zone=Mars/Olympus");
  expect(wrong.body.error).toMatchObject({ code: "query_invalid", field: "query.zone" });
});

it("JSON is one array and NDJSON a line a call, of every page, filtered, the newest first", async () => {
  await worldOf(1_203);
  const json = await world.request("GET", "/calls/export?format=json");
  const calls = json.body as { id: string; clientId: string; costUsd: number }[];
  expect(calls).toHaveLength(1_203);
  expect(calls.map(({ id }) => id)).toEqual(
    calls
      .map(({ id }) => id)
      .toSorted()
      .toReversed(),
  );
  expect(calls[0]?.costUsd).toBe(0.003456789);
  const lines = (await world.request("GET", "/calls/export?format=ndjson&clientId=client_2")).text
    .trimEnd()
    .split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual(calls.filter(({ clientId }) => clientId === "client_2"));
});

it("nothing is an empty array, an empty text, and a head alone", async () => {
  await worldOf(0);
  const textOf = async (format: string) => (await world.request("GET", `/calls/export?format=${format}`)).text;
  expect(JSON.parse(await textOf("json"))).toEqual([]);
  expect(await textOf("ndjson")).toBe("");
  expect((await textOf("csv")).split("\r\n")).toHaveLength(2);
});

it("rare matches are found through pages that hold none", async () => {
  await worldOf(40, 3);
  await world.store.ledger.insert([callAt(start - 5, { clientId: "rare" })]);
  const { text } = await world.request("GET", "/calls/export?format=ndjson&clientId=rare");
  expect(text.trimEnd().split("\n")).toHaveLength(1);
});

it("a reader that waits costs no reading, and one that leaves ends it", async () => {
  await worldOf(3_000);
  const watch = watched();
  const answer = await world.open("GET", "/calls/export?format=ndjson");
  const reader = answer.body?.getReader();
  if (reader === undefined) throw new Error("no body");
  await reader.read();
  const asked = watch.asked;
  expect(asked).toBeLessThanOrEqual(3);
  await reader.read();
  await reader.cancel();
  expect(watch.asked).toBeLessThanOrEqual(asked + 1);
});

it("each who reads has some exports at a time, and all together have a bound", async () => {
  await worldOf(3_000);
  const open = (as: Caller) => world.open("GET", "/calls/export?format=ndjson", { as });
  const { mostOfOne } = exportBounds;
  const started = await Promise.all(Array.from({ length: mostOfOne }, () => open("viewer")));
  expect((await open("viewer")).status).toBe(503);
  expect((await open("admin")).status).toBe(200);
  await started[0]?.body?.cancel();
  const again = await open("viewer");
  expect(again.status).toBe(200);
  // One that was read to its end gives its place back, too.
  await again.text();
  expect((await open("viewer")).status).toBe(200);
  await world.request("GET", "/calls/export?zone=nowhere", { as: "viewer-token" });
  for (let index = 0; index < mostOfOne; index++) expect((await open("viewer-token")).status).toBe(200);
});

it("one whose reader sleeps, or was logged out, is broken off and never ended well", async () => {
  await worldOf(3_000);
  for (const [as, work] of [
    ["admin-token", async () => world.clock.advance(2 * 60_000)],
    ["viewer", () => world.store.administration.sessions.removeOf("operator_viewer")],
  ] as const) {
    const answer = await world.open("GET", "/calls/export?format=ndjson", { as });
    const reader = answer.body?.getReader();
    await reader?.read();
    const [timer] = world.timers;
    timer?.task();
    await reader?.read();
    await work();
    timer?.task();
    await expect(reader?.closed).rejects.toThrow();
    expect(world.timers.size).toBe(0);
  }
});

it("what fails at once is an error; what fails on the way breaks the stream and never ends it well", async () => {
  await worldOf(1_600);
  const watch = watched();
  watch.failAt = 3;
  const answer = await world.open("GET", "/calls/export?format=json");
  expect(answer.status).toBe(200);
  await expect(answer.text()).rejects.toThrow();
  watch.failAt = 0;
  expect((await world.open("GET", "/calls/export?format=json")).status).toBe(500);
});
