/**
 * The tables behind the admin API, put together.
 * @module
 */
import type { Kysely } from "kysely";
import type { SqlDriver } from "../driver.ts";
import type { Database } from "../schema.ts";
import type { AdministrationStore } from "../types-administration.ts";
import { createAuditStore } from "./audit.ts";
import { createCaptureStore } from "./captures.ts";
import { createOperatorStore } from "./operators.ts";
import { createSessionStore } from "./sessions.ts";
import { createSettingStore } from "./settings.ts";
import { createTokenStore } from "./tokens.ts";

/**
 * Makes it.
 * @param driver runs what must be atomic
 * @param db its tables, migrated
 */
export function createAdministrationStore(driver: SqlDriver, db: Kysely<Database>): AdministrationStore {
  return {
    operators: createOperatorStore(db),
    sessions: createSessionStore(db),
    tokens: createTokenStore(db),
    audit: createAuditStore(db),
    settings: createSettingStore(driver, db),
    captures: createCaptureStore(driver, db),
  };
}
