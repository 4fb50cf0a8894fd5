/**
 * Answers out of Code Assist's envelope (fact sheet upstream 7.3): `{"response": {…}, "traceId": …}` becomes the response,
 * with `responseId` from `traceId` where it has none. Streams come as events, whatever the client reads: a client that
 * asked for a JSON list gets one.
 * @module
 */
import type { Bytes } from "../../core/ports.ts";

/** Changes bytes on their way. */
export interface Unwrapper {
  push(chunk: Uint8Array): readonly Uint8Array[];
  end(): readonly Uint8Array[];
  /** The end of a list: after `end`, and only when the answer is whole, since an error may have to stand before it. */
  close?(): Uint8Array;
}

/** Events and unary answers beyond this pass as they are: nothing of Google's is as large. */
const largest = 64 * 1024 * 1024;
const nothing: readonly Uint8Array[] = [];
const newline = 10;
const carriageReturn = 13;

/**
 * Makes one.
 * @param options.framing what the client reads: events, a JSON list, or one object
 * @param options.longest bytes of an event or a unary answer that are held. @default 64 MB
 */
export function createUnwrapper(options: {
  framing: "sse" | "json-array" | "unary";
  bytes: Bytes;
  longest?: number;
}): Unwrapper {
  const { framing, bytes, longest = largest } = options;
  let held: Uint8Array[] = [];
  let length = 0;
  /** Newlines at the end of what is held: two end an event. */
  let blank = false;
  let documents = 0;
  /** A unary answer that is too long. */
  let isPassing = false;

  function take(): string {
    const text = bytes.decode(bytes.concat(held));
    held = [];
    length = 0;
    return text;
  }

  function document(json: string): Uint8Array {
    const before = documents++ === 0 ? "[" : ",\r\n";
    return bytes.encode(framing === "json-array" ? `${before}${json}` : `data: ${json}\r\n\r\n`);
  }

  function event(text: string, out: Uint8Array[]): void {
    const data = dataOf(text);
    if (data === null) {
      // Comments keep connections open; a list has no place for them.
      if (framing === "sse" && text.trim() !== "") out.push(bytes.encode(`${text.trimEnd()}\r\n\r\n`));
      // An error without `data:` in the middle of a stream stays what it is.
      else if (framing === "json-array" && /^\s*[[{]/.test(text)) out.push(document(text.trim()));
      return;
    }
    out.push(document(unwrap(data)));
  }

  function push(chunk: Uint8Array): readonly Uint8Array[] {
    if (framing === "unary") {
      if (isPassing) return [chunk];
      held.push(chunk);
      length += chunk.length;
      if (length <= longest) return nothing;
      isPassing = true;
      const pieces = held;
      held = [];
      return pieces;
    }
    const out: Uint8Array[] = [];
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at];
      if (byte === newline) {
        if (blank) {
          held.push(chunk.subarray(start, at + 1));
          event(take(), out);
          start = at + 1;
          blank = false;
        } else blank = true;
      } else if (byte !== carriageReturn) {
        blank = false;
        // Nothing but text until the next line: found natively.
        const next = bytes.indexOf(chunk, "\n", at);
        at = (next < 0 ? chunk.length : next) - 1;
      }
    }
    if (start < chunk.length) {
      held.push(start === 0 ? chunk : chunk.subarray(start));
      length += chunk.length - start;
      if (length > longest) event(take(), out);
    }
    return out;
  }

  function end(): readonly Uint8Array[] {
    if (framing === "unary") return held.length === 0 ? nothing : [bytes.encode(unwrap(take()))];
    const out: Uint8Array[] = [];
    if (held.length > 0) event(take(), out);
    return out;
  }

  if (framing !== "json-array") return { push, end };
  return { push, end, close: () => bytes.encode(documents === 0 ? "[]\n" : "\n]\n") };
}

// --- helpers ---

/** The data of an event, its lines joined (https://html.spec.whatwg.org/multipage/server-sent-events.html); null: it has none. */
function dataOf(event: string): string | null {
  let data: string | null = null;
  for (const line of event.split(/\r\n|\n|\r/)) {
    if (!line.startsWith("data:")) continue;
    const value = line.slice(line.charCodeAt(5) === 32 ? 6 : 5);
    data = data === null ? value : `${data}\n${value}`;
  }
  return data;
}

/** The response of an envelope; what is none (errors) as it is. */
function unwrap(json: string): string {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return json;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return json;
  const { response, traceId, error } = value as { response?: unknown; traceId?: unknown; error?: unknown };
  if (error !== undefined) return json;
  // A missing response is an answer without candidates.
  const inner = typeof response === "object" && response !== null ? (response as Record<string, unknown>) : {};
  if (inner["responseId"] === undefined && typeof traceId === "string") inner["responseId"] = traceId;
  return JSON.stringify(inner);
}
