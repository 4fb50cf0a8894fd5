/**
 * The store on node:sqlite, for hosts and commands that run on Node.
 * @module
 */
import { createNodeSqliteDriver, type NodeSqliteOptions } from "./node-sqlite.ts";
import { createStore } from "../store.ts";
import type { GatewayStore } from "../types-analytics.ts";

/**
 * Opens the store and brings its schema up to date.
 * @throws when the file cannot be opened, is no database, or was made by a newer version
 */
export async function openNodeSqlite(options: NodeSqliteOptions): Promise<GatewayStore> {
  const driver = await createNodeSqliteDriver(options);
  try {
    return await createStore({ driver, close: () => driver.close() });
  } catch (error) {
    await driver.close();
    throw error;
  }
}
