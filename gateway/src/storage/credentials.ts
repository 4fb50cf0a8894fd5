/**
 * Stored credentials; their secrets are sealed before they come here.
 * @module
 */
import type { Kysely } from "kysely";
import { unknownAccount, type AccountFacts } from "../core/accounts.ts";
import { toNumber } from "./numbers.ts";
import type { CredentialTable, Database } from "./schema.ts";
import type { Store, StoredCredential } from "./types.ts";

/** Credentials, in the order in which they were added. */
export function createCredentialStore(db: Kysely<Database>): Store["credentials"] {
  return {
    async list() {
      const rows = await db.selectFrom("credentials").selectAll().orderBy("created_at").orderBy("id").execute();
      return rows.map(fromRow);
    },
    async get(id) {
      const row = await db.selectFrom("credentials").selectAll().where("id", "=", id).executeTakeFirst();
      return row === undefined ? null : fromRow(row);
    },
    async add(credential) {
      const row: CredentialTable = {
        id: credential.id,
        name: credential.name,
        sealed: credential.sealed,
        fingerprint: credential.fingerprint,
        project_id: credential.projectId,
        weight: credential.weight,
        tier: credential.tier,
        enabled: credential.enabled ? 1 : 0,
        created_at: credential.createdAt,
        base_url: credential.baseUrl ?? null,
        sealed_proxy: credential.sealedProxy ?? null,
        quota_tier: credential.quotaTier ?? null,
        kind: credential.kind ?? "api-key",
        account: toText(credential.account ?? null),
      };
      const added = await db
        .insertInto("credentials")
        .values(row)
        // The id is made of the fingerprint: either may be met first.
        .onConflict((conflict) => conflict.doNothing())
        .returning("id")
        .execute();
      return added.length > 0;
    },
    async update(id, change, expected) {
      const columns: Partial<CredentialTable> = {};
      if (change.name !== undefined) columns.name = change.name;
      if (change.sealed !== undefined) columns.sealed = change.sealed;
      if (change.projectId !== undefined) columns.project_id = change.projectId;
      if (change.weight !== undefined) columns.weight = change.weight;
      if (change.tier !== undefined) columns.tier = change.tier;
      if (change.enabled !== undefined) columns.enabled = change.enabled ? 1 : 0;
      if (change.baseUrl !== undefined) columns.base_url = change.baseUrl;
      if (change.sealedProxy !== undefined) columns.sealed_proxy = change.sealedProxy;
      if (change.quotaTier !== undefined) columns.quota_tier = change.quotaTier;
      if (change.account !== undefined) columns.account = toText(change.account);
      // Nothing to set is still an answer to "is it there?", and `set` must not be empty.
      const update = db
        .updateTable("credentials")
        .set({ id, ...columns })
        .where("id", "=", id);
      const guarded = expected === undefined ? update : update.where("sealed", "=", expected.sealed);
      return (await guarded.returning("id").execute()).length > 0;
    },
    async remove(id) {
      return (await db.deleteFrom("credentials").where("id", "=", id).returning("id").execute()).length > 0;
    },
  };
}

// --- helpers ---

function fromRow(row: CredentialTable): StoredCredential {
  return {
    id: row.id,
    name: row.name,
    sealed: row.sealed,
    fingerprint: row.fingerprint,
    projectId: row.project_id,
    weight: toNumber(row.weight),
    tier: toNumber(row.tier),
    enabled: toNumber(row.enabled) === 1,
    createdAt: toNumber(row.created_at),
    baseUrl: row.base_url,
    sealedProxy: row.sealed_proxy,
    quotaTier: row.quota_tier,
    ...(row.kind === "code-assist" ? { kind: row.kind, account: toFacts(row.account) } : {}),
  };
}

function toText(facts: AccountFacts | null): string | null {
  return facts === null ? null : JSON.stringify(facts);
}

function toFacts(text: string | null): AccountFacts | null {
  return text === null ? null : { ...unknownAccount, ...(JSON.parse(text) as Partial<AccountFacts>) };
}
