/**
 * The filters of the calls list as they stand in its address. Other pages make links with them.
 * @module
 */
import type { CallFilter } from "../api/types.ts";
import { formatRange, parseRange, type Range, type Span } from "./range.ts";
import {
  customField,
  flagField,
  formatQueryText,
  numberField,
  type SearchValues,
  textField,
  wordField,
  writeSearch,
} from "./search.ts";

/** How calls can end. */
export const outcomes = ["ok", "error", "refused", "incomplete", "cancelled", "interrupted"] as const;

/** Filters of the list, and what else its address holds. */
export const callsShape = {
  range: customField<Range>(parseRange, formatRange),
  model: textField(),
  clientId: textField(),
  credentialId: textField(),
  outcome: wordField(outcomes),
  status: customField<string>((text) => (/^([1-5]xx|[1-5]\d\d)$/.test(text) ? text : null), String),
  dialect: textField(40),
  operation: textField(40),
  rule: textField(100),
  minMs: numberField({ most: 1e9 }),
  maxMs: numberField({ most: 1e9 }),
  minCostUsd: numberField({ most: 1e9 }),
  maxCostUsd: numberField({ most: 1e9 }),
  retried: flagField,
  /** Live tail. */
  live: flagField,
  /** Id of the call whose details are open. */
  call: textField(100),
};

/** Values of the address. */
export type CallsSearch = SearchValues<typeof callsShape>;

/** Names of the fields that filter, without the range. */
export const filterNames = [
  "model",
  "clientId",
  "credentialId",
  "outcome",
  "status",
  "dialect",
  "operation",
  "rule",
  "minMs",
  "maxMs",
  "minCostUsd",
  "maxCostUsd",
  "retried",
] as const;
export type FilterName = (typeof filterNames)[number];

/** The filter as the API takes it. Without a span it has no ends: that of a live tail. */
export function toCallFilter(search: CallsSearch, span?: Span): CallFilter {
  const { model, clientId, credentialId, outcome, status, dialect, operation, rule } = search;
  const { minMs, maxMs, minCostUsd, maxCostUsd, retried } = search;
  return {
    ...(span === undefined ? {} : { sinceMs: span.fromMs, untilMs: span.toMs }),
    model,
    clientId,
    credentialId,
    outcome,
    status,
    dialect,
    operation,
    rule,
    minMs,
    maxMs,
    minCostUsd,
    maxCostUsd,
    retried: retried === undefined ? undefined : retried ? "true" : "false",
  };
}

/** How many filters are set. */
export function countFilters(search: CallsSearch): number {
  return filterNames.filter((name) => search[name] !== undefined).length;
}

/** A link to the list under a filter. */
export function callsLink(search: CallsSearch): string {
  return `/calls${formatQueryText(writeSearch(callsShape, search))}`;
}
