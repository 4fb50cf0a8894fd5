/**
 * Fields of a multipart form by name, without knowing its boundary: the gateway's view of a body must not hang on a header
 * that the upstream may read differently. Each line that could be the head of a part counts as one.
 * @module
 */
import type { Bytes } from "../../core/ports.ts";

/** One field. */
export interface FormField {
  name: string;
  /** Up to the line that begins with `--`, trimmed; at most 8,192 bytes of it. */
  value: string;
}

/** A part's head and what is read of its content, in bytes. */
const longestHead = 8_192;
const longestValue = 8_192;
const mostParts = 1_000;

/**
 * Reads the fields that are wanted.
 * @param request.chunks the body as it came; joined only when it holds a form
 * @returns null, to be refused: the name of a part is written in a way that parsers differ in, or there are over 1,000 parts
 */
export function readFormFields(request: {
  chunks: readonly Uint8Array[];
  names: ReadonlySet<string>;
  bytes: Bytes;
}): readonly FormField[] | null {
  const { chunks, names, bytes } = request;
  const fields: FormField[] = [];
  // Each part has a boundary, and most bodies here are JSON.
  if (!chunks.some((chunk) => bytes.indexOf(chunk, "--") >= 0) && chunks.length === 1) return fields;
  const whole = bytes.concat(chunks);
  const last = whole.length - 1;
  for (let at = 0, parts = 0; at < last; at += 1) {
    // A head's line begins with `C` or `c`.
    if (whole[at] !== 0x0a || ((whole[at + 1] as number) | 0x20) !== 0x63) continue;
    const start = at + 1;
    if (!/^content-disposition[ \t]*:/i.test(bytes.decode(whole, start, Math.min(start + 40, whole.length)))) continue;
    if (++parts > mostParts) return null;
    const head = bytes.decode(whole, start, Math.min(start + longestHead, whole.length));
    const end = /\r?\n\r?\n/.exec(head);
    if (end === null) return null;
    const line = head
      .slice(0, end.index)
      .replace(/\r?\n[ \t]+/g, " ")
      .split(/\r?\n/, 1)[0] as string;
    const name = nameIn(line);
    if (name === undefined) return null;
    if (name === null || !names.has(name)) continue;
    // The head is ASCII up to here, or its name is none that is wanted; bytes are counted all the same.
    const from = start + bytes.encode(head.slice(0, end.index + end[0].length)).length;
    const value = bytes.decode(whole, from, Math.min(from + longestValue, whole.length));
    const until = /\r?\n--/.exec(value);
    fields.push({ name, value: (until === null ? value : value.slice(0, until.index)).trim() });
  }
  return fields;
}

// --- helpers ---

/** @returns null: no name; undefined: written so that parsers differ in it */
function nameIn(line: string): string | null | undefined {
  const given = [...line.matchAll(/(?:^|[;\s])name(\*\d*\*?)?\s*=\s*("(?:[^"\\]|\\.)*"?|'[^']*'?|[^;\s]*)/gi)];
  if (given.length === 0) return null;
  const [match] = given;
  if (match === undefined || given.length > 1 || match[1] !== undefined) return undefined;
  return (match[2] as string)
    .replace(/^["']|["']$/g, "")
    .replace(/\\(.)/g, "$1")
    .replace(/\[\]$/, "");
}
