/**
 * What `/health` answers: whether the gateway can do its work, out of memory alone. Nothing is asked, read or written,
 * so that a probe every second costs nothing.
 * @module
 */
import type { RecorderState } from "../ledger/types.ts";
import type { PoolCounts } from "../pool/types.ts";
import { breakerState, type BreakerState } from "./breaker.ts";
import { rounded } from "./legacy/rates.ts";
import type { HealthFigures } from "./metrics-types.ts";

/** What is known. Plain data: on Workers it comes from the state object. */
export interface HealthFacts {
  version: string;
  /** Epoch milliseconds. */
  startedAt: number;
  now: number;
  pool: PoolCounts;
  /** Null: the ledger is off. */
  recorder: RecorderState | null;
  /** False: the store (or the object that holds the state) cannot be reached, so that no call can be served. */
  storeUsable: boolean;
  openCalls: number;
  figures: HealthFigures;
  /** Answers are kept or shared (REQUEST_DEDUP_WINDOW_MS, RESPONSE_CACHE_TTL_MS). */
  answersKept: boolean;
  /** Access tokens fetched since the start; 0 where no credential has any. */
  tokenRefreshes: number;
}

export type HealthStatus = "healthy" | "degraded" | "unhealthy";

/** Why it is not healthy. */
export type HealthCause = "state-unreachable" | "ledger" | "no-usable-credential";

/** `connected`; `failing`: the last write went wrong and the journal keeps what comes; `disconnected`: not usable. */
export type StoreStatus = "connected" | "failing" | "disconnected";

/** `unknown`: no attempt in the last five minutes. */
export type UpstreamStatus = "healthy" | "degraded" | "unhealthy" | "unknown";

/** The answer. Names are those of an earlier proxy's documentation (fact sheet compatibility 2, E). */
export interface HealthBody {
  status: HealthStatus;
  /** ISO 8601. */
  timestamp: string;
  version: string;
  uptimeSeconds: number;
  /** Only when it is not healthy. */
  cause?: HealthCause;
  metrics: {
    /** Seconds. */
    uptime: number;
    requests_processed: number;
    /** 0 to 1. */
    cache_hit_rate: number;
    /** Since the start, without Live sessions; null: there was no call. */
    avg_response_time_ms: number | null;
    token_refreshes: number;
    circuit_breaker_state: BreakerState;
  };
  kv_status: StoreStatus;
  upstream_status: UpstreamStatus;
}

/** Share of attempts that fail by the upstream's or the network's fault. */
const degradedShare = 0.05;
const unhealthyShare = 0.5;

/**
 * Judges and tells.
 * @returns 503 only where the state cannot be reached: a pool that rests or a ledger behind its journal still serves, and
 * whoever restarts a gateway for those makes it worse
 */
export function toHealth(facts: HealthFacts): { status: 200 | 503; body: HealthBody } {
  const { status, cause } = judgeHealth(facts);
  const uptime = Math.max(0, Math.floor((facts.now - facts.startedAt) / 1000));
  return {
    status: status === "unhealthy" ? 503 : 200,
    body: {
      status,
      timestamp: new Date(facts.now).toISOString(),
      version: facts.version,
      uptimeSeconds: uptime,
      ...(cause === null ? {} : { cause }),
      metrics: {
        uptime,
        requests_processed: facts.figures.calls,
        cache_hit_rate: rounded(facts.figures.cacheHitShare) ?? 0,
        avg_response_time_ms: rounded(facts.figures.averageMs),
        token_refreshes: facts.tokenRefreshes,
        circuit_breaker_state: breakerState(facts.pool),
      },
      kv_status: storeStatus(facts),
      upstream_status: upstreamStatus(facts.figures),
    },
  };
}

/** The worst that is true. */
export function judgeHealth(facts: Pick<HealthFacts, "storeUsable" | "recorder" | "pool">): {
  status: HealthStatus;
  cause: HealthCause | null;
} {
  if (!facts.storeUsable) return { status: "unhealthy", cause: "state-unreachable" };
  if (facts.recorder !== null && facts.recorder.lastError !== null) return { status: "degraded", cause: "ledger" };
  if (facts.pool.usable === 0) return { status: "degraded", cause: "no-usable-credential" };
  return { status: "healthy", cause: null };
}

export function storeStatus(facts: Pick<HealthFacts, "storeUsable" | "recorder">): StoreStatus {
  if (!facts.storeUsable) return "disconnected";
  return facts.recorder !== null && facts.recorder.lastError !== null ? "failing" : "connected";
}

/** Judged by the attempts of the last five minutes: asking Google would cost time and quota. */
export function upstreamStatus({ recent }: Pick<HealthFigures, "recent">): UpstreamStatus {
  if (recent.attempts === 0) return "unknown";
  const share = recent.upstreamFaults / recent.attempts;
  if (share > unhealthyShare) return "unhealthy";
  return share > degradedShare ? "degraded" : "healthy";
}
