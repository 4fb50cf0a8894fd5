/**
 * Names for the ids that the record of calls holds.
 * @module
 */
import type { RollupDimension } from "../../storage/types-analytics.ts";
import type { AdminServices } from "../services.ts";

/** Names by id. What is not there any more goes by its id. */
export interface Names {
  /** Null for calls without a client. */
  client(id: string | null): string | null;
  credential(id: string): string;
}

/** Reads the names of today out of memory. */
export function readNames(services: Pick<AdminServices, "clients" | "pool" | "clock">): Names {
  const clients = new Map(services.clients.list().map(({ id, name }) => [id, name]));
  let credentials: Map<string, string> | null = null;
  return {
    client: (id) => (id === null ? null : (clients.get(id) ?? id)),
    credential(id) {
      // Only when asked for: a pool may be large.
      credentials ??= new Map(services.pool.view(services.clock.now()).map((view) => [view.id, view.name]));
      return credentials.get(id) ?? id;
    },
  };
}

/**
 * What a key of a sum is called.
 * @param key as the roll-ups have it; empty: calls that have none
 */
export function labelOf(dimension: RollupDimension, key: string, names: Names): string {
  if (key === "") return "none";
  if (dimension === "client") return names.client(key) ?? key;
  if (dimension === "credential") return names.credential(key);
  return key;
}
