/**
 * Client keys: only digests of them.
 * @module
 */
import type { Kysely } from "kysely";
import type { ClientKey } from "../clients/types.ts";
import { toNumber, toNumberOrNull } from "./numbers.ts";
import type { ClientTable, Database } from "./schema.ts";
import type { Store } from "./types.ts";

/** Client keys, in the order in which they were added. */
export function createClientStore(db: Kysely<Database>): Store["clients"] {
  return {
    async list() {
      const rows = await db.selectFrom("clients").selectAll().orderBy("created_at").orderBy("id").execute();
      return rows.map(fromRow);
    },
    async add(client) {
      const row: ClientTable = {
        id: client.id,
        name: client.name,
        digest: client.digest,
        prefix: client.prefix,
        source: client.source,
        enabled: client.enabled ? 1 : 0,
        expires_at: client.expiresAt,
        allowed_models: toModels(client.allowedModels),
        created_at: client.createdAt,
      };
      await db.insertInto("clients").values(row).execute();
    },
    async update(id, change) {
      const columns: Partial<ClientTable> = {};
      if (change.name !== undefined) columns.name = change.name;
      if (change.enabled !== undefined) columns.enabled = change.enabled ? 1 : 0;
      if (change.expiresAt !== undefined) columns.expires_at = change.expiresAt;
      if (change.allowedModels !== undefined) columns.allowed_models = toModels(change.allowedModels);
      const changed = await db
        .updateTable("clients")
        .set({ id, ...columns })
        .where("id", "=", id)
        .returning("id")
        .execute();
      return changed.length > 0;
    },
    async remove(id) {
      return (await db.deleteFrom("clients").where("id", "=", id).returning("id").execute()).length > 0;
    },
  };
}

// --- helpers ---

function toModels(models: readonly string[] | null): string | null {
  return models === null ? null : JSON.stringify(models);
}

function fromRow(row: ClientTable): ClientKey {
  return {
    id: row.id,
    name: row.name,
    digest: row.digest,
    prefix: row.prefix,
    source: row.source as ClientKey["source"],
    enabled: toNumber(row.enabled) === 1,
    expiresAt: toNumberOrNull(row.expires_at),
    allowedModels: row.allowed_models === null ? null : (JSON.parse(row.allowed_models) as string[]),
    createdAt: toNumber(row.created_at),
  };
}
