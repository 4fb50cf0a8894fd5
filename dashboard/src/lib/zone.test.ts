import fc from "fast-check";
import { expect, test } from "vitest";
import {
  fullTime,
  isZone,
  localTime,
  momentOf,
  offsetText,
  relativeTime,
  shortTime,
  wallText,
  zoneOffset,
} from "./zone.ts";

const zones = ["UTC", "America/Los_Angeles", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"];

test("a wall clock's minute and its moment are the same thing, but for the hour that is repeated in autumn", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: Date.UTC(2015, 0, 1), max: Date.UTC(2035, 0, 1) }),
      fc.constantFrom(...zones),
      (time, zone) => {
        const minute = Math.floor(time / 60_000) * 60_000;
        const back = momentOf(wallText(minute, zone), zone);
        expect(back).not.toBeNull();
        expect(wallText(back ?? 0, zone)).toBe(wallText(minute, zone));
        expect(back).toBeLessThanOrEqual(minute);
        expect(minute - (back ?? 0)).toBeLessThanOrEqual(3_600_000);
      },
    ),
    { numRuns: 300 },
  );
});

test("the hour that spring skips is the moment just after it", () => {
  const at = momentOf("2026-03-08T02:30", "America/Los_Angeles") ?? 0;
  expect(wallText(at, "America/Los_Angeles")).toBe("2026-03-08T03:30");
});

test("times are told in the zone that was asked for", () => {
  const at = Date.UTC(2026, 10, 21, 23, 30, 5, 7);
  expect(localTime(at, "Asia/Kolkata")).toEqual({ year: 2026, month: 11, day: 22, hour: 5, minute: 0, second: 5 });
  expect(shortTime(at, { zone: "UTC", now: at })).toBe("Nov 21 23:30:05");
  expect(shortTime(at, { zone: "UTC", now: at + 366 * 86_400_000 })).toBe("Nov 21 2026 23:30:05");
  expect(fullTime(at, "Asia/Kolkata")).toBe("2026-11-22 05:00:05.007 Asia/Kolkata (UTC+5:30)");
  expect(zoneOffset(at, "America/Los_Angeles")).toBe(-8 * 3_600_000);
  expect([offsetText(at, "UTC"), offsetText(at, "America/Los_Angeles")]).toEqual(["UTC", "UTC−8"]);
});

test("what is no zone is none", () => {
  expect(["UTC", "Europe/Berlin", "", "Mars/Olympus", "x".repeat(100)].map(isZone)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

test("distances are told in one unit", () => {
  expect([-3_000, -42_000, 125_000, -7_200_000].map((by) => relativeTime(by, 0))).toEqual([
    "just now",
    "42 s ago",
    "in 2 min",
    "2 h ago",
  ]);
});
