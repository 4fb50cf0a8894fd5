/**
 * Reading calls back, with every attempt as it was recorded.
 * @module
 */
import type { Kysely, SelectQueryBuilder } from "kysely";
import { attemptColumns, callColumns, fromRows } from "./call-row.ts";
import type { SqlDriver } from "./driver.ts";
import { idFloor } from "./id-range.ts";
import { slices, type IdRange } from "./ledger-slices.ts";
import { toNumber } from "./numbers.ts";
import type { AttemptTable, CallTable, Database } from "./schema.ts";
import type { CallFilter, PricedCall, Store } from "./types.ts";

const defaultLimit = 50;
const mostLimit = 1_000;

/** Makes calls of their rows. */
export interface CallsReader {
  /** Adds the attempts of those calls that have them in rows of their own. */
  complete(rows: readonly CallTable[]): Promise<PricedCall[]>;
}

/** Makes a reader. */
export function createCallsReader(driver: SqlDriver, db: Kysely<Database>): CallsReader {
  const idsPerQuery = Math.min(driver.maxParameters, 500);
  return {
    async complete(rows) {
      const apart = rows
        .filter((row) => row.credential_id === null && toNumber(row.attempt_count) > 0)
        .map((row) => row.id);
      const attempts = new Map<string, AttemptTable[]>();
      for (let start = 0; start < apart.length; start += idsPerQuery) {
        const found = await db
          .selectFrom("attempts")
          .select(attemptColumns)
          .where("call_id", "in", apart.slice(start, start + idsPerQuery))
          .orderBy("call_id")
          .orderBy("number")
          .execute();
        for (const attempt of found) {
          const known = attempts.get(attempt.call_id);
          if (known === undefined) attempts.set(attempt.call_id, [attempt]);
          else known.push(attempt);
        }
      }
      return rows.map((row) => fromRows(row, attempts.get(row.id) ?? []));
    },
  };
}

/** `list`, `get`, `size` and `oldestMs` of the ledger. */
export function createLedgerReader(
  driver: SqlDriver,
  db: Kysely<Database>,
): Pick<Store["ledger"], "list" | "get" | "size" | "oldestMs"> {
  const { complete } = createCallsReader(driver, db);
  return {
    async list(filter) {
      const limit = Math.min(Math.max(filter.limit ?? defaultLimit, 1), mostLimit);
      const newestFirst = filter.after === undefined;
      const rows: CallTable[] = [];
      for await (const slice of slices(driver, db, { range: rangeOf(filter), newestFirst })) {
        const query = where(db.selectFrom("calls").select(callColumns), filter, slice);
        const ordered = query.orderBy("id", newestFirst ? "desc" : "asc").limit(limit - rows.length);
        rows.push(...(await ordered.execute()));
        if (rows.length >= limit) break;
      }
      return complete(rows);
    },
    async get(id) {
      const row = await db.selectFrom("calls").select(callColumns).where("id", "=", id).executeTakeFirst();
      return row === undefined ? null : ((await complete([row]))[0] ?? null);
    },
    async oldestMs() {
      const row = await db.selectFrom("calls").select("started_at").orderBy("id").limit(1).executeTakeFirst();
      return row === undefined ? null : toNumber(row.started_at);
    },
    async size() {
      let calls = 0;
      let attempts = 0;
      for await (const slice of slices(driver, db, { range: { from: null, below: null }, newestFirst: false })) {
        const row = await where(
          db
            .selectFrom("calls")
            .select(({ fn }) => [fn.countAll().as("calls"), fn.sum("attempt_count").as("attempts")]),
          {},
          slice,
        ).executeTakeFirstOrThrow();
        calls += toNumber(row.calls);
        attempts += toNumber(row.attempts);
      }
      return { calls, attempts, bytes: await driver.bytes() };
    },
  };
}

/** The range of ids in which a filter's calls lie. */
export function rangeOf(filter: Pick<CallFilter, "sinceMs" | "after" | "before">): IdRange {
  const since = filter.sinceMs === undefined ? null : idFloor(filter.sinceMs);
  const after = filter.after ?? null;
  return { from: since === null || (after !== null && after > since) ? after : since, below: filter.before ?? null };
}

/**
 * Adds a filter's conditions, and those of a slice, to a query over `calls`.
 * `limit` and `before` are not looked at: the slice has them.
 */
export function where<Row>(
  query: SelectQueryBuilder<Database, "calls", Row>,
  filter: CallFilter,
  slice: IdRange,
): SelectQueryBuilder<Database, "calls", Row> {
  const { sinceMs, untilMs, model, clientId, credentialId, outcome, status, after } = filter;
  let result = query;
  if (slice.from !== null) result = result.where("calls.id", ">=", slice.from);
  if (slice.below !== null) result = result.where("calls.id", "<", slice.below);
  if (after !== undefined) result = result.where("calls.id", ">", after);
  if (sinceMs !== undefined) result = result.where("calls.started_at", ">=", sinceMs);
  if (untilMs !== undefined) result = result.where("calls.started_at", "<", untilMs);
  if (clientId !== undefined) result = result.where("calls.client_id", "=", clientId);
  if (outcome !== undefined) result = result.where("calls.outcome", "=", outcome);
  if (status !== undefined) result = result.where("calls.status", "=", status);
  if (model !== undefined) {
    result = result.where(({ or, eb }) =>
      or([eb("calls.model_served", "=", model), eb("calls.model_asked", "=", model)]),
    );
  }
  if (credentialId !== undefined) {
    result = result.where(({ or, eb, exists, selectFrom }) =>
      or([
        eb("calls.credential_id", "=", credentialId),
        exists(
          selectFrom("attempts")
            .select("attempts.number")
            .whereRef("attempts.call_id", "=", "calls.id")
            .where("attempts.credential_id", "=", credentialId),
        ),
      ]),
    );
  }
  return result;
}
