/**
 * Days, weeks and months of a time zone.
 *
 * A window begins with the first moment of its first date, so zones that change their clocks at midnight, or leave out a
 * whole date, are right too. `Intl` is asked when a window begins, never for a call in it.
 * @module
 */

/** From `start` (in it) to `end` (not in it), epoch milliseconds. */
export interface CalendarWindow {
  readonly start: number;
  readonly end: number;
}

/** The windows around a moment. */
export interface CalendarWindows {
  readonly day: CalendarWindow;
  /** From Monday. */
  readonly week: CalendarWindow;
  readonly month: CalendarWindow;
}

/** The windows of one time zone. */
export interface Calendar {
  /** The same object for every moment of a day. */
  at(now: number): CalendarWindows;
}

/**
 * Makes a calendar.
 * @param timeZone IANA name. @default UTC
 * @throws RangeError when the platform does not know the zone
 */
export function createCalendar(timeZone = "UTC"): Calendar {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    calendar: "gregory",
    numberingSystem: "latn",
    year: "numeric",
    month: "numeric",
    day: "numeric",
  });
  let current: CalendarWindows | null = null;

  /** Date of a moment as a number of days since 1970-01-01, by the zone's clocks. */
  function dateOf(at: number): number {
    let year = 1970;
    let month = 1;
    let day = 1;
    for (const part of format.formatToParts(at)) {
      if (part.type === "year") year = Number(part.value);
      else if (part.type === "month") month = Number(part.value);
      else if (part.type === "day") day = Number(part.value);
    }
    return Date.UTC(year, month - 1, day) / dayMs;
  }

  /** The first moment of a date, or of the one after it when the zone left it out. */
  function startOf(date: number): number {
    let before = date * dayMs - widestOffsetMs;
    let after = date * dayMs + widestOffsetMs;
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (dateOf(middle) >= date) after = middle;
      else before = middle;
    }
    return after;
  }

  function windowOf(now: number, first: number, next: number): CalendarWindow {
    // Where clocks once went back over midnight, a date has two beginnings: the moment asked for is always in the window.
    return { start: Math.min(startOf(first), now), end: Math.max(startOf(next), now + 1) };
  }

  return {
    at(now) {
      if (current !== null && now >= current.day.start && now < current.day.end) return current;
      const date = dateOf(now);
      const monday = date - ((((date + 3) % 7) + 7) % 7);
      const named = new Date(date * dayMs);
      const [year, month] = [named.getUTCFullYear(), named.getUTCMonth()];
      const holds = (window: CalendarWindow | undefined): window is CalendarWindow =>
        window !== undefined && now >= window.start && now < window.end;
      current = {
        day: windowOf(now, date, date + 1),
        week: holds(current?.week) ? current.week : windowOf(now, monday, monday + 7),
        month: holds(current?.month)
          ? current.month
          : windowOf(now, Date.UTC(year, month, 1) / dayMs, Date.UTC(year, month + 1, 1) / dayMs),
      };
      return current;
    },
  };
}

// --- helpers ---

const dayMs = 86_400_000;
/** No zone is or was farther from UTC. */
const widestOffsetMs = 17 * 3_600_000;
