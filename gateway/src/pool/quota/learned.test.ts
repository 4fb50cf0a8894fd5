import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { LearnedLimit } from "../../core/verdict.ts";
import { createQuotaBucket } from "./bucket.ts";
import { fromLearned } from "./learned.ts";

const now = 1_800_000_000_000;
const day: LearnedLimit = {
  quotaId: "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
  quotaMetric: "generativelanguage.googleapis.com/generate_content_free_tier_requests",
  model: "gemini-3.8-flash",
  value: 20,
  window: "day",
  kind: "requests",
};
const tokens: LearnedLimit = {
  ...day,
  quotaId: "GenerateContentInputTokensPerModelPerMinute-FreeTier",
  value: 250_000,
  window: "minute",
  kind: "tokens",
};

describe("limits in a refusal", () => {
  it("become limits of a bucket, several at once", () => {
    const common = { model: "gemini-3.8-flash", source: "google", learnedAt: now };
    expect(fromLearned([day, tokens], now)).toEqual([
      { ...common, metric: "requests", window: "day", value: 20 },
      { ...common, metric: "tokens", window: "minute", value: 250_000 },
    ]);
  });

  it("of other kinds, other windows, batches and whole projects are dropped", () => {
    const others: LearnedLimit[] = [
      { ...day, kind: "other" },
      { ...day, window: "other" },
      { ...day, quotaId: "BatchGenerateContentRequestsPerDayPerProjectPerModel" },
      { ...day, model: null, quotaId: "GenerateContentRequestsPerMinutePerProjectPerRegion" },
    ];
    expect(fromLearned(others, now)).toEqual([]);
  });

  it("without a model's name are the call's model's when they are per model", () => {
    expect(fromLearned([{ ...day, model: null }], now)).toMatchObject([{ model: null, value: 20 }]);
  });

  it("lose the prefix of the model's name", () => {
    expect(fromLearned([{ ...day, model: "models/gemini-x" }], now)).toMatchObject([{ model: "gemini-x" }]);
  });

  it("of the same thing: the lowest counts", () => {
    expect(fromLearned([{ ...day, value: 50 }, day, { ...day, value: 30 }], now)).toMatchObject([{ value: 20 }]);
  });

  it.each([-1, 1.5, Number.NaN, Infinity, 1e18, Number.MAX_SAFE_INTEGER])("of %s are refused", (value) => {
    expect(fromLearned([{ ...day, value }], now)).toEqual([]);
  });

  it.each(["", "x".repeat(201), "a b", "a\nb", "<script>"])("of a model called %j are refused", (model) => {
    expect(fromLearned([{ ...day, model }], now)).toEqual([]);
  });

  it("beyond the sixteenth are not looked at", () => {
    const many = Array.from({ length: 17 }, (_, index) => ({ ...day, model: `m${index}` }));
    expect(fromLearned(many, now)).toHaveLength(16);
  });
});

test("whatever an upstream says, a bucket survives it", () => {
  const limit = fc.record({
    quotaId: fc.string(),
    quotaMetric: fc.string(),
    model: fc.option(fc.string()),
    value: fc.oneof(fc.double(), fc.integer(), fc.maxSafeInteger()),
    window: fc.constantFrom("minute" as const, "day" as const, "other" as const),
    kind: fc.constantFrom("requests" as const, "tokens" as const, "other" as const),
  });
  fc.assert(
    fc.property(fc.array(limit), (limits) => {
      const bucket = createQuotaBucket({ projectId: "p", model: "m" });
      for (const learned of fromLearned(limits, now)) {
        bucket.learn(learned, now);
        bucket.refused(learned, now);
      }
      bucket.take({ requests: 1, tokens: 10 }, now);
      for (const { used, value } of bucket.view(now)) {
        expect(Number.isSafeInteger(used)).toBe(true);
        expect(used).toBeGreaterThanOrEqual(Math.min(value, 0xffff_ffff));
      }
    }),
  );
});
