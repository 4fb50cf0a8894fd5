import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sampleAttempt, sampleRetriedCall, sampleUsage } from "../../storage/contract-samples.ts";
import { callAt, createResourceWorld } from "../../testkit/admin-resources.ts";
import type { AdminWorld } from "../../testkit/admin-world.ts";
import { toNanoUsd } from "../../clients/limits/money.ts";
import { toSearchFilter } from "./calls-filter.ts";

let world: AdminWorld;
beforeEach(async () => {
  world = await createResourceWorld();
});
afterEach(() => world.close());

const start = Date.UTC(2026, 10, 20, 12);
const list = async (query = "") => (await world.request("GET", `/calls?${query}`)).body;
const idsOf = (page: { calls: { id: string }[] }): string[] => page.calls.map(({ id }) => id);

describe("the list", () => {
  it("gives every field of the record, cost in dollars, and null where it is not known", async () => {
    const call = sampleRetriedCall(5);
    await world.store.ledger.insert([call, callAt(start, {}, 3_456_789)]);
    const { calls } = await list();
    expect(calls[0]).toMatchObject({ costUsd: 0.003456789 });
    expect(calls[1]).toEqual({
      ...call.record,
      costUsd: null,
      attempts: call.record.attempts.map((attempt, index) => ({ ...attempt, costUsd: [0, null, 0.003][index] })),
    });
    expect((await world.request("GET", `/calls/${call.record.id}`)).body).toEqual(calls[1]);
    expect((await world.request("GET", "/calls/nothing")).body.error.code).toBe("not_found");
  });

  it("takes what earlier scripts ask for", async () => {
    const calls = [0, 1, 2, 3].map((second) => callAt(start + second * 1000, { status: second === 2 ? 429 : 200 }));
    await world.store.ledger.insert(calls);
    const ids = calls.map(({ record }) => record.id);
    expect(idsOf(await list("limit=1000"))).toEqual(ids.toReversed());
    expect(idsOf(await list(`sinceMs=${start + 1000}&untilMs=${start + 3000}`))).toEqual([ids[2], ids[1]]);
    expect(idsOf(await list("status=429"))).toEqual([ids[2]]);
    expect(idsOf(await list(`before=${ids[2]}&limit=1`))).toEqual([ids[1]]);
    expect(idsOf(await list(`after=${ids[1]}`))).toEqual([ids[2], ids[3]]);
    expect(idsOf(await list("model=gemini-3.8-flash&clientId=client_1&credentialId=cred_1&outcome=ok"))).toHaveLength(
      4,
    );
    expect(idsOf(await list(`before=${ids[2]}&dialect=gemini`))).toEqual([ids[1], ids[0]]);
    const both = await world.request("GET", `/calls?before=${ids[2]}&after=${ids[0]}`);
    expect(both.body.error).toMatchObject({ code: "query_invalid", field: "query.before" });
    const made = await world.request("GET", "/calls?cursor=made-up");
    expect(made.body.error).toMatchObject({ code: "query_invalid", field: "query.cursor" });
  });

  it("comes page by page until nothing is left, and filters by everything", async () => {
    await world.store.ledger.insert([
      callAt(start, { dialect: "openai-chat", status: 503, outcome: "error" }),
      callAt(start + 1, { operation: "embed", totalMicros: 9_000_000 }),
      callAt(start + 2, { attempts: [sampleAttempt(), sampleAttempt({ number: 2, rule: "network" })] }, 1_000_000_000),
    ]);
    const first = await list("limit=2");
    expect([first.calls.length, first.next === null]).toEqual([2, false]);
    const rest = await list(`limit=2&cursor=${encodeURIComponent(first.next)}`);
    expect([rest.calls.length, rest.next]).toEqual([1, null]);
    const counts = [
      "dialect=openai-chat",
      "status=5xx",
      "operation=embed",
      "minMs=9000",
      "rule=network",
      "retried=true",
    ];
    counts.push("minCostUsd=1", "retried=false&maxCostUsd=0.5&maxMs=8999");
    for (const query of counts) expect([query, idsOf(await list(query)).length]).toEqual([query, 1]);
  });

  it("a filter says in nano-dollars what it was given in dollars", () => {
    fc.assert(
      fc.property(fc.nat(1e9), (nano) => {
        expect(toSearchFilter({ minCostUsd: nano / 1e9 }).minCostNanoUsd).toBe(nano);
      }),
    );
    expect(toSearchFilter({ maxCostUsd: 0.1, retried: "false" })).toEqual({
      maxCostNanoUsd: toNanoUsd(0.1),
      retried: false,
    });
  });
});

it("a histogram has about as many bars as asked for, of a round width, which count every call once", async () => {
  const calls = [0, 59, 60, 3_599].map((second, index) =>
    callAt(start + second * 1000, { outcome: index === 1 ? "error" : "ok" }),
  );
  await world.store.ledger.insert(calls);
  const query = `sinceMs=${start}&untilMs=${start + 3_600_000}`;
  const { widthMs, bars } = (await world.request("GET", `/calls/histogram?${query}&bars=60`)).body;
  expect([widthMs, bars.length, bars[0]]).toEqual([60_000, 60, { fromMs: start, calls: 2, errors: 1 }]);
  expect(bars.reduce((sum: number, bar: { calls: number }) => sum + bar.calls, 0)).toBe(4);
  const wrong = await world.request("GET", `/calls/histogram?sinceMs=${start}&untilMs=${start}`);
  expect(wrong.body.error.field).toBe("query.untilMs");
  const long = await world.request("GET", `/calls/histogram?sinceMs=0&untilMs=${start}&bars=10`);
  expect(long.body.bars.length).toBeLessThanOrEqual(11);
});

it("captured bodies are for admins, and 404 when none are kept", async () => {
  const message = { headers: [["a", "b"]] as [string, string][], body: "{}", bytes: 2, cut: false, base64: false };
  const capture = { callId: "c1", method: "POST", path: "/", request: message, response: message, expiresAt: 5 };
  world.captured.set("c1", capture);
  expect((await world.request("GET", "/calls/c1/capture")).body).toEqual(capture);
  expect((await world.request("GET", "/calls/c1/capture", { as: "viewer" })).status).toBe(403);
  expect((await world.request("GET", "/calls/c2/capture")).status).toBe(404);
});

it("a ledger that cannot be flushed can still be read", async () => {
  await world.store.ledger.insert([callAt(start, { usage: sampleUsage() })]);
  world.services.flush = async () => {
    throw new Error("disk full");
  };
  expect(idsOf(await list())).toHaveLength(1);
});
