/**
 * Thought signatures as names: they belong to the project that made them (fact sheet upstream 1.11), and the last one of
 * an answer is the last one of the next turn's history. A fingerprint of it tells where a conversation came from.
 * @module
 */
import type { Bytes } from "../../core/ports.ts";
import type { ResourceName } from "../../core/resources.ts";
import { hash53 } from "../../core/scan/hash.ts";
import { textOf } from "../../core/scan/json-bytes.ts";
import { endOfValue, stringAt } from "../../core/scan/json-text.ts";

/** Shorter ones are no signatures of Google's: the documented sentinels have 32 and 36 characters. */
const shortest = 40;
/** The sentinels as the SDKs that take bytes send them (fact sheet upstream 8). */
const sentinels: ReadonlySet<string> = new Set([
  "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I",
  "Y29udGV4dF9lbmdpbmVlcmluZ19pc190aGVfd2F5X3RvX2dv",
]);

/**
 * The name of a signature.
 *
 * Either alphabet of base64, padded or not, gives the same name: SDKs decode and encode signatures. Its ends and its length
 * tell it: signatures are random throughout, and can have over 10,000 characters.
 * @param text the signature, decoded from JSON
 * @returns `signatures/<fingerprint>`; null for sentinels and what is too short to be one
 */
export function signatureName(text: string): ResourceName | null {
  if (text.length < shortest) return null;
  const plain = text.replace(/=+$/, "");
  const ends = (plain.length > 320 ? plain.slice(0, 64) + plain.slice(-256) : plain)
    .replaceAll("-", "+")
    .replaceAll("_", "/");
  if (plain.length < shortest || sentinels.has(ends)) return null;
  return `signatures/${plain.length.toString(36)}-${hash53(ends).toString(36)}`;
}

/**
 * The last signature in a request's body, by native searches from its end. What stands inside of texts is not taken.
 * @param options.isInteraction the Interactions API names the field `signature`. @default false
 * @returns its name, or null
 */
export function lastSignature(options: {
  chunks: readonly Uint8Array[];
  bytes: Bytes;
  isInteraction?: boolean;
}): ResourceName | null {
  const { chunks, bytes } = options;
  const fields = options.isInteraction === true ? interactionFields : nativeFields;
  let last: { at: number; name: ResourceName } | null = null;
  for (const field of fields) {
    const found = lastOf(chunks, field, bytes, last === null ? 0 : last.at);
    if (found !== null && (last === null || found.at > last.at)) last = found;
  }
  return last === null ? null : last.name;
}

// --- helpers ---

interface Field {
  key: string;
  /** Part of the key that ends in a byte which is rare in text: searches backwards are the fastest then. */
  needle: string;
  /** Where it begins in the key. */
  offset: number;
}

const nativeFields: readonly Field[] = [
  { key: "thoughtSignature", needle: "houghtS", offset: 1 },
  { key: "thought_signature", needle: "hought_", offset: 1 },
];
const interactionFields: readonly Field[] = [{ key: "signature", needle: 'nature"', offset: 3 }];

/** Mentions in texts, sentinels and empty ones that are passed over. */
const mostTries = 32;
const longestSignature = 262_144;

/** @param from offset in the body before which nothing is looked for any more */
function lastOf(
  chunks: readonly Uint8Array[],
  field: Field,
  bytes: Bytes,
  from: number,
): { at: number; name: ResourceName } | null {
  let end = 0;
  for (const chunk of chunks) end += chunk.length;
  let tries = mostTries;
  let after: Uint8Array | null = null;
  for (let index = chunks.length - 1; index >= 0 && end > from; index -= 1) {
    const chunk = chunks[index] as Uint8Array;
    const base = end - chunk.length;
    // The needle may lie across the border to the next chunk; small chunks are rare, and missing one costs no more than
    // the preference for a project.
    if (after !== null) {
      const overlap = Math.min(field.needle.length - 1, chunk.length);
      const seam = bytes.concat([chunk.subarray(chunk.length - overlap), after.subarray(0, field.needle.length - 1)]);
      const found = bytes.lastIndexOf(seam, field.needle);
      if (found >= 0) {
        const at = end - overlap + found - field.offset;
        const name = nameAt(chunks, at, field, bytes);
        if (name !== null) return { at, name };
        tries -= 1;
      }
    }
    // The middle of media: one pass instead of two slower ones.
    let part = chunk.length > 1024 && bytes.indexOf(chunk, '"') < 0 ? chunk.subarray(0, 0) : chunk;
    for (; tries > 0; tries -= 1) {
      const found = bytes.lastIndexOf(part, field.needle);
      if (found < 0) break;
      const at = base + found - field.offset;
      const name = nameAt(chunks, at, field, bytes);
      if (name !== null) return { at, name };
      part = part.subarray(0, found);
    }
    if (tries <= 0) return null;
    after = chunk;
    end = base;
  }
  return null;
}

/** The signature whose key begins at an offset of the body; null: it is no key, or no signature. */
function nameAt(chunks: readonly Uint8Array[], at: number, { key }: Field, bytes: Bytes): ResourceName | null {
  if (at < 1) return null;
  const head = textOf(chunks, Math.max(0, at - 2), at + key.length + 32, bytes);
  const opening = /^(?:[^\\]?(["'])|[^]?[{,\s])$/.exec(head.slice(0, Math.min(2, at)));
  const rest = head.slice(Math.min(2, at));
  if (opening === null || !rest.startsWith(key)) return null;
  const quote = opening[1] ?? "";
  const value = /^\s*:\s*(["'])/.exec(rest.slice(key.length + quote.length));
  if (value === null || rest.slice(key.length, key.length + quote.length) !== quote) return null;
  const start = at + key.length + quote.length + value[0].length - 1;
  // Most are short: more is decoded only where the end is not there.
  for (let length = 4096; ; length = longestSignature) {
    const text = textOf(chunks, start, start + length, bytes);
    const signature = stringAt(text, { start: 0, end: endOfValue(text, 0) });
    if (signature !== null) return signatureName(signature);
    if (length === longestSignature) return null;
  }
}
