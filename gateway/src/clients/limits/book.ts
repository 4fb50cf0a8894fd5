/**
 * What one client has taken: the counters that its limits are checked against.
 * @module
 */
import type { ClientUsage } from "../types.ts";
import type { CalendarWindow, CalendarWindows } from "./calendar.ts";
import { periods, type CheckedLimits } from "./checked-limits.ts";
import { addTo, createSlidingWindow, expire, shiftWindow, takeBack, type SlidingWindow } from "./sliding-window.ts";

/** Uses of a day, week, month or of all time. */
export interface UsageWindow {
  /** Epoch milliseconds; 0 for all time. */
  start: number;
  /** Epoch milliseconds; Infinity for all time. */
  end: number;
  requests: number;
  tokens: number;
  /** Nano-dollars of calls that ended. */
  cost: number;
  /** Nano-dollars taken in advance by calls that are open and began in this window. */
  held: number;
  /** What an earlier process counted is in it. */
  restored: boolean;
}

/** Counters of one client. */
export interface Book {
  readonly id: string;
  /** Null: the client has no limits any more; its counts wait for new ones. */
  limits: CheckedLimits | null;
  /** Epoch milliseconds from which reservations are known here: those of an earlier process hold no place. */
  since: number;
  /** Calls that are open. */
  open: number;
  readonly requests: SlidingWindow;
  readonly tokens: SlidingWindow;
  /** By the index of `periods`. */
  readonly windows: [UsageWindow, UsageWindow, UsageWindow, UsageWindow];
  /**
   * Of each, the last one with uses before it: of the past, or of the future when the clock was ahead for a moment. What
   * was counted in it is found again when the clock comes to it.
   */
  readonly others: [UsageWindow | null, UsageWindow | null, UsageWindow | null];
}

/** Nothing taken yet. */
export function createBook(id: string, limits: CheckedLimits | null): Book {
  return {
    id,
    limits,
    since: Infinity,
    open: 0,
    requests: createSlidingWindow(),
    tokens: createSlidingWindow(),
    windows: [
      createWindow(-Infinity, -Infinity),
      createWindow(-Infinity, -Infinity),
      createWindow(-Infinity, -Infinity),
      createWindow(0, Infinity),
    ],
    others: [null, null, null],
  };
}

/** Brings a book to a moment: what is over no longer counts. */
export function rollBook(book: Book, current: CalendarWindows, now: number): void {
  expire(book.requests, now);
  expire(book.tokens, now);
  if (book.windows[0].start === current.day.start) return;
  rollWindow(book, 0, current.day);
  rollWindow(book, 1, current.week);
  rollWindow(book, 2, current.month);
}

/**
 * The day, week and month of another time zone begin with what was counted in those until now: nobody gets a limit twice.
 * What calls under way have taken in advance of windows that begin later now stays counted as estimated.
 */
export function rezoneBook(book: Book, { day, week, month }: CalendarWindows): void {
  for (const [index, { start, end }] of [day, week, month].entries()) {
    const window = book.windows[index] as UsageWindow;
    window.start = start;
    window.end = end;
    book.others[index as 0 | 1 | 2] = null;
  }
}

/** Takes a call's share. The caller has checked that it fits. */
export function takeFrom(book: Book, now: number, tokens: number, cost: number): void {
  if (book.since > now) book.since = now;
  book.open += 1;
  addTo(book.requests, now, 1);
  addTo(book.tokens, now, tokens);
  for (const window of book.windows) {
    window.requests += 1;
    window.held += cost;
  }
}

/**
 * Turns a call's share into what it used, in the windows that it was let in in, as far as they are known.
 * What tokens exceed the estimate by counts from now on: only now is it known.
 * @param taken the reservation
 * @param used tokens and nano-dollars, both known
 */
export function settleIn(
  book: Book,
  taken: { at: number; tokens: number; cost: number; partial?: boolean },
  used: { tokens: number; cost: number },
  now: number,
): void {
  const { at } = taken;
  const isKnown = at >= book.since;
  if (isKnown) {
    // Of a session's turn: the session itself keeps its place.
    if (taken.partial !== true) book.open = Math.max(0, book.open - 1);
    if (used.tokens < taken.tokens) takeBack(book.tokens, at, taken.tokens - used.tokens);
    else addTo(book.tokens, now, used.tokens - taken.tokens);
  }
  for (let index = 0; index < book.windows.length; index++) {
    const other = book.others[index] ?? null;
    const isOther = other !== null && at >= other.start && at < other.end;
    const window = isOther ? other : (book.windows[index] as UsageWindow);
    if (at < window.start) continue;
    if (isKnown) window.held = Math.max(0, window.held - taken.cost);
    window.tokens += used.tokens;
    window.cost += used.cost;
  }
}

/** Adds what an earlier process counted in windows that still last. Once for each window. */
export function restoreIn(book: Book, kept: ClientUsage): void {
  const index = periods.indexOf(kept.window);
  const window = book.windows[index];
  if (window === undefined || window.restored) return;
  // After a change of the time zone this week and month began some hours apart; of days nobody could tell which is which.
  const apart = index === 1 || index === 2 ? Math.abs(kept.windowStart - window.start) <= zoneShiftMs : false;
  if (kept.windowStart !== window.start && !apart) return;
  window.restored = true;
  window.requests += toCounted(kept.requests);
  window.tokens += toCounted(kept.tokens);
  window.cost += toCounted(kept.costNanoUsd);
}

/** The four windows as they are kept: those of the last use. What open calls have taken in advance is not in them. */
export function toUsage(book: Book): ClientUsage[] {
  return rowsOf(book, book.windows);
}

/** The four windows around a moment, to be shown. The book stays as it is, whatever the moment. */
export function usageAt(book: Book, { day, week, month }: CalendarWindows): ClientUsage[] {
  const [today, thisWeek, thisMonth] = [day, week, month].map((window, index) => windowAt(book, index, window));
  return rowsOf(book, [today, thisWeek, thisMonth, book.windows[3]] as UsageWindow[]);
}

/** After the wall clock was set back by more than a minute: everything keeps its distance to now. */
export function shiftBook(book: Book, ms: number): void {
  book.since += ms;
  shiftWindow(book.requests, ms);
  shiftWindow(book.tokens, ms);
}

/** A whole amount of at least 0 from whatever came: fractions are rounded up, what is no number is nothing. */
export function toCounted(amount: number): number {
  if (!(amount > 0)) return 0;
  return Math.min(Math.ceil(amount), Number.MAX_SAFE_INTEGER);
}

// --- helpers ---

/** Time zones lie at most 26 hours apart. */
const zoneShiftMs = 26 * 3_600_000;

function createWindow(start: number, end: number): UsageWindow {
  return { start, end, requests: 0, tokens: 0, cost: 0, held: 0, restored: false };
}

function rollWindow(book: Book, index: 0 | 1 | 2, calendar: CalendarWindow): void {
  const window = book.windows[index];
  if (window.start === calendar.start) return;
  const next = windowAt(book, index, calendar);
  // What nobody used need not be found again: so looks ahead, however many, cost no window with uses.
  if (next === book.others[index]) book.others[index] = window;
  else if (calendar.start > window.start && isUsed(window)) book.others[index] = window;
  book.windows[index] = next;
}

/** The window of a calendar's window; a new one when it is not known. */
function windowAt(book: Book, index: number, { start, end }: CalendarWindow): UsageWindow {
  const window = book.windows[index] as UsageWindow;
  const other = book.others[index] ?? null;
  if (window.start === start) return window;
  if (other !== null && other.start === start) return other;
  // A window of the past that is not known, for a clock that was set back, keeps the counts: nobody gets a limit twice.
  return start < window.start ? { ...window, start, end } : createWindow(start, end);
}

function isUsed({ requests, tokens, cost, held }: UsageWindow): boolean {
  return requests > 0 || tokens > 0 || cost > 0 || held > 0;
}

function rowsOf(book: Book, windows: readonly UsageWindow[]): ClientUsage[] {
  return windows.map(({ start, requests, tokens, cost }, index) => ({
    clientId: book.id,
    window: periods[index] as ClientUsage["window"],
    windowStart: start,
    requests,
    tokens,
    costNanoUsd: cost,
  }));
}
