/**
 * What the store asks of a SQL driver. Ordinary queries go through Kysely's dialect; what must be atomic, and what is
 * hot, goes through `writeBatch`: Durable Objects and D1 have no SQL `begin`, and a prepared statement that is run for
 * 500 rows costs a fraction of 500 built queries.
 * @module
 */
import type { Dialect } from "kysely";

/** What may be bound. Booleans are 0 or 1, JSON is text. */
export type SqlValue = string | number | null;

/** One statement and the rows of parameters that it is run with, in order. */
export interface WriteGroup {
  sql: string;
  rows: readonly (readonly SqlValue[])[];
}

/** A SQL database. */
export interface SqlDriver {
  dialect: Dialect;
  /** Names the few places where DDL differs. */
  flavour: "sqlite" | "postgres";
  /** Most parameters of one statement. */
  maxParameters: number;
  /** Runs all or nothing, in order. Rejects and leaves everything as it was when one statement fails. */
  writeBatch(groups: readonly WriteGroup[]): Promise<void>;
  /** Bytes that live rows and indexes take. Cheap: called every minute. */
  bytes(): Promise<number>;
  /** Lets other work run between two slices of a long job. Synchronous databases would hold the event loop. */
  breathe(): Promise<void>;
}
