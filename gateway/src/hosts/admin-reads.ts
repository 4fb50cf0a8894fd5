/**
 * What an operator can read over HTTP, the same on every host: the pool, the calls, the sums. Read-only.
 * @module
 */
import type { Affinity } from "../pool/affinity/types.ts";
import type { Pool, QuotaView } from "../pool/types.ts";
import type { CallFilter, StatsRow, Store } from "../storage/types.ts";
import type { Recorder } from "../ledger/types.ts";

/** What is read. */
export interface AdminSources {
  pool: Pool;
  /** Absent: its size is not told. */
  affinity?: Pick<Affinity, "size">;
  store: Pick<Store, "ledger">;
  recorder: Recorder | null;
  now(): number;
}

/** @returns the value of a path under `/admin/api/v1/`, or undefined when there is none */
export async function readAdmin(sources: AdminSources, path: string, query: URLSearchParams): Promise<unknown> {
  const { pool, affinity, recorder } = sources;
  if (path === "status") {
    const now = sources.now();
    const counts = pool.counts(now);
    return {
      credentials: pool.view(now),
      counts,
      // Most of the pool would have been disabled at once: then it is hardly the credentials.
      panic: counts.panic,
      quotas: toQuotaSummary(pool.quotas(now)),
      affinity: affinity === undefined ? null : { resources: affinity.size() },
      ledger: recorder === null ? null : recorder.state(),
    };
  }
  if (path === "quotas") return { quotas: pool.quotas(sources.now()).slice(0, quotaLimit).map(toQuotaRow) };
  if (path === "calls") {
    await recorder?.flush();
    return { calls: (await sources.store.ledger.list(toFilter(query))).map(toCallView) };
  }
  if (path === "stats") {
    await recorder?.flush();
    const sums = await sources.store.ledger.stats(toFilter(query));
    return { ...sums, cacheHitRate: cacheHitRate(sums.tokens) };
  }
  return undefined;
}

/**
 * How much of the prompts Google read from its cache, which costs a tenth (fact sheet upstream 5.2).
 * @returns a share from 0 to 1; null when there was no prompt
 */
export function cacheHitRate(tokens: Pick<StatsRow["tokens"], "prompt" | "cached">): number | null {
  return tokens.prompt === 0 ? null : Math.min(1, tokens.cached / tokens.prompt);
}

// --- helpers ---

/** Most limits of one answer. */
const quotaLimit = 10_000;

/** JSON has no Infinity, and its null would say that there is room. */
function toQuotaRow(quota: QuotaView): QuotaView & { state: "room" | "full" | "unavailable" } {
  if (quota.value === 0) return { ...quota, roomAtMs: null, state: "unavailable" };
  return { ...quota, state: quota.roomAtMs === null ? "room" : "full" };
}

/** `exhausted`: limits without room now; `unavailable`: limits of 0, which no waiting helps. */
function toQuotaSummary(quotas: readonly QuotaView[]): Record<string, number | null> {
  let [unavailable, exhausted, soonestMs] = [0, 0, Infinity];
  for (const { value, roomAtMs } of quotas) {
    if (value === 0) unavailable++;
    else if (roomAtMs !== null) {
      exhausted++;
      soonestMs = Math.min(soonestMs, roomAtMs);
    }
  }
  return { limits: quotas.length, exhausted, unavailable, soonestMs: Number.isFinite(soonestMs) ? soonestMs : null };
}

function toFilter(query: URLSearchParams): CallFilter {
  const filter: CallFilter = {};
  for (const name of ["model", "clientId", "credentialId", "outcome", "before", "after"] as const) {
    const value = query.get(name);
    if (value !== null) filter[name] = value;
  }
  for (const name of ["sinceMs", "untilMs", "status", "limit"] as const) {
    const value = Number(query.get(name) ?? Number.NaN);
    if (Number.isFinite(value)) filter[name] = value;
  }
  return filter;
}

function toCallView(priced: Awaited<ReturnType<Store["ledger"]["list"]>>[number]): unknown {
  const { record, costNanoUsd, attemptCosts } = priced;
  return {
    ...record,
    costUsd: costNanoUsd === null ? null : costNanoUsd / 1e9,
    attempts: record.attempts.map((attempt, index) => {
      const cost = attemptCosts[index] ?? null;
      return { ...attempt, costUsd: cost === null ? null : cost / 1e9 };
    }),
  };
}
