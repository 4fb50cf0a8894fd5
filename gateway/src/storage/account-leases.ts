/**
 * Who may refresh an account's tokens now: one process of all that share the store.
 * @module
 */
import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { Database } from "./schema.ts";
import type { Store } from "./types.ts";

/** Leases. Each step is one statement, so that two processes never hold the same one. */
export function createAccountLeases(db: Kysely<Database>): Store["accountLeases"] {
  return {
    async take({ id, owner, now, untilMs }) {
      const taken = await db
        .insertInto("account_leases")
        .values({ id, owner, until_ms: untilMs })
        .onConflict((conflict) =>
          conflict
            .column("id")
            .doUpdateSet({ owner, until_ms: untilMs })
            .where(
              sql<boolean>`account_leases.owner = ${owner} or account_leases.until_ms <= ${now} or account_leases.until_ms > ${now + longestMs}`,
            ),
        )
        .returning("id")
        .execute();
      return taken.length > 0;
    },
    async release({ id, owner }) {
      await db.deleteFrom("account_leases").where("id", "=", id).where("owner", "=", owner).execute();
    },
  };
}

// --- helpers ---

/** A lease that would hold for longer was made by a clock that ran ahead, and counts as over. */
const longestMs = 120_000;
