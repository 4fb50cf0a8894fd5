/**
 * What went wrong with a store when it could do nothing now: no mistake of whoever asked, nor of this code.
 * @module
 */

/** Result codes of SQLite (https://www.sqlite.org/rescode.html): busy, locked, readonly, ioerr, full, cantopen. */
const troubles: ReadonlySet<number> = new Set([5, 6, 8, 10, 13, 14]);

/**
 * Whether a database is busy with another process, cannot be written, or its disk is full or broken.
 * @param error as the driver threw it; errors of other drivers are not known
 */
export function isStoreTrouble(error: unknown): boolean {
  const code = typeof error === "object" && error !== null && "errcode" in error ? error.errcode : null;
  // The lowest byte; the others tell more of the same.
  return typeof code === "number" && troubles.has(code & 0xff);
}
