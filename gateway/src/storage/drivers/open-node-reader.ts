/**
 * The analytics on a connection that only reads: for a thread of its own, so that long reads hold nobody up.
 * @module
 */
import { Kysely } from "kysely";
import { createAnalyticsStore } from "../analytics/analytics-store.ts";
import type { Database } from "../schema.ts";
import type { AnalyticsStore } from "../types-analytics.ts";
import { createNodeSqliteReader, type NodeSqliteOptions } from "./node-sqlite.ts";

/** The reads, and the end of them. */
export interface AnalyticsReader {
  analytics: AnalyticsStore;
  close(): Promise<void>;
}

/**
 * Opens a database that a store has been opened on before. It is never written to and never brought up to date here.
 * @throws when the file is missing, is no database, or has no roll-ups yet
 */
export async function openNodeSqliteReader(options: NodeSqliteOptions): Promise<AnalyticsReader> {
  const driver = await createNodeSqliteReader(options);
  const db = new Kysely<Database>({ dialect: driver.dialect });
  try {
    // A table that is missing is told now and not at the first chart.
    await db.selectFrom("rollups").select("start").limit(1).execute();
  } catch (error) {
    await driver.close();
    throw error;
  }
  return {
    analytics: createAnalyticsStore(driver, db),
    async close() {
      await db.destroy();
      await driver.close();
    },
  };
}
