/** @module Counts requests and input tokens per (project, model): sliding minutes, and days that end at midnight in Los Angeles. */

import type { ExceededWindow } from "../errors/quota-error.ts";
import type { QuotaLimits } from "./quota-limits.ts";
import { nextPacificMidnight } from "./pacific.ts";

/** The counters of one emulator. */
export interface Quotas {
  /**
   * Admits a request and counts it, or says which windows have no room; a refused one is not counted.
   * @param request.tokens Input tokens; they count against the minute's tokens only when admitted.
   */
  admit(request: QuotaRequest): ExceededWindow[];
  /** Requests counted today. @param now Milliseconds since the epoch. */
  usedToday(request: Pick<QuotaRequest, "project" | "model" | "now">): number;
  /** Forgets the counts of one project, or of all. */
  reset(project?: string): void;
}

/** One request at the gate. */
export interface QuotaRequest {
  project: string;
  model: string;
  limits: QuotaLimits;
  tokens: number;
  /** Milliseconds since the epoch. */
  now: number;
}

const MINUTE = 60_000;

/** Counters start empty; each (project, model) keeps at most its own limit of timestamps. */
export function createQuotas(): Quotas {
  const counters = new Map<string, Counter>();
  return {
    admit: (request) => {
      const { limits } = request;
      if (limits.requestsPerMinute == null && limits.requestsPerDay == null && limits.inputTokensPerMinute == null) {
        return [];
      }
      const id = `${request.project} ${request.model}`;
      let counter = counters.get(id);
      if (!counter) counters.set(id, (counter = { recent: [], tokens: 0, day: 0, dayEnds: 0 }));
      return admit(counter, request);
    },
    usedToday: ({ project, model, now }) => {
      const counter = counters.get(`${project} ${model}`);
      return counter && now < counter.dayEnds ? counter.day : 0;
    },
    reset: (project) => {
      for (const id of counters.keys()) {
        if (project === undefined || id.startsWith(`${project} `)) counters.delete(id);
      }
    },
  };
}

// --- helpers ---

interface Counter {
  /** Admitted requests of the last minute, oldest first. */
  recent: { time: number; tokens: number }[];
  /** Sum of their tokens. */
  tokens: number;
  day: number;
  dayEnds: number;
}

function admit(counter: Counter, { limits, tokens, now }: QuotaRequest): ExceededWindow[] {
  expire(counter, now);
  const exceeded: ExceededWindow[] = [];
  const perTokens = limits.inputTokensPerMinute;
  if (perTokens != null && (perTokens === 0 || counter.tokens + tokens > perTokens)) {
    exceeded.push({ window: "tokens", limit: perTokens, retryMs: untilTokens(counter, perTokens - tokens, now) });
  }
  const perMinute = limits.requestsPerMinute;
  if (perMinute != null && counter.recent.length >= perMinute) {
    exceeded.push({ window: "minute", limit: perMinute, retryMs: untilExpiry(counter.recent[0]?.time, now) });
  }
  const perDay = limits.requestsPerDay;
  if (perDay != null && counter.day >= perDay) {
    // Google's delay for a day's quota is short and misleading: some seconds of the current minute.
    exceeded.push({ window: "day", limit: perDay, retryMs: MINUTE - (now % MINUTE) });
  }
  if (exceeded.length === 0) {
    counter.recent.push({ time: now, tokens });
    counter.tokens += tokens;
    counter.day++;
  }
  return exceeded;
}

function expire(counter: Counter, now: number): void {
  let gone = 0;
  while (gone < counter.recent.length && (counter.recent[gone]?.time ?? now) <= now - MINUTE) {
    counter.tokens -= counter.recent[gone]?.tokens ?? 0;
    gone++;
  }
  if (gone > 0) counter.recent.splice(0, gone);
  if (now >= counter.dayEnds) {
    counter.day = 0;
    counter.dayEnds = nextPacificMidnight(now);
  }
}

function untilExpiry(time: number | undefined, now: number): number {
  return time === undefined ? MINUTE : Math.max(1, time + MINUTE - now);
}

function untilTokens(counter: Counter, room: number, now: number): number {
  let used = counter.tokens;
  for (const { time, tokens } of counter.recent) {
    used -= tokens;
    if (used <= room) return untilExpiry(time, now);
  }
  return untilExpiry(counter.recent.at(-1)?.time, now);
}
