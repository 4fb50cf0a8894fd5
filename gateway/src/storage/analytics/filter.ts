/**
 * The search's filter as conditions of a query, and what is asked of the roll-ups for it.
 * @module
 */
import type { RawBuilder, SelectQueryBuilder } from "kysely";
import { sql } from "kysely";
import type { CallOutcome } from "../../core/records.ts";
import type { IdRange } from "../ledger-slices.ts";
import { where } from "../ledger-read.ts";
import { alsoKey } from "../rollups/deltas.ts";
import { at, classOf, dimensionCodes, firstByteAt, latencyAt, type Grain } from "../rollups/layout.ts";
import type { Database } from "../schema.ts";
import type { SearchFilter } from "../types-analytics.ts";

/** Adds a filter's conditions, and those of a slice, to a query over `calls`. */
export function whereSearch<Row>(
  query: SelectQueryBuilder<Database, "calls", Row>,
  filter: SearchFilter,
  slice: IdRange,
): SelectQueryBuilder<Database, "calls", Row> {
  const { status, dialect, operation, rule, minMs, maxMs, minCostNanoUsd, maxCostNanoUsd, retried, ...more } = filter;
  const { credentialId, ...plain } = more;
  let result = where(query, plain, slice);
  if (status !== undefined) {
    const [from, to] = statusRange(status);
    result = result.where("calls.status", ">=", from).where("calls.status", "<=", to);
  }
  if (dialect !== undefined) result = result.where("calls.dialect", "=", dialect);
  if (operation !== undefined) result = result.where("calls.operation", "=", operation);
  if (minMs !== undefined) result = result.where("calls.total_micros", ">=", minMs * 1000);
  if (maxMs !== undefined) result = result.where("calls.total_micros", "<=", maxMs * 1000);
  if (minCostNanoUsd !== undefined) result = result.where("calls.cost_nano_usd", ">=", minCostNanoUsd);
  if (maxCostNanoUsd !== undefined) result = result.where("calls.cost_nano_usd", "<=", maxCostNanoUsd);
  if (retried !== undefined) result = result.where("calls.attempt_count", retried ? ">" : "<=", 1);
  // Most calls have their only attempt in their own row: `attempts` is not looked into for them, which is half the work.
  if (credentialId !== undefined) {
    result = result.where(({ and, or, eb, exists, selectFrom }) =>
      or([
        eb("calls.credential_id", "=", credentialId),
        and([
          eb("calls.credential_id", "is", null),
          exists(
            selectFrom("attempts")
              .select("attempts.number")
              .whereRef("attempts.call_id", "=", "calls.id")
              .where("attempts.credential_id", "=", credentialId),
          ),
        ]),
      ]),
    );
  }
  if (rule !== undefined) {
    result = result.where(({ and, or, eb, exists, selectFrom }) =>
      or([
        eb("calls.rule", "=", rule),
        eb("calls.error_code", "=", rule),
        and([
          eb("calls.credential_id", "is", null),
          exists(
            selectFrom("attempts")
              .select("attempts.number")
              .whereRef("attempts.call_id", "=", "calls.id")
              .where("attempts.rule", "=", rule),
          ),
        ]),
      ]),
    );
  }
  return result;
}

/** A condition on the roll-ups of one time: calls of a filter can have begun then only if it holds. */
export interface Need {
  /** SQL over `s.value`, the start: the bodies of rows that together count the calls of one filter field. */
  bodies(grain: Grain): RawBuilder<string | null>[];
  /** Of the rows' numbers. */
  allows(sums: readonly number[]): boolean;
}

/** Null: the roll-ups can exclude nothing. */
export function needsOf(filter: SearchFilter): Need[] | null {
  const { model, clientId, credentialId, status, dialect, rule, minCostNanoUsd } = filter;
  const tests = testsOf(filter);
  const allows = (sums: readonly number[]): boolean => (sums[at.calls] ?? 0) > 0 && tests.every((test) => test(sums));
  const needs: Need[] = [];
  // Each field's own rows are asked for what else is wanted: errors of this key, not errors of anyone.
  const add = (...places: [number, string][]): void => {
    needs.push({ bodies: (grain) => places.map((place) => bodyOf(grain, ...place)), allows });
  };
  if (model !== undefined) add([dimensionCodes.model, model], [dimensionCodes.also, alsoKey.model(model)]);
  if (clientId !== undefined) add([dimensionCodes.client, clientId]);
  if (credentialId !== undefined) add([dimensionCodes.credential, credentialId]);
  if (dialect !== undefined) add([dimensionCodes.dialect, dialect]);
  if (rule !== undefined) add([dimensionCodes.rule, rule], [dimensionCodes.also, alsoKey.rule(rule)]);
  if (status !== undefined) {
    const [from, to] = statusRange(status);
    if (from === to) add([dimensionCodes.status, String(from)]);
    else needs.push({ bodies: (grain) => [anyStatus(grain, from, to)], allows: () => true });
  }
  if (needs.length === 0 && tests.length === 0 && filter.untilMs === undefined && minCostNanoUsd === undefined) {
    return null;
  }
  needs.push({
    bodies: (grain) => [bodyOf(grain, dimensionCodes.all, "")],
    allows: (sums) => allows(sums) && (minCostNanoUsd === undefined || (sums[at.costNanoUsd] ?? 0) >= minCostNanoUsd),
  });
  return needs;
}

/** How many calls ended so. An outcome that there is not: none. */
export function callsOf(sums: readonly number[], outcome: string): number {
  const place = places.get(outcome as CallOutcome);
  if (place !== undefined) return sums[place] ?? 0;
  if (outcome !== "ok") return 0;
  let others = 0;
  for (const other of places.values()) others += sums[other] ?? 0;
  return (sums[at.calls] ?? 0) - others;
}

/** The least and the greatest status of `429` or `4xx`; a text that is neither has none. */
export function statusRange(status: string): readonly [number, number] {
  if (/^\dxx$/.test(status)) return [Number(status[0]) * 100, Number(status[0]) * 100 + 99];
  return /^\d{1,3}$/.test(status) ? [Number(status), Number(status)] : [1, 0];
}

// --- helpers ---

const places: ReadonlyMap<CallOutcome, number> = new Map([
  ["error", at.error],
  ["refused", at.refused],
  ["cancelled", at.cancelled],
  ["incomplete", at.incomplete],
  ["interrupted", at.interrupted],
]);

function isAny(sums: readonly number[], from: number, below: number): boolean {
  for (let place = from; place < below; place += 1) if ((sums[place] ?? 0) > 0) return true;
  return false;
}

/** What the numbers of calls must show. Cost is not in it: that of a key is the cost of its own attempts. */
function testsOf(filter: SearchFilter): ((sums: readonly number[]) => boolean)[] {
  const { outcome, retried, minMs, maxMs } = filter;
  const tests: ((sums: readonly number[]) => boolean)[] = [];
  if (minMs !== undefined) tests.push((sums) => isAny(sums, latencyAt + classOf(minMs), firstByteAt));
  if (maxMs !== undefined) tests.push((sums) => isAny(sums, latencyAt, latencyAt + classOf(maxMs) + 1));
  if (outcome !== undefined) tests.push((sums) => callsOf(sums, outcome) > 0);
  if (retried !== undefined) {
    tests.push((sums) => (retried ? (sums[at.retried] ?? 0) > 0 : (sums[at.retried] ?? 0) < (sums[at.calls] ?? 0)));
  }
  return tests;
}

function bodyOf(grain: Grain, dimension: number, key: string): RawBuilder<string | null> {
  return sql`(select r.body from rollups as r where r.grain = ${sql.lit(grain)} and r.dimension = ${sql.lit(dimension)}
    and r.start = s.value and r.key = ${key})`;
}

/** Any of them will do: there are few statuses, and which of a class it is does not matter. */
function anyStatus(grain: Grain, from: number, to: number): RawBuilder<string | null> {
  return sql`(select r.body from rollups as r where r.grain = ${sql.lit(grain)}
    and r.dimension = ${sql.lit(dimensionCodes.status)} and r.start = s.value
    and cast(r.key as integer) between ${sql.lit(from)} and ${sql.lit(to)} limit 1)`;
}
