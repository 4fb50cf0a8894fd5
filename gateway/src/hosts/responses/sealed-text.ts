/**
 * Long texts sealed in pieces: one envelope of megabytes would hold up the event loop for as long as its base64 takes, a
 * tenth of a second for each megabyte. Between two pieces other work runs.
 * @module
 */
import type { Vault } from "../../vault/envelope.ts";

/** Characters of a piece. */
const pieceLength = 65_536;

/**
 * Seals.
 * @param context the same is needed to open it
 * @returns envelopes, one a line: ASCII
 */
export async function sealText(vault: Vault, text: string, context: string): Promise<string> {
  const pieces = split(text);
  const sealed: string[] = [];
  for (const [index, piece] of pieces.entries())
    sealed.push(await vault.seal(piece, `${context} ${index + 1}/${pieces.length}`));
  return sealed.join("\n");
}

/** Opens. @throws VaultError as `Vault.open`, also when a piece is missing or not in its place */
export async function openText(vault: Vault, sealed: string, context: string): Promise<string> {
  const pieces = sealed.split("\n");
  const texts: string[] = [];
  for (const [index, piece] of pieces.entries())
    // oxlint-disable-next-line house/reveal -- sealed for secrecy at rest; what comes out is its owner's own
    texts.push((await vault.open(piece, `${context} ${index + 1}/${pieces.length}`)).reveal());
  return texts.join("");
}

// --- helpers ---

/** Not inside of a pair of surrogates: UTF-8 has no half of a character. */
function split(text: string): string[] {
  const pieces: string[] = [];
  for (let start = 0; start < text.length;) {
    let end = Math.min(start + pieceLength, text.length);
    if (end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end -= 1;
    pieces.push(text.slice(start, end));
    start = end;
  }
  return pieces.length === 0 ? [""] : pieces;
}
