/**
 * For tests only: a Google that counts requests of projects by minute and by Pacific day, and says so when it refuses, as
 * fact sheet upstream 4.2 and 4.4 have it. Counts by its own means, so that a mistake of the pool's is not repeated here.
 * @module
 */
import type { Effect, LearnedLimit } from "../core/verdict.ts";

/** What an answer means, in the words of a verdict; null: it was served. */
export type NaiveRefusal = { rule: string; effects: Effect[]; limits: LearnedLimit[] } | null;

/** Counts. Times are epoch milliseconds and never go back. */
export interface NaiveGoogle {
  ask(project: string, now: number): NaiveRefusal;
  /** Whether a gateway that knows all may leave the project alone: its day or its last minute (and two seconds) is full. */
  isSpent(project: string, now: number): boolean;
  /** Calls served in each Pacific day. */
  servedByDay(): readonly number[];
}

/** What it is made of. */
export interface NaiveGoogleOptions {
  requestsPerMinute: number;
  requestsPerDay: number;
  /** `sliding`: any 60 seconds; `fixed`: minutes of the clock. */
  minutes: "sliding" | "fixed";
  /** Midnights in Los Angeles, from the one before the first call on. */
  midnights: readonly number[];
}

const minuteMs = 60_000;

/** An idle one. */
export function createNaiveGoogle(options: NaiveGoogleOptions): NaiveGoogle {
  const { requestsPerMinute, requestsPerDay, minutes, midnights } = options;
  const books = new Map<string, { day: number; usedToday: number; times: number[] }>();
  const servedByDay = midnights.map(() => 0);

  const dayOf = (now: number): number => midnights.findLastIndex((midnight) => midnight <= now);
  const bookOf = (project: string, now: number): { day: number; usedToday: number; times: number[] } => {
    const book = books.get(project) ?? { day: 0, usedToday: 0, times: [] };
    books.set(project, book);
    if (book.day !== dayOf(now)) Object.assign(book, { day: dayOf(now), usedToday: 0 });
    return book;
  };
  const since = (times: readonly number[], at: number): number =>
    times.length - (times.findLastIndex((time) => time < at) + 1);

  function refuse(window: "minute" | "day", untilMs: number): NaiveRefusal {
    const name = window === "minute" ? "Minute" : "Day";
    const value = window === "minute" ? requestsPerMinute : requestsPerDay;
    return {
      rule: `quota.${window}`,
      effects: [{ kind: "cooldown", scope: "project-model", untilMs, cause: `${window}-quota`, words: "" }],
      limits: [
        {
          quotaId: `GenerateRequestsPer${name}PerProjectPerModel-FreeTier`,
          quotaMetric: "generativelanguage.googleapis.com/generate_content_free_tier_requests",
          model: "m",
          value,
          window,
          kind: "requests",
        },
      ],
    };
  }

  return {
    ask(project, now) {
      const book = bookOf(project, now);
      if (book.usedToday >= requestsPerDay) return refuse("day", midnights[book.day + 1] as number);
      const fixed = now - (now % minuteMs);
      if (since(book.times, minutes === "fixed" ? fixed : now - minuteMs + 1) >= requestsPerMinute) {
        const oldest = book.times.at(-requestsPerMinute) as number;
        return refuse("minute", (minutes === "fixed" ? fixed : oldest) + minuteMs);
      }
      book.times.push(now);
      book.usedToday++;
      servedByDay[book.day] = (servedByDay[book.day] as number) + 1;
      return null;
    },
    isSpent(project, now) {
      const { usedToday, times } = bookOf(project, now);
      return usedToday >= requestsPerDay || since(times, now - minuteMs - 2_000) >= requestsPerMinute;
    },
    servedByDay: () => servedByDay,
  };
}
