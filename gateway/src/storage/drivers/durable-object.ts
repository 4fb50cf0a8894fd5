/**
 * The SQLite of a Cloudflare Durable Object. Typed structurally, so that nothing of Cloudflare is imported.
 * Limits that shape the queries: at most 100 bound parameters a statement, no SQL `begin`
 * (https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/).
 * @module
 */
import type { SqlDriver } from "../driver.ts";
import { createSynchronousDialect } from "./synchronous-dialect.ts";

/** The part of `ctx.storage` that is used. */
export interface DurableObjectStorage {
  sql: {
    /** A cursor runs to its end when it is read with `toArray`; a statement without rows runs at once. */
    exec(query: string, ...bindings: (string | number | null)[]): { toArray(): Record<string, unknown>[] };
    readonly databaseSize: number;
  };
  transactionSync<Result>(closure: () => Result): Result;
}

/**
 * Makes the driver.
 * @param storage `ctx.storage` of an object whose class is in `new_sqlite_classes`
 */
export function createDurableObjectDriver(storage: DurableObjectStorage): SqlDriver {
  const { sql } = storage;
  return {
    flavour: "sqlite",
    maxParameters: 100,
    dialect: createSynchronousDialect((query, parameters) => sql.exec(query, ...(parameters as string[])).toArray()),
    async writeBatch(groups) {
      storage.transactionSync(() => {
        for (const group of groups) for (const row of group.rows) sql.exec(group.sql, ...row).toArray();
      });
    },
    bytes: () => Promise.resolve(sql.databaseSize),
    // Each statement is short and the object has no other work that waits for its thread.
    breathe: () => Promise.resolve(),
  };
}
