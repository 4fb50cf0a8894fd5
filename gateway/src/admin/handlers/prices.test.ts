import { afterEach, beforeEach, expect, it } from "vitest";
import type { RollupSums } from "../../storage/types-analytics.ts";
import { createAdminWorld, type AdminWorld } from "../../testkit/admin-world.ts";

const sums = (calls: number, tokens: number, callsWithoutCost: number): RollupSums => ({
  calls,
  attempts: calls,
  errors: 0,
  refused: 0,
  cancelled: 0,
  incomplete: 0,
  interrupted: 0,
  costUsd: 0,
  callsWithoutCost,
  firstTry: calls,
  latency: [],
  firstByte: [],
  tokens: {
    prompt: 0,
    cached: 0,
    output: 0,
    thoughts: 0,
    toolUse: 0,
    total: tokens,
  },
});
const used = new Map([
  ["gemini-9-unknown", sums(4, 100, 4)],
  ["gemini-9-other", sums(9, 100, 9)],
  ["gemini-3.8-flash", sums(5, 100, 1)],
  ["made-up-and-refused", sums(7, 0, 7)],
  ["", sums(3, 0, 0)],
]);

let world: AdminWorld;
beforeEach(async () => {
  world = await createAdminWorld();
  world.services.analytics = {
    ...world.services.analytics,
    sums: async ({ key }) => (key === null ? used : new Map([[key, sums(42, 0, 0)]])),
  };
});
afterEach(() => world.close());

const row = { models: ["gemini-9-unknown"], input: 1, output: 2, cached: null };
const range = { fromMs: 1000, toMs: 2000 };
async function jobState(): Promise<Record<string, unknown>> {
  return (await world.request("GET", "/prices/reprice", { as: "viewer" })).body.job as Record<string, unknown>;
}
async function slice(): Promise<void> {
  world.prices.go();
  await new Promise(setImmediate);
}

it("prices are told with models that used tokens and have none, the most called first", async () => {
  const { body } = await world.request("GET", "/prices", { as: "viewer" });
  expect(body).toMatchObject({ overrides: [], file: [], unpriced: ["gemini-9-other", "gemini-9-unknown"] });
  expect(body.table.length).toBeGreaterThan(10);
});

it("own rows take the place of the former ones, and price what had no price", async () => {
  const set = await world.request("PUT", "/prices", { body: { overrides: [row] } });
  expect(set.body).toMatchObject({ overrides: [row], unpriced: ["gemini-9-other"] });
  expect((await world.request("PUT", "/prices", { body: { overrides: [] } })).body.overrides).toEqual([]);
});

it("rows that cannot be read change nothing", async () => {
  for (const [wrong, code] of [
    [{ ...row, input: -1 }, "body_invalid"],
    [{ ...row, models: [] }, "body_invalid"],
    [{ ...row, more: 1 }, "body_invalid"],
    [{ ...row, from: "soon" }, "price_invalid"],
  ] as const)
    expect((await world.request("PUT", "/prices", { body: { overrides: [row, wrong] } })).body.error.code).toBe(code);
  expect((await world.request("GET", "/prices")).body.overrides).toEqual([]);
});

it("a re-pricing goes on after its answer, tells how far it is, and there is one at a time", async () => {
  expect((await world.request("GET", "/prices/reprice")).body).toEqual({ job: null });
  world.prices.slices = [10, 20];
  const started = await world.request("POST", "/prices/reprice", { body: { ...range, dryRun: true } });
  expect([started.status, started.body.job]).toMatchObject([
    202,
    { state: "running", dryRun: true, looked: 0, total: 28 },
  ]);
  await slice();
  expect(await jobState()).toMatchObject({ state: "running", looked: 10, changed: 10, differenceUsd: 10 });
  const second = await world.request("POST", "/prices/reprice", { body: range });
  expect([second.status, second.body.error.code]).toEqual([409, "busy"]);
  await slice();
  expect(await jobState()).toMatchObject({ state: "done", looked: 30, total: 30, differenceUsd: 30, error: null });
  world.prices.slices = [];
  expect((await world.request("POST", "/prices/reprice", { body: { ...range, model: "m" } })).status).toBe(202);
});

it("a re-pricing that fails says so without words of the failure, and the next one may begin", async () => {
  world.prices.slices = [5, -1];
  await world.request("POST", "/prices/reprice", { body: range });
  await slice();
  await slice();
  const job = await jobState();
  expect(job).toMatchObject({ state: "failed", looked: 5 });
  expect(job["error"]).toMatch(/^RangeError\. /);
  expect(JSON.stringify([job, world.logger.lines])).not.toContain("disk is full");
  world.prices.slices = [];
  expect((await world.request("POST", "/prices/reprice", { body: range })).status).toBe(202);
});

it("a range that ends before it begins is refused", async () => {
  const answer = await world.request("POST", "/prices/reprice", { body: { fromMs: 2, toMs: 2 } });
  expect(answer.body.error).toMatchObject({ code: "body_invalid", field: "body.toMs" });
});
