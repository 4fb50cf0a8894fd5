/** @module JSON as Google reads it: single quotes, bare keys and trailing commas pass; the rest fails with Google's words. */

/** Outcome of {@link readJson}. */
export type ReadJson = { ok: true; value: unknown } | { ok: false; reason: string };

/**
 * Parses a request body. An empty body is an empty message.
 * The reason of a failure is the text Google's parser gives, with the place marked.
 */
export function readJson(text: string): ReadJson {
  if (text.trim() === "") return { ok: true, value: {} };
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return readLenient(text);
  }
}

// --- helpers ---

const KEY = /[A-Za-z_$][\w$]*/y;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const ESCAPES: Record<string, string> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

class Malformed extends Error {}

function readLenient(text: string): ReadJson {
  const reader = { text, at: 0 };
  try {
    const value = readValue(reader);
    skipSpace(reader);
    if (reader.at < text.length) fail(reader, "Parsing terminated before end of input.");
    return { ok: true, value };
  } catch (error) {
    if (error instanceof Malformed) return { ok: false, reason: error.message };
    throw error;
  }
}

interface Reader {
  readonly text: string;
  at: number;
}

function fail(reader: Reader, words: string): never {
  const from = Math.max(0, reader.at - 20);
  const before = reader.text.slice(from, reader.at).replaceAll("\n", " ");
  const after = reader.text.slice(reader.at, reader.at + 20).replaceAll("\n", " ");
  throw new Malformed(`${words}\n${before}${after}\n${" ".repeat(before.length)}^`);
}

function skipSpace(reader: Reader): void {
  while (/\s/.test(reader.text[reader.at] ?? "x")) reader.at++;
}

function readValue(reader: Reader): unknown {
  skipSpace(reader);
  const first = reader.text[reader.at];
  if (first === undefined) fail(reader, "Unexpected end of string. Expected a value.");
  if (first === "{") return readObject(reader);
  if (first === "[") return readArray(reader);
  if (first === '"' || first === "'") return readString(reader, first);
  for (const [word, value] of [
    ["true", true],
    ["false", false],
    ["null", null],
  ] as const) {
    if (reader.text.startsWith(word, reader.at)) {
      reader.at += word.length;
      return value;
    }
  }
  NUMBER.lastIndex = reader.at;
  const number = NUMBER.exec(reader.text);
  if (!number) fail(reader, /[\w]/.test(first) ? "Unexpected token." : "Expected a value.");
  reader.at += number[0].length;
  return Number(number[0]);
}

function readObject(reader: Reader): Record<string, unknown> {
  const members: [string, unknown][] = [];
  reader.at++;
  for (;;) {
    skipSpace(reader);
    const next = reader.text[reader.at];
    if (next === "}") break;
    if (next === undefined) fail(reader, "Unexpected end of string. Expected an object key or }.");
    const key = next === '"' || next === "'" ? readString(reader, next) : readKey(reader);
    skipSpace(reader);
    if (reader.text[reader.at] !== ":") fail(reader, "Expected : between key:value pair.");
    reader.at++;
    members.push([key, readValue(reader)]);
    skipSpace(reader);
    const after = reader.text[reader.at];
    if (after === ",") reader.at++;
    else if (after === undefined) fail(reader, "Unexpected end of string. Expected , or } after key:value pair.");
    else if (after !== "}") fail(reader, "Expected , or } after key:value pair.");
  }
  reader.at++;
  return Object.fromEntries(members);
}

function readKey(reader: Reader): string {
  KEY.lastIndex = reader.at;
  const match = KEY.exec(reader.text);
  if (!match) fail(reader, "Expected an object key or }.");
  reader.at += match[0].length;
  return match[0];
}

function readArray(reader: Reader): unknown[] {
  const items: unknown[] = [];
  reader.at++;
  for (;;) {
    skipSpace(reader);
    if (reader.text[reader.at] === "]") break;
    items.push(readValue(reader));
    skipSpace(reader);
    const after = reader.text[reader.at];
    if (after === ",") reader.at++;
    else if (after === undefined) fail(reader, "Unexpected end of string. Expected , or ] after array value.");
    else if (after !== "]") fail(reader, "Expected , or ] after array value.");
  }
  reader.at++;
  return items;
}

function readString(reader: Reader, quote: string): string {
  const start = reader.at;
  let value = "";
  reader.at++;
  for (;;) {
    const character = reader.text[reader.at];
    if (character === undefined) {
      reader.at = start;
      fail(reader, "Closing quote expected in string.");
    }
    reader.at++;
    if (character === quote) return value;
    if (character !== "\\") {
      value += character;
      continue;
    }
    const escaped = reader.text[reader.at++] ?? "";
    if (escaped === "u") {
      const digits = reader.text.slice(reader.at, reader.at + 4);
      if (!/^[\dA-Fa-f]{4}$/.test(digits)) fail(reader, "Invalid escape sequence.");
      value += String.fromCharCode(Number.parseInt(digits, 16));
      reader.at += 4;
    } else value += ESCAPES[escaped] ?? escaped;
  }
}
