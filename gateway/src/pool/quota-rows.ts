/**
 * What of a quota is kept over a restart, as rows of a project and a model. Which rows of a cell are in the store is one
 * number with a bit for each kind of row: there may be hundreds of thousands of cells.
 * @module
 */
import type { QuotaBucket } from "./quota/types.ts";
import type { QuotaChange, QuotaMetric, QuotaWindow } from "./types.ts";

/** Place in a row's set is its bit. */
const kinds: readonly { kind: QuotaChange["kind"]; metric: QuotaMetric; window: QuotaWindow }[] = [
  { kind: "quota-limit", metric: "requests", window: "minute" },
  { kind: "quota-limit", metric: "requests", window: "day" },
  { kind: "quota-limit", metric: "tokens", window: "minute" },
  { kind: "quota-limit", metric: "tokens", window: "day" },
  { kind: "quota-usage", metric: "requests", window: "day" },
  { kind: "quota-usage", metric: "tokens", window: "day" },
];

/** Limits that Google named and the uses of the day. Configured limits come from the settings at each start. */
export function rowsOf(bucket: QuotaBucket, now: number): QuotaChange[] {
  const { projectId, model } = bucket;
  const rows: QuotaChange[] = [];
  for (const limit of bucket.limits()) {
    if (limit.source !== "google") continue;
    rows.push({ kind: "quota-limit", value: { projectId, model, ...limit }, removed: false });
  }
  for (const value of bucket.usage(now)) rows.push({ kind: "quota-usage", value, removed: false });
  return rows;
}

/** The set of these rows. */
export function bitsOf(rows: readonly Pick<QuotaChange, "kind" | "value">[]): number {
  let bits = 0;
  for (const { kind, value } of rows) {
    const window = "window" in value ? value.window : "day";
    const bit = kinds.findIndex((one) => one.kind === kind && one.metric === value.metric && one.window === window);
    if (bit >= 0) bits |= 1 << bit;
  }
  return bits;
}

/** The rows of a set as ones to delete. Their numbers mean nothing. */
export function removedRows(bits: number, place: { projectId: string; model: string }): QuotaChange[] {
  const { projectId, model } = place;
  return kinds.flatMap(({ kind, metric, window }, bit): QuotaChange[] => {
    if ((bits & (1 << bit)) === 0) return [];
    if (kind === "quota-usage")
      return [{ kind, value: { projectId, model, metric, windowStart: 0, used: 0 }, removed: true }];
    const value = { projectId, model, metric, window, value: 0, source: "google", learnedAt: 0 } as const;
    return [{ kind, value, removed: true }];
  });
}
