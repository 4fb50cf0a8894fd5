/**
 * What tells one conversation from another, so that sticky strategies can keep it on one project: the implicit cache
 * and thought signatures live there (fact sheet upstream 1.11).
 *
 * Clients send the whole history with every turn, so the key must come from what does not change as it grows: everything
 * up to and including the first user turn. Only texts count, not their wrapping: some clients turn a string into a list
 * of parts, or add cache marks to it, a few turns later. What stands after the history does not count either, since it
 * is pushed out of the part that is looked at.
 * @module
 */
import { headerOf, type RawHeaders } from "../headers.ts";
import type { Bytes } from "../ports.ts";
import {
  elementsAt,
  endOfValue,
  memberNamed,
  membersAt,
  skipSpace,
  stringAt,
  walkElements,
  walkMembers,
  type Span,
} from "./json-text.ts";

/**
 * The text that identifies a conversation. Not a secret, not short: the caller hashes it together with the client's id.
 *
 * In this order: a session header; `prompt_cache_key` or `user` of the body (found by a scan of the whole body, as their
 * place moves with the history); the system prompt, if it comes before the history, and all turns to the first user turn.
 * What reaches beyond the first 64 KB counts up to there.
 * @param options.body the request's body in one piece or in chunks; null: none
 * @param options.fields values of `prompt_cache_key` and `user`, if the caller has them. @default none
 * @returns null when nothing identifies it
 */
export function conversationText(options: {
  headers: RawHeaders;
  body: Uint8Array | readonly Uint8Array[] | null;
  fields?: { promptCacheKey?: string | null; user?: string | null };
  bytes: Bytes;
}): string | null {
  for (const name of sessionHeaders) {
    const value = headerOf(options.headers, name);
    if (value !== null && value !== "") return `header ${name} ${value}`;
  }
  const { promptCacheKey, user } = options.fields ?? {};
  if (promptCacheKey) return `prompt_cache_key ${promptCacheKey}`;
  if (user) return `user ${user}`;
  return options.body === null ? null : textOfBeginning(prefixOf(options.body, options.bytes));
}

// --- helpers ---

/** Our own first; then those of Codex, opencode and Claude Code (fact sheet translation 0.1). */
const sessionHeaders = [
  "x-gproxy-session",
  "session-id",
  "x-session-id",
  "x-session-affinity",
  "thread-id",
  "x-claude-code-session-id",
];

const prefixBytes = 64 * 1024;
/** Of media the beginning is enough to tell one from another. */
const mediaCharacters = 1024;
/** Content parts lie four levels deep at most, also inside tool results. */
const deepest = 6;
const systemKeys = ["systemInstruction", "system_instruction"];
const turnKeys = ["contents", "messages"];
const textKeys = new Set(["text", "content"]);
const mediaKeys = new Set(["data", "url", "image_url", "fileUri", "file_uri", "file_id"]);

function prefixOf(body: Uint8Array | readonly Uint8Array[], bytes: Bytes): string {
  const chunks = body instanceof Uint8Array ? [body] : body;
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (const chunk of chunks) {
    if (length >= prefixBytes) break;
    pieces.push(length + chunk.length > prefixBytes ? chunk.subarray(0, prefixBytes - length) : chunk);
    length += chunk.length;
  }
  return pieces.length === 0 ? "" : bytes.decode(bytes.concat(pieces));
}

function textOfBeginning(text: string): string | null {
  const collected: string[] = [];
  let found = false;
  walkMembers(text, skipSpace(text, text.charCodeAt(0) === 0xfeff ? 1 : 0), (key, at) => {
    if (turnKeys.includes(key)) {
      found = collectTurns(text, at, collected);
      return text.length;
    }
    const end = endOfValue(text, at);
    if (!systemKeys.includes(key)) return end;
    collectTexts(text, { start: at, end }, collected);
    found = end >= text.length;
    return end;
  });
  return found ? collected.join("\n") : null;
}

/** Adds all turns to the first user turn, or to where the text is cut off. False: no user turn in a whole history. */
function collectTurns(text: string, start: number, collected: string[]): boolean {
  let found = false;
  const collect = (at: number): number => {
    const turn = { start: at, end: endOfValue(text, at) };
    const role = memberNamed(membersAt(text, at), "role");
    // Without a role it is a user's (Gemini), or the role was cut off together with the rest.
    const name = (role === null ? null : stringAt(text, role)) ?? "user";
    collected.push(name);
    collectTexts(text, turn, collected);
    found = name === "user" || isCut(text, turn);
    return found ? text.length : turn.end;
  };
  // Google takes one turn without its array.
  if (text.charCodeAt(start) === 0x7b) collect(start);
  else walkElements(text, start, collect);
  return found;
}

/** Adds the strings in a value that are text or media. Each level is walked again, so the depth is bounded. */
function collectTexts(text: string, value: Span, collected: string[], depth = 0): void {
  if (depth > deepest) return;
  const first = text.charCodeAt(value.start);
  if (first === 0x22 || first === 0x27) collected.push(text.slice(value.start + 1, stringEnd(text, value)));
  else if (first === 0x5b)
    for (const element of elementsAt(text, value.start)) collectTexts(text, element, collected, depth + 1);
  else if (first === 0x7b)
    for (const member of membersAt(text, value.start)) {
      const kind = text.charCodeAt(member.start);
      const isString = kind === 0x22 || kind === 0x27;
      if (!isString || textKeys.has(member.key)) collectTexts(text, member, collected, depth + 1);
      else if (mediaKeys.has(member.key))
        collected.push(
          text.slice(member.start + 1, Math.min(stringEnd(text, member), member.start + 1 + mediaCharacters)),
        );
    }
}

/** Before the closing quote; the text's end when it was cut off. */
function stringEnd(text: string, value: Span): number {
  return isCut(text, value) ? value.end : value.end - 1;
}

function isCut(text: string, value: Span): boolean {
  return value.end >= text.length;
}
