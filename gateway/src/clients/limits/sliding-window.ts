/**
 * What was taken in the last sixty seconds, whenever they are looked at: never more than the limit in any minute.
 *
 * Each entry keeps the time at which it was taken. Up to 1,024 entries stand alone, to the millisecond; beyond that, what
 * comes within 59 ms of the newest entry's first time joins it and leaves with its last one. So memory is bounded by
 * 2,048 entries, the sum is never too small, and places become free at most 59 ms late.
 * @module
 */

/** Length of the window in milliseconds. */
export const slidingMs = 60_000;

/** A window over the last minute. Times are epoch milliseconds and do not go back (see `shiftWindow`). */
export interface SlidingWindow {
  /** What counts now, as of the last `expire`. */
  sum: number;
  /** Entries in the ring, the oldest at `head`. */
  size: number;
  head: number;
  /** Ring of `[first time, last time, amount]`, three numbers an entry; grows by doubling. */
  ring: Float64Array;
}

/** An empty window. Takes no room for entries before the first one. */
export function createSlidingWindow(): SlidingWindow {
  return { sum: 0, size: 0, head: 0, ring: new Float64Array(0) };
}

/** Lets go of what is a minute old. Call it before `sum` is read. */
export function expire(window: SlidingWindow, now: number): void {
  const { ring } = window;
  const places = ring.length / 3;
  while (window.size > 0) {
    const at = window.head * 3;
    if ((ring[at + 1] as number) + slidingMs > now) return;
    window.sum -= ring[at + 2] as number;
    window.head = (window.head + 1) % places;
    window.size -= 1;
  }
  window.sum = 0;
}

/**
 * Adds to the window.
 * @param now not before the last time given
 * @param amount whole, 0 or more
 */
export function addTo(window: SlidingWindow, now: number, amount: number): void {
  if (amount <= 0) return;
  window.sum += amount;
  if (window.size > 0) {
    const newest = placeOf(window, window.size - 1);
    const first = window.ring[newest] as number;
    const isSame = window.ring[newest + 1] === now;
    if (isSame || (window.size >= aloneLimit && (now - first < joinMs || window.size >= entryLimit))) {
      window.ring[newest + 1] = now;
      window.ring[newest + 2] = (window.ring[newest + 2] as number) + amount;
      return;
    }
  }
  if (window.size * 3 === window.ring.length) grow(window);
  const place = placeOf(window, window.size);
  window.ring[place] = now;
  window.ring[place + 1] = now;
  window.ring[place + 2] = amount;
  window.size += 1;
}

/**
 * Takes back a part of what was added at a time, if it still counts. O(log n).
 * @param at the time at which it was added
 */
export function takeBack(window: SlidingWindow, at: number, amount: number): void {
  let low = 0;
  let high = window.size - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((window.ring[placeOf(window, middle)] as number) <= at) low = middle;
    else high = middle - 1;
  }
  if (high < 0) return;
  const place = placeOf(window, low);
  if ((window.ring[place] as number) > at || (window.ring[place + 1] as number) < at) return;
  const back = Math.min(amount, window.ring[place + 2] as number);
  window.ring[place + 2] = (window.ring[place + 2] as number) - back;
  window.sum -= back;
  // The newest entry always counts for something, so that `wholeAt` need not look for one.
  while (window.size > 0 && window.ring[placeOf(window, window.size - 1) + 2] === 0) window.size -= 1;
}

/**
 * When enough will have left. Walks the entries, at most 2,048: only refusals ask.
 * @param amount how much must go; at most `sum`
 * @returns epoch milliseconds
 */
export function freeAt(window: SlidingWindow, amount: number): number {
  let gone = 0;
  let last = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < window.size && gone < amount; index++) {
    const place = placeOf(window, index);
    gone += window.ring[place + 2] as number;
    last = (window.ring[place + 1] as number) + slidingMs;
  }
  return last;
}

/** When the window is empty again, if nothing is added: epoch milliseconds; `now` when it is empty. */
export function wholeAt(window: SlidingWindow, now: number): number {
  if (window.size === 0) return now;
  return (window.ring[placeOf(window, window.size - 1) + 1] as number) + slidingMs;
}

/** Moves all entries in time, after the wall clock was set back. */
export function shiftWindow(window: SlidingWindow, ms: number): void {
  for (let index = 0; index < window.size; index++) {
    const place = placeOf(window, index);
    window.ring[place] = (window.ring[place] as number) + ms;
    window.ring[place + 1] = (window.ring[place + 1] as number) + ms;
  }
}

// --- helpers ---

/** Entries that stand alone. */
const aloneLimit = 1_024;
/** Beyond them, entries cover up to this long: a minute holds fewer than 1,024 of these. */
const joinMs = 59;
const entryLimit = 2 * aloneLimit;
const firstPlaces = 8;

function placeOf(window: SlidingWindow, index: number): number {
  const at = (window.head + index) * 3;
  return at >= window.ring.length ? at - window.ring.length : at;
}

function grow(window: SlidingWindow): void {
  const ring = new Float64Array(Math.max(firstPlaces * 3, window.ring.length * 2));
  for (let index = 0; index < window.size; index++) {
    const from = placeOf(window, index);
    ring.set(window.ring.subarray(from, from + 3), index * 3);
  }
  window.ring = ring;
  window.head = 0;
}
