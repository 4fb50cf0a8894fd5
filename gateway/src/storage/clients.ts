/**
 * Client keys: only digests of them. What they have used is in client-usage.ts.
 * @module
 */
import type { Kysely } from "kysely";
import type { ClientKey, ClientLimits } from "../clients/types.ts";
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
        allowed_models: toJson(client.allowedModels),
        created_at: client.createdAt,
        limits: toJson(client.limits),
        ip_ranges: toJson(client.ipRanges),
        aliases: toJson(client.aliases),
        resource_scope: client.resourceScope ?? "own",
      };
      await db.insertInto("clients").values(row).execute();
    },
    async update(id, change) {
      const columns: Partial<ClientTable> = {};
      if (change.name !== undefined) columns.name = change.name;
      if (change.enabled !== undefined) columns.enabled = change.enabled ? 1 : 0;
      if (change.expiresAt !== undefined) columns.expires_at = change.expiresAt;
      if (change.allowedModels !== undefined) columns.allowed_models = toJson(change.allowedModels);
      if (change.limits !== undefined) columns.limits = toJson(change.limits);
      if (change.ipRanges !== undefined) columns.ip_ranges = toJson(change.ipRanges);
      if (change.aliases !== undefined) columns.aliases = toJson(change.aliases);
      if (change.resourceScope !== undefined) columns.resource_scope = change.resourceScope;
      const changed = await db
        .updateTable("clients")
        .set({ id, ...columns })
        .where("id", "=", id)
        .returning("id")
        .execute();
      return changed.length > 0;
    },
    async remove(id) {
      await db.deleteFrom("client_usage").where("client_id", "=", id).execute();
      return (await db.deleteFrom("clients").where("id", "=", id).returning("id").execute()).length > 0;
    },
  };
}

// --- helpers ---

function toJson(value: object | null | undefined): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}

function fromJson<Value>(text: string | null): Value | null {
  return text === null ? null : (JSON.parse(text) as Value);
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
    allowedModels: fromJson<string[]>(row.allowed_models),
    createdAt: toNumber(row.created_at),
    limits: fromJson<ClientLimits>(row.limits),
    ipRanges: fromJson<string[]>(row.ip_ranges),
    aliases: fromJson<Record<string, string>>(row.aliases),
    resourceScope: row.resource_scope === "shared" ? "shared" : "own",
  };
}
