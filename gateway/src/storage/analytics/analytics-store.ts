/**
 * Being made.
 * @module
 */
import type { Kysely } from "kysely";
import type { SqlDriver } from "../driver.ts";
import type { Database } from "../schema.ts";
import type { AnalyticsStore } from "../types-analytics.ts";

/** Being made. */
export function createAnalyticsStore(_driver: SqlDriver, _db: Kysely<Database>): AnalyticsStore {
  return null as never;
}
