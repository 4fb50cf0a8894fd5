import fc from "fast-check";
import { expect, test } from "vitest";
import { localTime } from "../lib/zone.ts";
import { axisLabel, niceTicks, stack, timeTicks, total } from "./chart-data.ts";

test("layers of stacked bars end at the sum of all, and unknown values add nothing", () => {
  const column = fc.array(fc.option(fc.integer({ min: 0, max: 1_000 })), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(fc.array(column, { minLength: 1, maxLength: 6 }), (columns) => {
      const layers = stack(columns.map((values) => ({ values })));
      const all = columns.reduce((sum, values) => sum + total(values), 0);
      expect(total(layers.at(-1) ?? [])).toBe(all);
      for (const [index, layer] of layers.entries())
        expect(layer.every((value, at) => value >= (layers[index - 1]?.[at] ?? 0))).toBe(true);
    }),
  );
});

test("ticks begin at nothing, rise evenly and reach what is to be shown", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 1e12, noNaN: true }), (most) => {
      const ticks = niceTicks(most);
      expect(ticks[0]).toBe(0);
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(most * (1 - 1e-6));
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(6);
    }),
  );
  expect(niceTicks(87)).toEqual([0, 25, 50, 75, 100]);
  expect(niceTicks(0.3)).toEqual([0, 0.1, 0.2, 0.3]);
  expect(niceTicks(0)).toEqual([0, 1]);
});

test("labels tell the day at midnight and the clock between", () => {
  const midnight = Date.UTC(2026, 10, 21);
  const hour = 3_600_000;
  const label = (at: number, stepMs: number): string => axisLabel(at, { zone: "UTC", stepMs });
  expect([label(midnight, hour), label(midnight + 3 * hour, hour), label(midnight + hour, 24 * hour)]).toEqual([
    "Nov 21",
    "03:00",
    "Nov 21",
  ]);
  expect(axisLabel(midnight, { zone: "America/Los_Angeles", stepMs: hour })).toBe("16:00");
});

test("labels of time stand on round times of the zone, few and in order", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1e12, max: 2e12 }),
      fc.integer({ min: 60_000, max: 90 * 86_400_000 }),
      fc.constantFrom("UTC", "Asia/Kolkata", "America/Los_Angeles", "Australia/Lord_Howe"),
      (fromMs, length, zone) => {
        const ticks = timeTicks({ fromMs, toMs: fromMs + length, zone });
        expect(ticks.length).toBeLessThanOrEqual(6);
        expect(ticks.every((at, index) => at >= fromMs && at < fromMs + length && at > (ticks[index - 1] ?? 0))).toBe(
          true,
        );
        if (length > 12 * 86_400_000) expect(ticks.every((at) => localTime(at, zone).hour === 0)).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
});
