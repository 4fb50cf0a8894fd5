/**
 * Reads the audit log.
 * @module
 */
import type * as z from "zod";
import type { AuditEntry } from "../../storage/types-administration.ts";
import { listAudit } from "../contract/operations.ts";
import { implement, type Implementation } from "../implement.ts";
import type { auditEntrySchema } from "../schemas/operations.ts";

/** The log, page by page. */
export const auditHandlers: readonly Implementation[] = [
  implement(listAudit, async ({ services, query }) => {
    const { limit, cursor, action, actor } = query;
    const entries = await services.administration.audit.list({
      // One more than is shown, to know whether there is another page.
      limit: limit + 1,
      ...(cursor === undefined ? {} : { before: cursor }),
      ...(action === undefined ? {} : { action }),
      ...(actor === undefined ? {} : { actor }),
    });
    const page = entries.slice(0, limit);
    return {
      entries: page.map(toView),
      // Ids sort by time, so that what is written meanwhile shifts no page.
      next: entries.length > limit ? (page.at(-1)?.id ?? null) : null,
    };
  }),
];

// --- helpers ---

function toView(entry: AuditEntry): z.output<typeof auditEntrySchema> {
  const { id, at, actor, role, action, target, address, outcome } = entry;
  return { id, at, actor, role, action, target, address, outcome, detail: toDetail(entry.detail) };
}

function toDetail(text: string | null): Record<string, unknown> | null {
  if (text === null) return null;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    // A row that was written by hand.
    return { text };
  }
}
