/**
 * What is done to the ledger from time to time: summing up, thinning out, pricing again.
 * @module
 */
import type { Kysely } from "kysely";
import { sql } from "kysely";
import { scan } from "./analytics/scan.ts";
import { whereSearch } from "./analytics/filter.ts";
import { attemptColumns, callColumns, isFolded, toAttemptValues, toCallValues } from "./call-row.ts";
import type { SqlDriver, SqlValue, WriteGroup } from "./driver.ts";
import { createCallsReader, rangeOf } from "./ledger-read.ts";
import { toNumber } from "./numbers.ts";
import type { RollupBook } from "./rollups/book.ts";
import { createDeltas } from "./rollups/deltas.ts";
import { closedBefore, isBeingFolded, makeFold } from "./rollups/fold.ts";
import { day, dimensionCount, floorTo, hour, isWide, quarterMs, type Grain } from "./rollups/layout.ts";
import { readState } from "./rollups/state.ts";
import type { Database } from "./schema.ts";
import type { PricedCall, Store } from "./types.ts";

/** Calls of one slice of re-pricing: one short transaction. */
const callsPerSlice = 50;
/** About 2 ms. */
const rowsPerFold = 100;

/** `rollUp`, `pruneSums` and `reprice` of the ledger. */
export function createLedgerUpkeep(
  driver: SqlDriver,
  db: Kysely<Database>,
  book: RollupBook,
): Pick<Store["ledger"], "rollUp" | "pruneSums" | "reprice"> {
  const { complete } = createCallsReader(driver, db);
  const writeCosts = compileCosts(db);

  /** Deletes rows of a grain and dimension that begin before a quarter, the oldest first. */
  async function pruneRows(rows: { grain: Grain; dimension: number; before: number; limit: number }): Promise<number> {
    const { grain, dimension, before, limit } = rows;
    const oldest = await db
      .selectFrom("rollups")
      .select(["start", "key"])
      .where("grain", "=", grain)
      .where("dimension", "=", dimension)
      .where("start", "<", before)
      .orderBy("start")
      .orderBy("key")
      .limit(limit)
      .execute();
    const last = oldest.at(-1);
    if (last === undefined) return 0;
    const statement = sql`delete from rollups where grain = ${grain} and dimension = ${dimension}
      and (start, key) <= (${0}, ${""})`.compile(db).sql;
    await driver.writeBatch([{ sql: statement, rows: [[grain, dimension, toNumber(last.start), last.key]] }]);
    await driver.breathe();
    return oldest.length;
  }

  return {
    async rollUp({ now, limit }) {
      const before = closedBefore(now);
      for (let left = limit; left > 0;) {
        let added: number | null = null;
        await book.write(async (state) => {
          const entry = await makeFold(db, state, { before, limit: Math.min(rowsPerFold, left) });
          // An entry without rows only moves a mark on.
          added = entry === null ? null : Math.max(1, entry.rows?.length ?? 0);
          return entry;
        });
        if (added === null) return false;
        left -= added;
        await driver.breathe();
      }
      return true;
    },
    async pruneSums({ quartersBeforeMs, hoursBeforeMs, limit }) {
      await book.write(async (state) => {
        // Only what is in its day already; and not while the roll-ups are being made.
        const most = state.building === null ? floorTo(state.daysTo, day) : 0;
        const cut = (ms: number): number => Math.min(most, floorTo(Math.floor(ms / quarterMs), day));
        const quartersFrom = Math.max(state.quartersFrom, cut(quartersBeforeMs));
        const hoursFrom = Math.max(state.hoursFrom, cut(hoursBeforeMs));
        return quartersFrom === state.quartersFrom && hoursFrom === state.hoursFrom
          ? null
          : { state: { quartersFrom, hoursFrom } };
      });
      const { state } = await readState(db);
      let deleted = 0;
      for (let dimension = 0; dimension < dimensionCount; dimension += 1) {
        const hoursFrom = isWide(dimension) ? Math.max(state.hoursFrom, state.quartersFrom) : state.hoursFrom;
        const grains: [Grain, number][] = [
          [1, state.quartersFrom],
          [hour, hoursFrom],
        ];
        for (const [grain, before] of grains) {
          let part = 0;
          do {
            if (deleted >= limit) return deleted;
            part = await pruneRows({ grain, dimension, before, limit: Math.min(rowsPerDelete, limit - deleted) });
            deleted += part;
          } while (part > 0);
        }
      }
      return deleted;
    },
    async reprice({ fromMs, toMs, model, dryRun, price, onSlice, signal }) {
      const filter = { sinceMs: fromMs, untilMs: toMs, ...(model === null ? {} : { model }) };
      const progress = { looked: 0, changed: 0, differenceNanoUsd: 0 };
      const range = { from: rangeOf(filter).from, below: null };
      for await (const slice of scan({ driver, db, filter, range, rowsPerSlice: callsPerSlice })) {
        if (signal?.aborted === true) return;
        let found = { looked: 0, changed: 0, differenceNanoUsd: 0 };
        // Read and written between two other writes: what is read is what is replaced.
        await book.write(async (state, writeNow) => {
          const rows = await whereSearch(db.selectFrom("calls").select(callColumns), filter, slice.range).execute();
          const old = await complete(rows);
          const pairs = old
            .map((before) => ({ before, after: price(before.record) }))
            .filter((pair) => !isSameCost(pair.before, pair.after));
          found = { looked: old.length, changed: pairs.length, differenceNanoUsd: 0 };
          const deltas = createDeltas();
          for (const { before, after } of pairs) {
            found.differenceNanoUsd += (after.costNanoUsd ?? 0) - (before.costNanoUsd ?? 0);
            deltas.add(before, -1);
            deltas.add(after);
          }
          if (dryRun || pairs.length === 0) return null;
          if (isBeingFolded(state, deltas.quarters.keys())) {
            const entry = await makeFold(db, state, { before: 0, limit: rowsPerFold });
            if (entry !== null) await writeNow(entry);
            return "again";
          }
          return { quarters: deltas.quarters, groups: writeCosts(pairs) };
        });
        progress.looked += found.looked;
        progress.changed += found.changed;
        progress.differenceNanoUsd += found.differenceNanoUsd;
        onSlice?.({ ...progress });
      }
    },
  };
}

// --- helpers ---

const rowsPerDelete = 500;

interface CostPair {
  before: PricedCall;
  after: PricedCall;
}

function isSameCost(before: PricedCall, after: PricedCall): boolean {
  return (
    before.costNanoUsd === after.costNanoUsd &&
    before.attemptCosts.every((cost, index) => cost === (after.attemptCosts[index] ?? null))
  );
}

/** Statements that bring new costs into the rows of calls and attempts. */
function compileCosts(db: Kysely<Database>): (pairs: readonly CostPair[]) => WriteGroup[] {
  const setCall = sql`update calls set cost_nano_usd = ${0} where id = ${""}`.compile(db).sql;
  const setAttempt = sql`update attempts set cost_nano_usd = ${0} where call_id = ${""} and number = ${0}`.compile(
    db,
  ).sql;
  const deleteCall = sql`delete from calls where id = ${""}`.compile(db).sql;
  const deleteAttempts = sql`delete from attempts where call_id = ${""}`.compile(db).sql;
  const insertCall = sql`insert into calls (${sql.join(callColumns.map((name) => sql.ref(name)))})
    values (${sql.join(callColumns.map(() => sql`${null}`))})`.compile(db).sql;
  const insertAttempt = sql`insert into attempts (${sql.join(attemptColumns.map((name) => sql.ref(name)))})
    values (${sql.join(attemptColumns.map(() => sql`${null}`))})`.compile(db).sql;
  return (pairs) => {
    const rows = { setCall: [], setAttempt: [], deletes: [], calls: [], attempts: [] } as Record<string, SqlValue[][]>;
    for (const { before, after } of pairs) {
      const { id, attempts } = after.record;
      const toAttempts = (): SqlValue[][] =>
        attempts.map((attempt, index) => toAttemptValues(id, attempt, after.attemptCosts[index] ?? null));
      if (isFolded(before) === isFolded(after)) {
        rows["setCall"]?.push([after.costNanoUsd, id]);
        if (isFolded(after)) continue;
        for (const [index, { number }] of attempts.entries()) {
          rows["setAttempt"]?.push([after.attemptCosts[index] ?? null, id, number]);
        }
        continue;
      }
      // The only attempt costs what its call costs, or does so no longer: it moves into its call's row, or out of it.
      rows["deletes"]?.push([id]);
      rows["calls"]?.push(toCallValues(after));
      if (!isFolded(after)) rows["attempts"]?.push(...toAttempts());
    }
    return [
      { sql: setCall, rows: rows["setCall"] ?? [] },
      { sql: setAttempt, rows: rows["setAttempt"] ?? [] },
      { sql: deleteAttempts, rows: rows["deletes"] ?? [] },
      { sql: deleteCall, rows: rows["deletes"] ?? [] },
      { sql: insertCall, rows: rows["calls"] ?? [] },
      { sql: insertAttempt, rows: rows["attempts"] ?? [] },
    ];
  };
}
