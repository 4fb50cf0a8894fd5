/**
 * node:sqlite, on a file or in memory.
 *
 * Several processes may use the file at once (the command line while the gateway runs). A database that is locked is
 * not waited for inside SQLite, since that would hold the event loop: the statement is tried again after a pause.
 * @module
 */
import { closeSync, openSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { setImmediate as immediately, setTimeout as pause } from "node:timers/promises";
import type { SqlDriver, SqlValue, WriteGroup } from "../driver.ts";
import { startCheckpoints } from "./node-checkpoints.ts";
import { createSynchronousDialect } from "./synchronous-dialect.ts";

/** How a database is opened. */
export interface NodeSqliteOptions {
  /** File, made with mode 0600 when missing; `:memory:` for none. */
  path: string;
  /** How long a statement is tried when another process holds the lock, milliseconds. @default 5000 */
  busyMs?: number;
}

/** The driver with the database behind it. */
export interface NodeSqliteDriver extends SqlDriver {
  /** Closes the database; the last process to do so also writes back and removes the write-ahead log. */
  close(): Promise<void>;
}

/**
 * Opens the database.
 * @throws when the file cannot be opened or is no database
 */
export async function createNodeSqliteDriver(options: NodeSqliteOptions): Promise<NodeSqliteDriver> {
  const { path, busyMs = 5_000 } = options;
  const inMemory = path === ":memory:";
  // The file and with it its -wal and -shm take this mode; SQLite itself would make it readable for all.
  if (!inMemory) closeSync(openSync(path, "a", 0o600));
  // A locked database is an error at once, and waiting is done in `retry`.
  const database = new DatabaseSync(path, { timeout: 0 });
  const { prepare, retry, clear } = createStatements(database, busyMs);
  try {
    await retry(() => database.exec("pragma journal_mode = wal"));
    // NORMAL: a commit is safe against the process's death, and against power loss all but the last commits are.
    database.exec(`pragma synchronous = normal; pragma journal_size_limit = ${walLimitBytes}`);
  } catch (error) {
    database.close();
    throw error;
  }
  const checkpoints = inMemory ? null : startCheckpoints({ path, database });
  return {
    flavour: "sqlite",
    maxParameters,
    dialect: createSynchronousDialect((sql, parameters) =>
      retry(() => prepare(sql).all(...(parameters as SqlValue[]))),
    ),
    async writeBatch(groups) {
      const rows = await retry(() => writeNow(database, prepare, groups));
      checkpoints?.wrote(rows);
    },
    async bytes() {
      const row = await retry(() => prepare(liveBytes).get());
      return (row as { bytes: number }).bytes;
    },
    breathe: () => immediately(),
    async close() {
      await checkpoints?.stop();
      clear();
      if (database.isOpen) database.close();
    },
  };
}

/**
 * Opens a database for reading alone.
 * @returns a driver whose `writeBatch` rejects
 * @throws when the file is missing or is no database
 */
export async function createNodeSqliteReader(options: NodeSqliteOptions): Promise<NodeSqliteDriver> {
  const { path, busyMs = 5_000 } = options;
  const database = new DatabaseSync(path, { timeout: 0, readOnly: true });
  const { prepare, retry, clear } = createStatements(database, busyMs);
  return {
    flavour: "sqlite",
    maxParameters,
    dialect: createSynchronousDialect((sql, parameters) =>
      retry(() => prepare(sql).all(...(parameters as SqlValue[]))),
    ),
    writeBatch: () => Promise.reject(new Error("This connection only reads")),
    async bytes() {
      const row = await retry(() => prepare(liveBytes).get());
      return (row as { bytes: number }).bytes;
    },
    breathe: () => immediately(),
    async close() {
      clear();
      if (database.isOpen) database.close();
    },
  };
}

// --- helpers ---

interface Statements {
  /** Each text is compiled once. */
  prepare(sql: string): StatementSync;
  /** Tries again later what another process' lock stopped. */
  retry<Result>(work: () => Result): Result | Promise<Result>;
  clear(): void;
}

function createStatements(database: DatabaseSync, busyMs: number): Statements {
  const statements = new Map<string, StatementSync>();
  return {
    prepare(sql) {
      let statement = statements.get(sql);
      if (statement === undefined) {
        if (statements.size >= statementLimit) statements.delete(statements.keys().next().value as string);
        statements.set(sql, (statement = database.prepare(sql)));
      }
      return statement;
    },
    retry(work) {
      try {
        return work();
      } catch (error) {
        if (!isBusy(error)) throw error;
        return retryLater(work, error, busyMs);
      }
    },
    clear: () => statements.clear(),
  };
}

const maxParameters = 32_766;
const statementLimit = 200;
/** The log is cut to this after it was larger. */
const walLimitBytes = 8 * 1024 * 1024;
const retryEveryMs = 15;
const liveBytes =
  "select (page_count - freelist_count) * page_size as bytes from pragma_page_count, pragma_freelist_count, pragma_page_size";

/** @returns rows that were written or deleted: one statement of a retention may take hundreds */
function writeNow(
  database: DatabaseSync,
  prepare: (sql: string) => StatementSync,
  groups: readonly WriteGroup[],
): number {
  let changed = 0;
  database.exec("begin immediate");
  try {
    for (const { sql, rows } of groups) {
      const statement = prepare(sql);
      for (const row of rows) changed += Number(statement.run(...row).changes);
    }
    database.exec("commit");
    return changed;
  } catch (error) {
    // A full disk may have rolled back already.
    if (database.isTransaction) database.exec("rollback");
    throw error;
  }
}

function isBusy(error: unknown): boolean {
  // SQLITE_BUSY and its extended codes (https://www.sqlite.org/rescode.html#busy).
  const code = (error as { errcode?: unknown }).errcode;
  return typeof code === "number" && (code & 0xff) === 5;
}

async function retryLater<Result>(work: () => Result, first: unknown, busyMs: number): Promise<Result> {
  let last = first;
  for (let waited = 0; waited < busyMs; waited += retryEveryMs) {
    await pause(retryEveryMs);
    try {
      return work();
    } catch (error) {
      if (!isBusy(error)) throw error;
      last = error;
    }
  }
  throw last;
}
