/**
 * Whether a call that just ended fits a filter: the same questions that the store answers by SQL.
 * @module
 */
import type { SearchFilter } from "../../storage/types-analytics.ts";
import type { PricedCall } from "../../storage/types.ts";

/**
 * Whether all of a filter's conditions hold.
 * @param filter of the calls list
 * @param call with its cost
 */
export function fitsFilter(filter: SearchFilter, call: PricedCall): boolean {
  const { record, costNanoUsd } = call;
  const ms = record.totalMicros / 1000;
  return (
    (filter.sinceMs === undefined || record.startedAt >= filter.sinceMs) &&
    (filter.untilMs === undefined || record.startedAt < filter.untilMs) &&
    (filter.model === undefined || record.modelAsked === filter.model || record.modelServed === filter.model) &&
    (filter.clientId === undefined || record.clientId === filter.clientId) &&
    (filter.credentialId === undefined || record.attempts.some((one) => one.credentialId === filter.credentialId)) &&
    (filter.outcome === undefined || record.outcome === filter.outcome) &&
    (filter.status === undefined || fitsStatus(filter.status, record.status)) &&
    (filter.dialect === undefined || record.dialect === filter.dialect) &&
    (filter.operation === undefined || record.operation === filter.operation) &&
    (filter.rule === undefined ||
      record.errorCode === filter.rule ||
      record.attempts.some((one) => one.rule === filter.rule)) &&
    (filter.minMs === undefined || ms >= filter.minMs) &&
    (filter.maxMs === undefined || ms <= filter.maxMs) &&
    // What a call cost that has no known cost, nobody can say: it fits neither bound.
    (filter.minCostNanoUsd === undefined || (costNanoUsd !== null && costNanoUsd >= filter.minCostNanoUsd)) &&
    (filter.maxCostNanoUsd === undefined || (costNanoUsd !== null && costNanoUsd <= filter.maxCostNanoUsd)) &&
    (filter.retried === undefined || record.attempts.length > 1 === filter.retried)
  );
}

// --- helpers ---

function fitsStatus(wanted: string, status: number): boolean {
  return wanted.endsWith("xx") ? Math.floor(status / 100) === Number(wanted[0]) : status === Number(wanted);
}
