/**
 * Usage: sums of a range, over time, and by what they belong to.
 * @module
 */
import type { RollupSums, TimeRange } from "../../storage/types-analytics.ts";
import { AdminError } from "../admin-errors.ts";
import { getBreakdown, getSeries, getStats, getSummary } from "../contract/calls.ts";
import { implement } from "../implement.ts";
import type { Implementation } from "../implement.ts";
import { labelOf, readNames } from "../views/names.ts";
import { addSums, cacheHitRate, isEmptySums, toSumsView } from "../views/sums.ts";
import { chooseInterval, toLocalRanges } from "../zones/local-ranges.ts";
import type { Interval } from "../zones/local-ranges.ts";
import type { ZoneClock } from "../zones/zone-clock.ts";
import { toLedgerFilter } from "./calls-filter.ts";
import { flushed } from "./flushed.ts";
import { readRange, splitBy, wholeOf } from "./usage-question.ts";
import { readLines } from "./usage-lines.ts";

/** Points of one line. */
const mostPoints = 1_000;

/** Everything about usage. */
export const usageHandlers: readonly Implementation[] = [
  implement(getSummary, async ({ query, services }) => {
    const { range } = readRange(query);
    const question = wholeOf(query);
    await flushed(services);
    const before = { fromMs: Math.max(0, 2 * range.fromMs - range.toMs), toMs: range.fromMs };
    const sumOf = async (one: TimeRange): Promise<RollupSums> =>
      addSums(one.fromMs >= one.toMs ? [] : (await services.analytics.sums(question, one)).values());
    return { ...range, sums: toSumsView(await sumOf(range)), previous: toSumsView(await sumOf(before)) };
  }),

  implement(getSeries, async ({ query, services }) => {
    const { range, clock } = readRange(query);
    const interval = query.interval === "auto" ? chooseInterval(range) : query.interval;
    const ranges = cut(range, clock, interval);
    await flushed(services);
    const lines = await readLines({ services, range, ranges, by: query.by ?? null, top: query.top, filter: query });
    const names = readNames(services);
    return {
      interval,
      zone: clock.zone,
      lines: lines.map(({ key, other, sums }) => ({
        key,
        label: other ? "other" : query.by === undefined ? "all" : labelOf(query.by, key, names),
        other,
        points: ranges.map((one, index) => ({ ...one, sums: toSumsView(sums[index] ?? addSums([])) })),
      })),
    };
  }),

  implement(getBreakdown, async ({ query, services }) => {
    const { range } = readRange(query);
    const { by, top, order } = query;
    const split = splitBy(by, query);
    const whole = wholeOf(query);
    await flushed(services);
    const rows: [string, RollupSums][] = [];
    for (const [full, sums] of await services.analytics.sums(split.question, range)) {
      const key = split.keyOf(full);
      if (key !== null && !isEmptySums(sums)) rows.push([key, sums]);
    }
    rows.sort((a, b) => orders[order](b[1]) - orders[order](a[1]) || (a[0] < b[0] ? -1 : 1));
    const names = readNames(services);
    const others = rows.slice(top).map(([, sums]) => sums);
    // By credential the rows may add up to more than the whole: a call counts for each that it was tried with.
    const total = addSums((await services.analytics.sums(whole, range)).values());
    return {
      by,
      rows: rows.slice(0, top).map(([key, sums]) => ({
        key,
        label: labelOf(by, key, names),
        sums: toSumsView(sums),
      })),
      other: others.length === 0 ? null : toSumsView(addSums(others)),
      total: toSumsView(total),
    };
  }),

  implement(getStats, async ({ query, services }) => {
    const filter = toLedgerFilter(query);
    if (filter === null || filter.outcome !== undefined || filter.status !== undefined)
      throw new AdminError("query_invalid", {
        message: "These sums take sinceMs, untilMs, model, clientId and credentialId only.",
        next: "GET /usage/breakdown has sums by status, dialect and rule.",
      });
    await flushed(services);
    const sums = await services.store.ledger.stats(filter);
    return { ...sums, cacheHitRate: cacheHitRate(sums.tokens) };
  }),
];

// --- helpers ---

const orders: Readonly<Record<"calls" | "cost" | "tokens" | "errors", (sums: RollupSums) => number>> = {
  calls: (sums) => sums.calls,
  cost: (sums) => sums.costUsd,
  tokens: (sums) => sums.tokens.total,
  errors: (sums) => sums.errors,
};

function cut(range: TimeRange, clock: ZoneClock, interval: Interval): TimeRange[] {
  const found = toLocalRanges(range, { clock, interval, most: mostPoints });
  if (found.ok) return found.ranges;
  throw new AdminError("query_invalid", {
    message: `This would be about ${found.about} points; at most ${mostPoints} are given.`,
    field: "query.interval",
    next: "Choose a longer interval, or a shorter range.",
  });
}
