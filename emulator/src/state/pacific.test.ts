/** @module Tests of midnight in Los Angeles. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { nextPacificMidnight } from "./pacific.ts";

const iso = (text: string): string => new Date(nextPacificMidnight(Date.parse(text))).toISOString();

describe("nextPacificMidnight", () => {
  it.each([
    ["2026-07-01T12:00:00Z", "2026-07-02T07:00:00.000Z"],
    ["2026-12-01T12:00:00Z", "2026-12-02T08:00:00.000Z"],
    // 25 hours: clocks go back on 2026-11-01.
    ["2026-11-01T07:00:00Z", "2026-11-02T08:00:00.000Z"],
    // 23 hours: clocks go forward on 2026-03-08.
    ["2026-03-08T08:00:00Z", "2026-03-09T07:00:00.000Z"],
    ["2026-03-08T07:59:59.999Z", "2026-03-08T08:00:00.000Z"],
  ])("after %s it is %s", (from, midnight) => {
    expect(iso(from)).toBe(midnight);
  });

  it("is always ahead, at most 25 hours, and at midnight there", () => {
    const hour = new Intl.DateTimeFormat("en-US", {
      timeZone: "America/Los_Angeles",
      hourCycle: "h23",
      timeStyle: "medium",
    });
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2036, 0) }), (time) => {
        const midnight = nextPacificMidnight(time);
        expect(midnight).toBeGreaterThan(time);
        expect(midnight - time).toBeLessThanOrEqual(25 * 3_600_000);
        expect(hour.format(midnight)).toBe("00:00:00");
      }),
    );
  });
});
