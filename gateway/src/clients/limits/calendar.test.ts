import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import { createCalendar } from "./calendar.ts";

const hour = 3_600_000;

afterEach(() => void vi.restoreAllMocks());

test("days, weeks from Monday and months begin at the zone's midnight, with the clocks changed in between", () => {
  const zones = ["Asia/Ho_Chi_Minh", "America/Los_Angeles", "UTC", "Europe/Berlin", "Australia/Lord_Howe"];
  const moment = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2029, 0, 1) });
  for (const timeZone of zones) {
    const calendar = createCalendar(timeZone);
    const read = readerOf(timeZone);
    fc.assert(
      fc.property(moment, (now) => {
        const { day, week, month } = calendar.at(now);
        for (const window of [day, week, month]) {
          expect(window.start).toBeLessThanOrEqual(now);
          expect(window.end).toBeGreaterThan(now);
          expect(read(window.start)).toMatch(/ 00:00:00$/);
          expect(read(window.end)).toMatch(/ 00:00:00$/);
        }
        const date = (at: number): string => read(at).slice(4, 14);
        expect(date(day.start)).toBe(date(now));
        expect(date(day.end - 1)).toBe(date(now));
        expect(read(week.start).slice(0, 3)).toBe("Mon");
        expect(read(week.end - 1).slice(0, 3)).toBe("Sun");
        expect(Math.round((week.end - week.start) / (24 * hour))).toBe(7);
        expect(date(month.start).slice(8)).toBe("01");
        expect(date(month.end - 1).slice(0, 7)).toBe(date(now).slice(0, 7));
      }),
      { numRuns: 200 },
    );
  }
});

test("a day on which the clocks change has 23 or 25 hours", () => {
  const calendar = createCalendar("America/Los_Angeles");
  const hoursOf = (now: number): number => (calendar.at(now).day.end - calendar.at(now).day.start) / hour;
  expect(hoursOf(Date.UTC(2026, 2, 8, 18))).toBe(23);
  expect(hoursOf(Date.UTC(2026, 10, 1, 18))).toBe(25);
  expect(hoursOf(Date.UTC(2026, 10, 2, 18))).toBe(24);
  expect(calendar.at(Date.UTC(2026, 10, 1, 18)).day.start).toBe(Date.UTC(2026, 10, 1, 7));
});

test("where midnight is left out the day begins at one o'clock, and a date that is left out has no day", () => {
  const cairo = createCalendar("Africa/Cairo");
  // 2026-04-24: 00:00 becomes 01:00.
  const { day } = cairo.at(Date.UTC(2026, 3, 24, 9));
  expect(readerOf("Africa/Cairo")(day.start)).toBe("Fri 2026-04-24 01:00:00");
  expect(day.end - day.start).toBe(23 * hour);
  // Samoa went over the date line: after 2011-12-29 came 2011-12-31.
  const apia = createCalendar("Pacific/Apia");
  const before = apia.at(Date.UTC(2011, 11, 30, 5)).day;
  const after = apia.at(Date.UTC(2011, 11, 30, 15)).day;
  expect(before.end).toBe(Date.UTC(2011, 11, 30, 10));
  expect(after.start).toBe(before.end);
});

test("windows follow each other without a gap", () => {
  for (const timeZone of ["America/Los_Angeles", "Asia/Beirut", "America/Santiago"]) {
    const calendar = createCalendar(timeZone);
    let day = calendar.at(Date.UTC(2026, 0, 1)).day;
    for (let index = 0; index < 800; index++) {
      const next = calendar.at(day.end).day;
      expect(next.start).toBe(day.end);
      expect(next.end - next.start).toBeGreaterThanOrEqual(23 * hour);
      day = next;
    }
  }
});

test("the time zone is asked when a day begins, not for moments in it", () => {
  const asked = vi.spyOn(Intl.DateTimeFormat.prototype, "formatToParts");
  const calendar = createCalendar("Asia/Ho_Chi_Minh");
  const noon = Date.UTC(2026, 10, 21, 5);
  const windows = calendar.at(noon);
  const atFirst = asked.mock.calls.length;
  expect(atFirst).toBeGreaterThan(0);
  for (let index = 0; index < 1_000; index++) expect(calendar.at(noon + index * 30_000)).toBe(windows);
  expect(asked.mock.calls).toHaveLength(atFirst);
  const next = calendar.at(noon + 24 * hour);
  expect(next.week).toBe(windows.week);
  expect(next.month).toBe(windows.month);
});

test("a zone that nobody knows is refused", () => {
  expect(() => createCalendar("Mars/Olympus")).toThrow(RangeError);
});

// --- helpers ---

/** `Mon 2026-11-23 00:00:00` by the zone's clocks. */
function readerOf(timeZone: string): (at: number) => string {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    weekday: "short",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  return (at) => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    return `${parts["weekday"]} ${parts["year"]}-${parts["month"]}-${parts["day"]} ${parts["hour"]}:${parts["minute"]}:${parts["second"]}`;
  };
}
