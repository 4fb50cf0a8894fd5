import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sampleAttempt, sampleUsage } from "../../storage/contract-samples.ts";
import type { PricedCall } from "../../storage/types.ts";
import { callAt, createResourceWorld } from "../../testkit/admin-resources.ts";
import type { AdminWorld } from "../../testkit/admin-world.ts";

let world: AdminWorld;
beforeEach(async () => {
  world = await createResourceWorld({ environment: { PROXY_API_KEY: "gp-of-the-environment-0123456789" } });
});
afterEach(() => world.close());

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Midnight in Los Angeles before the night in which clocks go back. */
const start = Date.UTC(2026, 9, 31, 7);

const get = (path: string) => world.request("GET", `/usage/${path}`);
const range = (fromMs: number, toMs: number) => `fromMs=${fromMs}&toMs=${toMs}`;

/** Calls over three days, of three models, two clients and two keys. */
const calls: PricedCall[] = Array.from({ length: 60 }, (_, index) => {
  const model = ["m1", "m2", "m3"][index % 3] ?? "m1";
  const credentialId = `cred_${index % 2}`;
  const last = sampleAttempt({ number: 2, credentialId, rule: index % 10 === 0 ? "server.5xx" : "ok" });
  const attempts = [sampleAttempt({ credentialId: "cred_x", rule: "network" }), last];
  return callAt(
    start + index * 1.2 * hourMs,
    {
      clientId: index % 4 === 0 ? "client_env_1" : "client_2",
      modelAsked: model,
      modelServed: model,
      outcome: index % 10 === 0 ? "error" : "ok",
      status: index % 10 === 0 ? 503 : 200,
      attempts: index % 5 === 0 ? attempts : attempts.slice(1),
      totalMicros: (index + 1) * 10_000,
    },
    index % 7 === 0 ? null : 1_000_000_001,
  );
});

type Sums = { calls: number; costUsd: number; tokens: { total: number }; [field: string]: unknown };
const totalOf = (all: readonly Sums[]) => ({
  calls: all.reduce((sum, one) => sum + one.calls, 0),
  nanoUsd: all.reduce((sum, one) => sum + Math.round(one.costUsd * 1e9), 0),
  tokens: all.reduce((sum, one) => sum + one.tokens.total, 0),
});

it("a summary sums the range exactly, and the range of equal length before it", async () => {
  await world.store.ledger.insert(calls);
  const { body } = await get(`summary?${range(start, start + 3 * dayMs)}`);
  expect(body.sums).toMatchObject({ calls: 60, errors: 6, callsWithoutCost: 9, costUsd: 51.000000051 });
  expect(body.previous).toMatchObject({ calls: 0, costUsd: 0, cacheHitRate: null, latencyP50Ms: null });
  expect(body.sums.cacheHitRate).toBeCloseTo(200 / 1200, 9);
  expect(body.sums.latencyP50Ms).toBeGreaterThanOrEqual(200);
  expect(body.sums.latencyP50Ms).toBeLessThanOrEqual(300);
  const later = await get(`summary?${range(start + 3 * dayMs, start + 6 * dayMs)}`);
  expect(later.body.previous).toEqual(body.sums);
});

describe("a series", () => {
  it("of days has one of 25 hours when clocks go back, and its points add up to the summary", async () => {
    await world.store.ledger.insert(calls);
    const query = `${range(start, start + 3 * dayMs)}&zone=America/Los_Angeles&interval=day`;
    const { interval, zone, lines } = (await get(`series?${query}`)).body;
    expect([interval, zone, lines.length]).toEqual(["day", "America/Los_Angeles", 1]);
    const { points } = lines[0];
    expect(points.map((point: { fromMs: number; toMs: number }) => (point.toMs - point.fromMs) / hourMs)).toEqual([
      24, 25, 23,
    ]);
    expect(totalOf(points.map((point: { sums: Sums }) => point.sums))).toMatchObject({ calls: 60 });
  });

  it("split by anything adds up to itself as a whole, where calls have one key; other is the exact rest", async () => {
    await world.store.ledger.insert(calls);
    const query = `${range(start, start + 3 * dayMs)}&interval=hour&zone=Asia/Kathmandu`;
    const whole = (await get(`series?${query}`)).body.lines[0].points.map((point: { sums: Sums }) => point.sums);
    for (const by of ["model", "client", "status", "dialect"]) {
      const { lines } = (await get(`series?${query}&by=${by}&top=1`)).body;
      const all = lines.flatMap((line: { points: { sums: Sums }[] }) => line.points.map(({ sums }) => sums));
      expect([by, totalOf(all)]).toEqual([by, totalOf(whole)]);
      expect(lines.map((line: { other: boolean }) => line.other)).toEqual(by === "dialect" ? [false] : [false, true]);
    }
  });

  it("by credential counts a call under each that it was tried with", async () => {
    await world.store.ledger.insert(calls);
    const query = `${range(start, start + 3 * dayMs)}&interval=day&by=credential`;
    const countsOf = async (top: number) => {
      const { lines } = (await get(`series?${query}&top=${top}`)).body;
      return lines.map((line: { label: string; points: { sums: Sums }[] }) => [
        line.label,
        totalOf(line.points.map(({ sums }) => sums)).calls,
      ]);
    };
    expect(await countsOf(3)).toEqual([
      ["cred_0", 30],
      ["cred_1", 30],
      ["cred_x", 12],
    ]);
    expect(await countsOf(1)).toEqual([
      ["cred_0", 30],
      ["other", 42],
    ]);
  });

  it("is refused when it would have more than a thousand points, and chooses its interval when asked to", async () => {
    const refused = await get(`series?${range(0, 50 * dayMs)}&interval=hour`);
    expect(refused.body.error).toMatchObject({ code: "query_invalid", field: "query.interval" });
    expect((await get(`series?${range(0, 9e15)}`)).status).toBe(400);
    const intervalOf = async (days: number) =>
      (await get(`series?${range(start, start + days * dayMs)}`)).body.interval;
    expect([await intervalOf(1), await intervalOf(3), await intervalOf(30), await intervalOf(400)]).toEqual([
      "quarter-hour",
      "hour",
      "day",
      "week",
    ]);
    expect((await get(`series?${range(start, start + dayMs)}&zone=Nowhere`)).body.error.field).toBe("query.zone");
    expect((await get(`series?${range(start, start)}`)).body.error.field).toBe("query.toMs");
  });
});

describe("a breakdown", () => {
  it("has the largest rows with people's names, and exactly the rest as other", async () => {
    await world.store.ledger.insert(calls);
    const query = range(start, start + 3 * dayMs);
    const clients = (await get(`breakdown?${query}&by=client`)).body;
    expect(clients.rows.map((row: { label: string; sums: Sums }) => [row.label, row.sums.calls])).toEqual([
      ["client_2", 45],
      ["env-1", 15],
    ]);
    expect(clients.other).toBeNull();
    const models = (await get(`breakdown?${query}&by=model&top=1&order=cost`)).body;
    expect(totalOf([models.rows[0].sums, models.other])).toEqual(totalOf([models.total]));
    const rules = (await get(`breakdown?${query}&by=rule`)).body.rows;
    expect(rules.map((row: { key: string; sums: Sums }) => [row.key, row.sums.calls])).toEqual([
      ["ok", 54],
      ["server.5xx", 6],
    ]);
  });

  it("inside a filter is given where sums are kept for it, and refused by the field's name elsewhere", async () => {
    await world.store.ledger.insert(calls);
    const query = range(start, start + 3 * dayMs);
    const keysOf = async (more: string) => {
      const { rows, total } = (await get(`breakdown?${query}&${more}`)).body;
      expect(totalOf(rows.map((row: { sums: Sums }) => row.sums))).toEqual(totalOf([total]));
      return rows.map((row: { key: string }) => row.key).toSorted();
    };
    expect(await keysOf("by=model&clientId=client_2")).toEqual(["m1", "m2", "m3"]);
    expect(await keysOf("by=client&model=m1")).toEqual(["client_2", "client_env_1"]);
    expect(await keysOf("by=model&model=m2&clientId=client_2")).toEqual(["m2"]);
    expect(await keysOf("by=credential&credentialId=cred_x")).toEqual(["cred_x"]);
    for (const [more, field] of [
      ["by=rule&clientId=client_2", "query.by"],
      ["by=status&model=m1", "query.by"],
      ["by=model&credentialId=cred_x", "query.by"],
      ["by=model&credentialId=cred_x&model=m1", "query.credentialId"],
    ])
      expect([more, (await get(`breakdown?${query}&${more}`)).body.error?.field]).toEqual([more, field]);
  });
});

it("sums of a filter are those of the calls that fit it", async () => {
  await world.store.ledger.insert(calls);
  const sumsOf = async (more: string): Promise<Sums> =>
    (await get(`summary?${range(start, start + 3 * dayMs)}&${more}`)).body.sums;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom("m1", "m2", "m3"), fc.constantFrom("client_2", "client_env_1"), async (m, c) => {
      const wanted = calls.filter(({ record }) => record.modelServed === m && record.clientId === c);
      expect((await sumsOf(`model=${m}&clientId=${c}`)).calls).toBe(wanted.length);
    }),
    { numRuns: 6 },
  );
});

it("the ledger's own sums are told with the share of prompts that came from Google's cache", async () => {
  const stats = async (query = "") => (await world.request("GET", `/stats?${query}`)).body;
  expect(await stats()).toMatchObject({ calls: 0, costUsd: 0, cacheHitRate: null });
  await world.store.ledger.insert([
    callAt(start, { usage: sampleUsage({ promptTokens: 1_000, cachedTokens: 900 }) }),
    callAt(start + 1, { usage: sampleUsage({ promptTokens: 3_000, cachedTokens: 0 }) }),
  ]);
  expect(await stats()).toMatchObject({ calls: 2, cacheHitRate: 0.225 });
  expect(await stats(`untilMs=${start + 1}`)).toMatchObject({ calls: 1, cacheHitRate: 0.9 });
  expect((await stats("rule=network")).error.code).toBe("query_invalid");
});
