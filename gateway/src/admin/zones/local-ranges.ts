/**
 * Quarters of an hour, hours, days, weeks and months as the clocks of a time zone show them, as ranges of UTC.
 *
 * Days are of 23, 24 or 25 hours (on Lord Howe 23.5 and 24.5) where clocks are changed, and a day that a zone left out has
 * no range. A day begins at the first moment whose date is that day or a later one: where midnight itself is skipped, at
 * the first moment after it; where clocks go back over midnight, the day has begun and goes on. An hour also ends where
 * clocks are changed: the hour that comes twice is two ranges.
 * @module
 */
import type { TimeRange } from "../../storage/types-analytics.ts";
import type { OffsetStretch, ZoneClock } from "./zone-clock.ts";

/** Width of a range, by the wall clock. */
export type Interval = "quarter-hour" | "hour" | "day" | "week" | "month";

/** Sums are kept by quarters of an hour. */
export const quarterMs: number = 15 * 60_000;

/** Intervals, the shortest first. */
export const intervals: readonly Interval[] = ["quarter-hour", "hour", "day", "week", "month"];

/** Ranges, or why there are none. */
export type LocalRanges = { ok: true; ranges: TimeRange[] } | { ok: false; about: number };

/**
 * Cuts a span. The ranges follow each other without gap or overlap; the first and the last are cut off where the span
 * begins and ends.
 * @param span from a quarter of an hour (UTC) to another one, `fromMs` before `toMs`
 * @param options `interval`: how wide; `most`: more ranges are refused, with about how many there would be
 */
export function toLocalRanges(
  span: TimeRange,
  options: { clock: ZoneClock; interval: Interval; most: number },
): LocalRanges {
  const { clock, interval, most } = options;
  const about = Math.ceil((span.toMs - span.fromMs) / typicalMs[interval]);
  // Months differ by a tenth from their mean, and the span may begin and end within one.
  if (about > most * 1.1 + 2) return { ok: false, about };
  const starts = interval === "quarter-hour" || interval === "hour" ? clockStarts : calendarStarts;
  const boundaries = [span.fromMs];
  for (const start of starts(span, clock, interval)) {
    // Offsets with minutes and seconds ended in 1972; sums know quarters only.
    const at = Math.floor(start / quarterMs) * quarterMs;
    if (at > (boundaries.at(-1) as number) && at < span.toMs) boundaries.push(at);
  }
  if (boundaries.length > most) return { ok: false, about: boundaries.length };
  return {
    ok: true,
    ranges: boundaries.map((fromMs, index) => ({ fromMs, toMs: boundaries[index + 1] ?? span.toMs })),
  };
}

/**
 * The interval that gives 30 to 120 ranges; where none does, the one that comes nearest.
 * @param span epoch milliseconds
 */
export function chooseInterval(span: TimeRange): Interval {
  let best: Interval = "month";
  let bestMiss = Infinity;
  for (const interval of intervals) {
    const count = Math.max(1, (span.toMs - span.fromMs) / typicalMs[interval]);
    const miss = count > 120 ? count / 120 : count < 30 ? 30 / count : 1;
    if (miss >= bestMiss) continue;
    best = interval;
    bestMiss = miss;
  }
  return best;
}

// --- helpers ---

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const typicalMs: Readonly<Record<Interval, number>> = {
  "quarter-hour": quarterMs,
  hour: hourMs,
  day: dayMs,
  week: 7 * dayMs,
  month: 30.44 * dayMs,
};

/** Local full hours or quarters, and the moments at which clocks are changed. */
function* clockStarts(span: TimeRange, clock: ZoneClock, interval: Interval): Iterable<number> {
  const width = typicalMs[interval];
  for (const { fromMs, toMs, offsetMs } of clock.stretches(span.fromMs, span.toMs)) {
    yield fromMs;
    const first = (Math.floor((fromMs + offsetMs) / width) + 1) * width - offsetMs;
    for (let at = first; at < toMs; at += width) yield at;
  }
}

/** First moments of local days, weeks or months. */
function* calendarStarts(span: TimeRange, clock: ZoneClock, interval: Interval): Iterable<number> {
  const stretches = clock.stretches(span.fromMs - 2 * dayMs, span.toMs + 2 * dayMs);
  let local = floorLocal(span.fromMs + clock.offsetAt(span.fromMs), interval);
  // Stretches are in order, and so are the days: none is looked at twice.
  let index = 0;
  for (;;) {
    while (index < stretches.length - 1 && lastLocal(stretches[index]) <= local) index++;
    const at = firstMoment(stretches, local, index);
    if (at >= span.toMs) return;
    yield at;
    local = nextLocal(local, interval);
  }
}

/** The first moment whose wall clock shows this time or a later one. */
function firstMoment(stretches: readonly OffsetStretch[], local: number, index: number): number {
  const stretch = stretches[index] as OffsetStretch;
  return Math.max(stretch.fromMs, local - stretch.offsetMs);
}

/** What the wall clock shows at the end of a stretch. */
function lastLocal(stretch: OffsetStretch | undefined): number {
  return stretch === undefined ? Infinity : stretch.toMs + stretch.offsetMs;
}

/** Wall clock as if it were UTC. */
function floorLocal(local: number, interval: Interval): number {
  const day = Math.floor(local / dayMs);
  // 1970-01-01 was a Thursday.
  if (interval === "week") return (day - ((((day + 3) % 7) + 7) % 7)) * dayMs;
  if (interval === "day") return day * dayMs;
  const date = new Date(local);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}

function nextLocal(local: number, interval: Interval): number {
  if (interval === "week") return local + 7 * dayMs;
  if (interval === "day") return local + dayMs;
  const date = new Date(local);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}
