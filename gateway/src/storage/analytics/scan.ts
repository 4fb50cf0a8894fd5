/**
 * The parts of the ledger in which calls of a filter can be, the newest first. The roll-ups serve as the index that the
 * calls have not: they say in which quarters of an hour there is such a call at all, and ids sort by time.
 * @module
 */
import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { SqlDriver } from "../driver.ts";
import { idFloor } from "../id-range.ts";
import type { IdRange } from "../ledger-slices.ts";
import { toNumber } from "../numbers.ts";
import { addBody } from "../rollups/body.ts";
import { alsoKey, quarterOfId } from "../rollups/deltas.ts";
import { at, day, dimensionCodes, floorTo, quarterMs, zeros, type Grain } from "../rollups/layout.ts";
import { readState, type RollupState } from "../rollups/state.ts";
import type { Database } from "../schema.ts";
import type { SearchFilter } from "../types-analytics.ts";
import { needsOf, type Need } from "./filter.ts";

/** What is scanned. */
export interface Scan {
  driver: SqlDriver;
  db: Kysely<Database>;
  filter: SearchFilter;
  /** Ids to look at. */
  range: IdRange;
  /** Most calls of a slice: about so many microseconds. */
  rowsPerSlice: number;
}

/** A slice of ids and how many calls lie in it. No call of the filter lies between two slices. */
export interface ScanSlice {
  range: { from: string; below: string | null };
  rows: number;
  /** What it took to find and to read it, in calls that could have been read meanwhile. */
  cost: number;
}

/** To ask for a slice takes as long as to read so many calls, and to look for the quarters of a day. */
export const sliceCost = 300;
const dayCost = 500;

/** Gives slices, the newest first, and rests between them. */
export async function* scan(options: Scan): AsyncGenerator<ScanSlice> {
  const { driver, db, rowsPerSlice } = options;
  for await (const run of runs(options)) {
    let { below, days: looked } = run;
    for (;;) {
      let ids = db.selectFrom("calls").select("id").orderBy("id", "desc").limit(rowsPerSlice);
      if (run.from !== null) ids = ids.where("id", ">=", run.from);
      if (below !== null) ids = ids.where("id", "<", below);
      const found = await db
        .selectFrom(ids.as("slice"))
        .select(({ fn }) => [fn.countAll().as("rows"), fn.min("slice.id").as("edge")])
        .executeTakeFirstOrThrow();
      const rows = toNumber(found.rows);
      if (rows === 0) break;
      const { edge } = found;
      yield { range: { from: edge, below }, rows, cost: rows + sliceCost + looked * dayCost };
      looked = 0;
      await driver.breathe();
      if (rows < rowsPerSlice) break;
      below = edge;
    }
  }
}

// --- helpers ---

/** Days asked for in one query. */
const daysPerRead = 64;

interface Run extends IdRange {
  /** Days that were looked into since the run before. */
  days: number;
}

/** Ranges of ids, the newest first. */
async function* runs(options: Scan): AsyncGenerator<Run> {
  const { db, filter, range } = options;
  const needs = needsOf(filter);
  const { state } = await readState(db);
  if (needs === null || state.building !== null) {
    yield { ...range, days: 0 };
    return;
  }
  const ends = await endsOf(db, range);
  if (ends === null) return;
  const times = {
    from: filter.sinceMs === undefined ? -Infinity : Math.floor(filter.sinceMs / quarterMs),
    to: filter.untilMs === undefined ? Infinity : Math.ceil(filter.untilMs / quarterMs),
  };
  let looked = 0;
  for await (const start of days(options, { state, needs, times, ...ends })) {
    if (start < state.quartersFrom || (await hasFewCalls(db, start, options.rowsPerSlice))) {
      yield { ...cut(range, start, start + day), days: looked };
      looked = 0;
      continue;
    }
    looked += 1;
    const quarters = Array.from({ length: day }, (_, index) => start + index).filter(
      (quarter) => quarter >= ends.first && quarter <= ends.last,
    );
    const found = await candidates(db, { grain: 1, starts: quarters, needs, times });
    for (let index = found.length - 1; index >= 0; index -= 1) {
      const below = (found[index] as number) + 1;
      while (index > 0 && found[index - 1] === (found[index] as number) - 1) index -= 1;
      yield { ...cut(range, found[index] as number, below), days: looked };
      looked = 0;
    }
  }
}

interface Question {
  state: RollupState;
  needs: readonly Need[];
  times: { from: number; to: number };
  /** Quarters of the oldest and the newest id. */
  first: number;
  last: number;
}

/** Days in which there can be such calls, the newest first. Those that are not over are not looked into. */
async function* days({ driver, db }: Scan, { state, needs, times, first, last }: Question): AsyncGenerator<number> {
  const wholeTo = floorTo(state.daysTo, day);
  const open = await sql<{ start: number }>`
    select distinct start - start % ${sql.lit(day)} as start from rollups
    where grain = 1 and dimension in (${sql.lit(dimensionCodes.all)}, ${sql.lit(dimensionCodes.also)})
      and start >= ${Math.max(wholeTo, floorTo(first, day))} and start <= ${last} order by 1 desc`.execute(db);
  for (const { start } of open.rows) yield toNumber(start);
  const whole = await sql<{ start: number }>`
    select distinct start from rollups
    where grain = ${sql.lit(day)} and dimension in (${sql.lit(dimensionCodes.all)}, ${sql.lit(dimensionCodes.also)})
      and start >= ${floorTo(first, day)} and start <= ${Math.min(last, wholeTo - 1)} order by 1 desc`.execute(db);
  for (let index = 0; index < whole.rows.length; index += daysPerRead) {
    const starts = whole.rows.slice(index, index + daysPerRead).map((row) => toNumber(row.start));
    yield* (await candidates(db, { grain: day, starts, needs, times })).reverse();
    await driver.breathe();
  }
}

/** Whether a day that is over is one slice: then to look for its quarters would cost more than to read all of it. */
async function hasFewCalls(db: Kysely<Database>, start: number, few: number): Promise<boolean> {
  const row = await db
    .selectFrom("rollups")
    .select("body")
    .where("grain", "=", day)
    .where("dimension", "=", dimensionCodes.all)
    .where("start", "=", start)
    .where("key", "=", "")
    .executeTakeFirst();
  if (row === undefined) return false;
  const sums = zeros();
  addBody(sums, row.body);
  return (sums[at.calls] ?? 0) <= few;
}

/** Those starts at which there can be such calls, rising. */
async function candidates(
  db: Kysely<Database>,
  options: Pick<Question, "needs" | "times"> & { grain: Grain; starts: readonly number[] },
): Promise<number[]> {
  const { grain, starts, needs, times } = options;
  const bodies = needs.map((need) => need.bodies(grain));
  const columns = bodies.flatMap((group, index) =>
    group.map((body, part) => sql`${body} as ${sql.ref(columnOf(index, part))}`),
  );
  const { rows } = await sql<Record<string, string | number | null>>`
    select s.value as start, ${sql.join(columns)},
      case when exists (select 1 from rollups as r where r.grain = ${sql.lit(grain)}
        and r.dimension = ${sql.lit(dimensionCodes.also)} and r.start = s.value and r.key = ${alsoKey.skew})
      then 1 else 0 end as skew
    from json_each(${JSON.stringify(starts)}) as s`.execute(db);
  const isCandidate = (row: (typeof rows)[number]): boolean => {
    // Calls whose id tells this time have begun at another: these rows know nothing of them.
    if (toNumber(row["skew"]) === 1) return true;
    const start = toNumber(row["start"]);
    if (start >= times.to || start + grain <= times.from) return false;
    return needs.every((need, index) => {
      const found = bodies[index]?.map((_, part) => row[columnOf(index, part)]).filter((body) => body !== null);
      if (found === undefined || found.length === 0) return false;
      const sums = zeros();
      for (const body of found) addBody(sums, String(body));
      return need.allows(sums);
    });
  };
  return rows
    .filter(isCandidate)
    .map((row) => toNumber(row["start"]))
    .sort((a, b) => a - b);
}

function columnOf(need: number, part: number): string {
  return `body_${need}_${part}`;
}

/** Quarters that the first and the last id of a range tell; null: there is none. */
async function endsOf(db: Kysely<Database>, { from, below }: IdRange): Promise<{ first: number; last: number } | null> {
  const end = async (direction: "asc" | "desc"): Promise<string | undefined> => {
    let query = db.selectFrom("calls").select("id").orderBy("id", direction).limit(1);
    if (from !== null) query = query.where("id", ">=", from);
    if (below !== null) query = query.where("id", "<", below);
    return (await query.executeTakeFirst())?.id;
  };
  const [oldest, newest] = [await end("asc"), await end("desc")];
  if (oldest === undefined || newest === undefined) return null;
  return { first: quarterOfId(oldest), last: quarterOfId(newest) };
}

/** The ids of some quarters that are in a range of ids. */
function cut({ from, below }: IdRange, first: number, end: number): IdRange {
  const [floor, ceiling] = [idFloor(first * quarterMs), idFloor(end * quarterMs)];
  const last = ceiling === idFloor(Infinity);
  return {
    from: from !== null && from > floor ? from : floor,
    below: last || (below !== null && below < ceiling) ? below : ceiling,
  };
}
