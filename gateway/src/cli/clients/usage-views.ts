/**
 * What client keys have used of their days, weeks, months and in all, as the CLI shows it.
 * @module
 */
import { createCalendar } from "../../clients/limits/calendar.ts";
import { isLimited, periods } from "../../clients/limits/checked-limits.ts";
import { nanoPerUsd, toNanoUsd, toUsdText } from "../../clients/limits/money.ts";
import type { ClientKey, ClientUsage } from "../../clients/types.ts";
import { toSpan } from "../moments.ts";
import type { Output } from "../output.ts";

/** One window of one client. Times are epoch milliseconds. */
export interface UsageView {
  window: ClientUsage["window"];
  start: number;
  /** Null: it never ends. */
  end: number | null;
  requests: number;
  /** Of this window; null: none. */
  requestLimit: number | null;
  tokens: number;
  costUsd: number;
  budgetUsd: number | null;
}

/** The shape, for `--help`. */
export const usageShape =
  "[{window: day|week|month|total, start, end, requests, requestLimit, tokens, costUsd, budgetUsd}]";

/**
 * The windows that last now. A gateway writes what was used some times a minute, so the last calls may be missing.
 * @param parts `kept`: all that is kept, of any client; `timeZone`: LIMIT_TIME_ZONE; `now`: epoch milliseconds
 * @returns none for a client without limits: its calls are in `gemini-proxy stats`
 */
export function toUsageViews(parts: {
  client: ClientKey;
  kept: readonly ClientUsage[];
  timeZone: string;
  now: number;
}): UsageView[] {
  const { client, now } = parts;
  if (!isLimited(client)) return [];
  const current = createCalendar(parts.timeZone).at(now);
  return periods.map((window) => {
    const { start, end } = window === "total" ? { start: 0, end: null } : current[window];
    const used = parts.kept.find(
      (one) => one.clientId === client.id && one.window === window && one.windowStart === start,
    );
    return {
      window,
      start,
      end,
      requests: used?.requests ?? 0,
      requestLimit: window === "day" ? (client.limits?.requestsPerDay ?? null) : null,
      tokens: used?.tokens ?? 0,
      costUsd: (used?.costNanoUsd ?? 0) / nanoPerUsd,
      budgetUsd: client.limits?.budgets?.[window] ?? null,
    };
  });
}

/** Prints the windows of one client. */
export function printUsage(usage: readonly UsageView[], output: Output, now: number): void {
  output.table(usage, [
    { title: "WINDOW", of: (row) => (row.window === "total" ? "in all" : row.window) },
    {
      title: "SPENT",
      of: (row) =>
        toUsdText(toNanoUsd(row.costUsd)) +
        (row.budgetUsd === null ? "" : ` of ${toUsdText(toNanoUsd(row.budgetUsd))}`),
      align: "right",
    },
    {
      title: "REQUESTS",
      of: (row) => `${row.requests}${row.requestLimit === null ? "" : ` of ${row.requestLimit}`}`,
      align: "right",
    },
    { title: "TOKENS", of: (row) => row.tokens, align: "right" },
    { title: "USED", of: (row) => toBar(shareOf(row)), style: (row) => styleOf(shareOf(row)) },
    { title: "BEGINS ANEW", of: (row) => (row.end === null ? "never" : `in ${toSpan(row.end - now)}`) },
  ]);
}

/**
 * A bar of ten places and the share; what is not empty has at least one place, what is not full lacks one.
 * @param share 0 to 1 and above; null: there is no limit
 */
export function toBar(share: number | null): string | null {
  if (share === null) return null;
  const places = share >= 1 ? 10 : share <= 0 ? 0 : Math.min(9, Math.max(1, Math.round(share * 10)));
  return `${"█".repeat(places)}${"░".repeat(10 - places)} ${Math.floor(share * 100)} %`;
}

// --- helpers ---

/** Of the limit that is closer to its end. */
function shareOf(row: UsageView): number | null {
  const shares = [
    ...(row.budgetUsd === null ? [] : [toShare(row.costUsd, row.budgetUsd)]),
    ...(row.requestLimit === null ? [] : [toShare(row.requests, row.requestLimit)]),
  ];
  return shares.length === 0 ? null : Math.max(...shares);
}

function toShare(used: number, limit: number): number {
  return limit > 0 ? used / limit : 1;
}

function styleOf(share: number | null): "green" | "yellow" | "red" | "dim" {
  if (share === null) return "dim";
  return share >= 1 ? "red" : share >= 0.8 ? "yellow" : "green";
}
