/**
 * Roll-ups of calls that were written before there were roll-ups. Slice by slice; a start that dies half-way leaves
 * what it did, and the next one goes on there. Two processes that start at once share the work.
 * @module
 */
import type { Kysely } from "kysely";
import type { SqlDriver } from "../driver.ts";
import type { CallsReader } from "../ledger-read.ts";
import { toNumber } from "../numbers.ts";
import { callColumns } from "../call-row.ts";
import type { Database } from "../schema.ts";
import type { RollupBook } from "./book.ts";
import { hour } from "./layout.ts";
import { freshState, readState } from "./state.ts";

/** Calls of one slice. More would add less for each call, and need more memory. */
const callsPerSlice = 5_000;
/** Every hour and day counts as made up already, so that each slice writes all three grains. */
const allTime = Number.MAX_SAFE_INTEGER;

/** Brings the roll-ups up to the calls. To be awaited before anything else is written. */
export async function buildRollups(parts: {
  driver: SqlDriver;
  db: Kysely<Database>;
  book: RollupBook;
  complete: CallsReader["complete"];
}): Promise<void> {
  const { driver, db, book, complete } = parts;
  const { state, text } = await readState(db);
  if (text !== "" && state.building === null) return;
  for (let more = true; more;) {
    await book.write(async (current) => {
      // Another process that started at the same time may have done the rest.
      const known = await readState(db);
      if (known.text !== "" && current.building === null) {
        more = false;
        return null;
      }
      if (known.text === "" && (await hasCalls(db))) {
        return { state: { hoursTo: allTime, daysTo: allTime, building: "" } };
      }
      let query = db.selectFrom("calls").select(callColumns).orderBy("id").limit(callsPerSlice);
      if (current.building !== null) query = query.where("id", ">", current.building);
      const rows = await query.execute();
      const last = rows.at(-1);
      if (last === undefined) {
        more = false;
        if (known.text === "") return { state: freshState };
        const end = await endOfAll(db);
        return { state: { hoursTo: end, daysTo: end, building: null } };
      }
      return { calls: await complete(rows), state: { building: last.id } };
    });
    await driver.breathe();
  }
}

// --- helpers ---

async function hasCalls(db: Kysely<Database>): Promise<boolean> {
  return (await db.selectFrom("calls").select("id").limit(1).executeTakeFirst()) !== undefined;
}

/** The end of the last hour that there are calls of. */
async function endOfAll(db: Kysely<Database>): Promise<number> {
  const row = await db
    .selectFrom("rollups")
    .select("start")
    .where("grain", "=", hour)
    .where("dimension", "=", 0)
    .orderBy("start", "desc")
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? 0 : toNumber(row.start) + hour;
}
