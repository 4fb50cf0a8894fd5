/**
 * How far the roll-ups are. One text in `meta` that changes with every write of them, in the same batch, and every such
 * batch holds only if the text is still the one it was made for. So nothing is added twice, and what a process knows of
 * rows by heart is what is in the table, even if a second process writes to the same file.
 * @module
 */
import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { WriteGroup } from "../driver.ts";
import type { Database } from "../schema.ts";

/** The state. Times are quarters of an hour since 1970. */
export interface RollupState {
  /** Rises with each write. */
  writes: number;
  /** Rises with each write into hours and days that were made up already. */
  late: number;
  /** Quarters before this are in their hours. */
  hoursTo: number;
  /** Hours before this are in their days. Never beyond the hour of `hoursTo`. */
  daysTo: number;
  /** Half done: rows of this quarter or hour up to this dimension and key are in their hour or day. */
  folding: { grain: "quarter" | "hour"; start: number; dimension: number; key: string } | null;
  /** Quarters before this are deleted, and hours of wide dimensions. Begins a day. */
  quartersFrom: number;
  /** Hours before this are deleted. Begins a day. */
  hoursFrom: number;
  /** Calls up to this id are in, the others not yet: the database is older than its roll-ups. Null: all are. */
  building: string | null;
}

/** Of a database without calls. */
export const freshState: RollupState = {
  writes: 0,
  late: 0,
  hoursTo: 0,
  daysTo: 0,
  folding: null,
  quartersFrom: 0,
  hoursFrom: 0,
  building: null,
};

/** The state with the text that it was read from; an empty text where there is none. */
export interface KnownState {
  state: RollupState;
  text: string;
}

/** Reads it. */
export async function readState(db: Kysely<Database>): Promise<KnownState> {
  const row = await db.selectFrom("meta").select("value").where("key", "=", metaKey).executeTakeFirst();
  if (row === undefined) return { state: freshState, text: "" };
  return { state: JSON.parse(row.value) as RollupState, text: row.value };
}

/** Fails the batch when the state is another by now. Compiled once. */
export function compileGuard(db: Kysely<Database>): (known: KnownState) => WriteGroup {
  // A null where none may be: the one way to fail that every SQL database has and no trigger is needed for.
  const statement = sql`insert into meta (key, value) select ${""}, null
    where coalesce((select value from meta where key = ${""}), '') <> ${""}`.compile(db).sql;
  return ({ text }) => ({ sql: statement, rows: [[`${metaKey}.guard`, metaKey, text]] });
}

/** Writes the next state. */
export function compileChange(db: Kysely<Database>): (state: RollupState) => { group: WriteGroup; known: KnownState } {
  const statement = db
    .insertInto("meta")
    .values({ key: "", value: "" })
    .onConflict((conflict) => conflict.column("key").doUpdateSet(({ ref }) => ({ value: ref("excluded.value") })))
    .compile().sql;
  return (state) => {
    const text = JSON.stringify(state);
    return { group: { sql: statement, rows: [[metaKey, text]] }, known: { state, text } };
  };
}

// --- helpers ---

const metaKey = "rollups";
