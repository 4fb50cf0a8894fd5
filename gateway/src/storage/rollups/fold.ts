/**
 * Sums quarters up into hours and hours into days once they are over: done while calls are written, it would be three
 * writes for each. A slice at a time; what was half done goes on where it stopped, also after a restart.
 * @module
 */
import type { Kysely } from "kysely";
import { sql } from "kysely";
import { toNumber } from "../numbers.ts";
import type { Database } from "../schema.ts";
import type { BookEntry, RowDelta } from "./book.ts";
import { day, dimensionCodes, dimensionCount, floorTo, hour, quarterMs, type Grain } from "./layout.ts";
import type { RollupState } from "./state.ts";

/** Quarters over for less than this wait: calls that ended just now are still written into them. */
const slackMs = 300_000;

/** The first quarter that is not over for good. */
export function closedBefore(now: number): number {
  return Math.floor((now - slackMs) / quarterMs);
}

/**
 * The next slice of work.
 * @param options `before`: only quarters before it; `limit`: most rows that are added up
 * @returns null: nothing is left to do
 */
export async function makeFold(
  db: Kysely<Database>,
  state: RollupState,
  options: { before: number; limit: number },
): Promise<BookEntry | null> {
  if (state.folding !== null) return foldOf(db, state, { ...options, folding: state.folding });
  const quarter = await firstStart(db, { grain: 1, from: state.hoursTo, below: options.before });
  if (quarter !== null) {
    const folding = { grain: "quarter", start: quarter, dimension: 0, key: "", fresh: true } as const;
    return foldOf(db, state, { ...options, folding });
  }
  const hoursTo = Math.max(state.hoursTo, options.before);
  const next = await firstStart(db, { grain: hour, from: state.daysTo, below: floorTo(hoursTo, hour) });
  if (next !== null) {
    const folding = { grain: "hour", start: next, dimension: 0, key: "", fresh: true } as const;
    return foldOf(db, { ...state, hoursTo }, { ...options, folding });
  }
  const daysTo = Math.max(state.daysTo, floorTo(hoursTo, hour));
  return hoursTo === state.hoursTo && daysTo === state.daysTo ? null : { state: { hoursTo, daysTo } };
}

/** Whether rows of these quarters are being summed up just now: that must be brought to its end before more is added. */
export function isBeingFolded(state: RollupState, quarters: Iterable<number>): boolean {
  const { folding } = state;
  if (folding === null) return false;
  for (const quarter of quarters) {
    if ((folding.grain === "quarter" ? quarter : floorTo(quarter, hour)) === folding.start) return true;
  }
  return false;
}

// --- helpers ---

interface Slice {
  limit: number;
  folding: NonNullable<RollupState["folding"]> & { fresh?: boolean };
}

async function foldOf(db: Kysely<Database>, state: RollupState, { limit, folding }: Slice): Promise<BookEntry> {
  const [source, target]: [Grain, Grain] = folding.grain === "quarter" ? [1, hour] : [hour, day];
  const rows: RowDelta[] = [];
  let { dimension } = folding;
  let after: string | null = folding.fresh === true ? null : folding.key;
  for (; dimension < dimensionCount && rows.length < limit; dimension += 1, after = null) {
    let query = db
      .selectFrom("rollups")
      .select(["key", "body"])
      .where("grain", "=", source)
      .where("dimension", "=", dimension)
      .where("start", "=", folding.start);
    if (after !== null) query = query.where("key", ">", after);
    const found = await query
      .orderBy("key")
      .limit(limit - rows.length)
      .execute();
    for (const { key, body } of found) {
      rows.push({ grain: target, dimension, start: floorTo(folding.start, target), key, added: body });
    }
  }
  const last = rows.at(-1);
  const whole = rows.length < limit || last === undefined;
  const { hoursTo, daysTo } = state;
  if (!whole) {
    const left = { grain: folding.grain, start: folding.start, dimension: last.dimension, key: last.key };
    return { rows, state: { hoursTo, daysTo, folding: left } };
  }
  const reached = folding.grain === "quarter" ? { hoursTo: folding.start + 1 } : { daysTo: folding.start + hour };
  return { rows, state: { hoursTo, daysTo, ...reached, folding: null } };
}

/** The first start in a range at which there are rows. Every call is in `all`, or its id's quarter is in `also`. */
async function firstStart(
  db: Kysely<Database>,
  { grain, from, below }: { grain: Grain; from: number; below: number },
): Promise<number | null> {
  const { rows } = await sql<{ start: number | null }>`
    select min(start) as start from (
      select min(start) as start from rollups
        where grain = ${grain} and dimension = ${dimensionCodes.all} and start >= ${from} and start < ${below}
      union all
      select min(start) as start from rollups
        where grain = ${grain} and dimension = ${dimensionCodes.also} and start >= ${from} and start < ${below}
    ) as starts`.execute(db);
  const start = rows[0]?.start;
  return start === null || start === undefined ? null : toNumber(start);
}
