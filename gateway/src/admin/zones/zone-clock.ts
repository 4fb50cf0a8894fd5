/**
 * The wall clock of an IANA time zone, by Intl alone: it knows every zone that the platform knows, on every host.
 * @module
 */

/** A stretch of time in which a zone's offset from UTC does not change. */
export interface OffsetStretch {
  /** Epoch milliseconds; belongs to it. */
  fromMs: number;
  /** Epoch milliseconds; no longer part of it. */
  toMs: number;
  /** Local time less UTC, milliseconds. */
  offsetMs: number;
}

/** Tells local times of one zone. */
export interface ZoneClock {
  /** As the platform spells it. */
  readonly zone: string;
  /** Local time less UTC, milliseconds. */
  offsetAt(at: number): number;
  /** The stretches that make up a range, in order; the first begins and the last ends with the range. */
  stretches(fromMs: number, toMs: number): OffsetStretch[];
  /** ISO 8601 with the zone's offset: `2026-11-21T19:00:00.123+07:00`; with `Z` where there is none. */
  format(at: number): string;
}

/**
 * @param zone IANA name, in any case
 * @returns null when the platform does not know it
 */
export function createZoneClock(zone: string): ZoneClock | null {
  const known = clocks.get(zone);
  if (known !== undefined) return known;
  let formatter: Intl.DateTimeFormat;
  try {
    formatter = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", ...numericFields });
  } catch {
    return null;
  }
  const clock = clockOf(formatter);
  // Which names are asked for, callers decide: only so many are kept.
  if (clocks.size >= mostClocks) clocks.clear();
  clocks.set(zone, clock);
  return clock;
}

// --- helpers ---

const numericFields = {
  year: "numeric",
  month: "numeric",
  day: "numeric",
  hour: "numeric",
  minute: "numeric",
  second: "numeric",
} as const;

const mostClocks = 50;
// A formatter costs a thousand times what a format costs.
const clocks = new Map<string, ZoneClock>();

const minuteMs = 60_000;
const quarterMs = 15 * minuteMs;
/** No zone changes its offset twice within a week: the closest pair (Ramadan in Morocco and Egypt) lies a month apart. */
const stepMs = 7 * 86_400_000;
/** Steps of two centuries. */
const mostSteps = 10_000;

function clockOf(formatter: Intl.DateTimeFormat): ZoneClock {
  const offsetAt = (at: number): number => {
    const second = Math.floor(at / 1000) * 1000;
    const fields: Record<string, number> = {};
    for (const { type, value } of formatter.formatToParts(second)) fields[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second: seconds = 0 } = fields;
    return Date.UTC(year, month - 1, day, hour, minute, seconds) - second;
  };
  // Offsets change at quarters of an hour, or not while there have been gateways: exports ask for many near moments.
  let last = { quarter: -1, offsetMs: 0 };
  const keptOffsetAt = (at: number): number => {
    const quarter = Math.floor(at / quarterMs);
    if (quarter !== last.quarter) last = { quarter, offsetMs: offsetAt(quarter * quarterMs) };
    return last.offsetMs;
  };
  const steps = new Map<number, Step>();
  return {
    zone: formatter.resolvedOptions().timeZone,
    offsetAt,
    stretches: (fromMs, toMs) => stretchesOf({ offsetAt, steps }, fromMs, toMs),
    format(at) {
      const offsetMs = keptOffsetAt(at);
      const local = new Date(at + offsetMs).toISOString().slice(0, -1);
      return local + toOffsetText(offsetMs);
    },
  };
}

/** The offset at the beginning of a step, and when it changes to that of the next one; Infinity: it does not. */
interface Step {
  offsetMs: number;
  changesAt: number;
}

/** What a zone does in a step never changes: charts ask for the same years again and again. */
type Zone = { offsetAt(at: number): number; steps: Map<number, Step> };

function stretchesOf(zone: Zone, fromMs: number, toMs: number): OffsetStretch[] {
  const stretches: OffsetStretch[] = [];
  let current: OffsetStretch = { fromMs, toMs, offsetMs: zone.offsetAt(fromMs) };
  for (let index = Math.floor(fromMs / stepMs); index * stepMs < toMs; index++) {
    const { changesAt } = stepOf(zone, index);
    if (changesAt <= fromMs || changesAt >= toMs) continue;
    stretches.push({ ...current, toMs: changesAt });
    current = { fromMs: changesAt, toMs, offsetMs: stepOf(zone, index + 1).offsetMs };
  }
  stretches.push(current);
  return stretches;
}

function stepOf({ offsetAt, steps }: Zone, index: number): Step {
  const known = steps.get(index);
  if (known !== undefined) return known;
  const offsetMs = offsetAt(index * stepMs);
  // The last moment known to be before the change, and the first known to be after it.
  let [before, after] = [index * stepMs, (index + 1) * stepMs];
  const changes = offsetAt(after) !== offsetMs;
  while (changes && after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetAt(middle) === offsetMs) before = middle;
    else after = middle;
  }
  const step = { offsetMs, changesAt: changes ? after : Infinity };
  if (steps.size >= mostSteps) steps.clear();
  steps.set(index, step);
  return step;
}

function toOffsetText(offsetMs: number): string {
  if (offsetMs === 0) return "Z";
  const minutes = Math.round(Math.abs(offsetMs) / minuteMs);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${offsetMs < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
