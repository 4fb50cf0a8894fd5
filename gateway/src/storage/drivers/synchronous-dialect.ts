/**
 * Kysely over a database that answers at once: node:sqlite and the SQLite of a Durable Object.
 * @module
 */
import type { CompiledQuery, DatabaseConnection, Dialect, Driver, QueryResult } from "kysely";
import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from "kysely";

/**
 * Makes a dialect from one function. There are no transactions in it: what must be atomic goes through the driver's
 * `writeBatch`. Numbers of affected rows are not told either (a Durable Object counts index rows too): queries that need
 * them say `returning`.
 * @param run runs one statement and gives its rows; may reject
 */
export function createSynchronousDialect(
  run: (sql: string, parameters: readonly unknown[]) => unknown[] | Promise<unknown[]>,
): Dialect {
  const connection: DatabaseConnection = {
    async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
      return { rows: (await run(query.sql, query.parameters)) as Row[] };
    },
    streamQuery(): AsyncIterableIterator<never> {
      throw new Error("This driver does not stream rows");
    },
  };
  const refuse = (): Promise<void> => Promise.reject(new Error("Transactions go through writeBatch"));
  const nothing = (): Promise<void> => Promise.resolve();
  const driver: Driver = {
    init: nothing,
    acquireConnection: () => Promise.resolve(connection),
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
    releaseConnection: nothing,
    destroy: nothing,
  };
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => driver,
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}
