/**
 * Filters of the calls list as the store takes them.
 * @module
 */
import type * as z from "zod";
import { toNanoUsd } from "../../clients/limits/money.ts";
import type { SearchFilter } from "../../storage/types-analytics.ts";
import type { CallFilter } from "../../storage/types.ts";
import type { callFilterQuery } from "../schemas/calls.ts";

/** A validated filter. Lists have more fields, which do not count here. */
export type FilterQuery = z.output<typeof callFilterQuery>;

/** @param query validated */
export function toSearchFilter(query: FilterQuery): SearchFilter {
  const filter: SearchFilter = {};
  for (const name of ["sinceMs", "untilMs", "minMs", "maxMs"] as const) {
    const value = query[name];
    if (value !== undefined) filter[name] = value;
  }
  for (const name of textFields) {
    const value = query[name];
    if (value !== undefined) filter[name] = value;
  }
  if (query.minCostUsd !== undefined) filter.minCostNanoUsd = toNanoUsd(query.minCostUsd);
  if (query.maxCostUsd !== undefined) filter.maxCostNanoUsd = toNanoUsd(query.maxCostUsd);
  if (query.retried !== undefined) filter.retried = query.retried === "true";
  return filter;
}

/**
 * The ledger's own, plainer filter.
 * @returns null when the query asks for something that it does not know
 */
export function toLedgerFilter(query: FilterQuery): CallFilter | null {
  const filter: CallFilter = {};
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    if (!ledgerFields.has(name)) return null;
  }
  const { sinceMs, untilMs, model, clientId, credentialId, outcome, status } = query;
  if (status?.endsWith("xx") === true) return null;
  if (sinceMs !== undefined) filter.sinceMs = sinceMs;
  if (untilMs !== undefined) filter.untilMs = untilMs;
  if (model !== undefined) filter.model = model;
  if (clientId !== undefined) filter.clientId = clientId;
  if (credentialId !== undefined) filter.credentialId = credentialId;
  if (outcome !== undefined) filter.outcome = outcome;
  if (status !== undefined) filter.status = Number(status);
  return filter;
}

// --- helpers ---

const textFields = [
  "model",
  "clientId",
  "credentialId",
  "outcome",
  "status",
  "dialect",
  "operation",
  "rule",
] as const satisfies readonly (keyof SearchFilter)[];

const ledgerFields = new Set(["sinceMs", "untilMs", "model", "clientId", "credentialId", "outcome", "status"]);
