/**
 * The store on the SQLite of a Durable Object.
 * @module
 */
import { createDurableObjectDriver, type DurableObjectStorage } from "./durable-object.ts";
import { createStore } from "../store.ts";
import type { GatewayStore } from "../types-analytics.ts";

/**
 * Opens the store and brings its schema up to date.
 * @param storage `ctx.storage` of the object
 * @throws when the data was made by a newer version
 */
export function openDurableObjectStore(storage: DurableObjectStorage): Promise<GatewayStore> {
  return createStore({ driver: createDurableObjectDriver(storage) });
}
