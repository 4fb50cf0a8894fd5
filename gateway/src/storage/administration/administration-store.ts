/**
 * Being made.
 * @module
 */
import type { Kysely } from "kysely";
import type { SqlDriver } from "../driver.ts";
import type { Database } from "../schema.ts";
import type { AdministrationStore } from "../types-administration.ts";

/** Being made. */
export function createAdministrationStore(_driver: SqlDriver, _db: Kysely<Database>): AdministrationStore {
  return null as never;
}
