/**
 * Thought signatures for OpenAI clients: most of them drop `extra_content`, and Gemini 3 and later then refuse the
 * history (fact sheet upstream 8, translation 5). So signatures are remembered by tool call id and put back.
 * @module
 */
import {
  applyEdits,
  endOfValue,
  memberNamed,
  membersAt,
  skipSpace,
  stringAt,
  walkElements,
  walkMembers,
  type Edit,
  type Member,
} from "../../core/scan/json-text.ts";
import { signatureSentinel } from "../../translation/signatures/constants.ts";

/**
 * Puts signatures back on the tool calls of a chat request that lack them. Text is spliced in; every other byte of the
 * body stays as it is.
 *
 * Known ones go back wherever they are missing. The sentinel only where Google insists: on the first call of each
 * assistant message after the last user message, for Gemini 3 and later.
 * @param bodyText the request's body
 * @param options.model the model asked, with or without `models/`
 * @param options.lookup signature of a tool call id, or null
 * @returns the new body, or null when nothing was to be changed
 */
export function restoreSignatures(
  bodyText: string,
  options: { model: string; lookup: (toolCallId: string) => string | null },
): string | null {
  if (!bodyText.includes("tool_calls")) return null;
  const turns = readTurns(bodyText);
  const enforced = enforcesSignatures(options.model);
  const lastUser = turns.findLastIndex((turn) => turn.role === "user");
  const edits: Edit[] = [];
  for (const [position, turn] of turns.entries()) {
    if (turn.role !== "assistant") continue;
    for (const [order, call] of turn.calls.entries()) {
      const place = call.members.length === 0 ? null : placeFor(bodyText, call);
      if (place === null) continue;
      const id = stringOf(bodyText, call.members, "id");
      const known = id === null || id === "" ? null : options.lookup(id);
      const signature = known ?? (enforced && order === 0 && position > lastUser ? signatureSentinel : null);
      if (signature !== null)
        edits.push({ start: place.start, end: place.end, text: place.around(JSON.stringify(signature)) });
    }
  }
  return edits.length === 0 ? null : applyEdits(bodyText, edits);
}

/**
 * Whether a model refuses a history whose function calls lack signatures: Gemini 3 and later, but for image models.
 * `…-latest` names stand for the newest generation.
 */
export function enforcesSignatures(model: string): boolean {
  const name = model.slice(model.lastIndexOf("/") + 1);
  if (!name.startsWith("gemini-") || /-image\b|banana/.test(name)) return false;
  const generation = /^gemini-(\d+)/.exec(name);
  return generation === null ? name.endsWith("-latest") : Number(generation[1]) >= 3;
}

// --- helpers ---

/** A message, as far as it matters here. */
interface Turn {
  role: string | null;
  calls: Call[];
}

interface Call {
  start: number;
  members: Member[];
}

interface Place {
  start: number;
  end: number;
  /** The text to put there, around the signature's JSON. */
  around(signature: string): string;
}

/** The messages of a body, in one pass: histories of agents are long. */
function readTurns(text: string): Turn[] {
  let turns: Turn[] = [];
  walkMembers(text, skipSpace(text, 0), (key, at) => {
    if (key !== "messages") return endOfValue(text, at);
    turns = [];
    return walkElements(text, at, (messageAt) => {
      const turn: Turn = { role: null, calls: [] };
      turns.push(turn);
      return walkMembers(text, messageAt, (name, valueAt) => {
        if (name === "tool_calls") return readCalls(text, valueAt, (turn.calls = []));
        const end = endOfValue(text, valueAt);
        if (name === "role") turn.role = stringAt(text, { start: valueAt, end });
        return end;
      });
    });
  });
  return turns;
}

function readCalls(text: string, at: number, calls: Call[]): number {
  return walkElements(text, at, (start) => {
    const members: Member[] = [];
    calls.push({ start, members });
    return walkMembers(text, start, (key, valueAt) => {
      const end = endOfValue(text, valueAt);
      members.push({ key, start: valueAt, end });
      return end;
    });
  });
}

/** Where a call's signature is to be put; null: it has one. */
function placeFor(text: string, call: Call): Place | null {
  const callStart = call.start;
  const extra = memberNamed(call.members, "extra_content");
  if (extra === null)
    return front(callStart, true, (signature) => `"extra_content":{"google":{"thought_signature":${signature}}}`);
  if (text.charCodeAt(extra.start) !== 0x7b)
    return instead(extra, (signature) => `{"google":{"thought_signature":${signature}}}`);
  const inExtra = membersAt(text, extra.start);
  const google = memberNamed(inExtra, "google");
  if (google === null)
    return front(extra.start, inExtra.length > 0, (signature) => `"google":{"thought_signature":${signature}}`);
  if (text.charCodeAt(google.start) !== 0x7b)
    return instead(google, (signature) => `{"thought_signature":${signature}}`);
  const inGoogle = membersAt(text, google.start);
  const given = memberNamed(inGoogle, "thought_signature");
  if (given === null)
    return front(google.start, inGoogle.length > 0, (signature) => `"thought_signature":${signature}`);
  return stringAt(text, given) ? null : instead(given, (signature) => signature);
}

/** As first member of the object at `start`: a trailing comma at its end, which Google tolerates, does not matter then. */
function front(start: number, others: boolean, around: Place["around"]): Place {
  return { start: start + 1, end: start + 1, around: (signature) => around(signature) + (others ? "," : "") };
}

function instead(value: Member, around: Place["around"]): Place {
  return { start: value.start, end: value.end, around };
}

function stringOf(text: string, members: readonly Member[], key: string): string | null {
  const member = memberNamed(members, key);
  return member === null ? null : stringAt(text, member);
}
