/**
 * How the gateway fares: for the dashboard, and for tools that read the pool's status.
 * @module
 */
import { getAttention, getHealth, getStatus } from "../contract/operations.ts";
import type { RouteOutput } from "../define-route.ts";
import { implement } from "../implement.ts";
import type { Implementation } from "../implement.ts";
import type { AdminServices } from "../services.ts";
import { toQuotaSummary } from "../views/quota-rows.ts";
import { readFacts } from "./attention-facts.ts";
import { judgeFacts } from "./attention-rules.ts";

/** Everything about health. */
export const healthHandlers: readonly Implementation[] = [
  implement(getHealth, async ({ services, request }) => {
    const { clock, pool, settings, store, analytics } = services;
    const now = clock.now();
    const counts = pool.counts(now);
    const state = services.recorder();
    return {
      status: statusOf(services),
      version: services.version,
      host: services.host,
      startedAt: services.startedAt,
      uptimeSeconds: Math.max(0, Math.floor((now - services.startedAt) / 1000)),
      now,
      openCalls: services.openCalls(),
      draining: services.draining(),
      url: settings.current.publicUrl ?? new URL(request.url).origin,
      ledger:
        state === null
          ? null
          : {
              ...state,
              // Health must be told also when the store is what is ill.
              bytes: await store.ledger.bytes().catch(() => null),
              oldestCallMs: await analytics.oldestMs().catch(() => null),
            },
      pool: counts,
      memory: services.memory(),
      features: featuresOf(services),
    };
  }),

  implement(getAttention, async ({ services }) => ({ items: judgeFacts(await readFacts(services)) })),

  implement(getStatus, ({ services }) => {
    const { pool, affinity, clock } = services;
    const now = clock.now();
    const counts = pool.counts(now);
    return {
      credentials: pool.view(now),
      counts,
      // Most of the pool would have been disabled at once: then it is hardly the credentials.
      panic: counts.panic,
      quotas: toQuotaSummary(pool.quotas(now)),
      affinity: { resources: affinity.size() },
      ledger: services.recorder(),
    };
  }),
];

// --- helpers ---

type Health = RouteOutput<typeof getHealth>;

/** `unhealthy`: calls cannot be served, or are lost; `degraded`: something is wrong that calls do not notice yet. */
function statusOf(services: AdminServices): Health["status"] {
  const { usable, panic } = services.pool.counts(services.clock.now());
  const ledger = services.recorder();
  if (usable === 0 || (ledger !== null && ledger.lost > 0)) return "unhealthy";
  const isBehind = ledger !== null && (ledger.lastError !== null || ledger.spilled > 0);
  return panic || isBehind || services.draining() ? "degraded" : "healthy";
}

function featuresOf({ settings: { current } }: AdminServices): Health["features"] {
  return {
    ledger: current.ledger,
    capture: current.capture !== "off",
    live: current.live,
    openMode: current.openMode,
    dashboard: current.dashboard,
    keepUploads: current.keepUploads,
    prefixAffinity: current.prefixAffinity,
    quotaScheduling: current.quotaScheduling,
    sharedAnswers: current.dedupWindowMs > 0 || current.responseCacheTtlMs > 0,
    insecureCookies: current.insecureCookies,
    logCalls: current.logCalls,
    tracing: current.otlpEndpoint !== null,
  };
}
