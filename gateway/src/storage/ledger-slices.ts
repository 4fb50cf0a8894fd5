/**
 * Long reads in slices: a query over millions of calls would hold a synchronous database, and with it every open call,
 * for seconds.
 * @module
 */
import type { Kysely } from "kysely";
import type { SqlDriver } from "./driver.ts";
import type { Database } from "./schema.ts";

/** A range of call ids, `from` belongs to it, `below` does not. Null: open. */
export interface IdRange {
  from: string | null;
  below: string | null;
}

/** About 5 ms of work. */
const callsPerSlice = 5_000;

/**
 * Cuts a range into slices and rests between them.
 * @param options `newestFirst`: begin at the end
 */
export async function* slices(
  driver: SqlDriver,
  db: Kysely<Database>,
  options: { range: IdRange; newestFirst: boolean },
): AsyncGenerator<IdRange> {
  const { newestFirst } = options;
  let { from, below } = options.range;
  for (;;) {
    let query = db.selectFrom("calls").select("id");
    if (from !== null) query = query.where("id", ">=", from);
    if (below !== null) query = query.where("id", "<", below);
    const edge = await query
      .orderBy("id", newestFirst ? "desc" : "asc")
      .limit(1)
      .offset(newestFirst ? callsPerSlice - 1 : callsPerSlice)
      .executeTakeFirst();
    if (edge === undefined) {
      yield { from, below };
      return;
    }
    if (newestFirst) {
      yield { from: edge.id, below };
      below = edge.id;
    } else {
      yield { from, below: edge.id };
      from = edge.id;
    }
    await driver.breathe();
  }
}
