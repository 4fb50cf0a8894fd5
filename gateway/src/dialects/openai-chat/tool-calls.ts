/**
 * Gives the tool calls of Google's OpenAI surface what OpenAI's clients need, by splicing: everything else keeps its
 * bytes. Google sends each call whole, without `index`, sometimes with an empty id or empty arguments (fact sheet
 * upstream 3); which client breaks on what: fact sheet translation 1.9.
 * @module
 */
import {
  applyEdits,
  elementsAt,
  isWholeObject,
  memberNamed,
  membersAt,
  skipSpace,
  stringAt,
  type Edit,
  type Member,
} from "../../core/scan/json-text.ts";

/** Told of each thought signature that an answer carries. */
export type SignatureListener = (toolCallId: string, signature: string) => void;

/** What must be remembered from one event of a stream to the next. */
export interface ToolCallState {
  /** By index of the choice: ids of its calls by their index. */
  choices: Map<number, Map<number, string>>;
}

/** A state for one answer. */
export function createToolCallState(): ToolCallState {
  return { choices: new Map() };
}

/**
 * Repairs the tool calls in one JSON document: a chunk of a stream or a whole completion.
 * @param options.text the document; text that is no whole object comes back untouched
 * @param options.holder `delta` in streams, where calls get an `index`; `message` in whole answers, where they have none
 * @param options.state of this answer; changed
 * @returns the text; the same string when nothing had to change
 */
export function repairToolCalls(options: {
  text: string;
  holder: "delta" | "message";
  state: ToolCallState;
  onSignature: SignatureListener;
}): string {
  const { text, holder, state, onSignature } = options;
  if (!isWholeObject(text)) return text;
  const root = membersAt(text, skipSpace(text, 0));
  const choices = memberNamed(root, "choices");
  if (choices === null) return text;
  const answerId = stringOf(text, root, "id") || String(numberOf(text, root, "created") ?? "");
  const edits: Edit[] = [];
  for (const element of elementsAt(text, choices.start)) {
    const choice = membersAt(text, element.start);
    const carrier = memberNamed(choice, holder);
    const calls = carrier === null ? null : memberNamed(membersAt(text, carrier.start), "tool_calls");
    if (calls === null) continue;
    const number = numberOf(text, choice, "index") ?? 0;
    const finished = stringOf(text, choice, "finish_reason") !== null;
    for (const call of elementsAt(text, calls.start))
      repairCall({
        text,
        start: call.start,
        streamed: holder === "delta",
        finished,
        answerId,
        number,
        known: callsOf(state, number),
        edits,
        onSignature,
      });
  }
  return edits.length === 0 ? text : applyEdits(text, edits);
}

// --- helpers ---

function repairCall(options: {
  text: string;
  start: number;
  streamed: boolean;
  finished: boolean;
  answerId: string;
  number: number;
  known: Map<number, string>;
  edits: Edit[];
  onSignature: SignatureListener;
}): void {
  const { text, start, known, edits } = options;
  const members = membersAt(text, start);
  if (members.length === 0) return;
  const given = numberOf(text, members, "index");
  const index = given ?? Math.max(-1, ...known.keys()) + 1;
  const signature = signatureOf(text, members);
  // A further piece of a call that began in an earlier event.
  if (options.streamed && given !== null && known.has(given)) {
    if (signature !== null) options.onSignature(known.get(given) as string, signature);
    return;
  }
  let front = options.streamed && given === null ? `"index":${index},` : "";
  let id = stringOf(text, members, "id");
  const idMember = memberNamed(members, "id");
  const later: Edit[] = [];
  if (id === null || id === "") {
    id = madeId(options.answerId, options.number, index);
    if (idMember === null) front += `"id":${JSON.stringify(id)},`;
    else later.push({ start: idMember.start, end: idMember.end, text: JSON.stringify(id) });
  }
  if (memberNamed(members, "type") === null) front += '"type":"function",';
  known.set(index, id);
  // A call that came with an index may be streamed in pieces, as OpenAI does: its first arguments are rightly empty.
  const whole = !options.streamed || given === null || options.finished;
  const called = memberNamed(members, "function");
  if (whole && called !== null) repairArguments(text, called, later);
  if (front !== "") edits.push({ start: start + 1, end: start + 1, text: front });
  edits.push(...later.sort((left, right) => left.start - right.start));
  if (signature !== null) options.onSignature(id, signature);
}

function repairArguments(text: string, called: Member, edits: Edit[]): void {
  const members = membersAt(text, called.start);
  if (members.length === 0) return;
  const given = memberNamed(members, "arguments");
  if (given === null) edits.push({ start: called.start + 1, end: called.start + 1, text: '"arguments":"{}",' });
  else {
    const value = text.slice(given.start, given.end);
    if (value === '""' || value === "null") edits.push({ start: given.start, end: given.end, text: '"{}"' });
  }
}

/** Unique within the answer, and between answers by the answer's own id. Letters, digits, `_` and `-` only. */
function madeId(answerId: string, choice: number, index: number): string {
  return `call_${answerId.replaceAll(/[^\w-]/g, "").slice(0, 40)}_${choice}_${index}`;
}

function signatureOf(text: string, members: readonly Member[]): string | null {
  const extra = memberNamed(members, "extra_content");
  const google = extra === null ? null : memberNamed(membersAt(text, extra.start), "google");
  if (google === null) return null;
  return stringOf(text, membersAt(text, google.start), "thought_signature") || null;
}

function callsOf(state: ToolCallState, choice: number): Map<number, string> {
  let known = state.choices.get(choice);
  if (known === undefined) state.choices.set(choice, (known = new Map()));
  return known;
}

function stringOf(text: string, members: readonly Member[], key: string): string | null {
  const member = memberNamed(members, key);
  return member === null ? null : stringAt(text, member);
}

function numberOf(text: string, members: readonly Member[], key: string): number | null {
  const member = memberNamed(members, key);
  const value = member === null ? Number.NaN : Number.parseInt(text.slice(member.start, member.end), 10);
  return Number.isInteger(value) ? value : null;
}
