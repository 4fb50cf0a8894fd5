/**
 * Key lists as CSV, with a head line that names the columns. Without one, commas separate keys (see keys.ts): what is a
 * name and what a key could only be guessed.
 * @module
 */
import type { KeyEntry, KeyOptions } from "./keys-entry.ts";
import { extraFields } from "./keys-fields.ts";
import { entriesOfObject, nameFields, secretFields } from "./keys-json.ts";

/**
 * Candidates in a CSV text (RFC 4180; also `;` and tab as separators).
 * @param text whole text
 * @returns entries in order; null when the first line is no head with a column for keys
 */
export function entriesOfCsv(text: string, options: KeyOptions): KeyEntry[] | null {
  const [head = "", ...lines] = text.split(/\r\n|\r|\n/);
  const separator = [",", ";", "\t"].find((candidate) => head.includes(candidate)) ?? ",";
  const columns = cellsOf(head, separator).map(fieldOf);
  // One column alone would be a key that happens to be called "key".
  if (columns.length < 2 || !columns.some((column) => column !== null && isSecretField(column))) return null;
  return lines.flatMap((line, index) => {
    if (line.trim() === "" || line.startsWith("#")) return [];
    const cells = cellsOf(line, separator);
    const object: Record<string, unknown> = {};
    columns.forEach((column, position) => {
      if (column !== null) object[column] = toValue(column, cells[position] ?? "");
    });
    return entriesOfObject(object, { place: `line ${index + 2}`, depth: 1, options });
  });
}

// --- helpers ---

const otherFields: readonly string[] = Object.values(extraFields).flat();
const switchFields: readonly string[] = extraFields.enabled;

function isSecretField(name: string): boolean {
  return secretFields.some((field) => field === name);
}

/** A column's field in the spelling of JSON, whatever its case; null: a column without meaning here. */
function fieldOf(title: string): string | null {
  const plain = title.trim().toLowerCase().replaceAll(" ", "_");
  return [...secretFields, ...nameFields, ...otherFields].find((field) => field.toLowerCase() === plain) ?? null;
}

function toValue(column: string, cell: string): unknown {
  if (cell === "") return undefined;
  if (column === "weight" || column === "tier") return Number(cell);
  return switchFields.includes(column) ? /^(?:true|yes|on|1)$/i.test(cell) : cell;
}

/** Cells of a line; a quoted cell may hold separators and doubled quotes. */
function cellsOf(line: string, separator: string): string[] {
  const cells: string[] = [];
  let rest = line;
  for (;;) {
    const quoted = /^\s*"((?:[^"]|"")*)"\s*/.exec(rest);
    if (quoted === null) {
      const end = rest.indexOf(separator);
      cells.push((end < 0 ? rest : rest.slice(0, end)).trim());
      if (end < 0) return cells;
      rest = rest.slice(end + 1);
    } else {
      cells.push((quoted[1] as string).replaceAll('""', '"').trim());
      rest = rest.slice(quoted[0].length);
      const end = rest.indexOf(separator);
      if (end < 0) return cells;
      rest = rest.slice(end + 1);
    }
  }
}
