/**
 * A range of time as few rows: whole days, and hours and quarters at its edges. Where taking the rest away from a whole
 * day reads less than adding up the part, it does that: a day that begins at 17:00 UTC is then 15 rows instead of 24, of
 * which its neighbours read half anyway.
 * @module
 */
import { day, floorTo, hour, type Grain } from "../rollups/layout.ts";

/** A range in quarters of an hour since 1970; `to` is not in it. */
export interface QuarterRange {
  from: number;
  to: number;
}

/** What rows there are. */
export interface Extent {
  /** Quarters before this are deleted; begins a day. */
  quartersFrom: number;
  /** Hours before this are deleted; begins a day. */
  hoursFrom: number;
  /** Hours that end at or before this are made up. */
  hoursTo: number;
  /** Days that end at or before this are made up. */
  daysTo: number;
  /** All starts of days, of hours from the last whole day on, of quarters from the last whole hour on: rising. */
  days: readonly number[];
  openHours: readonly number[];
  openQuarters: readonly number[];
}

/** One start of one grain, added or taken away. */
export interface Term {
  grain: Grain;
  start: number;
  sign: 1 | -1;
}

/**
 * Moves an edge to where there are rows to cut at: beyond a retention, an hour or a day belongs to the range in which it
 * begins.
 */
export function cutAt(quarter: number, extent: Extent): number {
  if (quarter < extent.hoursFrom) return Math.ceil(quarter / day) * day;
  if (quarter < extent.quartersFrom) return Math.ceil(quarter / hour) * hour;
  return quarter;
}

/** The rows of a range. */
export function compose(range: QuarterRange, extent: Extent): Term[] {
  const [from, to] = [cutAt(range.from, extent), cutAt(range.to, extent)];
  if (from >= to) return [];
  const wholeDaysTo = floorTo(extent.daysTo, day);
  const open = added({ from: Math.max(from, wholeDaysTo), to }, extent);
  const closedTo = Math.min(to, wholeDaysTo);
  if (from >= closedTo) return open;
  const [firstDay, lastDay] = [floorTo(from, day), floorTo(closedTo, day)];
  if (firstDay === lastDay) {
    const rest = [
      ...whole(firstDay),
      ...negated(added({ from: firstDay, to: from }, extent)),
      ...negated(added({ from: closedTo, to: firstDay + day }, extent)),
    ];
    return [...shorter(added({ from, to: closedTo }, extent), rest), ...open];
  }
  const head = from === firstDay ? whole(firstDay) : partOfDay({ from, to: firstDay + day }, extent);
  const tail = closedTo === lastDay ? [] : partOfDay({ from: lastDay, to: closedTo }, extent);
  const middle = added({ from: firstDay + day, to: lastDay }, extent);
  return [...head, ...middle, ...tail, ...open];
}

// --- helpers ---

function whole(start: number): Term[] {
  return [{ grain: day, start, sign: 1 }];
}

/** The beginning or end of a day. */
function partOfDay(part: QuarterRange, extent: Extent): Term[] {
  const start = floorTo(part.from, day);
  const rest = part.from === start ? { from: part.to, to: start + day } : { from: start, to: part.from };
  return shorter(added(part, extent), [...whole(start), ...negated(added(rest, extent))]);
}

function shorter(one: Term[], other: Term[]): Term[] {
  return other.length < one.length ? other : one;
}

function negated(terms: Term[]): Term[] {
  return terms.map((term) => ({ ...term, sign: -1 }));
}

/** The rows of a range, the largest that fit. */
function added({ from, to }: QuarterRange, extent: Extent): Term[] {
  const terms: Term[] = [];
  const push = (grain: Grain, start: number): void => void terms.push({ grain, start, sign: 1 });
  const pushKnown = (grain: Grain, starts: readonly number[], end: number): void => {
    for (let index = indexOf(starts, at); (starts[index] ?? end) < end; index += 1)
      push(grain, starts[index] as number);
    at = end;
  };
  const wholeDaysTo = floorTo(extent.daysTo, day);
  const wholeHoursTo = floorTo(extent.hoursTo, hour);
  let at = from;
  while (at < to) {
    if (at % day === 0 && at + day <= Math.min(to, wholeDaysTo)) {
      pushKnown(day, extent.days, floorTo(Math.min(to, wholeDaysTo), day));
    } else if (at % hour === 0 && at + hour <= Math.min(to, wholeHoursTo)) {
      if (at >= wholeDaysTo) pushKnown(hour, extent.openHours, floorTo(Math.min(to, wholeHoursTo), hour));
      else {
        push(hour, at);
        at += hour;
      }
    } else if (at >= wholeHoursTo) {
      pushKnown(1, extent.openQuarters, to);
    } else {
      push(1, at);
      at += 1;
    }
  }
  return terms;
}

/** The place of the first start at or after a quarter. */
function indexOf(starts: readonly number[], quarter: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] as number) < quarter) low = middle + 1;
    else high = middle;
  }
  return low;
}
