/**
 * The book of one (project, model): what Google has counted, as far as this gateway can know.
 *
 * Minutes count the last 60 seconds (minute-window.ts), days end at midnight in Los Angeles. What is taken counts at once;
 * `settle` puts the true use in the estimate's place. Everything errs towards counting too much: a request held back for a
 * second costs less than a refusal. Without a limit nothing is held back; days are counted all the same, so that a limit
 * learned at noon finds the morning's use.
 *
 * Limits go stale. Nothing that is respected is ever refused, so a limit that was raised (a project that pays now) would
 * be kept for ever. Google's word is respected for a week, a limit of 0 for a day (fact sheet upstream 4.4); then uses pass
 * until Google refuses again, at the price of that refusal. A stale limit still outranks a configured one: it was true once.
 *
 * A class: two hundred thousand of them (10,000 projects x 20 models) must share their methods.
 * @module
 */
import type { QuotaReservation } from "../../core/credential.ts";
import { pacificDay, type PacificDay } from "../../core/pacific-day.ts";
import type { QuotaMetric, QuotaUsage, QuotaView, QuotaWindow } from "../types.ts";
import { MinuteWindow } from "./minute-window.ts";
import {
  createLimitTable,
  dropConfigured,
  enterLimit,
  limitAt,
  limitUntil,
  slotOf,
  slots,
  toLimits,
  turnLimitsBack,
  type LimitTable,
} from "./limit-table.ts";
import type { BucketLimit, QuotaBucket, QuotaCost } from "./types.ts";

/** Makes an empty book without limits. */
export function createQuotaBucket(options: { projectId: string; model: string }): QuotaBucket {
  return new Bucket(options.projectId, options.model);
}

// --- helpers ---

/** A clock that goes back by less stands still instead. */
const standStillMs = 60_000;
const dayMs = 86_400_000;
/** The last moment that a Date can hold: unlike Infinity it is a number in JSON too. */
const endOfTime = 8_640_000_000_000_000;
const largest = 1_000_000_000_000_000;

/** Before the first use. */
const noDay: PacificDay = { start: 0, end: 0 };

class Bucket implements QuotaBucket {
  readonly projectId: string;
  readonly model: string;
  private readonly key: string;
  /** Null: none known. */
  private known: LimitTable | null = null;
  /** Null until there is a minute limit and a use. */
  private minute: MinuteWindow | null = null;
  private day: PacificDay = noDay;
  private requests = 0;
  private tokens = 0;
  /** The day before, for a clock that turns back over midnight. */
  private dayBefore: PacificDay = noDay;
  private requestsBefore = 0;
  private tokensBefore = 0;
  /** The newest time seen. */
  private clock = 0;
  /** What was taken up to here is not given back: Google has said since that it is used, or the clock was wrong. */
  private doubtUntil = 0;

  constructor(projectId: string, model: string) {
    this.projectId = projectId;
    this.model = model;
    this.key = `${projectId}\n${model}`;
  }

  roomAt(cost: QuotaCost, now: number): number {
    const { known } = this;
    if (known === null || (cost.requests === 0 && cost.tokens === 0)) return 0;
    const at = this.time(now);
    const { minute } = this;
    if (minute !== null) minute.expire(at);
    let soonest = 0;
    for (let slot = 0; slot < slots.length; slot++) {
      const value = limitAt(known, slot, at);
      // No limit is NaN, which is below and above nothing.
      if (!(value >= 0)) continue;
      if (value === 0) return Infinity;
      // Costs are estimates that err upwards: one above the limit may be wrong, so Google decides once all is free.
      const need = Math.min((slot & 1) === 0 ? cost.requests : cost.tokens, value);
      if (this.used(slot) + need <= value) continue;
      const room = this.freeAt(slot, value - need);
      if (room > soonest) soonest = room;
    }
    return soonest;
  }

  take(cost: QuotaCost, now: number): QuotaReservation {
    const at = this.time(now);
    const requests = whole(cost.requests);
    const tokens = whole(cost.tokens);
    this.requests += requests;
    this.tokens += tokens;
    const minute = this.minute ?? this.startMinute(at);
    if (minute !== null) {
      minute.expire(at);
      minute.add(requests, tokens, at);
    }
    return { key: this.key, requests, tokens, at };
  }

  settle(reservation: QuotaReservation, actual: { tokens: number | null } | null, now: number): void {
    const at = this.time(now);
    const taken = reservation.at;
    let requests = actual === null ? -reservation.requests : 0;
    let tokens = actual === null ? -reservation.tokens : 0;
    if (actual !== null && actual.tokens !== null) tokens = whole(actual.tokens) - reservation.tokens;
    if (taken <= this.doubtUntil || taken > at) {
      requests = Math.max(requests, 0);
      tokens = Math.max(tokens, 0);
    }
    if (taken >= this.day.start) {
      this.requests = Math.max(this.requests + requests, 0);
      this.tokens = Math.max(this.tokens + tokens, 0);
    } else if (taken >= this.dayBefore.start && taken < this.dayBefore.end) {
      this.requestsBefore = Math.max(this.requestsBefore + requests, 0);
      this.tokensBefore = Math.max(this.tokensBefore + tokens, 0);
    }
    if (this.minute === null) return;
    this.minute.expire(at);
    this.minute.correct({ taken, requests, tokens }, at);
  }

  learn(limit: BucketLimit, now: number): boolean {
    const at = this.time(now);
    if (this.known !== null) return enterLimit(this.known, limit, at);
    const table = createLimitTable();
    if (!enterLimit(table, limit, at)) return false;
    this.known = table;
    return true;
  }

  forgetConfigured(): void {
    if (this.known !== null && !dropConfigured(this.known)) this.known = null;
  }

  refused(limit: { metric: QuotaMetric; window: QuotaWindow; value: number }, now: number): void {
    const at = this.time(now);
    const slot = slotOf(limit.metric, limit.window);
    if (slot < 0) return;
    if (slot < 2) {
      this.minute ??= new MinuteWindow(at);
      this.minute.expire(at);
    }
    const missing = whole(limit.value) - this.used(slot);
    const requests = limit.metric === "requests" && missing > 0 ? missing : 0;
    const tokens = limit.metric === "tokens" && missing > 0 ? missing : 0;
    if (slot < 2) this.minute?.add(requests, tokens, at);
    else {
      this.requests += requests;
      this.tokens += tokens;
    }
    this.doubtUntil = Math.max(this.doubtUntil, at);
  }

  usage(now: number): QuotaUsage[] {
    this.time(now);
    const { projectId, model, day } = this;
    const rows: QuotaUsage[] = [];
    for (const metric of ["requests", "tokens"] as const)
      if (this[metric] > 0) rows.push({ projectId, model, metric, windowStart: day.start, used: this[metric] });
    return rows;
  }

  restore(kept: { limits?: readonly BucketLimit[]; usage?: readonly QuotaUsage[] }, now: number): void {
    this.time(now);
    for (const limit of kept.limits ?? []) this.learn(limit, now);
    for (const { metric, windowStart, used } of kept.usage ?? []) {
      if (windowStart < this.day.start || windowStart >= this.day.end) continue;
      if (metric === "requests" || metric === "tokens") this[metric] = Math.max(this[metric], whole(used));
    }
  }

  absorb(other: QuotaBucket, now: number): void {
    if (other === this) return;
    const at = this.time(now);
    for (const limit of other.limits()) this.learn(limit, now);
    for (const { metric, windowStart, used } of other.usage(now))
      if (windowStart === this.day.start) this[metric] += used;
    if (!(other instanceof Bucket)) return;
    this.doubtUntil = Math.max(this.doubtUntil, other.doubtUntil);
    if (other.minute === null) return;
    this.minute ??= new MinuteWindow(at);
    this.minute.absorb(other.minute, at);
  }

  limits(): readonly BucketLimit[] {
    return this.known === null ? [] : toLimits(this.known);
  }

  view(now: number): QuotaView[] {
    const at = this.time(now);
    this.minute?.expire(at);
    const { projectId, model } = this;
    return this.limits().map((limit) => {
      const slot = slotOf(limit.metric, limit.window);
      return { projectId, model, ...limit, used: this.used(slot), roomAtMs: this.roomOf(slot, at) };
    });
  }

  /** When one more request or token fits; a limit of 0: when it is tried again, a configured one never. */
  private roomOf(slot: number, at: number): number | null {
    const table = this.known as LimitTable;
    const value = limitAt(table, slot, at);
    if (value === 0) return Math.min(limitUntil(table, slot), endOfTime);
    return this.used(slot) >= value ? this.freeAt(slot, value - 1) : null;
  }

  /** When no more than so much is used in a slot's window. */
  private freeAt(slot: number, most: number): number {
    if (slot >= 2) return this.day.end;
    return this.minute === null ? 0 : this.minute.freeAt(slot === 0 ? "requests" : "tokens", most);
  }

  /** Used in a slot's window; after `time` and `expire`. */
  private used(slot: number): number {
    if (slot === 2) return this.requests;
    if (slot === 3) return this.tokens;
    if (this.minute === null) return 0;
    return slot === 0 ? this.minute.requests : this.minute.tokens;
  }

  private startMinute(at: number): MinuteWindow | null {
    const { known } = this;
    if (known === null || (Number.isNaN(known[0]) && Number.isNaN(known[1]))) return null;
    this.minute = new MinuteWindow(at);
    return this.minute;
  }

  /** Rolls the day. @returns the time to count with */
  private time(now: number): number {
    if (now < this.clock) return this.clock - now <= standStillMs ? this.clock : this.turnBack(now);
    this.clock = now;
    if (now >= this.day.end) this.roll(now);
    return now;
  }

  private roll(now: number): void {
    this.dayBefore = this.day;
    this.requestsBefore = this.requests;
    this.tokensBefore = this.tokens;
    this.day = pacificDay(now);
    this.requests = 0;
    this.tokens = 0;
  }

  /**
   * The clock was set back: what was used keeps its age, and counts for the day that it is now. Reservations of before
   * cannot be told from new ones for a while, so they give nothing back.
   */
  private turnBack(now: number): number {
    this.minute?.turnBack(this.clock - now);
    this.doubtUntil = Math.min(Math.max(this.doubtUntil, this.clock), now + dayMs);
    this.clock = now;
    if (this.known !== null) turnLimitsBack(this.known, now);
    if (now >= this.day.start) return now;
    this.day = pacificDay(now);
    if (this.day.start === this.dayBefore.start) {
      this.requests += this.requestsBefore;
      this.tokens += this.tokensBefore;
    }
    this.dayBefore = noDay;
    return now;
  }
}

/** What cannot be counted is nothing; fractions count as one. */
function whole(count: number): number {
  return count > 0 ? Math.min(Math.ceil(count), largest) : 0;
}
