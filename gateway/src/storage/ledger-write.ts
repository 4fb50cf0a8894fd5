/**
 * The ledger's writing side: the one hot insert, and deleting what is old.
 * @module
 */
import type { Kysely } from "kysely";
import { sql } from "kysely";
import { attemptColumns, callColumns, isFolded, toAttemptValues, toCallValues } from "./call-row.ts";
import type { SqlDriver, SqlValue, WriteGroup } from "./driver.ts";
import { idFloor } from "./id-range.ts";
import type { Database } from "./schema.ts";
import type { Store } from "./types.ts";

/** `insert`, `prune` and `bytes` of the ledger. */
export function createLedgerWriter(
  driver: SqlDriver,
  db: Kysely<Database>,
): Pick<Store["ledger"], "insert" | "prune" | "bytes"> {
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
  const deleteAttempts = sql`delete from attempts where call_id <= ${null}`.compile(db).sql;
  const deleteCalls = sql`delete from calls where id <= ${null}`.compile(db).sql;

  return {
    async insert(calls) {
      if (calls.length === 0) return;
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
      await driver.writeBatch(groups);
    },
    async prune(olderThanMs, limit) {
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
      await driver.breathe();
      return oldest.length;
    },
    bytes: () => driver.bytes(),
  };
}
