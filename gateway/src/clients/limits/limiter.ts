/**
 * Clients' limits: requests and tokens per minute (sliding), requests per day, open calls, and budgets of money.
 *
 * A call reserves before it is made and is settled when it ended, so that calls under way count: with a limit of N, of any
 * number of calls at once exactly N are let in. Money is reserved by estimate; what calls really cost is known at their
 * end, so a budget can be overdrawn by what open calls cost beyond their estimates, and by calls whose price is not known.
 *
 * - A call without a known price passes while no budget is used up, and holds nothing; its cost counts at its end if it is
 *   known then.
 * - A call that costs nothing (0, not null) passes whatever the budgets say, and one without tokens whatever the tokens say.
 * - A call that is larger than a whole minute's tokens, or than a whole budget, is refused with that reason and without a
 *   time: waiting would not make it fit.
 * - Requests count although their call failed later; tokens and money count as far as they were used.
 *
 * All in memory and synchronous: a reservation takes from all limits or from none.
 * @module
 */
import type { ClientKey, Clients, LimitState, Reserved } from "../types.ts";
import {
  createBook,
  restoreIn,
  rezoneBook,
  rollBook,
  settleIn,
  shiftBook,
  takeFrom,
  toCounted,
  toUsage,
  usageAt,
  type Book,
} from "./book.ts";
import { createCalendar } from "./calendar.ts";
import { isLimited, toCheckedLimits, type CheckedLimits } from "./checked-limits.ts";
import { refusalReason } from "./refusal-reason.ts";
import { slidingMs, wholeAt } from "./sliding-window.ts";

/** Counts for clients that have limits. */
export interface Limiter extends Pick<Clients, "reserve" | "settle" | "usage" | "takeChangedUsage" | "restoreUsage"> {
  /** Takes the limits of a new list; the counts of clients that are in it stay, those of others are let go. */
  keep(clients: Iterable<ClientKey>): void;
  /** @throws RangeError when the platform does not know the zone; nothing is changed then */
  setTimeZone(timeZone: string): void;
}

/**
 * Makes a limiter.
 * @param options `timeZone`: IANA name, of days, weeks and months
 * @throws RangeError when the platform does not know the zone
 */
export function createLimiter(options: { timeZone: string }): Limiter {
  let calendar = createCalendar(options.timeZone);
  /** Only of clients that have limits, or had some: bounded by the list of clients. */
  const books = new Map<string, Book>();
  const changed = new Set<Book>();
  /** The latest time seen. Small steps back of the wall clock are not followed: windows count up. */
  let clock = -Infinity;

  function tick(wallClock: number): number {
    const now = Math.floor(wallClock);
    if (now >= clock) return (clock = now);
    if (clock - now <= slidingMs) return clock;
    // The clock was wrong and has been set right. Nothing may be stuck in a future that is far away.
    for (const book of books.values()) shiftBook(book, now - clock);
    return (clock = now);
  }

  /** The time of a look: it moves nothing, as the clock may be ahead for a moment. */
  function seen(wallClock: number): number {
    const now = Math.floor(wallClock);
    return now < clock && clock - now <= slidingMs ? clock : now;
  }

  function bookOf(client: ClientKey): Book | null {
    const known = books.get(client.id);
    if (known !== undefined || !isLimited(client)) return known ?? null;
    // Taken from the list while the call was under way: its limits hold to the end, and the next list lets go of it.
    const book = createBook(client.id, toCheckedLimits(client.limits ?? {}));
    books.set(client.id, book);
    return book;
  }

  return {
    keep(clients) {
      const present = new Set<string>();
      for (const client of clients) {
        present.add(client.id);
        const limits = isLimited(client) ? toCheckedLimits(client.limits ?? {}) : null;
        const book = books.get(client.id);
        if (book !== undefined) book.limits = limits;
        else if (limits !== null) books.set(client.id, createBook(client.id, limits));
      }
      for (const [id, book] of books) {
        if (present.has(id)) continue;
        books.delete(id);
        changed.delete(book);
      }
    },

    setTimeZone(timeZone) {
      const next = createCalendar(timeZone);
      // Nothing was counted before the first time was seen.
      for (const book of clock === -Infinity ? [] : books.values()) {
        rollBook(book, calendar.at(clock), clock);
        rezoneBook(book, next.at(clock));
        changed.add(book);
      }
      calendar = next;
    },

    reserve(client, estimate, wallClock): Reserved {
      const book = bookOf(client);
      const tokens = toCounted(estimate.tokens);
      const cost = estimate.costNanoUsd === null ? null : toCounted(estimate.costNanoUsd);
      const now = tick(wallClock);
      const reservation = { clientId: client.id, at: now, tokens, costNanoUsd: cost ?? 0 };
      if (book === null) return { ok: true, reservation, states: noStates };
      const limits = book.limits ?? unlimited;
      rollBook(book, calendar.at(now), now);
      if (!fits(book, limits, tokens, cost))
        return {
          ok: false,
          ...refusalReason(book, limits, { tokens, cost }, now),
          states: statesOf(book, limits, now),
        };
      takeFrom(book, now, tokens, cost ?? 0);
      changed.add(book);
      return { ok: true, reservation, states: statesOf(book, limits, now) };
    },

    settle(reservation, actual, wallClock) {
      const book = books.get(reservation.clientId);
      if (book === undefined) return;
      const now = tick(wallClock);
      rollBook(book, calendar.at(now), now);
      settleIn(
        book,
        {
          at: reservation.at,
          tokens: reservation.tokens,
          cost: reservation.costNanoUsd,
          partial: reservation.partial === true,
        },
        {
          tokens: actual.tokens === null ? reservation.tokens : toCounted(actual.tokens),
          cost: actual.costNanoUsd === null ? reservation.costNanoUsd : toCounted(actual.costNanoUsd),
        },
        now,
      );
      changed.add(book);
    },

    usage(clientId, wallClock) {
      const book = books.get(clientId);
      return book === undefined ? [] : usageAt(book, calendar.at(seen(wallClock)));
    },

    takeChangedUsage() {
      // As it was counted: a window that began since then has nothing to be written.
      const usage = [...changed].flatMap(toUsage);
      changed.clear();
      return usage;
    },

    restoreUsage(kept, wallClock) {
      const now = tick(wallClock);
      const current = calendar.at(now);
      for (const one of kept) {
        let book = books.get(one.clientId);
        // Before the first list it cannot be told who has limits; that list lets go of the others.
        if (book === undefined) books.set(one.clientId, (book = createBook(one.clientId, null)));
        rollBook(book, current, now);
        restoreIn(book, one);
      }
    },
  };
}

// --- helpers ---

const noStates: readonly LimitState[] = [];
/** Of a client that had limits once: it is counted on, so that every reservation is settled in the book it came from. */
const unlimited: CheckedLimits = toCheckedLimits({});

/** Whether a call fits into every limit. Nothing is made here: it is asked for every call of a limited client. */
function fits(book: Book, limits: CheckedLimits, tokens: number, cost: number | null): boolean {
  if (book.open >= limits.concurrency || book.requests.sum + 1 > limits.requestsPerMinute) return false;
  if (book.windows[0].requests + 1 > limits.requestsPerDay) return false;
  if (tokens > 0 && book.tokens.sum + tokens > limits.tokensPerMinute) return false;
  if (cost === 0) return true;
  for (let index = 0; index < limits.budgets.length; index++) {
    const window = book.windows[index] as Book["windows"][number];
    const spent = window.cost + window.held;
    const budget = limits.budgets[index] as number;
    if (cost === null ? spent >= budget : spent + cost > budget) return false;
  }
  return true;
}

function statesOf(book: Book, limits: CheckedLimits, now: number): readonly LimitState[] {
  const { requestsPerMinute, requestsPerDay, tokensPerMinute } = limits;
  const states: LimitState[] = [];
  if (requestsPerMinute !== Infinity)
    states.push(stateOf("requests", requestsPerMinute, book.requests.sum, wholeAt(book.requests, now) - now));
  if (requestsPerDay !== Infinity) {
    const [day] = book.windows;
    states.push(stateOf("requests", requestsPerDay, day.requests, day.requests === 0 ? 0 : day.end - now));
  }
  if (tokensPerMinute !== Infinity)
    states.push(stateOf("tokens", tokensPerMinute, book.tokens.sum, wholeAt(book.tokens, now) - now));
  return states;
}

function stateOf(kind: LimitState["kind"], limit: number, used: number, resetMs: number): LimitState {
  return { kind, limit, remaining: Math.max(0, limit - used), resetMs };
}
