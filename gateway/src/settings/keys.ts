/**
 * Reading Gemini API keys from text, in every form that people have them in: comma, newline, `;`, `|` or tab separated,
 * `NAME=key` lines, CSV with a head line, JSON arrays of strings or objects, `{"keys": […]}`, and export files of earlier proxies.
 * A key is never recognised by its prefix: new kinds appear (fact sheet upstream 0). Only what cannot be a key is denied,
 * and no message ever shows any of it.
 * @module
 */
import { entriesOfCsv } from "./keys-csv.ts";
import type { KeyEntry, KeyOptions, ParsedKey } from "./keys-entry.ts";
import { entriesOfJson } from "./keys-json.ts";

/** Something that is not a key, with where it stood and why. Never contains the text itself. */
export interface RejectedKey {
  /** `line 3`, `entry 2`, … counted from 1. */
  place: string;
  reason: string;
}

/** What was found in a text. */
export interface ParsedKeys {
  /** In order, each secret once. */
  keys: ParsedKey[];
  rejected: RejectedKey[];
  /** Where a secret stood again, and where it stood first. */
  duplicates: { place: string; first: string }[];
}

/**
 * Reads keys from text.
 * @param text any of the forms above; a byte order mark, quotes around keys and blank lines are ignored
 * @param options how strictly addresses of single keys are read
 * @returns keys, refusals and duplicates; never throws
 */
export function parseKeys(text: string, options: KeyOptions = {}): ParsedKeys {
  const plain = text.replace(/^\uFEFF/, "").trim();
  const entries = /^[[{]/.test(plain)
    ? entriesOfJson(plain, options)
    : (entriesOfCsv(plain, options) ?? entriesOfText(plain));
  const found: ParsedKeys = { keys: [], rejected: [], duplicates: [] };
  const places = new Map<string, string>();
  for (const entry of entries) {
    const reason = "reason" in entry ? entry.reason : refusalOf(entry.key.secret);
    if (reason !== null) {
      found.rejected.push({ place: entry.place, reason });
      continue;
    }
    const { key } = entry as Extract<KeyEntry, { key: ParsedKey }>;
    const first = places.get(key.secret);
    if (first !== undefined) found.duplicates.push({ place: entry.place, first });
    else {
      places.set(key.secret, entry.place);
      found.keys.push({ ...key, name: toName(key.name, key.secret) });
    }
  }
  return found;
}

// --- helpers ---

/** Why a text cannot be a Gemini API key, showing nothing of it; null when it may be one. */
function refusalOf(secret: string): string | null {
  if (secret === "") return "is empty";
  if (/\s/.test(secret)) return "has a blank inside; separate keys by commas or new lines";
  // Keys travel in a header: anything outside visible ASCII cannot be sent.
  if (!/^[\x21-\x7e]+$/.test(secret)) return "has a character that no key has";
  if (secret.startsWith("ya29.")) return "is an OAuth access token, not an API key";
  if (secret.startsWith("1//")) return "is an OAuth refresh token, not an API key";
  if (secret.startsWith("eyJ")) return "is a JSON web token, not an API key";
  if (secret.startsWith("gp-")) return "is a client key of this gateway, not a Gemini API key";
  if (secret.length < 10) return `is too short for an API key (${secret.length} characters)`;
  return null;
}

function entriesOfText(text: string): KeyEntry[] {
  const entries: KeyEntry[] = [];
  const lines = text.split(/\r\n|\r|\n/);
  lines.forEach((line, index) => {
    const bare = line.replace(/(^|\s)#.*$/, "").trim();
    if (bare === "") return;
    const parts = bare.split(/[,;|\t]/).map((part) => part.trim());
    parts.forEach((part, position) => {
      if (part === "") return;
      const place =
        lines.length === 1
          ? `entry ${position + 1}`
          : parts.length === 1
            ? `line ${index + 1}`
            : `line ${index + 1}, entry ${position + 1}`;
      entries.push({ place, key: keyOfWord(part) });
    });
  });
  return entries;
}

/** `key`, `"key"`, `label=key`, or a line of an env file (whose variable name is no name for a key). */
function keyOfWord(word: string): ParsedKey {
  const match = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_-]{0,39})\s?=\s?(\S{10,})$/.exec(unquote(word));
  if (match === null) return { name: null, secret: unquote(word) };
  const label = match[1] as string;
  return { name: /^[A-Z][A-Z0-9_]*$/.test(label) ? null : label, secret: unquote(match[2] as string) };
}

/** Half a pair too: splitting `"a,b"` at the comma leaves one quote at each end. */
function unquote(word: string): string {
  return word.replace(/^["'`]+|["'`]+$/g, "").trim();
}

/** One line of at most 100 characters that does not contain the secret. */
function toName(name: string | null, secret: string): string | null {
  if (name === null || name.includes(secret)) return null;
  const clean = name.replace(/[\s\p{Cc}]+/gu, " ").trim();
  return clean === "" ? null : clean.slice(0, 100);
}
