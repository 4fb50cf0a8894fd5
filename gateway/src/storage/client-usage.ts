/**
 * What client keys have used of their days, weeks, months and in all.
 * @module
 */
import type { Kysely } from "kysely";
import type { ClientUsage } from "../clients/types.ts";
import type { SqlDriver } from "./driver.ts";
import { toNumber } from "./numbers.ts";
import type { ClientUsageTable, Database } from "./schema.ts";
import type { Store } from "./types.ts";

/** Uses by client and kind of window: one row each, since a new window takes the place of the one before. */
export function createClientUsageStore(driver: SqlDriver, db: Kysely<Database>): Store["clientUsage"] {
  const upsert = db
    .insertInto("client_usage")
    .values(Object.fromEntries(columns.map((name) => [name, null])) as never)
    .onConflict((conflict) =>
      conflict
        .columns(["client_id", "period"])
        .doUpdateSet((expression) => ({
          period_start: expression.ref("excluded.period_start"),
          requests: expression.ref("excluded.requests"),
          tokens: expression.ref("excluded.tokens"),
          cost_nano_usd: expression.ref("excluded.cost_nano_usd"),
        }))
        .whereRef("excluded.period_start", ">=", "client_usage.period_start"),
    )
    .compile().sql;
  return {
    async list() {
      return (await db.selectFrom("client_usage").selectAll().execute()).map(fromRow);
    },
    async write(usage) {
      if (usage.length === 0) return;
      const rows = usage.map(({ clientId, window, windowStart, requests, tokens, costNanoUsd }) => [
        clientId,
        window,
        windowStart,
        requests,
        tokens,
        costNanoUsd,
      ]);
      await driver.writeBatch([{ sql: upsert, rows }]);
    },
  };
}

// --- helpers ---

const columns = [
  "client_id",
  "period",
  "period_start",
  "requests",
  "tokens",
  "cost_nano_usd",
] as const satisfies readonly (keyof ClientUsageTable)[];

function fromRow(row: ClientUsageTable): ClientUsage {
  return {
    clientId: row.client_id,
    window: row.period as ClientUsage["window"],
    windowStart: toNumber(row.period_start),
    requests: toNumber(row.requests),
    tokens: toNumber(row.tokens),
    costNanoUsd: toNumber(row.cost_nano_usd),
  };
}
