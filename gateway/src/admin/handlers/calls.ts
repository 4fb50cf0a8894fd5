/**
 * Calls: list, one, histogram, captured bodies; export and tail have files of their own.
 * @module
 */
import { toCursor } from "../../storage/analytics/cursor.ts";
import type { AnalyticsStore, SearchFilter, SearchPage } from "../../storage/types-analytics.ts";
import { AdminError } from "../admin-errors.ts";
import { exportCalls, getCall, getCapture, getHistogram, listCalls, tailCalls } from "../contract/calls.ts";
import { implement } from "../implement.ts";
import type { Implementation } from "../implement.ts";
import type { AdminServices } from "../services.ts";
import { toCallView } from "../views/call-view.ts";
import { toSearchFilter } from "./calls-filter.ts";
import { startExport } from "./export.ts";
import { flushed } from "./flushed.ts";
import { openTail } from "./tail.ts";

/** Everything about calls. */
export const callHandlers: readonly Implementation[] = [
  implement(listCalls, async ({ query, services }) => {
    await flushed(services);
    const { limit, cursor, before, after, ...filter } = query;
    if (before !== undefined && (cursor !== undefined || after !== undefined))
      throw new AdminError("query_invalid", {
        message: "'before', 'after' and 'cursor' exclude each other.",
        field: "query.before",
        next: "Page with 'cursor': the 'next' of the page before.",
      });
    const page = await searched(services, toSearchFilter(filter), {
      limit,
      cursor: cursor ?? (before === undefined ? null : toCursor({ direction: "down", id: before })),
      ...(after === undefined ? {} : { after }),
    });
    return { calls: page.calls.map(toCallView), next: page.next, searchedToMs: page.searchedToMs };
  }),

  implement(getCall, async ({ params, services }) => {
    await flushed(services);
    const call = await services.analytics.get(params.id);
    if (call === null) throw new AdminError("not_found", { message: "There is no call with this id.", field: "id" });
    return toCallView(call);
  }),

  implement(getCapture, async ({ params, services }) => {
    const capture = await services.captures.read(params.id);
    if (capture === null)
      throw new AdminError("not_found", {
        message: "No bodies of this call are kept.",
        next: "CAPTURE says which calls' bodies are kept, CAPTURE_RETENTION for how long.",
      });
    return capture;
  }),

  implement(getHistogram, async ({ query, services }) => {
    const { bars, sinceMs, untilMs, ...filter } = query;
    if (sinceMs >= untilMs)
      throw new AdminError("query_invalid", { message: "The range ends before it begins.", field: "query.untilMs" });
    await flushed(services);
    const widthMs = barWidth((untilMs - sinceMs) / bars);
    // Whole bars, from round times on: sums are kept by quarters of an hour.
    const range = { fromMs: Math.floor(sinceMs / widthMs) * widthMs, toMs: Math.ceil(untilMs / widthMs) * widthMs };
    const histogram = await services.analytics.histogram(toSearchFilter(filter), range, widthMs);
    return { widthMs, ...histogram };
  }),

  implement(tailCalls, ({ query, services, request, actor, state }) =>
    openTail({
      services,
      actor,
      state,
      filter: toSearchFilter(query),
      lastEventId: request.headers.get("last-event-id"),
      signal: request.signal,
    }),
  ),

  implement(exportCalls, async ({ query, services, actor, state }) => {
    const { format, zone, ...filter } = query;
    await flushed(services);
    return startExport({ services, filter: toSearchFilter(filter), format, zone, actor, state });
  }),
];

// --- helpers ---

/** @throws AdminError `query_invalid` when the cursor is none that a search gave */
async function searched(
  services: AdminServices,
  filter: SearchFilter,
  page: Parameters<AnalyticsStore["search"]>[1],
): Promise<SearchPage> {
  try {
    return await services.analytics.search(filter, page);
  } catch (error) {
    if (page.cursor === null || !(error instanceof RangeError)) throw error;
    throw new AdminError("query_invalid", {
      message: "This is no place in the list.",
      field: "query.cursor",
      next: "Send 'next' of the page before as it is.",
    });
  }
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const widths: readonly number[] = [
  second,
  2 * second,
  5 * second,
  10 * second,
  15 * second,
  30 * second,
  minute,
  2 * minute,
  5 * minute,
  10 * minute,
  15 * minute,
  30 * minute,
  hour,
  2 * hour,
  3 * hour,
  6 * hour,
  12 * hour,
];

/** The least width that is round and not below what was asked for. */
function barWidth(atLeastMs: number): number {
  return widths.find((width) => width >= atLeastMs) ?? Math.ceil(atLeastMs / day) * day;
}
