/**
 * Pages of calls under any filter, with bounded work each.
 * @module
 */
import type { Kysely } from "kysely";
import { callColumns } from "../call-row.ts";
import type { SqlDriver } from "../driver.ts";
import { idFloor } from "../id-range.ts";
import { createCallsReader } from "../ledger-read.ts";
import { toNumber } from "../numbers.ts";
import type { CallTable, Database } from "../schema.ts";
import type { AnalyticsStore, SearchFilter, SearchPage } from "../types-analytics.ts";
import { parseCursor, toCursor, type SearchPlace } from "./cursor.ts";
import { whereSearch } from "./filter.ts";
import { scan, sliceCost, type ScanSlice } from "./scan.ts";

/** Calls read for one page: about 50 ms, and 150 ms when the disk has to be asked for all of them. */
const rowsPerPage = 40_000;
/** About 3 ms. */
const rowsPerSlice = 2_000;
const mostLimit = 1_000;

/** Makes `search`. */
export function createSearch(driver: SqlDriver, db: Kysely<Database>): AnalyticsStore["search"] {
  const { complete } = createCallsReader(driver, db);

  return async (filter, page) => {
    const limit = Math.min(Math.max(Math.floor(page.limit), 1), mostLimit);
    const place = placeOf(page);
    const up = place?.direction === "up";
    const slices = up
      ? risingSlices({ driver, db }, { filter, after: place.id })
      : scan({ driver, db, filter, range: { from: sinceOf(filter), below: place?.id ?? null }, rowsPerSlice });
    const rows: CallTable[] = [];
    let left = rowsPerPage;
    let next: string | null = null;
    for await (const slice of slices) {
      const query = whereSearch(db.selectFrom("calls").select(callColumns), filter, slice.range);
      // One more than wanted tells whether there is another page.
      const ordered = query.orderBy("id", up ? "asc" : "desc").limit(limit + 1 - rows.length);
      rows.push(...(await ordered.execute()));
      if (rows.length > limit) {
        next = rows[limit - 1]?.id ?? null;
        break;
      }
      left -= slice.cost;
      if (left <= 0) {
        next = up ? lastOf(slice) : slice.range.from;
        break;
      }
    }
    return toPage({
      calls: await complete(rows.slice(0, limit)),
      direction: up ? "up" : "down",
      next,
      filter,
    });
  };
}

// --- helpers ---

/** Null: at the newest call. */
function placeOf(page: { cursor: string | null; after?: string }): SearchPlace | null {
  if (page.cursor === null) return page.after === undefined ? null : { direction: "up", id: page.after };
  const place = parseCursor(page.cursor);
  if (place === null) throw new RangeError("This is not a cursor that a search gave");
  return place;
}

function sinceOf(filter: SearchFilter): string | null {
  return filter.sinceMs === undefined ? null : idFloor(filter.sinceMs);
}

interface RisingSlice extends ScanSlice {
  last: string;
}

function lastOf(slice: ScanSlice | RisingSlice): string | null {
  return "last" in slice ? slice.last : null;
}

/** The oldest first: for who follows the ledger's end, where there is nothing to leave out. */
async function* risingSlices(
  { driver, db }: { driver: SqlDriver; db: Kysely<Database> },
  { filter, after }: { filter: SearchFilter; after: string },
): AsyncGenerator<RisingSlice> {
  const since = sinceOf(filter) ?? "";
  let from: string = after;
  let includes: boolean = false;
  if (since > after) [from, includes] = [since, true];
  for (;;) {
    const ends = await endsOf(db, from, includes);
    if (ends === null) return;
    const { first, last, rows } = ends;
    // The least text that is greater.
    yield { range: { from: first, below: `${last}\u0000` }, rows, cost: rows + sliceCost, last };
    if (rows < rowsPerSlice) return;
    [from, includes] = [last, false];
    await driver.breathe();
  }
}

async function endsOf(
  db: Kysely<Database>,
  from: string,
  includes: boolean,
): Promise<{ first: string; last: string; rows: number } | null> {
  const ids = db
    .selectFrom("calls")
    .select("id")
    .where("id", includes ? ">=" : ">", from)
    .orderBy("id")
    .limit(rowsPerSlice);
  const found = await db
    .selectFrom(ids.as("slice"))
    .select(({ fn }) => [fn.countAll().as("rows"), fn.min("slice.id").as("first"), fn.max("slice.id").as("last")])
    .executeTakeFirstOrThrow();
  const rows = toNumber(found.rows);
  return rows === 0 ? null : { first: found.first, last: found.last, rows };
}

function toPage(found: {
  calls: SearchPage["calls"];
  direction: SearchPlace["direction"];
  next: string | null;
  filter: SearchFilter;
}): SearchPage {
  const { calls, direction, next, filter } = found;
  if (next === null) return { calls, next: null, searchedToMs: null };
  // Ids up to the newest: nothing can be said of what began after a time.
  const searchedToMs = direction === "down" ? lookedTo(next, filter.sinceMs) : null;
  return { calls, next: toCursor({ direction, id: next }), searchedToMs };
}

/** Every call begun at or after has this id or a greater one: its own time, or the millisecond after. */
function lookedTo(id: string, sinceMs = 0): number {
  const ms = Number.parseInt(id.slice(0, 9), 36);
  if (Number.isNaN(ms)) return sinceMs;
  return Math.max(idFloor(ms) === id ? ms : ms + 1, sinceMs);
}
