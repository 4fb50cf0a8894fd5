/**
 * Relays answers of Google's OpenAI surface, event by event: only events with tool calls are looked into (tool-calls.ts),
 * all others pass as the bytes they came in.
 * @module
 */
import type { Bytes } from "../../core/ports.ts";
import { createToolCallState, repairToolCalls, type SignatureListener } from "./tool-calls.ts";

/** A relay for one stream. */
export interface ChatStreamRewriter {
  /**
   * Takes the next bytes and gives what can go out now: all events that are whole. A chunk of whole events without tool
   * calls comes back as the same object.
   */
  push(chunk: Uint8Array): readonly Uint8Array[];
  /**
   * Gives what is still held when the stream ended by itself. After a break do not call it: what is held then is part of
   * an event, and the error that follows must stand alone.
   */
  end(): readonly Uint8Array[];
  /** How many events were found to be longer than the limit and passed untouched. */
  readonly oversized: number;
}

/**
 * Makes a relay.
 * @param options.onSignature told of each thought signature with the id of its tool call, before the event goes out
 * @param options.maxEventBytes longer events pass untouched instead of being held. @default 8 MB
 */
export function createChatStreamRewriter(options: {
  bytes: Bytes;
  onSignature: SignatureListener;
  maxEventBytes?: number;
}): ChatStreamRewriter {
  const { bytes, onSignature, maxEventBytes = 8 * 1024 * 1024 } = options;
  const state = createToolCallState();
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  /** The last two bytes of an unfinished event. */
  let beforeLast = 0;
  let last = 0;
  /** Inside an event that is too long: its bytes go out as they come. */
  let passing = false;
  let oversized = 0;

  const keep = (piece: Uint8Array): readonly Uint8Array[] => {
    if (heldBytes === 0 && !passing) last = 0;
    beforeLast = piece.length > 1 ? (piece[piece.length - 2] as number) : last;
    last = piece[piece.length - 1] as number;
    if (passing) return [piece];
    held.push(piece);
    heldBytes += piece.length;
    if (heldBytes <= maxEventBytes) return nothing;
    passing = true;
    oversized += 1;
    return release();
  };

  const release = (): Uint8Array[] => {
    const pieces = held;
    held = [];
    heldBytes = 0;
    return pieces;
  };

  /** Whole events in one array. */
  const rewrite = (events: Uint8Array): readonly Uint8Array[] => {
    if (bytes.indexOf(events, toolCallsKey) < 0) return [events];
    const out: Uint8Array[] = [];
    let start = 0;
    while (start < events.length) {
      const end = endOfEvent(events, start, bytes);
      const event = start === 0 && end === events.length ? events : events.subarray(start, end);
      if (event.length > maxEventBytes) oversized += 1;
      out.push(event.length > maxEventBytes ? event : rewriteEvent(event));
      start = end;
    }
    return out;
  };

  const rewriteEvent = (event: Uint8Array): Uint8Array => {
    if (bytes.indexOf(event, toolCallsKey) < 0) return event;
    const text = bytes.decode(event);
    const repaired = text
      .split("\n")
      .map((line) => repairLine(line))
      .join("\n");
    return repaired === text ? event : bytes.encode(repaired);
  };

  const repairLine = (line: string): string => {
    if (!line.startsWith("data:") || !line.includes(toolCallsKey)) return line;
    return `data:${repairToolCalls({ text: line.slice(5), holder: "delta", state, onSignature })}`;
  };

  return {
    push(chunk) {
      if (chunk.length === 0) return nothing;
      let rest = chunk;
      let first: readonly Uint8Array[] = nothing;
      if (heldBytes > 0 || passing) {
        const end = endAcross(beforeLast, last, chunk, bytes);
        if (end < 0) return keep(chunk);
        const tail = chunk.subarray(0, end);
        first = passing ? [tail] : rewrite(bytes.concat([...release(), tail]));
        passing = false;
        if (end === chunk.length) return first;
        rest = chunk.subarray(end);
      }
      const end = endOfLastEvent(rest, bytes);
      if (end === rest.length) return joined(first, rewrite(rest));
      const second = end === 0 ? nothing : rewrite(rest.subarray(0, end));
      return joined(joined(first, second), keep(rest.subarray(end)));
    },
    end() {
      passing = false;
      return heldBytes === 0 ? nothing : rewrite(bytes.concat(release()));
    },
    get oversized() {
      return oversized;
    },
  };
}

/**
 * The same for a whole answer: ids, types and arguments of `message.tool_calls`; no `index`, which whole answers do not
 * have.
 * @returns the text; the same string when nothing had to change
 */
export function rewriteUnary(bodyText: string, options: { onSignature: SignatureListener }): string {
  if (!bodyText.includes(toolCallsKey)) return bodyText;
  return repairToolCalls({
    text: bodyText,
    holder: "message",
    state: createToolCallState(),
    onSignature: options.onSignature,
  });
}

// --- helpers ---

const nothing: readonly Uint8Array[] = [];
const toolCallsKey = '"tool_calls"';

function joined(left: readonly Uint8Array[], right: readonly Uint8Array[]): readonly Uint8Array[] {
  return left.length === 0 ? right : right.length === 0 ? left : [...left, ...right];
}

/** Index after the blank line that ends the event which begins at `start`; the length when there is none. */
function endOfEvent(events: Uint8Array, start: number, bytes: Bytes): number {
  const plain = bytes.indexOf(events, "\n\n", start);
  const withReturn = bytes.indexOf(events, "\n\r\n", start);
  if (plain < 0) return withReturn < 0 ? events.length : withReturn + 3;
  return withReturn < 0 || plain < withReturn ? plain + 2 : withReturn + 3;
}

/** Index after the last blank line; 0 when there is none. */
function endOfLastEvent(chunk: Uint8Array, bytes: Bytes): number {
  const { length } = chunk;
  if (
    chunk[length - 1] === 0x0a &&
    (chunk[length - 2] === 0x0a || (chunk[length - 2] === 0x0d && chunk[length - 3] === 0x0a))
  )
    return length;
  const plain = bytes.lastIndexOf(chunk, "\n\n");
  const withReturn = bytes.lastIndexOf(chunk, "\n\r\n");
  return Math.max(plain < 0 ? 0 : plain + 2, withReturn < 0 ? 0 : withReturn + 3);
}

/** Index in the chunk after the first blank line, which may have begun in the two bytes before it; -1: none. */
function endAcross(beforeLast: number, last: number, chunk: Uint8Array, bytes: Bytes): number {
  if (chunk[0] === 0x0a && (last === 0x0a || (last === 0x0d && beforeLast === 0x0a))) return 1;
  if (last === 0x0a && chunk[0] === 0x0d && chunk[1] === 0x0a) return 2;
  const plain = bytes.indexOf(chunk, "\n\n");
  const withReturn = bytes.indexOf(chunk, "\n\r\n");
  if (plain < 0) return withReturn < 0 ? -1 : withReturn + 3;
  return withReturn < 0 || plain < withReturn ? plain + 2 : withReturn + 3;
}
