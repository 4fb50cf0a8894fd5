/**
 * Sums over ranges of time, out of the roll-ups.
 * @module
 */
import type { Kysely, RawBuilder } from "kysely";
import { sql } from "kysely";
import type { SqlDriver } from "../driver.ts";
import { toNumber } from "../numbers.ts";
import { addBody } from "../rollups/body.ts";
import { day, dimensionCodes, floorTo, hour, isWide, quarterMs, zeros, type Grain } from "../rollups/layout.ts";
import { readState, type RollupState } from "../rollups/state.ts";
import type { Database } from "../schema.ts";
import type { TimeRange } from "../types-analytics.ts";
import { compose, type Extent, type QuarterRange, type Term } from "./compose.ts";

/** Which rows: all keys of a dimension, those that begin so, or these. */
export interface Selection {
  /** Code of rollups/layout. */
  dimension: number;
  keys: readonly string[] | null;
  prefix?: string | undefined;
  /** All of them under the empty key. */
  together?: boolean | undefined;
}

/** Reads sums. */
export interface SumsReader {
  /** By key, the numbers of a row for each range; keys without rows are missing. */
  read(selection: Selection, ranges: readonly QuarterRange[]): Promise<Map<string, number[][]>>;
}

/** Ranges as quarters of an hour; the quarter in which two ranges meet belongs to the later one. */
export function toQuarters(ranges: readonly TimeRange[]): QuarterRange[] {
  const quarters = ranges.map(({ fromMs, toMs }) => ({
    from: Math.floor(fromMs / quarterMs),
    to: Math.ceil(toMs / quarterMs),
  }));
  for (const [index, range] of quarters.entries()) range.to = Math.min(range.to, quarters[index + 1]?.from ?? range.to);
  return quarters;
}

/** Makes a reader. */
export function createSumsReader(driver: SqlDriver, db: Kysely<Database>): SumsReader {
  async function readOnce(selection: Selection, ranges: readonly QuarterRange[], state: RollupState): Promise<Sums> {
    const extent = await readExtent(db, { ...state, dimension: selection.dimension, ranges });
    const { reads, groups } = planReads(ranges.map((range) => compose(range, extent)));
    /** By key, the numbers of each group. */
    const found = new Map<string, number[][]>();
    let size = selection.keys === null ? firstStarts : Math.max(1, Math.floor(rowsPerRead / selection.keys.length));
    for (let index = 0; index < reads.length;) {
      const part = reads.slice(index, index + size);
      const rows = await readRows(db, selection, part);
      for (const { item, key: own, body } of rows) {
        const key = selection.together === true ? "" : own;
        let ofKey = found.get(key);
        if (ofKey === undefined) found.set(key, (ofKey = []));
        addBody((ofKey[part[toNumber(item)]?.group ?? 0] ??= zeros()), body);
      }
      index += part.length;
      // As many rows at once as hold a synchronous database for a few milliseconds.
      if (selection.keys === null) {
        size = Math.max(1, Math.floor((rowsPerRead * part.length) / Math.max(1, rows.length)));
      }
      if (index < reads.length) await driver.breathe();
    }
    return new Map([...found].map(([key, ofKey]) => [key, toRanges(ofKey, groups)]));
  }

  return {
    async read(selection, ranges) {
      if (selection.keys?.length === 0) return new Map();
      for (let tries = 1; ; tries += 1) {
        const { state } = await readState(db);
        const sums = await readOnce(selection, ranges, state);
        // A late call between two slices could be in a day and not yet in the hours that are taken away from it.
        if (tries >= mostTries || (await readState(db)).state.late === state.late) return sums;
      }
    },
  };
}

// --- helpers ---

type Sums = Map<string, number[][]>;

const rowsPerRead = 1_500;
/** Starts of the first read, when it is not known how many keys there are. */
const firstStarts = 16;
const mostTries = 3;

/** A row's start, and the group that it is added up in. */
interface Read {
  grain: Grain;
  start: number;
  group: number;
}

/** The ranges in which the rows of a group count. */
type Targets = readonly { range: number; sign: 1 | -1 }[];

/**
 * Each start is read once, however many ranges need it, and rows that the same ranges need are added up first; in the
 * order of time, so that days and their hours are near.
 */
function planReads(terms: readonly Term[][]): { reads: Read[]; groups: Targets[] } {
  const starts = new Map<string, { grain: Grain; start: number; name: string; targets: Targets[number][] }>();
  for (const [range, ofRange] of terms.entries()) {
    for (const { grain, start, sign } of ofRange) {
      let read = starts.get(`${grain} ${start}`);
      if (read === undefined) starts.set(`${grain} ${start}`, (read = { grain, start, name: "", targets: [] }));
      read.name += ` ${sign * (range + 1)}`;
      read.targets.push({ range, sign });
    }
  }
  const groups: Targets[] = [];
  const numbers = new Map<string, number>();
  const reads = [...starts.values()].map(({ grain, start, name, targets }): Read => {
    const group = numbers.get(name) ?? groups.push(targets) - 1;
    numbers.set(name, group);
    return { grain, start, group };
  });
  return { reads: reads.sort((a, b) => a.start - b.start || b.grain - a.grain), groups };
}

function toRanges(ofGroups: readonly (number[] | undefined)[], groups: readonly Targets[]): number[][] {
  const ranges: number[][] = [];
  for (const [group, sums] of ofGroups.entries()) {
    if (sums === undefined) continue;
    for (const { range, sign } of groups[group] ?? []) {
      const total = (ranges[range] ??= zeros());
      for (let place = 0; place < sums.length; place += 1) {
        total[place] = (total[place] as number) + sign * (sums[place] as number);
      }
    }
  }
  return ranges;
}

interface FoundRow {
  item: number;
  key: string;
  body: string;
}

async function readRows(db: Kysely<Database>, selection: Selection, reads: readonly Read[]): Promise<FoundRow[]> {
  const { dimension, keys, prefix } = selection;
  const starts = JSON.stringify(reads.map(({ grain, start }) => [grain, start]));
  const join = keys === null ? sql`` : sql`cross join json_each(${JSON.stringify(keys)}) as k`;
  let condition: RawBuilder<unknown> = sql``;
  if (keys !== null) condition = sql`and r.key = k.value`;
  // No character sorts after the last one.
  else if (prefix !== undefined) condition = sql`and r.key >= ${prefix} and r.key < ${`${prefix}\u{10ffff}`}`;
  const { rows } = await sql<FoundRow>`
    select s.key as item, r.key as key, r.body as body from json_each(${starts}) as s ${join}
    cross join rollups as r
    where r.grain = json_extract(s.value, '$[0]') and r.dimension = ${dimension}
      and r.start = json_extract(s.value, '$[1]') ${condition}`.execute(db);
  return rows;
}

/** What there is between the ranges' ends. */
async function readExtent(
  db: Kysely<Database>,
  options: RollupState & { dimension: number; ranges: readonly QuarterRange[] },
): Promise<Extent> {
  const { hoursTo, daysTo, quartersFrom, hoursFrom, dimension, ranges } = options;
  const from = Math.min(...ranges.map((range) => range.from));
  const to = Math.max(...ranges.map((range) => range.to));
  const starts = async (grain: Grain, first: number): Promise<number[]> => {
    const { rows } = await sql<{ start: number }>`
      select start from rollups where grain = ${grain} and dimension = ${dimensionCodes.all}
        and start >= ${first} and start < ${to} order by start`.execute(db);
    return rows.map((row) => toNumber(row.start));
  };
  return {
    quartersFrom,
    hoursFrom: isWide(dimension) ? Math.max(hoursFrom, quartersFrom) : hoursFrom,
    hoursTo,
    daysTo,
    days: await starts(day, floorTo(from, day)),
    openHours: await starts(hour, Math.max(floorTo(from, hour), floorTo(daysTo, day))),
    openQuarters: await starts(1, Math.max(from, floorTo(hoursTo, hour))),
  };
}
