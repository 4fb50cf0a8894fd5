/**
 * Single values, and the number that tells other processes that something changed.
 * @module
 */
import type { Kysely } from "kysely";
import { toNumber } from "./numbers.ts";
import type { Database } from "./schema.ts";
import type { Store } from "./types.ts";

/** Texts by key. */
export function createMetaStore(db: Kysely<Database>): Store["meta"] {
  return {
    async get(key) {
      const row = await db.selectFrom("meta").select("value").where("key", "=", key).executeTakeFirst();
      return row === undefined ? null : row.value;
    },
    async set(key, value) {
      await db
        .insertInto("meta")
        .values({ key, value })
        .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
        .execute();
    },
  };
}

/** The revision. Raising it is one statement, so that two processes never give out the same number. */
export function createRevision(db: Kysely<Database>): Store["revision"] {
  return {
    async get() {
      const row = await db.selectFrom("counters").select("value").where("name", "=", revision).executeTakeFirst();
      return toNumber(row?.value);
    },
    async raise() {
      const row = await db
        .insertInto("counters")
        .values({ name: revision, value: 1 })
        .onConflict((conflict) =>
          conflict.column("name").doUpdateSet((expression) => ({ value: expression("counters.value", "+", 1) })),
        )
        .returning("value")
        .executeTakeFirstOrThrow();
      return toNumber(row.value);
    },
  };
}

// --- helpers ---

const revision = "revision";
