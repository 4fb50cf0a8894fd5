/**
 * What of a quota is kept over a restart, as rows by project, model and name.
 * @module
 */
import type { QuotaBucket } from "./quota/types.ts";
import type { QuotaChange, QuotaMetric, QuotaWindow } from "./types.ts";

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

/** Name of a row within its project and model. */
export function rowName(kind: QuotaChange["kind"], value: { metric: QuotaMetric; window?: QuotaWindow }): string {
  return value.window === undefined ? `${kind} ${value.metric}` : `${kind} ${value.metric} ${value.window}`;
}

/** The same row as one to delete. Its numbers mean nothing. */
export function removedRow(name: string, projectId: string, model: string): QuotaChange {
  const [kind, metric, window] = name.split(" ") as [QuotaChange["kind"], QuotaMetric, QuotaWindow];
  const place = { projectId, model, metric };
  return kind === "quota-limit"
    ? { kind, value: { ...place, window, value: 0, source: "google", learnedAt: 0 }, removed: true }
    : { kind, value: { ...place, windowStart: 0, used: 0 }, removed: true };
}
