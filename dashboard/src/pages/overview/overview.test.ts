import fc from "fast-check";
import { expect, test } from "vitest";
import type { Sums } from "../../api/types.ts";
import { rowLink } from "./breakdown-columns.ts";
import { errorRate, failedCalls, firstTryShare, freshPrompt, goodCalls, triedCalls } from "./sums.ts";

const none: Sums = {
  calls: 0,
  attempts: 0,
  errors: 0,
  refused: 0,
  cancelled: 0,
  incomplete: 0,
  interrupted: 0,
  firstTry: 0,
  tokens: { prompt: 0, cached: 0, output: 0, thoughts: 0, toolUse: 0, total: 0 },
  costUsd: 0,
  callsWithoutCost: 0,
  cacheHitRate: null,
  latencyP50Ms: null,
  latencyP95Ms: null,
  firstByteP50Ms: null,
  firstByteP95Ms: null,
};

test("no calls give no rate, which is not a rate of nothing", () => {
  expect([errorRate(none), firstTryShare(none)]).toEqual([null, null]);
});

test("every call is good, failed, refused or cancelled, and none is two of them", () => {
  const count = fc.integer({ min: 0, max: 1_000 });
  fc.assert(
    fc.property(
      fc.tuple(count, count, count, count, count, count),
      ([good, errors, refused, cancelled, incomplete, interrupted]) => {
        const calls = good + errors + refused + cancelled + incomplete + interrupted;
        const sums: Sums = { ...none, calls, errors, refused, cancelled, incomplete, interrupted };
        expect(goodCalls(sums)).toBe(good);
        expect(goodCalls(sums) + failedCalls(sums) + refused + cancelled).toBe(calls);
        expect(triedCalls(sums)).toBe(good + failedCalls(sums));
      },
    ),
  );
});

test("cached tokens are a part of the prompt", () => {
  expect(freshPrompt({ tokens: { ...none.tokens, prompt: 300, cached: 120 } })).toBe(180);
});

test("a row leads to its calls; one without a key leads nowhere", () => {
  const range = { kind: "last", last: "7d" } as const;
  expect(rowLink("client", "client_1", range)).toBe("/calls?range=7d&clientId=client_1");
  expect(rowLink("status", "429", range)).toBe("/calls?range=7d&status=429");
  expect(rowLink("model", "", range)).toBeNull();
});
