import { describe, expect, it } from "vitest";
import { nextPacificMidnight, pacificDay } from "./pacific-day.ts";

const local = new Intl.DateTimeFormat("en-US", {
  timeZone: "America/Los_Angeles",
  hourCycle: "h23",
  day: "numeric",
  hour: "numeric",
  minute: "numeric",
  second: "numeric",
});
const clockOf = (time: number): string => local.format(time).replace(/^\d+, /, "");

describe("midnight Pacific", () => {
  it("is a true midnight, ahead, at most 25 hours away, for every hour of three years", () => {
    for (let time = Date.UTC(2026, 0, 1); time < Date.UTC(2029, 0, 1); time += 3_600_000 - 1) {
      const midnight = nextPacificMidnight(time);
      expect(midnight).toBeGreaterThan(time);
      expect(midnight - time).toBeLessThanOrEqual(25 * 3_600_000);
      if (clockOf(midnight) !== "00:00:00")
        throw new Error(`${new Date(time).toISOString()} gives ${new Date(midnight).toISOString()}`);
    }
  });

  it.each([
    ["2026-03-08T07:30:00Z", "2026-03-08T08:00:00.000Z"], // the night before summer time
    ["2026-03-08T08:00:00Z", "2026-03-09T07:00:00.000Z"], // a day of 23 hours
    ["2026-11-01T06:59:59Z", "2026-11-01T07:00:00.000Z"],
    ["2026-11-01T07:00:00Z", "2026-11-02T08:00:00.000Z"], // a day of 25 hours
  ])("after %s is %s", (time, midnight) => {
    expect(new Date(nextPacificMidnight(Date.parse(time))).toISOString()).toBe(midnight);
  });

  it.each([
    ["2026-03-08T20:00:00Z", "2026-03-08T08:00:00.000Z", 23],
    ["2026-11-01T20:00:00Z", "2026-11-01T07:00:00.000Z", 25],
    ["2026-11-01T07:00:00Z", "2026-11-01T07:00:00.000Z", 25],
    ["2026-06-15T06:59:59.999Z", "2026-06-14T07:00:00.000Z", 24],
  ])("the day of %s began at %s and has %i hours", (time, start, hours) => {
    const day = pacificDay(Date.parse(time));
    expect(new Date(day.start).toISOString()).toBe(start);
    expect(day.end - day.start).toBe(hours * 3_600_000);
  });

  it("days follow each other without gap or overlap", () => {
    let day = pacificDay(Date.UTC(2026, 0, 1));
    for (let index = 0; index < 800; index++) {
      const next = pacificDay(day.end);
      expect(next.start).toBe(day.end);
      expect(pacificDay(day.end - 1)).toEqual(day);
      day = next;
    }
  });
});
