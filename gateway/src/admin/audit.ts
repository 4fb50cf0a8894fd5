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
   * Never rejects: what was done is done. What cannot be written is logged. Of refusals, and of what those do who are no
   * admins, only some a minute are kept: they must not fill the database.
   */
  write(event: AuditEvent): Promise<void>;
}

/** Of strangers together, and of each who is logged in: one's noise must not hide another's tries. */
const mostAMinute = 60;
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
  /** As many as there are people and tokens. */
  let minute = { since: -Infinity, counts: new Map<string, number>() };
  /** Lines that were not written since the last one that was. */
  let untold = 0;

  function mayTell({ actor, outcome, target }: AuditEvent): boolean {
    if (actor.role === "admin" && outcome !== "refused") return true;
    const now = clock.monotonic();
    if (now - minute.since >= 60_000) minute = { since: now, counts: new Map() };
    // Whoever logs in is nobody until then: what went well counts for the operator.
    const who = actor.role !== null ? `by ${actor.name}` : outcome === "done" ? `to ${target}` : "nobody";
    const count = (minute.counts.get(who) ?? 0) + 1;
    minute.counts.set(who, count);
    if (count <= mostAMinute) return true;
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
    async write(event) {
      if (!mayTell(event)) return;
      const { actor, action, target, detail, address, outcome } = event;
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
          detail: toAuditDetail(...detail, missing > 0 ? { linesNotWritten: missing } : null),
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
