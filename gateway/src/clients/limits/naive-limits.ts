/**
 * Limits as one would write them down, for tests to compare with: every call is kept for ever, every window is summed up
 * anew. Slow and plain.
 * @module
 */
import type { BudgetPeriod, ClientLimits } from "../types.ts";

/** A call that was let in. */
export interface NaiveCall {
  at: number;
  tokens: number;
  cost: number;
  settled: boolean;
}

/** One client. Windows are in UTC. */
export interface NaiveLimits {
  /** Null: refused. */
  reserve(estimate: { tokens: number; costNanoUsd: number | null }, now: number): NaiveCall | null;
  settle(call: NaiveCall, actual: { tokens: number | null; costNanoUsd: number | null }, now: number): void;
  usage(period: BudgetPeriod, now: number): { requests: number; tokens: number; cost: number };
}

const minute = 60_000;
const day = 86_400_000;

/** @param limits must not change */
export function createNaiveLimits(limits: ClientLimits): NaiveLimits {
  const calls: NaiveCall[] = [];
  /** What tokens came to, at the time from which they count. */
  const tokens: { at: number; amount: number }[] = [];
  const used: { at: number; tokens: number; cost: number }[] = [];

  const startOf = (period: BudgetPeriod, now: number): number => {
    const date = new Date(now);
    if (period === "total") return 0;
    if (period === "month") return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
    const today = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
    return period === "day" ? today : today - ((date.getUTCDay() + 6) % 7) * day;
  };
  const usage: NaiveLimits["usage"] = (period, now) => {
    const start = startOf(period, now);
    const within = used.filter(({ at }) => at >= start);
    return {
      requests: calls.filter(({ at }) => at >= start).length,
      tokens: within.reduce((sum, one) => sum + one.tokens, 0),
      cost: within.reduce((sum, one) => sum + one.cost, 0),
    };
  };

  return {
    usage,
    reserve(estimate, now) {
      const inMinute = calls.filter(({ at }) => at > now - minute).length;
      const tokensInMinute = tokens.filter(({ at }) => at > now - minute).reduce((sum, { amount }) => sum + amount, 0);
      if (inMinute >= (limits.requestsPerMinute ?? Infinity)) return null;
      if (usage("day", now).requests >= (limits.requestsPerDay ?? Infinity)) return null;
      if (calls.filter(({ settled }) => !settled).length >= (limits.concurrency ?? Infinity)) return null;
      if (estimate.tokens > 0 && tokensInMinute + estimate.tokens > (limits.tokensPerMinute ?? Infinity)) return null;
      for (const period of ["day", "week", "month", "total"] as const) {
        const usd = limits.budgets?.[period] ?? null;
        if (usd === null || estimate.costNanoUsd === 0) continue;
        const start = startOf(period, now);
        const held = calls
          .filter(({ at, settled }) => !settled && at >= start)
          .reduce((sum, { cost }) => sum + cost, 0);
        const spent = usage(period, now).cost + held;
        const budget = Math.round(usd * 1e9);
        if (estimate.costNanoUsd === null ? spent >= budget : spent + estimate.costNanoUsd > budget) return null;
      }
      const call = { at: now, tokens: estimate.tokens, cost: estimate.costNanoUsd ?? 0, settled: false };
      calls.push(call);
      tokens.push({ at: now, amount: estimate.tokens });
      return call;
    },
    settle(call, actual, now) {
      call.settled = true;
      const actualTokens = actual.tokens ?? call.tokens;
      used.push({ at: call.at, tokens: actualTokens, cost: actual.costNanoUsd ?? call.cost });
      const more = actualTokens - call.tokens;
      tokens.push({ at: more > 0 ? now : call.at, amount: more });
    },
  };
}
