/**
 * Counts of calls over time under a filter: out of the roll-ups where they have them, else by reading calls.
 * @module
 */
import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { SqlDriver } from "../driver.ts";
import { idFloor } from "../id-range.ts";
import { toNumber } from "../numbers.ts";
import { alsoKey } from "../rollups/deltas.ts";
import { at, dimensionCodes, quarterMs } from "../rollups/layout.ts";
import type { Database } from "../schema.ts";
import type { AnalyticsStore, SearchFilter, TimeRange } from "../types-analytics.ts";
import { callsOf, statusRange, whereSearch } from "./filter.ts";
import { scan } from "./scan.ts";
import type { Selection, SumsReader } from "./sums.ts";

/** Calls read for one histogram. */
const mostRows = 40_000;
const rowsPerSlice = 2_000;
/** More bars than anything draws. */
const mostBars = 10_000;

/** Makes `histogram`. */
export function createHistogram(
  driver: SqlDriver,
  db: Kysely<Database>,
  sums: SumsReader,
): AnalyticsStore["histogram"] {
  /** @returns the time from which on all calls were counted */
  async function count(work: Count): Promise<number> {
    const { bars, filter, range, widthMs, left } = work;
    const within = { ...filter, sinceMs: range.fromMs, untilMs: range.toMs };
    if (range.fromMs >= range.toMs) return range.fromMs;
    const first = bars[0]?.fromMs ?? 0;
    for await (const slice of scan({
      driver,
      db,
      filter: within,
      range: { from: idFloor(range.fromMs), below: null },
      rowsPerSlice,
    })) {
      if (left.rows <= 0) return work.countedFrom(slice.range.below);
      const bar = sql<number>`cast((calls.started_at - ${sql.lit(first)}) / ${sql.lit(widthMs)} as integer)`;
      const found = await whereSearch(db.selectFrom("calls"), within, slice.range)
        .select(({ fn }) => [
          bar.as("bar"),
          fn.countAll().as("calls"),
          sql<number>`sum(case when calls.outcome = 'error' then 1 else 0 end)`.as("errors"),
        ])
        .groupBy(bar)
        .execute();
      for (const row of found) add(bars[toNumber(row.bar)], toNumber(row.calls), toNumber(row.errors));
      left.rows -= slice.cost;
    }
    return range.fromMs;
  }

  async function hasCallsFrom(ms: number): Promise<boolean> {
    const row = await db.selectFrom("calls").select("id").where("id", ">=", idFloor(ms)).limit(1).executeTakeFirst();
    return row !== undefined;
  }

  return async (filter, range, widthMs) => {
    const width = Math.max(1, Math.floor(widthMs));
    const [fromMs, toMs] = [Math.floor(range.fromMs), Math.ceil(range.toMs)];
    const number = Math.min(mostBars, Math.max(0, Math.ceil((toMs - fromMs) / width)));
    const bars: Bar[] = Array.from({ length: number }, (_, index) => ({
      fromMs: fromMs + index * width,
      calls: 0,
      errors: 0,
    }));
    const asked: TimeRange = {
      fromMs: Math.max(fromMs, Math.ceil(filter.sinceMs ?? -Infinity)),
      toMs: Math.min(toMs, fromMs + number * width, Math.ceil(filter.untilMs ?? Infinity)),
    };
    const left = { rows: mostRows };
    const countedFrom = (below: string | null): number => (below === null ? asked.toMs : timeAfter(below, asked));
    const work = { bars, filter, widthMs: width, left, countedFrom };
    const selections = selectionsOf(filter);
    const isCutAtQuarters = fromMs % quarterMs === 0 && width % quarterMs === 0;
    if (selections === null || !isCutAtQuarters || asked.fromMs >= asked.toMs) {
      const counted = await count({ ...work, range: asked });
      return { bars, whole: counted <= asked.fromMs, countedFromMs: counted };
    }
    // Up to now: nothing has begun later, so the quarter under way is whole as far as it is.
    if (!(await hasCallsFrom(asked.toMs))) asked.toMs = Math.ceil(asked.toMs / quarterMs) * quarterMs;
    // Whole quarters from the roll-ups; of the two at the ends, which the range may cut, the calls themselves.
    const from = Math.ceil(asked.fromMs / quarterMs) * quarterMs;
    const to = Math.max(from, Math.floor(asked.toMs / quarterMs) * quarterMs);
    const inner = bars.map((bar) => ({
      from: Math.max(bar.fromMs, from) / quarterMs,
      to: Math.min(bar.fromMs + width, to) / quarterMs,
    }));
    for (const selection of selections) {
      for (const rows of (await sums.read(selection, inner)).values()) {
        for (const [index, row] of rows.entries()) if (row !== undefined) addRow(bars[index], row, filter.outcome);
      }
    }
    const edges = [
      { fromMs: Math.max(to, asked.fromMs), toMs: asked.toMs },
      { fromMs: asked.fromMs, toMs: Math.min(from, asked.toMs, Math.max(to, asked.fromMs)) },
    ];
    let whole = true;
    let countedFromMs = asked.fromMs;
    for (const edge of edges) {
      const counted = await count({ ...work, range: edge });
      if (!whole || counted <= edge.fromMs) continue;
      whole = false;
      countedFromMs = counted;
    }
    return { bars, whole, countedFromMs };
  };
}

// --- helpers ---

interface Bar {
  fromMs: number;
  calls: number;
  errors: number;
}

interface Count {
  bars: Bar[];
  filter: SearchFilter;
  range: TimeRange;
  widthMs: number;
  left: { rows: number };
  countedFrom: (below: string | null) => number;
}

function add(bar: Bar | undefined, calls: number, errors: number): void {
  if (bar === undefined) return;
  bar.calls += calls;
  bar.errors += errors;
}

function addRow(bar: Bar | undefined, row: readonly number[], outcome: string | undefined): void {
  if (outcome === undefined) add(bar, row[at.calls] ?? 0, row[at.error] ?? 0);
  else add(bar, callsOf(row, outcome), outcome === "error" ? (row[at.error] ?? 0) : 0);
}

function timeAfter(id: string, range: TimeRange): number {
  const ms = Number.parseInt(id.slice(0, 9), 36);
  return Number.isNaN(ms) ? range.toMs : Math.min(Math.max(ms + 1, range.fromMs), range.toMs);
}

/** The rows that a filter's calls are counted in, each once. Null: they must be read. */
function selectionsOf(filter: SearchFilter): Selection[] | null {
  const { operation, minMs, maxMs, minCostNanoUsd, maxCostNanoUsd, retried } = filter;
  if ([operation, minMs, maxMs, minCostNanoUsd, maxCostNanoUsd, retried].some((each) => each !== undefined))
    return null;
  const { model, clientId, credentialId, status, dialect, rule } = filter;
  const all: Selection[][] = [];
  const { also } = dimensionCodes;
  const of = (dimension: number, key: string): Selection => ({ dimension, keys: [key] });
  if (model !== undefined) all.push([of(dimensionCodes.model, model), of(also, alsoKey.model(model))]);
  if (clientId !== undefined) all.push([of(dimensionCodes.client, clientId)]);
  if (credentialId !== undefined) all.push([of(dimensionCodes.credential, credentialId)]);
  if (dialect !== undefined) all.push([of(dimensionCodes.dialect, dialect)]);
  if (rule !== undefined) all.push([of(dimensionCodes.rule, rule), of(also, alsoKey.rule(rule))]);
  if (status !== undefined) {
    const [from, to] = statusRange(status);
    const keys = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => String(from + index));
    all.push([{ dimension: dimensionCodes.status, keys }]);
  }
  if (all.length > 1) return null;
  return all[0] ?? [of(dimensionCodes.all, "")];
}
