/**
 * What is deleted by the clock: calls, sessions, lines of the audit log, captured bodies, stored responses. Bounds are
 * read at each run, since settings change.
 * @module
 */
import type { Clock } from "../../core/ports.ts";
import { pruneLedger } from "../../ledger/retention.ts";
import type { Settings } from "../../settings/types.ts";
import type { GatewayStore } from "../../storage/types-analytics.ts";

const dayMs = 86_400_000;
/** Log-ins at once; the oldest make room. */
const mostSessions = 10_000;
const mostAuditLines = 100_000;
const auditSlice = 1_000;

/** What is kept within bounds. */
export interface HousekeepingParts {
  store: GatewayStore;
  settings: Pick<Settings, "retentionDays" | "ledgerMaxBytes" | "auditRetentionDays">;
  /** Null: none are kept here. */
  captures: { prune(): Promise<void> } | null;
  /** @default none are kept here */
  responses?: { prune(now: number): Promise<void> };
  /** Epoch milliseconds. */
  now: number;
  /** With it slices take as much as can be done in some milliseconds. @default slices of one size */
  clock?: Pick<Clock, "monotonic">;
}

/**
 * The work by the event that its failure is logged as. Each is independent of the others.
 * @returns functions to be called, one after the other
 */
export function housekeeping(parts: HousekeepingParts): Record<string, () => Promise<unknown>> {
  const { store, settings, now, captures, responses } = parts;
  const { administration } = store;
  return {
    "retention.failed": () =>
      pruneLedger({
        store,
        now,
        retentionDays: settings.retentionDays,
        maxBytes: settings.ledgerMaxBytes,
        ...(parts.clock === undefined ? {} : { clock: parts.clock }),
      }),
    "sessions.unpruned": () => administration.sessions.prune(now, mostSessions),
    "audit.unpruned": () => pruneAudit(administration.audit, now - settings.auditRetentionDays * dayMs),
    "captures.unpruned": async () => captures?.prune(),
    "responses.unpruned": async () => responses?.prune(now),
  };
}

// --- helpers ---

/** In slices, so that other work runs between; what is left comes with the next run. */
async function pruneAudit(audit: GatewayStore["administration"]["audit"], olderThanMs: number): Promise<void> {
  for (let slices = 0; slices < 20; slices++)
    if ((await audit.prune(olderThanMs, mostAuditLines, auditSlice)) < auditSlice) return;
}
