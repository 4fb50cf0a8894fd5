/**
 * Which project has which resource. Written behind what memory knows, in batches; read once at a start.
 * @module
 */
import type { Kysely, SelectQueryBuilder } from "kysely";
import { sql } from "kysely";
import type { ResourceBinding } from "../core/resources.ts";
import type { SqlDriver, SqlValue, WriteGroup } from "./driver.ts";
import { toNumber, toNumberOrNull } from "./numbers.ts";
import type { Database, ResourceTable } from "./schema.ts";
import type { Store } from "./types.ts";

/** Bindings by name. */
export function createResourceStore(driver: SqlDriver, db: Kysely<Database>): Store["resources"] {
  // Compiled once and run for each row: no statement has more parameters than a binding has fields.
  const upsert = db
    .insertInto("resources")
    .values(Object.fromEntries(columns.map((name) => [name, null])) as never)
    .onConflict((conflict) =>
      conflict.column("name").doUpdateSet((expression) => ({
        kind: expression.ref("excluded.kind"),
        credential_id: expression.ref("excluded.credential_id"),
        project_id: expression.ref("excluded.project_id"),
        client_id: expression.ref("excluded.client_id"),
        created_at: expression.ref("excluded.created_at"),
        expires_at: expression.ref("excluded.expires_at"),
        detail: expression.ref("excluded.detail"),
      })),
    )
    .compile().sql;
  /** Rows written since their kinds were counted. Another process may have written some before this one. */
  let unchecked = checkEvery;
  const remove = db.deleteFrom("resources").where("name", "=", "").compile().sql;

  return {
    async list(now, limit) {
      const kinds = await db.selectFrom("resources").select("kind").distinct().execute();
      const rows: ResourceTable[] = [];
      for (const { kind } of kinds) {
        // Not pushed all at once: arguments go on the stack.
        for (const row of await newest(db, kind, now, limit)) rows.push(row);
        await driver.breathe();
      }
      return rows.map(fromRow).sort(newestFirst);
    },
    async write({ bind, forget }) {
      const groups: WriteGroup[] = [];
      // What is in both was deleted and made again.
      if (forget.length > 0) groups.push({ sql: remove, rows: forget.map((name) => [name]) });
      if (bind.length > 0) groups.push({ sql: upsert, rows: bind.map(toValues) });
      if (groups.length > 0) await driver.writeBatch(groups);
      unchecked += bind.length;
    },
    async prune(now, limit, most) {
      let gone = await removeAll(
        db,
        db.selectFrom("resources").select("name").where("expires_at", "<=", now).limit(limit),
      );
      if (unchecked >= checkEvery) {
        unchecked = 0;
        for (const { kind, count } of await crowded(db, most)) {
          const oldest = db.selectFrom("resources").select("name").where("kind", "=", kind).orderBy("created_at");
          gone += await removeAll(db, oldest.limit(Math.min(limit, count - most)));
          // There may be more of them.
          unchecked = checkEvery;
        }
      }
      await driver.breathe();
      return gone;
    },
  };
}

// --- helpers ---

const columns = [
  "name",
  "kind",
  "credential_id",
  "project_id",
  "client_id",
  "created_at",
  "expires_at",
  "detail",
] as const satisfies readonly (keyof ResourceTable)[];

function newestFirst(left: ResourceBinding, right: ResourceBinding): number {
  return right.createdAt - left.createdAt || (left.name < right.name ? 1 : -1);
}

/** Counting reads an index from end to end: 30 ms for 300,000 rows. */
const checkEvery = 5_000;

function newest(db: Kysely<Database>, kind: string, now: number, limit: number): Promise<ResourceTable[]> {
  return db
    .selectFrom("resources")
    .selectAll()
    .where("kind", "=", kind)
    .where((expression) => expression.or([expression("expires_at", "is", null), expression("expires_at", ">", now)]))
    .orderBy("created_at", "desc")
    .orderBy("name", "desc")
    .limit(limit)
    .execute();
}

async function crowded(db: Kysely<Database>, most: number): Promise<{ kind: string; count: number }[]> {
  const rows = await db
    .selectFrom("resources")
    .select(["kind", sql<number>`count(*)`.as("count")])
    .groupBy("kind")
    .having(sql`count(*)`, ">", most)
    .execute();
  return rows.map(({ kind, count }) => ({ kind, count: toNumber(count) }));
}

async function removeAll(
  db: Kysely<Database>,
  names: SelectQueryBuilder<Database, "resources", { name: string }>,
): Promise<number> {
  return (await db.deleteFrom("resources").where("name", "in", names).returning("name").execute()).length;
}

function toValues(binding: ResourceBinding): SqlValue[] {
  const { name, kind, credentialId, projectId, clientId, createdAt, expiresAt, detail } = binding;
  return [name, kind, credentialId, projectId, clientId, createdAt, expiresAt, detail];
}

function fromRow(row: ResourceTable): ResourceBinding {
  return {
    name: row.name,
    kind: row.kind as ResourceBinding["kind"],
    credentialId: row.credential_id,
    projectId: row.project_id,
    clientId: row.client_id,
    createdAt: toNumber(row.created_at),
    expiresAt: toNumberOrNull(row.expires_at),
    detail: row.detail,
  };
}
