/**
 * Walks JSON text by position, so that it can be changed by splicing: numbers, spacing and key order of everything that
 * is not touched stay as they were. Tolerant like Google's parser (single quotes, unquoted keys, stray commas) and of
 * text that breaks off. Nothing here throws.
 * @module
 */

/** A member of an object: positions in the text. */
export interface Member {
  /** Decoded key. */
  key: string;
  /** First character of the value. */
  start: number;
  /** Character after the value; the text's length when it breaks off. */
  end: number;
}

/** A value's place in the text. */
export interface Span {
  start: number;
  end: number;
}

/** A piece of text to put in place of `[start, end)`. */
export interface Edit extends Span {
  text: string;
}

/**
 * Goes through the members of the object that begins at `start`, in order, repeats included.
 * @param visit is given each key and where its value begins, and gives back where it ends, so that a walk further down
 * needs no second pass over the same text; the text's length ends the walk
 * @returns the index after the object (after any other value, without a visit); the text's length when it breaks off or
 * makes no sense any more
 */
export function walkMembers(text: string, start: number, visit: (key: string, valueAt: number) => number): number {
  if (text.charCodeAt(start) !== 0x7b) return endOfValue(text, start);
  const { length } = text;
  let at = start + 1;
  for (;;) {
    at = skipSeparators(text, at);
    const first = text.charCodeAt(at);
    if (first === 0x7d) return at + 1;
    if (at >= length || first === 0x5d || first === 0x3a) return length;
    const keyEnd = endOfValue(text, at);
    const quoted = first === 0x22 || first === 0x27;
    const key = quoted ? unescapeJson(text.slice(at + 1, keyEnd - 1)) : text.slice(at, keyEnd);
    at = skipSpace(text, keyEnd);
    if (text.charCodeAt(at) !== 0x3a) return length;
    at = skipSpace(text, at + 1);
    if (at >= length || isEnd(text.charCodeAt(at))) return length;
    at = visit(key, at);
  }
}

/**
 * Goes through the elements of the array that begins at `start`.
 * @param visit is given where each element begins and gives back where it ends; the text's length ends the walk
 * @returns as `walkMembers`
 */
export function walkElements(text: string, start: number, visit: (elementAt: number) => number): number {
  if (text.charCodeAt(start) !== 0x5b) return endOfValue(text, start);
  let at = start + 1;
  for (;;) {
    at = skipSeparators(text, at);
    if (text.charCodeAt(at) === 0x5d) return at + 1;
    if (at >= text.length || text.charCodeAt(at) === 0x7d) return text.length;
    at = visit(at);
  }
}

/**
 * The members of the object that begins at `start`, in order, repeats included.
 * @returns an empty list when there is no object
 */
export function membersAt(text: string, start: number): Member[] {
  const members: Member[] = [];
  walkMembers(text, start, (key, valueAt) => {
    const end = endOfValue(text, valueAt);
    members.push({ key, start: valueAt, end });
    return end;
  });
  return members;
}

/** The last member of that name, as JSON.parse would have it. */
export function memberNamed(members: readonly Member[], key: string): Member | null {
  for (let index = members.length - 1; index >= 0; index--) {
    const member = members[index] as Member;
    if (member.key === key) return member;
  }
  return null;
}

/**
 * The elements of the array that begins at `start`.
 * @returns an empty list when there is no array
 */
export function elementsAt(text: string, start: number): Span[] {
  const elements: Span[] = [];
  walkElements(text, start, (elementAt) => {
    const end = endOfValue(text, elementAt);
    elements.push({ start: elementAt, end });
    return end;
  });
  return elements;
}

/**
 * The decoded string at a span, or null when there is none (another kind of value, or the text breaks off inside it).
 */
export function stringAt(text: string, span: Span): string | null {
  const quote = text.charCodeAt(span.start);
  if ((quote !== 0x22 && quote !== 0x27) || span.end - span.start < 2 || text.charCodeAt(span.end - 1) !== quote)
    return null;
  // A value that breaks off after `\"` ends in a quote, but not in a closing one.
  if (endOfString(text, span.start) !== span.end || isEscaped(text, span.end - 1, span.start)) return null;
  return unescapeJson(text.slice(span.start + 1, span.end - 1));
}

/** Index of the first character at or after `at` that is not white space. */
export function skipSpace(text: string, at: number): number {
  while (at < text.length && isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

/**
 * Where the value that begins at `start` ends. Strings are jumped over by native searches; nesting is only counted.
 * @returns the index after it; the text's length when it breaks off
 */
export function endOfValue(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === 0x22 || first === 0x27) return endOfString(text, start);
  if (first === 0x7b || first === 0x5b) {
    const end = endOfNested(text, start);
    return end < 0 ? text.length : end;
  }
  // A number, a word or an unquoted key; at least one character, so that walks always move on.
  let at = Math.min(start + 1, text.length);
  while (at < text.length && !isDelimiter(text.charCodeAt(at))) at += 1;
  return at;
}

/**
 * Whether the text is one object that is closed, with white space around it at most. Not a proof of valid JSON inside.
 */
export function isWholeObject(text: string): boolean {
  const start = skipSpace(text, 0);
  if (text.charCodeAt(start) !== 0x7b) return false;
  const end = endOfNested(text, start);
  return end >= 0 && skipSpace(text, end) === text.length;
}

/**
 * Decodes the inside of a JSON string. Unknown escapes give the character itself.
 * @param inner the text between the quotes
 */
export function unescapeJson(inner: string): string {
  if (!inner.includes("\\")) return inner;
  return inner.replace(escapes, (_whole, escape: string) => {
    if (escape.length > 1) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return simpleEscapes[escape] ?? escape;
  });
}

/**
 * Applies edits that do not overlap.
 * @param edits in rising order of position; those at the same place are put in their order
 */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = "";
  let from = 0;
  for (const edit of edits) {
    result += text.slice(from, edit.start) + edit.text;
    from = edit.end;
  }
  return result + text.slice(from);
}

// --- helpers ---

const escapes = /\\(u[0-9a-fA-F]{4}|[^])/g;
const simpleEscapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };

/** Index after the bracket that closes the one at `start`, or -1 when the text breaks off. */
function endOfNested(text: string, start: number): number {
  let at = start;
  let depth = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 0x22 || code === 0x27) {
      at = endOfString(text, at);
      continue;
    }
    at += 1;
    if (code === 0x7b || code === 0x5b) depth += 1;
    else if ((code === 0x7d || code === 0x5d) && --depth === 0) return at;
  }
  return -1;
}

/** Up to this many characters of a string a loop beats the call of a native search. */
const loopCharacters = 64;

/** Index after the closing quote of the string that opens at `start`; the text's length when it breaks off. */
function endOfString(text: string, start: number): number {
  const { length } = text;
  const quote = text.charCodeAt(start);
  let at = start + 1;
  let loop = loopCharacters;
  for (;;) {
    const limit = at + loop < length ? at + loop : length;
    while (at < limit) {
      const code = text.charCodeAt(at);
      if (code === quote) return at + 1;
      at += code === 0x5c ? 2 : 1;
    }
    if (at >= length) return length;
    const found = text.indexOf(quote === 0x22 ? '"' : "'", at);
    if (found < 0) return length;
    if (!isEscaped(text, found, at - 1)) return found + 1;
    // Escaped quotes close to each other (code, JSON in JSON): the loop is the faster one for a longer while.
    loop = found - at < loopCharacters ? loopCharacters * 16 : loopCharacters;
    at = found + 1;
  }
}

/** Whether an odd run of backslashes stands before `at`; those at or before `opening` do not count. */
function isEscaped(text: string, at: number, opening: number): boolean {
  let before = at;
  while (before > opening + 1 && text.charCodeAt(before - 1) === 0x5c) before -= 1;
  return ((at - before) & 1) === 1;
}

function skipSeparators(text: string, at: number): number {
  while (at < text.length && (isSpace(text.charCodeAt(at)) || text.charCodeAt(at) === 0x2c)) at += 1;
  return at;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function isDelimiter(code: number): boolean {
  return isSpace(code) || isEnd(code) || code === 0x2c || code === 0x3a;
}

/** A closing bracket. */
function isEnd(code: number): boolean {
  return code === 0x7d || code === 0x5d;
}
