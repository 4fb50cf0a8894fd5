/**
 * Who changed what. Ids sort by time: the newest page and the oldest rows are ends of the key.
 * @module
 */
import type { Kysely } from "kysely";
import { sql } from "kysely";
import { toNumber } from "../numbers.ts";
import type { AuditTable, Database } from "../schema.ts";
import type { AdministrationStore, AuditEntry } from "../types-administration.ts";

/** The audit log. */
export function createAuditStore(db: Kysely<Database>): AdministrationStore["audit"] {
  const removeOldest = async (limit: number, which: { olderThanMs?: number; lesser?: boolean }): Promise<number> => {
    let oldest = db.selectFrom("audit").select("id").orderBy("id").limit(limit);
    if (which.lesser === true)
      oldest = oldest.where((where) => where.or([where("outcome", "=", "refused"), where("role", "!=", "admin")]));
    let query = db.deleteFrom("audit").where("id", "in", oldest);
    if (which.olderThanMs !== undefined) query = query.where("at", "<", which.olderThanMs);
    return (await query.returning("id").execute()).length;
  };
  return {
    async add(entry) {
      await db.insertInto("audit").values(entry).execute();
    },
    async list(filter) {
      let query = db.selectFrom("audit").selectAll();
      if (filter.before !== undefined) query = query.where("id", "<", filter.before);
      if (filter.action !== undefined) query = query.where("action", "=", filter.action);
      if (filter.actor !== undefined) query = query.where("actor", "=", filter.actor);
      return (await query.orderBy("id", "desc").limit(filter.limit).execute()).map(fromRow);
    },
    async prune(olderThanMs, most, limit) {
      // Only the first rows are looked at: nothing has an index by time, and none is needed.
      const old = await removeOldest(limit, { olderThanMs });
      const [counted] = await db
        .selectFrom("audit")
        .select(sql<number>`count(*)`.as("count"))
        .execute();
      const above = Math.min(limit - old, toNumber(counted?.count) - most);
      if (above <= 0) return old;
      const lesser = await removeOldest(above, { lesser: true });
      return old + lesser + (lesser < above ? await removeOldest(above - lesser, {}) : 0);
    },
  };
}

// --- helpers ---

function fromRow(row: AuditTable): AuditEntry {
  return {
    id: row.id,
    at: toNumber(row.at),
    actor: row.actor,
    role: row.role,
    action: row.action,
    target: row.target,
    detail: row.detail,
    address: row.address,
    outcome: row.outcome as AuditEntry["outcome"],
  };
}
