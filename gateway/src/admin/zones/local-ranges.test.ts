import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chooseInterval, intervals, quarterMs, toLocalRanges } from "./local-ranges.ts";
import type { Interval } from "./local-ranges.ts";
import { createZoneClock } from "./zone-clock.ts";
import type { ZoneClock } from "./zone-clock.ts";

const dayMs = 86_400_000;
const zones = [
  "UTC",
  "Asia/Ho_Chi_Minh",
  "America/Los_Angeles",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "America/Santiago",
  "America/Havana",
  "Africa/Casablanca",
  "Asia/Beirut",
];

function clockOf(zone: string): ZoneClock {
  const clock = createZoneClock(zone);
  if (clock === null) throw new Error(`no zone ${zone}`);
  return clock;
}

function rangesOf(fromMs: number, toMs: number, zone: string, interval: Interval) {
  const cut = toLocalRanges({ fromMs, toMs }, { clock: clockOf(zone), interval, most: 100_000 });
  if (!cut.ok) throw new Error("refused");
  return cut.ranges;
}

/** Walks over every quarter of an hour and looks at the wall clock: slow, and plainly right. */
function naiveStarts(fromMs: number, toMs: number, zone: string, interval: Interval): number[] {
  const format = new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  const textAt = (at: number): string => format.format(at);
  const keyOf = (text: string): string => {
    if (interval === "month") return text.slice(0, 7);
    const date = text.slice(0, 10);
    if (interval === "day") return date;
    const monday = new Date(`${date}T00:00:00Z`);
    while (monday.getUTCDay() !== 1) monday.setUTCDate(monday.getUTCDate() - 1);
    return monday.toISOString().slice(0, 10);
  };
  const starts = [fromMs];
  let furthest = "";
  for (let at = fromMs - 2 * dayMs; at < toMs; at += quarterMs) {
    const text = textAt(at);
    let begins: boolean;
    if (interval === "quarter-hour") begins = true;
    else if (interval === "hour") {
      const before = Date.parse(`${textAt(at - quarterMs).replace(" ", "T")}Z`);
      begins = text.slice(14, 16) === "00" || Date.parse(`${text.replace(" ", "T")}Z`) - before !== quarterMs;
    } else {
      const key = keyOf(text);
      begins = key > furthest;
      if (begins) furthest = key;
    }
    if (begins && at > fromMs) starts.push(at);
  }
  return starts;
}

const anySpan = fc
  .record({
    // 2024 to 2027: every zone above changes its clocks there, if at all.
    from: fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2027, 0) }),
    quarters: fc.integer({ min: 1, max: 96 * 9 }),
  })
  .map(({ from, quarters }) => {
    const fromMs = Math.floor(from / quarterMs) * quarterMs;
    return { fromMs, toMs: fromMs + quarters * quarterMs };
  });

/** Each zone's nights of change in 2025 and 2026, found by looking at every hour. */
function changesOf(zone: string): number[] {
  const clock = clockOf(zone);
  const found: number[] = [];
  for (let at = Date.UTC(2025, 0); at < Date.UTC(2027, 0); at += 3_600_000)
    if (clock.offsetAt(at) !== clock.offsetAt(at - 3_600_000)) found.push(at);
  return found;
}

describe.each(zones)("ranges of %s", (zone) => {
  it("tile any span and begin where the wall clock says", () => {
    fc.assert(
      fc.property(anySpan, fc.constantFrom(...intervals), ({ fromMs, toMs }, interval) => {
        const ranges = rangesOf(fromMs, toMs, zone, interval);
        expect(ranges[0]?.fromMs).toBe(fromMs);
        expect(ranges.at(-1)?.toMs).toBe(toMs);
        for (const [index, range] of ranges.entries()) {
          expect(range.toMs).toBeGreaterThan(range.fromMs);
          if (index > 0) expect(range.fromMs).toBe(ranges[index - 1]?.toMs);
        }
        expect(ranges.map((range) => range.fromMs)).toEqual(naiveStarts(fromMs, toMs, zone, interval));
      }),
      { numRuns: 25 },
    );
  });

  it("begin where the wall clock says in the nights in which clocks are changed", () => {
    for (const change of changesOf(zone)) {
      const [fromMs, toMs] = [change - 2 * dayMs, change + 2 * dayMs];
      for (const interval of intervals)
        expect(rangesOf(fromMs, toMs, zone, interval).map((range) => range.fromMs)).toEqual(
          naiveStarts(fromMs, toMs, zone, interval),
        );
    }
  });

  it("add up to the span's own sum, whatever happened when", () => {
    fc.assert(
      fc.property(
        anySpan,
        fc.constantFrom(...intervals),
        fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { maxLength: 50 }),
        ({ fromMs, toMs }, interval, places) => {
          const moments = places.map((place) => fromMs + Math.floor(place * (toMs - fromMs)));
          const counts = rangesOf(fromMs, toMs, zone, interval).map(
            (range) => moments.filter((at) => at >= range.fromMs && at < range.toMs).length,
          );
          expect(counts.reduce((sum, count) => sum + count, 0)).toBe(moments.length);
        },
      ),
      { numRuns: 20 },
    );
  });
});

it("days of 23, 25, 23.5 and 24.5 hours are as long as they are", () => {
  const hours = (zone: string, year: number, month: number): number[] => {
    const [fromMs, toMs] = [Date.UTC(year, month - 1, 1), Date.UTC(year, month - 1, 15)];
    const lengths = rangesOf(fromMs, toMs, zone, "day")
      .slice(1, -1)
      .map((range) => (range.toMs - range.fromMs) / 3_600_000);
    return [...new Set(lengths)].sort((a, b) => a - b);
  };
  expect(hours("America/Los_Angeles", 2026, 3)).toEqual([23, 24]);
  expect(hours("America/Los_Angeles", 2026, 11)).toEqual([24, 25]);
  expect(hours("Australia/Lord_Howe", 2026, 4)).toEqual([24, 24.5]);
  expect(hours("Australia/Lord_Howe", 2026, 10)).toEqual([23.5, 24]);
  // Clocks go on at midnight itself: the day begins at one.
  expect(hours("America/Santiago", 2026, 9)).toEqual([23, 24]);
  expect(hours("America/Santiago", 2026, 4)).toEqual([24, 25]);
});

it("a day that a zone left out has no range", () => {
  // Apia went over the date line after the 29th of December 2011.
  const ranges = rangesOf(Date.UTC(2011, 11, 28, 10), Date.UTC(2012, 0, 1, 10), "Pacific/Apia", "day");
  const clock = clockOf("Pacific/Apia");
  expect(ranges.map((range) => clock.format(range.fromMs).slice(0, 10))).toEqual([
    "2011-12-28",
    "2011-12-29",
    "2011-12-31",
    "2012-01-01",
  ]);
});

it("more ranges than wanted are refused without being made", () => {
  const cut = (days: number, most: number) =>
    toLocalRanges(
      { fromMs: 0, toMs: days * dayMs },
      { clock: clockOf("America/Los_Angeles"), interval: "quarter-hour", most },
    ).ok;
  expect(cut(10, 960)).toBe(true);
  expect(cut(10, 959)).toBe(false);
  expect(cut(90_000_000, 1_000)).toBe(false);
});

it("an interval is chosen that gives a readable number of points", () => {
  const chosen = (days: number): Interval => chooseInterval({ fromMs: 0, toMs: days * dayMs });
  expect([1 / 96, 1, 2, 5, 7, 14, 30, 90, 365, 3650].map(chosen)).toEqual([
    "quarter-hour",
    "quarter-hour",
    "hour",
    "hour",
    "hour",
    "day",
    "day",
    "day",
    "week",
    "month",
  ]);
});

it("times are written with their zone's offset, and are the same moments", () => {
  expect(clockOf("Asia/Kathmandu").format(Date.UTC(2026, 10, 21, 12, 0, 0, 123))).toBe("2026-11-21T17:45:00.123+05:45");
  expect(clockOf("UTC").format(0)).toBe("1970-01-01T00:00:00.000Z");
  expect(clockOf("America/Los_Angeles").format(Date.UTC(2026, 6, 1))).toBe("2026-06-30T17:00:00.000-07:00");
  fc.assert(
    fc.property(fc.constantFrom(...zones), fc.integer({ min: 0, max: Date.UTC(2037, 0) }), (zone, at) => {
      // Offsets with seconds ended in 1972.
      if (at < Date.UTC(1973, 0)) return;
      expect(Date.parse(clockOf(zone).format(at))).toBe(at);
    }),
  );
  expect(createZoneClock("Mars/Olympus")).toBeNull();
});
