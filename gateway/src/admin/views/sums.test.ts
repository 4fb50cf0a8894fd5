import fc from "fast-check";
import { expect, it } from "vitest";
import { latencyBounds } from "../../storage/types-analytics.ts";
import type { RollupSums } from "../../storage/types-analytics.ts";
import { addSums, cacheHitRate, emptySums, quantile, subtractSums, toSumsView, toUsd } from "./sums.ts";

const anySums: fc.Arbitrary<RollupSums> = fc
  .record({
    counts: fc.array(fc.nat(1_000_000), { minLength: 9, maxLength: 9 }),
    tokens: fc.array(fc.nat(1e9), { minLength: 6, maxLength: 6 }),
    nanoUsd: fc.nat(1e12),
    latency: fc.array(fc.nat(1_000), { minLength: latencyBounds.length + 1, maxLength: latencyBounds.length + 1 }),
  })
  .map(({ counts: [calls = 0, attempts = 0, errors = 0, refused = 0, cancelled = 0, ...more], ...rest }) => {
    const [prompt = 0, cached = 0, output = 0, thoughts = 0, toolUse = 0, total = 0] = rest.tokens;
    const [incomplete = 0, interrupted = 0, firstTry = 0, callsWithoutCost = 0] = more;
    return {
      calls,
      attempts,
      errors,
      refused,
      cancelled,
      incomplete,
      interrupted,
      firstTry,
      callsWithoutCost,
      tokens: { prompt, cached, output, thoughts, toolUse, total },
      costUsd: rest.nanoUsd / 1e9,
      latency: rest.latency,
      firstByte: rest.latency,
    };
  });

it("sums of parts are the whole, to the nano-dollar, in whatever order", () => {
  fc.assert(
    fc.property(fc.array(anySums, { maxLength: 20 }), (all) => {
      const whole = addSums(all);
      expect(addSums(all.toReversed())).toEqual(whole);
      const half = all.slice(0, all.length / 2);
      expect(addSums([addSums(half), addSums(all.slice(half.length))])).toEqual(whole);
      expect(Math.round(whole.costUsd * 1e9)).toBe(all.reduce((sum, one) => sum + Math.round(one.costUsd * 1e9), 0));
      expect(subtractSums(whole, half)).toEqual(addSums(all.slice(half.length)));
    }),
  );
});

it("a million costs of a nano-dollar are a thousandth of a dollar", () => {
  const one = { ...emptySums(), costUsd: 1e-9 };
  expect(addSums(Array.from({ length: 1_000_000 }, () => one)).costUsd).toBe(0.001);
});

it("nothing has no quantiles and no share of cached prompts; unknown cost is null", () => {
  const view = toSumsView(emptySums());
  expect(view).toMatchObject({ calls: 0, costUsd: 0, cacheHitRate: null, latencyP50Ms: null, firstByteP95Ms: null });
  expect([toUsd(null), toUsd(0), toUsd(1_500_000_000)]).toEqual([null, 0, 1.5]);
  expect(cacheHitRate({ prompt: 1, cached: 5 })).toBe(1);
  expect(cacheHitRate({ prompt: 4_000, cached: 900 })).toBe(0.225);
});

it("a quantile lies in the class in which the true one lies, and quantiles rise with their share", () => {
  const bounds = [0, ...latencyBounds];
  const classOf = (ms: number): number => {
    const index = latencyBounds.findIndex((bound) => ms <= bound);
    return index < 0 ? latencyBounds.length : index;
  };
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.1, max: 290_000, noNaN: true }), { minLength: 1, maxLength: 200 }),
      (durations) => {
        const histogram = Array.from({ length: latencyBounds.length + 1 }, () => 0);
        for (const ms of durations) histogram[classOf(ms)] = (histogram[classOf(ms)] ?? 0) + 1;
        const sorted = durations.toSorted((a, b) => a - b);
        let last = 0;
        for (const share of [0.01, 0.5, 0.9, 0.95, 1]) {
          const found = quantile(histogram, share) ?? Number.NaN;
          const real = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number;
          expect(found).toBeGreaterThanOrEqual(bounds[classOf(real)] as number);
          expect(found).toBeLessThanOrEqual(bounds[classOf(real) + 1] as number);
          expect(found).toBeGreaterThanOrEqual(last);
          last = found;
        }
      },
    ),
  );
});

it("half of a class on a logarithmic scale is the geometric mean of its bounds", () => {
  const histogram = latencyBounds.map((bound) => (bound === 2_000 ? 10 : 0));
  expect(quantile([...histogram, 0], 0.5)).toBeCloseTo(Math.sqrt(1_500 * 2_000), 9);
  // Above the last bound nothing is known but that.
  expect(quantile([...latencyBounds.map(() => 0), 3], 0.5)).toBe(300_000);
});
