/**
 * What the store knows of quotas, as the `keys` commands show it.
 * @module
 */
import { pacificDay } from "../../core/pacific-day.ts";
import { ownProjectId } from "../../pool/member.ts";
import type { QuotaLimit, QuotaUsage } from "../../pool/types.ts";
import type { KeyView } from "../key-views.ts";
import type { Column } from "../output.ts";

/** One limit: `value` null: none is known. */
export interface ShownLimit {
  value: number | null;
  source: QuotaLimit["source"] | null;
  /** Epoch milliseconds. */
  learnedAt: number | null;
}

/** One project and model. */
export interface QuotaRow {
  projectId: string;
  model: string;
  /** Names of the project's keys. */
  keys: string[];
  requestsPerMinute: ShownLimit;
  requestsPerDay: ShownLimit;
  tokensPerMinute: ShownLimit;
  tokensPerDay: ShownLimit;
  /** Of this Pacific day, as far as it was saved. */
  requestsToday: number;
  tokensToday: number;
}

/**
 * Joins limits, uses and keys.
 * @param now epoch milliseconds: uses of other days are left out
 * @returns by project and model, in their order
 */
export function toQuotaRows(
  kept: { limits: readonly QuotaLimit[]; usage: readonly QuotaUsage[] },
  views: readonly KeyView[],
  now: number,
): QuotaRow[] {
  const rows = new Map<string, QuotaRow>();
  const rowOf = ({ projectId, model }: { projectId: string; model: string }): QuotaRow => {
    const key = JSON.stringify([projectId, model]);
    const row = rows.get(key) ?? emptyRow(projectId, model, views);
    rows.set(key, row);
    return row;
  };
  for (const limit of kept.limits) {
    const { value, source, learnedAt } = limit;
    rowOf(limit)[limitFields[`${limit.metric}/${limit.window}`]] = { value, source, learnedAt };
  }
  const today = pacificDay(now).start;
  for (const use of kept.usage)
    if (use.windowStart >= today) rowOf(use)[use.metric === "requests" ? "requestsToday" : "tokensToday"] = use.used;
  return [...rows.values()].sort((a, b) => compare(a.projectId, b.projectId) || compare(a.model, b.model));
}

/** Columns of a table of them. */
export const quotaColumns: readonly Column<QuotaRow>[] = [
  { title: "MODEL", of: (row) => row.model, limit: 40 },
  { title: "RPM", of: (row) => shown(row.requestsPerMinute), align: "right" },
  { title: "TPM", of: (row) => shown(row.tokensPerMinute), align: "right" },
  { title: "RPD", of: (row) => shown(row.requestsPerDay), align: "right" },
  {
    title: "TODAY",
    of: (row) => row.requestsToday,
    align: "right",
    style: (row) => (isUsedUp(row) ? "yellow" : "reset"),
  },
  { title: "TPD", of: (row) => shown(row.tokensPerDay), align: "right" },
  { title: "TOKENS TODAY", of: (row) => row.tokensToday, align: "right" },
];

// --- helpers ---

const limitFields = {
  "requests/minute": "requestsPerMinute",
  "requests/day": "requestsPerDay",
  "tokens/minute": "tokensPerMinute",
  "tokens/day": "tokensPerDay",
} as const;

function emptyRow(projectId: string, model: string, views: readonly KeyView[]): QuotaRow {
  const none: ShownLimit = { value: null, source: null, learnedAt: null };
  const keys = views.filter((view) => (view.projectId ?? ownProjectId(view.id)) === projectId).map(({ name }) => name);
  const limits = { requestsPerMinute: none, requestsPerDay: none, tokensPerMinute: none, tokensPerDay: none };
  return { projectId, model, keys, ...limits, requestsToday: 0, tokensToday: 0 };
}

function shown({ value }: ShownLimit): number | null {
  return value;
}

function isUsedUp({ requestsPerDay: { value }, requestsToday }: QuotaRow): boolean {
  return value !== null && requestsToday >= value;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
