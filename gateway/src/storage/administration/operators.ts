/**
 * People who may log in.
 * @module
 */
import type { Kysely } from "kysely";
import { toNumber, toNumberOrNull } from "../numbers.ts";
import type { Database, OperatorTable } from "../schema.ts";
import type { AdministrationStore, Operator, Role } from "../types-administration.ts";

/** Operators, in the order in which they were added. */
export function createOperatorStore(db: Kysely<Database>): AdministrationStore["operators"] {
  return {
    async list() {
      const rows = await db.selectFrom("operators").selectAll().orderBy("created_at").orderBy("id").execute();
      return rows.map(fromRow);
    },
    async add(operator) {
      const added = await db
        .insertInto("operators")
        .values({
          id: operator.id,
          name: operator.name,
          role: operator.role,
          password_hash: operator.passwordHash,
          enabled: operator.enabled ? 1 : 0,
          created_at: operator.createdAt,
          last_login_at: operator.lastLoginAt,
        })
        .onConflict((conflict) => conflict.doNothing())
        .returning("id")
        .execute();
      return added.length > 0;
    },
    async update(id, change) {
      const columns: Partial<OperatorTable> = {};
      if (change.role !== undefined) columns.role = change.role;
      if (change.passwordHash !== undefined) columns.password_hash = change.passwordHash;
      if (change.enabled !== undefined) columns.enabled = change.enabled ? 1 : 0;
      if (change.lastLoginAt !== undefined) columns.last_login_at = change.lastLoginAt;
      const changed = await db
        .updateTable("operators")
        .set({ id, ...columns })
        .where("id", "=", id)
        .returning("id")
        .execute();
      return changed.length > 0;
    },
    async remove(id) {
      return (await db.deleteFrom("operators").where("id", "=", id).returning("id").execute()).length > 0;
    },
  };
}

// --- helpers ---

function fromRow(row: OperatorTable): Operator {
  return {
    id: row.id,
    name: row.name,
    role: toRole(row.role),
    passwordHash: row.password_hash,
    enabled: toNumber(row.enabled) === 1,
    createdAt: toNumber(row.created_at),
    lastLoginAt: toNumberOrNull(row.last_login_at),
  };
}

/**
 * A role as it is kept. What is not known (a row of a later version) gets the least.
 * @param text of the column
 */
export function toRole(text: string): Role {
  return text === "admin" ? "admin" : "viewer";
}
