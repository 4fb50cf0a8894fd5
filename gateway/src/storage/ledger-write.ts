/**
 * The ledger's writing side: the one hot insert, and deleting what is old.
 * @module
 */
import type { Kysely } from "kysely";
import { sql } from "kysely";
import { attemptColumns, callColumns, isFolded, toAttemptValues, toCallValues } from "./call-row.ts";
import type { SqlDriver, SqlValue, WriteGroup } from "./driver.ts";
import { idFloor } from "./id-range.ts";
import type { RollupBook } from "./rollups/book.ts";
import { quartersOf } from "./rollups/deltas.ts";
import { isBeingFolded, makeFold } from "./rollups/fold.ts";
import type { Database } from "./schema.ts";
import type { PricedCall, Store } from "./types.ts";

/** Makes the statements that write calls with their attempts. Those that are there already are left as they are. */
export function compileCallInsert(db: Kysely<Database>): (calls: readonly PricedCall[]) => WriteGroup[] {
  // Both are compiled once; each batch runs the prepared statement with other values.
  const insertCall = db
    .insertInto("calls")
    .values(Object.fromEntries(callColumns.map((name) => [name, null])) as never)
    .onConflict((conflict) => conflict.column("id").doNothing())
    .compile().sql;
  // A call that is there already keeps its attempts too: the condition, as attempts are written before their calls.
  const insertAttempt = sql`insert into attempts (${sql.join(attemptColumns.map((name) => sql.ref(name)))})
    select ${sql.join(attemptColumns.map(() => sql`${null}`))}
    where not exists (select 1 from calls where id = ${null})
    on conflict do nothing`.compile(db).sql;

  return (calls) => {
    const callRows: SqlValue[][] = [];
    const attemptRows: SqlValue[][] = [];
    for (const call of calls) {
      callRows.push(toCallValues(call));
      if (isFolded(call)) continue;
      const { id, attempts } = call.record;
      attempts.forEach((attempt, index) => {
        attemptRows.push([...toAttemptValues(id, attempt, call.attemptCosts[index] ?? null), id]);
      });
    }
    const groups: WriteGroup[] = [{ sql: insertCall, rows: callRows }];
    if (attemptRows.length > 0) groups.unshift({ sql: insertAttempt, rows: attemptRows });
    return groups;
  };
}

/** `insert`, `prune` and `bytes` of the ledger. */
export function createLedgerWriter(
  driver: SqlDriver,
  db: Kysely<Database>,
  book: RollupBook,
): Pick<Store["ledger"], "insert" | "prune" | "bytes"> {
  const toGroups = compileCallInsert(db);
  const deleteAttempts = sql`delete from attempts where call_id <= ${null}`.compile(db).sql;
  const deleteCalls = sql`delete from calls where id <= ${null}`.compile(db).sql;

  /** Those that are not in the table, each once: what is there has been summed up. */
  async function fresh(calls: readonly PricedCall[]): Promise<PricedCall[]> {
    const byId = new Map<string, PricedCall>();
    for (const call of calls) if (!byId.has(call.record.id)) byId.set(call.record.id, call);
    const ids = JSON.stringify([...byId.keys()]);
    const { rows } = await sql<{ id: string }>`
      select calls.id from json_each(${ids}) as s cross join calls where calls.id = s.value`.execute(db);
    for (const { id } of rows) byId.delete(id);
    return [...byId.values()];
  }

  return {
    async insert(calls) {
      if (calls.length === 0) return;
      await book.write(async (state, writeNow) => {
        const added = await fresh(calls);
        if (added.length === 0) return null;
        if (state.folding !== null && isBeingFolded(state, new Set(added.flatMap(quartersOf)))) {
          const entry = await makeFold(db, state, { before: 0, limit: rowsPerFold });
          if (entry !== null) await writeNow(entry);
          await driver.breathe();
          return "again";
        }
        return { calls: added, groups: toGroups(added) };
      });
    },
    async prune(olderThanMs, limit) {
      // Between writes: a call that is priced again just now is not deleted half-way.
      const deleted = await book.between(async () => {
        // The oldest ids; all of them have begun before the time (see id-range), so a range of the key is all it takes.
        const oldest = await db
          .selectFrom("calls")
          .select("id")
          .where("id", "<", idFloor(olderThanMs))
          .orderBy("id")
          .limit(limit)
          .execute();
        const last = oldest.at(-1);
        if (last === undefined) return 0;
        await driver.writeBatch([
          { sql: deleteAttempts, rows: [[last.id]] },
          { sql: deleteCalls, rows: [[last.id]] },
        ]);
        return oldest.length;
      });
      if (deleted > 0) await driver.breathe();
      return deleted;
    },
    bytes: () => driver.bytes(),
  };
}

// --- helpers ---

const rowsPerFold = 500;
