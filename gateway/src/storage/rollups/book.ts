/**
 * The writing side of the roll-ups. One write after the other; each is one atomic batch with what it belongs to.
 * @module
 */
import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { SqlDriver, SqlValue, WriteGroup } from "../driver.ts";
import { toNumber } from "../numbers.ts";
import type { Database } from "../schema.ts";
import type { PricedCall } from "../types.ts";
import { addBody, toBody } from "./body.ts";
import { createDeltas, quarterOf, type RowsByKey } from "./deltas.ts";
import { day, floorTo, hour, isWide, zeros, type Grain } from "./layout.ts";
import { createLiveRows } from "./live-rows.ts";
import { compileChange, compileGuard, readState, type KnownState, type RollupState } from "./state.ts";

/** What is added to a row: numbers, or another row's text. */
export interface RowDelta {
  grain: Grain;
  dimension: number;
  start: number;
  key: string;
  added: readonly number[] | string;
}

/** A write: numbers to add, what goes into the batch with them, and how the state changes. */
export interface BookEntry {
  /** Calls to add. */
  calls?: readonly PricedCall[];
  /** Numbers to add, by quarter: hours and days that are made up already take them, too. */
  quarters?: ReadonlyMap<number, RowsByKey>;
  /** Numbers to add to just these rows. */
  rows?: readonly RowDelta[];
  groups?: readonly WriteGroup[];
  state?: Partial<RollupState>;
}

/** The book. */
export interface RollupBook {
  /**
   * Writes an entry after all before it. When another process wrote meanwhile, the entry is made again.
   * @param make sees the state that the entry will hold for; null: there is nothing to write; `again`: it has written
   *   something itself, through `writeNow`
   * @throws what the database throws; everything is as it was then
   */
  write(make: (state: RollupState, writeNow: WriteNow) => Promise<BookEntry | null | "again">): Promise<void>;
  /** Runs something between writes. */
  between<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** Writes at once, from inside an entry's making. False: another process wrote meanwhile. */
export type WriteNow = (entry: BookEntry) => Promise<boolean>;

/** Makes the book. */
export function createRollupBook(driver: SqlDriver, db: Kysely<Database>): RollupBook {
  const guard = compileGuard(db);
  const change = compileChange(db);
  const upsert = db
    .insertInto("rollups")
    .values({ grain: 0, dimension: 0, start: 0, key: "", body: "" })
    .onConflict((conflict) =>
      conflict
        .columns(["grain", "dimension", "start", "key"])
        .doUpdateSet(({ ref }) => ({ body: ref("excluded.body") })),
    )
    .compile().sql;
  let known: KnownState | null = null;
  const live = createLiveRows();
  let turn: Promise<unknown> = Promise.resolve();

  /** The numbers of the rows that these will be added to, from the table. */
  async function load(rows: readonly PendingRow[]): Promise<void> {
    for (let start = 0; start < rows.length; start += rowsPerRead) {
      const part = rows.slice(start, start + rowsPerRead);
      const names = JSON.stringify(part.map(({ grain, dimension, start: at, key }) => [grain, dimension, at, key]));
      const found = await sql<{ item: number; body: string }>`
        select s.key as item, r.body as body from json_each(${names}) as s
        cross join rollups as r
        where r.grain = json_extract(s.value, '$[0]') and r.dimension = json_extract(s.value, '$[1]')
          and r.start = json_extract(s.value, '$[2]') and r.key = json_extract(s.value, '$[3]')`.execute(db);
      for (const { item, body } of found.rows) {
        const row = part[toNumber(item)];
        if (row !== undefined) addBody(row.base, body);
      }
    }
  }

  /** Calls of now: into memory, and from there into the table. */
  async function addLive(calls: readonly PricedCall[]): Promise<SqlValue[][]> {
    const { adder, touched, missing } = live.begin();
    for (const call of calls) adder.add(call);
    await load(missing.map(({ dimension, start, key, sums }) => ({ grain: 1, dimension, start, key, base: sums })));
    return touched.map(({ dimension, start, key, sums }) => [1, dimension, start, key, toBody(sums)]);
  }

  /** Anything else: read, added to, written. */
  async function addStored(deltas: Iterable<RowDelta>): Promise<SqlValue[][]> {
    const rows = new Map<string, PendingRow>();
    for (const delta of deltas) {
      const name = `${delta.grain}\n${delta.dimension}\n${delta.start}\n${delta.key}`;
      let row = rows.get(name);
      if (row === undefined) rows.set(name, (row = { ...delta, base: zeros() }));
      if (typeof delta.added === "string") addBody(row.base, delta.added);
      else addNumbers(row.base, delta.added);
    }
    const pending = [...rows.values()];
    await load(pending);
    return pending.map(({ grain, dimension, start, key, base }) => [grain, dimension, start, key, toBody(base)]);
  }

  async function toUpserts(entry: BookEntry, state: RollupState): Promise<SqlValue[][]> {
    const now: PricedCall[] = [];
    const late = createDeltas();
    for (const call of entry.calls ?? []) {
      if (quarterOf(call.record.startedAt) >= state.hoursTo) now.push(call);
      else late.add(call);
    }
    if (late.quarters.size === 0 && entry.quarters === undefined && entry.rows === undefined) return addLive(now);
    // Both ways would write the same rows from two memories.
    live.forget();
    for (const call of now) late.add(call);
    return addStored([
      ...spread(late.quarters, state),
      ...spread(entry.quarters ?? new Map(), state),
      ...(entry.rows ?? []),
    ]);
  }

  async function commit(entry: BookEntry): Promise<boolean> {
    const before = (known ??= await readState(db));
    try {
      const upserts = await toUpserts(entry, before.state);
      const next = change({
        ...before.state,
        writes: before.state.writes + 1,
        late: before.state.late + (touchesCoarse(entry, before.state) ? 1 : 0),
        ...entry.state,
      });
      const groups = [guard(before), ...(entry.groups ?? []), { sql: upsert, rows: upserts }, next.group];
      await driver.writeBatch(groups.filter((group) => group.rows.length > 0));
      known = next.known;
      live.trim();
      return true;
    } catch (error) {
      // The rows in memory have been added to already.
      live.forget();
      known = null;
      known = await readState(db);
      if (known.text === before.text) throw error;
      return false;
    }
  }

  function between<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = turn.then(work);
    turn = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  return {
    between,
    write: (make) =>
      between(async () => {
        for (let tries = 0; tries < mostTries;) {
          known ??= await readState(db);
          const entry = await make(known.state, commit);
          if (entry === null) return;
          if (entry === "again") continue;
          if (await commit(entry)) return;
          tries += 1;
        }
        throw new Error("Other processes write to this database all the time");
      }),
  };
}

// --- helpers ---

/** Rows asked for in one query. */
const rowsPerRead = 1_000;
const mostTries = 50;

interface PendingRow {
  grain: Grain;
  dimension: number;
  start: number;
  key: string;
  /** What the table has is added to it. */
  base: number[];
}

function addNumbers(base: number[], added: readonly number[]): void {
  for (let place = 0; place < added.length; place += 1)
    base[place] = (base[place] as number) + (added[place] as number);
}

/** The rows of all grains that quarters add to. */
function* spread(quarters: ReadonlyMap<number, RowsByKey>, state: RollupState): Generator<RowDelta> {
  for (const [quarter, rows] of quarters) {
    const start = floorTo(quarter, hour);
    for (const [dimension, keys] of rows.entries()) {
      const hoursFrom = isWide(dimension) ? Math.max(state.quartersFrom, state.hoursFrom) : state.hoursFrom;
      for (const [key, sums] of keys) {
        if (quarter >= state.quartersFrom) yield { grain: 1, dimension, start: quarter, key, added: sums };
        if (quarter >= state.hoursTo) continue;
        if (start >= hoursFrom) yield { grain: hour, dimension, start, key, added: sums };
        if (start < state.daysTo) yield { grain: day, dimension, start: floorTo(quarter, day), key, added: sums };
      }
    }
  }
}

/** Whether an entry adds to hours or days that are made up already. */
function touchesCoarse(entry: BookEntry, { hoursTo }: RollupState): boolean {
  const isLate = (quarter: number): boolean => quarter < hoursTo;
  return (
    (entry.calls ?? []).some((call) => isLate(quarterOf(call.record.startedAt))) ||
    [...(entry.quarters?.keys() ?? [])].some(isLate)
  );
}
