/**
 * Writes the audit log.
 * @module
 */
import { createIdMaker } from "../core/ids.ts";
import type { AuditEntry } from "../storage/types-administration.ts";
import { redactText, toAuditDetail } from "./audit-detail.ts";
import type { Actor } from "./auth/actor.ts";
import type { AdminServices } from "./services.ts";

/** One thing that was done or tried. */
export interface AuditEvent {
  actor: Pick<Actor, "name" | "role">;
  /** `clients.create`. */
  action: string;
  target: string | null;
  /** Objects whose fields become the detail, see `toAuditDetail`. */
  detail: readonly unknown[];
  address: string | null;
  outcome: AuditEntry["outcome"];
}

/** The log's pen. */
export interface Audit {
  /**
   * Never rejects: what was done is done. What cannot be written is logged. Of refusals only some a minute are kept:
   * strangers must not fill the database.
   */
  write(event: AuditEvent): Promise<void>;
}

const mostRefusedAMinute = 60;
/** About 50 MB. */
const mostEntries = 100_000;
const pruneEveryMs = 3_600_000;
const pruneAtOnce = 1_000;
const dayMs = 86_400_000;

/** Writes to the store. */
export function createAudit(
  services: Pick<AdminServices, "administration" | "clock" | "random" | "logger" | "settings">,
): Audit {
  const { administration, clock, random, logger, settings } = services;
  const nextId = createIdMaker(random);
  let prunedAt = -Infinity;
  let refused = { since: -Infinity, count: 0 };
  /** Refusals that were not written since the last one that was. */
  let untold = 0;

  function mayTell(outcome: AuditEntry["outcome"]): boolean {
    if (outcome !== "refused") return true;
    const now = clock.monotonic();
    if (now - refused.since >= 60_000) refused = { since: now, count: 0 };
    if (++refused.count <= mostRefusedAMinute) return true;
    untold++;
    return false;
  }

  async function prune(): Promise<void> {
    const now = clock.monotonic();
    if (now - prunedAt < pruneEveryMs) return;
    prunedAt = now;
    const olderThan = clock.now() - settings.current.auditRetentionDays * dayMs;
    await administration.audit.prune(olderThan, mostEntries, pruneAtOnce);
  }

  return {
    async write({ actor, action, target, detail, address, outcome }) {
      if (!mayTell(outcome)) return;
      const missing = untold;
      untold = 0;
      const now = clock.now();
      try {
        await administration.audit.add({
          id: nextId(now),
          at: now,
          actor: redactText(actor.name),
          role: actor.role ?? "none",
          action,
          target: target === null ? null : redactText(target).slice(0, 200),
          detail: toAuditDetail(...detail, missing > 0 ? { refusalsNotWritten: missing } : null),
          address,
          outcome,
        });
        await prune();
      } catch (error) {
        untold += missing;
        logger.log("error", "admin.audit-unwritten", {
          action,
          actor: actor.name,
          outcome,
          class: error instanceof Error ? error.name : "unknown",
        });
      }
    },
  };
}
