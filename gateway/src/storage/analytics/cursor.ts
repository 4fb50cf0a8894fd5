/**
 * Where a search goes on, as text that means nothing to who keeps it.
 * @module
 */

/** A place in the ledger. */
export interface SearchPlace {
  /** `down`: calls with smaller ids come next; `up`: with greater ones. */
  direction: "down" | "up";
  id: string;
}

/** Writes it. */
export function toCursor({ direction, id }: SearchPlace): string {
  return `${direction === "down" ? "d" : "u"}.${id}`;
}

/** @returns null when the text is no cursor */
export function parseCursor(text: string): SearchPlace | null {
  const match = /^([du])\.([\x21-\x7e]{1,100})$/.exec(text);
  if (match === null) return null;
  return { direction: match[1] === "d" ? "down" : "up", id: match[2] ?? "" };
}
