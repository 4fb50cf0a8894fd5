/**
 * Stored responses, sealed. The sealed text is ASCII, so its length is its bytes.
 * @module
 */
import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { SqlDriver, SqlValue } from "./driver.ts";
import { toNumber } from "./numbers.ts";
import type { Database } from "./schema.ts";
import type { Store } from "./types.ts";

/** Responses by client and id. */
export function createResponseStore(driver: SqlDriver, db: Kysely<Database>): Store["responses"] {
  const upsert = db
    .insertInto("responses")
    .values({ client_id: "", id: "", created_at: 0, expires_at: 0, bytes: 0, sealed: "" })
    .onConflict((conflict) =>
      conflict.columns(["client_id", "id"]).doUpdateSet((expression) => ({
        created_at: expression.ref("excluded.created_at"),
        expires_at: expression.ref("excluded.expires_at"),
        bytes: expression.ref("excluded.bytes"),
        sealed: expression.ref("excluded.sealed"),
      })),
    )
    .compile().sql;
  const removal = db.deleteFrom("responses").where("client_id", "=", "").where("id", "=", "").compile().sql;
  /** At most so many bytes are there; null: not counted yet. Summing up reads all rows: only when the bound may be passed. */
  let mostThere: number | null = null;

  async function sum(): Promise<number> {
    const [row] = await db
      .selectFrom("responses")
      .select(sql<number>`sum(bytes)`.as("bytes"))
      .execute();
    return toNumber(row?.bytes);
  }

  /** The end that comes first is the oldest response's, unless the lifetime was changed meanwhile; it has the index. */
  async function makeRoom(bytes: number, limit: number): Promise<number> {
    const rows = await db
      .selectFrom("responses")
      .select(["client_id", "id", "expires_at", "bytes"])
      .orderBy("expires_at")
      .orderBy("created_at")
      .limit(limit)
      .execute();
    const gone: SqlValue[][] = [];
    let freed = 0;
    for (const row of rows) {
      if (freed >= bytes) break;
      freed += toNumber(row.bytes);
      gone.push([row.client_id, row.id]);
    }
    if (gone.length > 0) await driver.writeBatch([{ sql: removal, rows: gone }]);
    return gone.length;
  }

  return {
    async write(responses) {
      if (responses.length === 0) return;
      const rows = responses.map(({ clientId, id, createdAt, expiresAt, sealed }) => {
        return [clientId, id, createdAt, expiresAt, sealed.length, sealed];
      });
      await driver.writeBatch([{ sql: upsert, rows }]);
      if (mostThere !== null) for (const { sealed } of responses) mostThere += sealed.length;
    },
    async get(clientId, id) {
      const row = await db
        .selectFrom("responses")
        .selectAll()
        .where("client_id", "=", clientId)
        .where("id", "=", id)
        .executeTakeFirst();
      if (row === undefined) return null;
      return {
        clientId: row.client_id,
        id: row.id,
        createdAt: toNumber(row.created_at),
        expiresAt: toNumber(row.expires_at),
        sealed: row.sealed,
      };
    },
    async remove(clientId, id) {
      const gone = await db
        .deleteFrom("responses")
        .where("client_id", "=", clientId)
        .where("id", "=", id)
        .returning("id")
        .execute();
      return gone.length > 0;
    },
    async prune(now, mostBytes, limit) {
      const ended = await db
        .selectFrom("responses")
        .select(["client_id", "id"])
        .where("expires_at", "<=", now)
        .orderBy("expires_at")
        .limit(limit)
        .execute();
      if (ended.length > 0)
        await driver.writeBatch([{ sql: removal, rows: ended.map((row) => [row.client_id, row.id]) }]);
      const room = limit - ended.length;
      if (room <= 0 || (mostThere !== null && mostThere <= mostBytes)) return ended.length;
      const there = await sum();
      mostThere = there;
      if (there <= mostBytes) return ended.length;
      const gone = await makeRoom(there - mostBytes, room);
      mostThere = null;
      return ended.length + gone;
    },
  };
}
