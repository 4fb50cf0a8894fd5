import { expect, test } from "vitest";
import type { ClientLimits } from "../../clients/types.ts";
import { CliFailure } from "../failure.ts";
import { readLimitOptions, type ClientChange } from "./limit-options.ts";

const now = Date.UTC(2026, 10, 21);

test("limits that are not named stay, none and --no- take one away, and the last one takes all", () => {
  const current: ClientLimits = { requestsPerMinute: 60, budgets: { day: 5, total: 100 } };
  expect(read({ tpm: "1.5m" }, current).limits).toEqual({ ...current, tokensPerMinute: 1_500_000 });
  expect(read({ rpm: "none" }, current).limits).toEqual({ budgets: { day: 5, total: 100 } });
  expect(read({ rpm: false, "budget-day": false }, current).limits).toEqual({ budgets: { total: 100 } });
  expect(read({ rpm: "NONE", "budget-day": "none", "budget-total": false }, current).limits).toBeNull();
  expect(read({ name: "app" }, current)).toEqual({ name: "app" });
  expect(read({}, current)).toEqual({});
});

test("amounts and counts are read as people write them", () => {
  expect(
    read({ rpm: "1_000", rpd: "10,000", concurrency: "5", "budget-week": "$ 0.50", "budget-month": "1,000" }).limits,
  ).toEqual({ requestsPerMinute: 1_000, requestsPerDay: 10_000, concurrency: 5, budgets: { week: 0.5, month: 1_000 } });
});

test("lists are gathered from every place and replace the earlier ones", () => {
  const words = [
    "app",
    "--ip",
    "10.0.0.0/8",
    "--ip=::1, 10.0.0.0/8",
    "--alias",
    "a=b",
    "--alias=c=d",
    "--",
    "--ip",
    "x",
  ];
  const change = read({ ip: "::1", alias: "c=d" }, null, words);
  expect(change).toEqual({ ipRanges: ["10.0.0.0/8", "::1"], aliases: { a: "b", c: "d" } });
  expect(read({ ip: false, alias: false })).toEqual({ ipRanges: null, aliases: null });
  expect(read({ ip: "none" }, null, ["--ip", "none"])).toEqual({ ipRanges: null });
});

test("models, expiry and the resources' scope can be set and set back", () => {
  expect(read({ models: "models/gemini-3.8-flash, gemini-4-*" }).allowedModels).toEqual([
    "gemini-3.8-flash",
    "gemini-4-*",
  ]);
  expect(read({ models: "all" })).toEqual({ allowedModels: null });
  expect(read({ models: false })).toEqual({ allowedModels: null });
  expect(read({ expires: "30d" }).expiresAt).toBe(now + 30 * 86_400_000);
  expect([read({ expires: "never" }), read({ expires: false })]).toEqual([{ expiresAt: null }, { expiresAt: null }]);
  expect([read({ shared: true }), read({ own: true })]).toEqual([
    { resourceScope: "shared" },
    { resourceScope: "own" },
  ]);
  expect(read({ shared: false })).toEqual({ resourceScope: "own" });
});

test("each wrong value is refused by its option's name, with what to write instead", () => {
  const cases: [Record<string, string | boolean>, string, string[]?][] = [
    [{ rpm: "many" }, "--rpm: 'many' is not a whole number"],
    [{ rpd: "-5" }, "--rpd: '-5'"],
    [{ tpm: "1.5" }, "--tpm: '1.5'"],
    [{ rpm: "0" }, "--rpm: 0 would let nothing through"],
    [{ concurrency: "0" }, "--concurrency: 0"],
    [{ "budget-day": "five" }, "--budget-day: 'five' is not an amount"],
    [{ "budget-total": "0" }, "--budget-total: 0"],
    [{ "budget-week": "10000000" }, "--budget-week"],
    [{ ip: "10.0.0.0/40" }, "--ip: '10.0.0.0/40'", ["--ip", "10.0.0.0/40"]],
    [{ ip: "none" }, "--ip: values and none", ["--ip", "10.0.0.1", "--ip", "none"]],
    [{ ip: "x" }, "--ip: 257 values", ["--ip", Array.from({ length: 257 }, (_, index) => `10.0.1.${index}`).join()]],
    [{ alias: "fast" }, "--alias: 'fast' is not of the form", ["--alias", "fast"]],
    [{ alias: "a=a" }, "--alias: 'a=a'", ["--alias=a=a"]],
    [{ models: "a b" }, "--models: 'a b' is not a model's name"],
    [{ models: "," }, "--models: names no model"],
    [{ models: "none" }, "--models: 'none' could mean two things"],
    [{ name: false }, "--name"],
    [{ name: "" }, "--name"],
    [{ expires: "soon" }, "--expires: 'soon' is not a time"],
    [{ expires: "2020-01-01" }, "--expires: '2020-01-01' is in the past"],
    [{ shared: true, own: true }, "--shared and --own"],
  ];
  for (const [given, message, words] of cases) {
    const failure = failureOf(() => read(given, null, words ?? []));
    expect(failure.message).toContain(message);
    expect(failure.exitCode).toBe(2);
    expect(failure.next).not.toBeNull();
  }
});

// --- helpers ---

function read(
  given: Record<string, string | boolean>,
  current: ClientLimits | null = null,
  words: string[] = [],
): ClientChange {
  return readLimitOptions(given, { words, current, now });
}

function failureOf(work: () => unknown): CliFailure {
  try {
    work();
  } catch (error) {
    if (error instanceof CliFailure) return error;
    throw error;
  }
  throw new Error("not refused");
}
