/**
 * What an operator can read over HTTP, the same on every host: the pool, the calls, the sums. Read-only.
 * @module
 */
import type { Pool } from "../pool/types.ts";
import type { CallFilter, Store } from "../storage/types.ts";
import type { Recorder } from "../ledger/types.ts";

/** What is read. */
export interface AdminSources {
  pool: Pool;
  store: Pick<Store, "ledger">;
  recorder: Recorder | null;
  now(): number;
}

/** @returns the value of a path under `/admin/api/v1/`, or undefined when there is none */
export async function readAdmin(sources: AdminSources, path: string, query: URLSearchParams): Promise<unknown> {
  if (path === "status")
    return {
      credentials: sources.pool.view(sources.now()),
      counts: sources.pool.counts(sources.now()),
      ledger: sources.recorder === null ? null : sources.recorder.state(),
    };
  if (path === "calls") {
    await sources.recorder?.flush();
    return { calls: (await sources.store.ledger.list(toFilter(query))).map(toCallView) };
  }
  if (path === "stats") {
    await sources.recorder?.flush();
    return sources.store.ledger.stats(toFilter(query));
  }
  return undefined;
}

// --- helpers ---

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
