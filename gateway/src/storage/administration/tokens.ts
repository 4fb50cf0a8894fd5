/**
 * Tokens of tools: only digests of them.
 * @module
 */
import type { Kysely } from "kysely";
import { toNumber, toNumberOrNull } from "../numbers.ts";
import type { AdminTokenTable, Database } from "../schema.ts";
import type { AdministrationStore, AdminToken } from "../types-administration.ts";
import { toRole } from "./operators.ts";

/** Tokens, in the order in which they were made. */
export function createTokenStore(db: Kysely<Database>): AdministrationStore["tokens"] {
  return {
    async list() {
      const rows = await db.selectFrom("admin_tokens").selectAll().orderBy("created_at").orderBy("id").execute();
      return rows.map(fromRow);
    },
    async add(token) {
      await db
        .insertInto("admin_tokens")
        .values({
          id: token.id,
          name: token.name,
          role: token.role,
          digest: token.digest,
          prefix: token.prefix,
          created_at: token.createdAt,
          expires_at: token.expiresAt,
          last_used_at: token.lastUsedAt,
        })
        .execute();
    },
    async used(id, at) {
      await db.updateTable("admin_tokens").set({ last_used_at: at }).where("id", "=", id).execute();
    },
    async remove(id) {
      return (await db.deleteFrom("admin_tokens").where("id", "=", id).returning("id").execute()).length > 0;
    },
  };
}

// --- helpers ---

function fromRow(row: AdminTokenTable): AdminToken {
  return {
    id: row.id,
    name: row.name,
    role: toRole(row.role),
    digest: row.digest,
    prefix: row.prefix,
    createdAt: toNumber(row.created_at),
    expiresAt: toNumberOrNull(row.expires_at),
    lastUsedAt: toNumberOrNull(row.last_used_at),
  };
}
