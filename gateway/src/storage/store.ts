/**
 * The store: one set of queries over any SQL driver.
 * @module
 */
import { Kysely } from "kysely";
import { createAccountLeases } from "./account-leases.ts";
import { createAdministrationStore } from "./administration/administration-store.ts";
import { createAnalyticsStore } from "./analytics/analytics-store.ts";
import { createClientUsageStore } from "./client-usage.ts";
import { createClientStore } from "./clients.ts";
import { createCredentialStore } from "./credentials.ts";
import type { SqlDriver } from "./driver.ts";
import { createHealthStore } from "./health.ts";
import { createCallsReader, createLedgerReader } from "./ledger-read.ts";
import { createLedgerStats } from "./ledger-stats.ts";
import { createLedgerUpkeep } from "./ledger-upkeep.ts";
import { createLedgerWriter } from "./ledger-write.ts";
import { createMetaStore, createRevision } from "./meta.ts";
import { migrate } from "./migrate.ts";
import { createQuotaStore } from "./quotas.ts";
import { createResourceStore } from "./resources.ts";
import { createResponseStore } from "./responses.ts";
import { buildRollups } from "./rollups/build.ts";
import { createRollupBook } from "./rollups/book.ts";
import type { Database } from "./schema.ts";
import type { GatewayStore } from "./types-analytics.ts";

/**
 * Makes a store and brings the schema up to date.
 * @param options `close`: closes what is behind the driver
 * @throws when the database was made by a newer version or cannot be written
 */
export async function createStore(options: { driver: SqlDriver; close?: () => Promise<void> }): Promise<GatewayStore> {
  const { driver } = options;
  const db = new Kysely<Database>({ dialect: driver.dialect });
  await migrate(driver, db);
  const book = createRollupBook(driver, db);
  await buildRollups({ driver, db, book, complete: createCallsReader(driver, db).complete });
  return {
    credentials: createCredentialStore(db),
    accountLeases: createAccountLeases(db),
    clients: createClientStore(db),
    health: createHealthStore(driver, db),
    ledger: {
      ...createLedgerWriter(driver, db, book),
      ...createLedgerReader(driver, db),
      ...createLedgerStats(driver, db),
      ...createLedgerUpkeep(driver, db, book),
    },
    resources: createResourceStore(driver, db),
    quotas: createQuotaStore(driver, db),
    clientUsage: createClientUsageStore(driver, db),
    responses: createResponseStore(driver, db),
    administration: createAdministrationStore(driver, db),
    analytics: createAnalyticsStore(driver, db),
    meta: createMetaStore(db),
    revision: createRevision(db),
    async close() {
      await db.destroy();
      await options.close?.();
    },
  };
}
