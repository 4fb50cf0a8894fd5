/**
 * Rows of the latest quarters of an hour as they are in the table, so that adding a call reads nothing and makes nothing
 * but the text that is written.
 * @module
 */
import { createAdder, type CallAdder } from "./deltas.ts";
import { dimensionCount, zeros } from "./layout.ts";

/** A row in memory. */
export interface LiveRow {
  readonly dimension: number;
  readonly start: number;
  readonly key: string;
  readonly sums: number[];
  /** The batch that touched it last. */
  batch: number;
}

/** The rows. */
export interface LiveRows {
  /**
   * Begins a batch. What it adds stands in memory at once: when the batch does not get into the table, `forget`.
   * @returns rows that the batch has touched, and those of them that memory did not have: the table's numbers are to be
   *   added to them
   */
  begin(): { adder: CallAdder; touched: LiveRow[]; missing: LiveRow[] };
  /** Lets the oldest go when there are many. */
  trim(): void;
  forget(): void;
}

/** Makes an empty memory. */
export function createLiveRows(): LiveRows {
  const quarters = new Map<number, Map<string, LiveRow>[]>();
  let batch = 0;
  return {
    begin() {
      batch += 1;
      const touched: LiveRow[] = [];
      const missing: LiveRow[] = [];
      const adder = createAdder((start) => {
        const dimensions = quarters.get(start) ?? Array.from({ length: dimensionCount }, () => new Map());
        quarters.set(start, dimensions);
        return {
          row(dimension, key) {
            const rows = dimensions[dimension] as Map<string, LiveRow>;
            let row = rows.get(key);
            if (row === undefined) {
              rows.set(key, (row = { dimension, start, key, sums: zeros(), batch: 0 }));
              missing.push(row);
            }
            if (row.batch !== batch) {
              row.batch = batch;
              touched.push(row);
            }
            return row.sums;
          },
        };
      });
      return { adder, touched, missing };
    },
    trim() {
      for (const start of [...quarters.keys()].sort((a, b) => a - b).slice(0, -quartersKept)) quarters.delete(start);
      let rows = 0;
      for (const dimensions of quarters.values()) for (const keys of dimensions) rows += keys.size;
      if (rows > rowsKept) quarters.clear();
    },
    forget: () => quarters.clear(),
  };
}

// --- helpers ---

/** This one and, at its edge, the one before. */
const quartersKept = 2;
/** About 0.7 KB each. */
const rowsKept = 30_000;
