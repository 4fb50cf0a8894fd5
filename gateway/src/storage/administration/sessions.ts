/**
 * Log-ins of the dashboard: only digests of their cookies.
 * @module
 */
import type { Kysely } from "kysely";
import { sql } from "kysely";
import { toNumber } from "../numbers.ts";
import type { Database, SessionTable } from "../schema.ts";
import type { AdministrationStore, Session } from "../types-administration.ts";
import { toRole } from "./operators.ts";

/** Sessions by digest. */
export function createSessionStore(db: Kysely<Database>): AdministrationStore["sessions"] {
  return {
    async get(digest) {
      const row = await db.selectFrom("sessions").selectAll().where("digest", "=", digest).executeTakeFirst();
      return row === undefined ? null : fromRow(row);
    },
    async add(session) {
      await db
        .insertInto("sessions")
        .values({
          digest: session.digest,
          operator_id: session.operatorId,
          name: session.name,
          role: session.role,
          csrf_token: session.csrfToken,
          created_at: session.createdAt,
          expires_at: session.expiresAt,
          seen_at: session.seenAt,
        })
        .execute();
    },
    async seen(digest, at, expiresAt) {
      await db
        .updateTable("sessions")
        .set({ seen_at: at, ...(expiresAt === undefined ? {} : { expires_at: expiresAt }) })
        .where("digest", "=", digest)
        .execute();
    },
    async remove(digest) {
      await db.deleteFrom("sessions").where("digest", "=", digest).execute();
    },
    async removeOf(operatorId) {
      await db.deleteFrom("sessions").where("operator_id", "is", operatorId).execute();
    },
    async keepNewest(operatorId, most) {
      const above = db
        .selectFrom("sessions")
        .select("digest")
        .where("operator_id", "is", operatorId)
        .orderBy("created_at", "desc")
        .orderBy("digest", "desc")
        // Without a limit, SQLite takes no offset.
        .limit(-1)
        .offset(most);
      return (await db.deleteFrom("sessions").where("digest", "in", above).returning("digest").execute()).length;
    },
    async prune(now, most) {
      const expired = await db.deleteFrom("sessions").where("expires_at", "<=", now).returning("digest").execute();
      const [counted] = await db
        .selectFrom("sessions")
        .select(sql<number>`count(*)`.as("count"))
        .execute();
      const above = toNumber(counted?.count) - most;
      if (above <= 0) return expired.length;
      const oldest = db.selectFrom("sessions").select("digest").orderBy("created_at").orderBy("digest").limit(above);
      const gone = await db.deleteFrom("sessions").where("digest", "in", oldest).returning("digest").execute();
      return expired.length + gone.length;
    },
  };
}

// --- helpers ---

function fromRow(row: SessionTable): Session {
  return {
    digest: row.digest,
    operatorId: row.operator_id,
    name: row.name,
    role: toRole(row.role),
    csrfToken: row.csrf_token,
    createdAt: toNumber(row.created_at),
    expiresAt: toNumber(row.expires_at),
    seenAt: toNumber(row.seen_at),
  };
}
