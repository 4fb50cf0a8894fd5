/**
 * Google's own words can carry the key (fact sheet upstream 4.2): whatever is kept of them is cleaned first.
 * @module
 */
import { redact } from "../../vault/redact.ts";

/** At most this much is kept. */
export const wordsLimit = 500;
/** At most this much is looked at: a body may be 256 KB of one line. */
const lookedAt = 4_000;

/** Takes secrets of every known shape out, puts the text on one line and cuts it to 500 characters. */
export function redactWords(text: string): string {
  const clean = redact(text.slice(0, lookedAt)).replaceAll(/\s+/g, " ").trim();
  if (clean.length <= wordsLimit) return clean;
  // Not through the middle of a surrogate pair.
  return `${clean.slice(0, wordsLimit - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
