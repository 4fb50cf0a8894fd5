/**
 * CSV by RFC 4180, safe to open in a spreadsheet.
 * @module
 */

/** What a cell may hold. Null: empty, which is not 0. */
export type CsvCell = string | number | boolean | null;

/**
 * One line, with its line end.
 * @param cells texts are guarded: one that a spreadsheet would take for a formula begins with an apostrophe
 */
export function toCsvLine(cells: readonly CsvCell[]): string {
  return `${cells.map(toCell).join(",")}\r\n`;
}

/**
 * Nano-dollars as a decimal number of dollars, every digit of it.
 * @param nanoUsd whole nano-dollars; null: not known
 * @returns `0.003456789`, without zeros at the end
 */
export function toDecimalUsd(nanoUsd: number | null): string | null {
  if (nanoUsd === null) return null;
  const digits = String(Math.abs(nanoUsd)).padStart(10, "0");
  const fraction = digits.slice(-9).replace(/0+$/, "");
  return `${nanoUsd < 0 ? "-" : ""}${digits.slice(0, -9)}${fraction === "" ? "" : `.${fraction}`}`;
}

// --- helpers ---

function toCell(cell: CsvCell): string {
  if (cell === null) return "";
  if (typeof cell !== "string") return String(cell);
  // What begins so is a formula to a spreadsheet, also after what separates cells for it where commas are decimal points;
  // whoever calls the gateway chooses paths and names of models.
  const safe = (/^[\t\r\n]/.test(cell) ? `'${cell}` : cell).replace(/(^|[;\t\r\n|])(?=[=+\-@＝＋－＠])/g, "$1'");
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
