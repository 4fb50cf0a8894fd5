/**
 * Sums over calls. Tokens and cost of a credential are those of its own attempts: of a call that was tried with two
 * keys, each key's row shows what that key did.
 * @module
 */
import type { ExpressionBuilder, Kysely, RawBuilder, SelectQueryBuilder } from "kysely";
import { sql } from "kysely";
import type { CallOutcome } from "../core/records.ts";
import type { SqlDriver } from "./driver.ts";
import { slices, type IdRange } from "./ledger-slices.ts";
import { rangeOf, where } from "./ledger-read.ts";
import { toNumber } from "./numbers.ts";
import type { Database } from "./schema.ts";
import type { CallFilter, StatsRow, Store } from "./types.ts";

/** `stats` and `statsBy` of the ledger. */
export function createLedgerStats(driver: SqlDriver, db: Kysely<Database>): Pick<Store["ledger"], "stats" | "statsBy"> {
  async function gather(filter: CallFilter, dimension: Dimension | null): Promise<Map<string, StatsRow>> {
    const sums = new Map<string, StatsRow>();
    const ofCredentials = dimension === "credential" || filter.credentialId !== undefined;
    for await (const slice of slices(driver, db, { range: rangeOf(filter), newestFirst: false })) {
      const question = { filter, slice, dimension };
      const rows = ofCredentials
        ? [...(await foldedSums(db, question)), ...(await attemptSums(db, question))]
        : await callSums(db, question);
      for (const row of rows) {
        const key = toKey(row["key"]);
        const sum = sums.get(key) ?? emptyRow();
        addTo(sum, row);
        sums.set(key, sum);
      }
    }
    // Divided at the end: a million small costs add up without a rounding error each.
    for (const sum of sums.values()) sum.costUsd /= nanosPerUsd;
    return sums;
  }

  return {
    async stats(filter) {
      const sums = await gather(filter, null);
      return sums.get("") ?? emptyRow();
    },
    async statsBy(dimension, filter) {
      const sums = await gather(filter, dimension);
      return [...sums]
        .map(([key, row]) => ({ key, row }))
        .filter(({ row }) => row.calls > 0)
        .sort((a, b) => b.row.calls - a.row.calls || (a.key < b.key ? -1 : 1));
    },
  };
}

// --- helpers ---

type Dimension = "model" | "client" | "credential" | "status" | "dialect";
type SumRow = Record<string, unknown>;

const nanosPerUsd = 1e9;

const outcomes: readonly CallOutcome[] = ["error", "refused", "cancelled", "incomplete", "interrupted"];
const tokenColumns = [
  "prompt_tokens",
  "cached_tokens",
  "output_tokens",
  "thoughts_tokens",
  "tool_use_tokens",
  "total_tokens",
] as const;

interface Question {
  filter: CallFilter;
  slice: IdRange;
  dimension: Dimension | null;
}

/** Of whole calls: everything stands in `calls`. */
function callSums(db: Kysely<Database>, { filter, slice, dimension }: Question): Promise<SumRow[]> {
  const query = where(db.selectFrom("calls"), filter, slice).select(callSelections(dimension));
  return grouped(query, dimension);
}

/** Of attempts that stand in their call's row: again sums over `calls`. */
function foldedSums(db: Kysely<Database>, { filter, slice, dimension }: Question): Promise<SumRow[]> {
  const { credentialId, ...rest } = filter;
  const query = where(db.selectFrom("calls"), rest, slice)
    .where("calls.credential_id", credentialId === undefined ? "is not" : "=", credentialId ?? null)
    .select(callSelections(dimension));
  return grouped(query, dimension);
}

/** Of attempts in rows of their own: a call counts once for each credential that it was tried with. */
function attemptSums(db: Kysely<Database>, { filter, slice, dimension }: Question): Promise<SumRow[]> {
  const { credentialId, ...rest } = filter;
  const calls = (condition: RawBuilder<unknown>) => sql`count(distinct case when ${condition} then calls.id end)`;
  let query = where(db.selectFrom("calls"), rest, slice).innerJoin("attempts", "attempts.call_id", "calls.id");
  // Said twice for planners that would else read `attempts` from its beginning in each slice.
  if (slice.from !== null) query = query.where("attempts.call_id", ">=", slice.from);
  if (slice.below !== null) query = query.where("attempts.call_id", "<", slice.below);
  if (credentialId !== undefined) query = query.where("attempts.credential_id", "=", credentialId);
  const key = dimension === "credential" ? sql<string>`attempts.credential_id` : keyOf(dimension);
  const selected = query.select(({ fn }) => [
    key.as("key"),
    sql`count(distinct calls.id)`.as("calls"),
    fn.countAll().as("attempts"),
    ...outcomes.map((outcome) => calls(sql`calls.outcome = ${sql.lit(outcome)}`).as(outcome)),
    ...tokenColumns.map((name) => fn.sum(`attempts.${name}`).as(name)),
    fn.sum("attempts.cost_nano_usd").as("cost"),
    calls(sql`attempts.cost_nano_usd is null`).as("without_cost"),
  ]);
  return (dimension === null ? selected : selected.groupBy(key)).execute();
}

function callSelections(dimension: Dimension | null) {
  return ({ fn }: ExpressionBuilder<Database, "calls">) => [
    keyOf(dimension).as("key"),
    fn.countAll().as("calls"),
    fn.sum("calls.attempt_count").as("attempts"),
    ...outcomes.map((outcome) => sql`sum(case when calls.outcome = ${sql.lit(outcome)} then 1 else 0 end)`.as(outcome)),
    ...tokenColumns.map((name) => fn.sum(`calls.${name}`).as(name)),
    fn.sum("calls.cost_nano_usd").as("cost"),
    sql`sum(case when calls.cost_nano_usd is null then 1 else 0 end)`.as("without_cost"),
  ];
}

function grouped(
  query: SelectQueryBuilder<Database, "calls", unknown>,
  dimension: Dimension | null,
): Promise<SumRow[]> {
  return (dimension === null ? query : query.groupBy(keyOf(dimension))).execute();
}

function keyOf(dimension: Dimension | null): RawBuilder<string> {
  switch (dimension) {
    case "model":
      return sql<string>`coalesce(calls.model_served, calls.model_asked, '')`;
    case "client":
      return sql<string>`coalesce(calls.client_id, '')`;
    case "credential":
      return sql<string>`calls.credential_id`;
    case "status":
      return sql<string>`calls.status`;
    case "dialect":
      return sql<string>`calls.dialect`;
    case null:
      return sql<string>`''`;
  }
}

function toKey(value: unknown): string {
  return typeof value === "number" ? String(value) : ((value as string | null | undefined) ?? "");
}

function emptyRow(): StatsRow {
  return {
    calls: 0,
    attempts: 0,
    errors: 0,
    refused: 0,
    cancelled: 0,
    incomplete: 0,
    interrupted: 0,
    tokens: { prompt: 0, cached: 0, output: 0, thoughts: 0, toolUse: 0, total: 0 },
    costUsd: 0,
    callsWithoutCost: 0,
  };
}

function addTo(sum: StatsRow, row: SumRow): void {
  sum.calls += toNumber(row["calls"]);
  sum.attempts += toNumber(row["attempts"]);
  sum.errors += toNumber(row["error"]);
  sum.refused += toNumber(row["refused"]);
  sum.cancelled += toNumber(row["cancelled"]);
  sum.incomplete += toNumber(row["incomplete"]);
  sum.interrupted += toNumber(row["interrupted"]);
  sum.tokens.prompt += toNumber(row["prompt_tokens"]);
  sum.tokens.cached += toNumber(row["cached_tokens"]);
  sum.tokens.output += toNumber(row["output_tokens"]);
  sum.tokens.thoughts += toNumber(row["thoughts_tokens"]);
  sum.tokens.toolUse += toNumber(row["tool_use_tokens"]);
  sum.tokens.total += toNumber(row["total_tokens"]);
  sum.costUsd += toNumber(row["cost"]);
  sum.callsWithoutCost += toNumber(row["without_cost"]);
}
