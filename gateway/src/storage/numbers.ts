/**
 * Numbers as drivers give them.
 * @module
 */

/**
 * A number of a column or an aggregate. SQLite gives numbers, `pg` gives strings for 64-bit integers and sums, and a
 * sum over no rows is null.
 * @param value what the driver gave
 * @returns 0 for null
 * @throws TypeError for anything that is no number
 */
export function toNumber(value: unknown): number {
  if (typeof value === "number") return value;
  if (value === null || value === undefined) return 0;
  const number = typeof value === "bigint" || typeof value === "string" ? Number(value) : Number.NaN;
  if (Number.isNaN(number)) throw new TypeError(`The database gave ${typeof value} where a number was asked for`);
  return number;
}

/** As `toNumber`, but null stays null. */
export function toNumberOrNull(value: unknown): number | null {
  return value === null || value === undefined ? null : toNumber(value);
}
