/**
 * Captured bodies, sealed. The sealed text is ASCII, so its length is its bytes.
 * @module
 */
import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { SqlDriver } from "../driver.ts";
import { toNumber } from "../numbers.ts";
import type { Database } from "../schema.ts";
import type { AdministrationStore } from "../types-administration.ts";

/** Captures by call. */
export function createCaptureStore(driver: SqlDriver, db: Kysely<Database>): AdministrationStore["captures"] {
  const upsert = db
    .insertInto("captures")
    .values({ call_id: "", created_at: 0, expires_at: 0, bytes: 0, sealed: "" })
    .onConflict((conflict) =>
      conflict.column("call_id").doUpdateSet((expression) => ({
        created_at: expression.ref("excluded.created_at"),
        expires_at: expression.ref("excluded.expires_at"),
        bytes: expression.ref("excluded.bytes"),
        sealed: expression.ref("excluded.sealed"),
      })),
    )
    .compile().sql;
  /**
   * At most so many bytes are there; null: not counted yet. The sum reads all rows, which would hold a synchronous
   * database for long; so it is only made when the bound may be passed.
   */
  let mostThere: number | null = null;

  async function sum(): Promise<number> {
    const [row] = await db
      .selectFrom("captures")
      .select(sql<number>`sum(bytes)`.as("bytes"))
      .execute();
    return toNumber(row?.bytes);
  }

  /** The end that comes first is the oldest capture's, unless the retention was changed meanwhile; it has the index. */
  async function makeRoom(bytes: number, limit: number): Promise<number> {
    const rows = await db
      .selectFrom("captures")
      .select(["call_id", "expires_at", "bytes"])
      .orderBy("expires_at")
      .orderBy("call_id")
      .limit(limit)
      .execute();
    let freed = 0;
    let last: (typeof rows)[number] | undefined;
    for (const row of rows) {
      if (freed >= bytes) break;
      freed += toNumber(row.bytes);
      last = row;
    }
    if (last === undefined) return 0;
    const { call_id: callId, expires_at: expiresAt } = last;
    const gone = await db
      .deleteFrom("captures")
      .where((where) =>
        where.or([
          where("expires_at", "<", expiresAt),
          where.and([where("expires_at", "=", expiresAt), where("call_id", "<=", callId)]),
        ]),
      )
      .returning("bytes")
      .execute();
    return gone.length;
  }

  return {
    async write(captures) {
      if (captures.length === 0) return;
      const rows = captures.map(({ callId, createdAt, expiresAt, sealed }) => {
        return [callId, createdAt, expiresAt, sealed.length, sealed];
      });
      await driver.writeBatch([{ sql: upsert, rows }]);
      if (mostThere !== null) for (const { sealed } of captures) mostThere += sealed.length;
    },
    async get(callId) {
      const row = await db.selectFrom("captures").selectAll().where("call_id", "=", callId).executeTakeFirst();
      if (row === undefined) return null;
      return {
        callId: row.call_id,
        createdAt: toNumber(row.created_at),
        expiresAt: toNumber(row.expires_at),
        sealed: row.sealed,
      };
    },
    async prune(now, mostBytes, limit) {
      const ended = db.selectFrom("captures").select("call_id").where("expires_at", "<=", now).limit(limit);
      const expired = await db.deleteFrom("captures").where("call_id", "in", ended).returning("bytes").execute();
      const room = limit - expired.length;
      if (room <= 0 || (mostThere !== null && mostThere <= mostBytes)) return expired.length;
      const there = await sum();
      mostThere = there;
      if (there <= mostBytes) return expired.length;
      const gone = await makeRoom(there - mostBytes, room);
      mostThere = null;
      return expired.length + gone;
    },
  };
}
