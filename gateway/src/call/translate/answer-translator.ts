/**
 * One upstream answer on its way into the client's dialect: reader and writer joined, over all hops of a long one.
 * @module
 */
import type { Bytes } from "../../core/ports.ts";
import type { Usage } from "../../core/usage.ts";
import type { AnswerReader } from "../../translation/types-request.ts";
import type { AnswerEvent, AnswerWriter, StreamFault } from "../../translation/types.ts";

/** What has come of an answer at its end. */
export type Finish =
  /** `rest`: what is still to be sent; null: nothing. `failed`: it tells of a failure, as some dialects can. */
  | { kind: "good"; rest: Uint8Array | null; failed?: boolean }
  /** Google refused the prompt before it said anything. */
  | { kind: "blocked"; words: string }
  /** Nothing that a client could use: empty, malformed, or thoughts alone. May be asked again. */
  | { kind: "unusable"; words: string }
  /** There is more: the same request goes on with this token. `rest` as above. */
  | { kind: "continue"; token: string; rest: Uint8Array | null }
  /** It could not be understood, or was not whole. */
  | { kind: "invalid" };

/** Turns bytes of the upstream into bytes for the client. One an attempt; the hops of one answer share it. */
export interface AnswerTranslator {
  /** @returns what to send now; null: nothing yet */
  push(chunk: Uint8Array): Uint8Array | null;
  /** Something was said: what follows cannot be taken back. Always false for unary answers. */
  readonly committed: boolean;
  finish(): Finish;
  /** @returns null: this answer has no place for it */
  fault(fault: StreamFault): string | null;
  ping(): string | null;
}

/**
 * Ends that explain why nothing was said. After any other, also one that is not known here, an answer with nothing visible
 * is a failure (fact sheet translation 1.7, 0.2).
 */
const sayingReasons: ReadonlySet<string> = new Set([
  "MAX_TOKENS",
  "CONTINUATION",
  "SAFETY",
  "RECITATION",
  "LANGUAGE",
  "BLOCKLIST",
  "PROHIBITED_CONTENT",
  "SPII",
  "IMAGE_SAFETY",
  "IMAGE_PROHIBITED_CONTENT",
  "IMAGE_RECITATION",
]);

/** Translates generations. A class for the same reason as the call (docs/decisions/0003). */
export class GenerationTranslator implements AnswerTranslator {
  readonly writer: AnswerWriter;
  readonly #bytes: Bytes;
  readonly #stream: boolean;
  #reader: AnswerReader;
  #begun = false;
  /** Of the hops before this one. */
  #earlier: { visible: boolean; content: boolean; usage: Usage | null } = {
    visible: false,
    content: false,
    usage: null,
  };

  constructor(parts: { reader: AnswerReader; writer: AnswerWriter; stream: boolean; bytes: Bytes }) {
    this.#reader = parts.reader;
    this.writer = parts.writer;
    this.#stream = parts.stream;
    this.#bytes = parts.bytes;
  }

  get committed(): boolean {
    return this.#stream && this.#reader.state.hasContent;
  }

  push(chunk: Uint8Array): Uint8Array | null {
    return this.#write(this.#reader.push(chunk));
  }

  /** @param allowed whether another hop may follow */
  finish(allowed = true): Finish {
    const events = this.#reader.end();
    const { state } = this.#reader;
    if (state.isBroken) return { kind: "invalid" };
    const visible = this.#earlier.visible || state.hasVisible;
    const { finishReason, blockReason, continuationToken } = state;
    if (finishReason === "CONTINUATION" && continuationToken !== null && allowed)
      return { kind: "continue", token: continuationToken, rest: this.#endHop(events) };
    if (blockReason !== null && !this.#earlier.content && !state.hasContent)
      return { kind: "blocked", words: blockReason };
    // A part of a long answer that neither says nor ends anything ends nothing.
    const isEnd = finishReason === null ? state.hasVisible : visible || sayingReasons.has(finishReason);
    if (!isEnd && blockReason === null)
      return {
        kind: "unusable",
        words: (state.finishMessage ?? finishReason ?? "an empty answer").slice(0, mostWords),
      };
    // Only now: what is asked for again must not have been written.
    const last = this.#write(events);
    let text = this.#begin();
    text += this.writer.end({
      finishReason,
      blockReason,
      finishMessage: state.finishMessage,
      usage: addHop(this.#earlier.usage, state.usage),
    });
    return { kind: "good", rest: this.#join(last, text), failed: this.writer.failed?.() === true };
  }

  /** The next hop's answer comes from here, or that of another try of it. */
  goOn(reader: AnswerReader): void {
    this.#reader = reader;
  }

  fault(fault: StreamFault): string | null {
    return this.#stream ? oneLine(this.writer.fault(fault)) : null;
  }

  ping(): string | null {
    return this.#stream ? this.writer.ping() : null;
  }

  #endHop(events: readonly AnswerEvent[]): Uint8Array | null {
    const { state } = this.#reader;
    this.#earlier = {
      visible: this.#earlier.visible || state.hasVisible,
      content: this.#earlier.content || state.hasContent,
      usage: addHop(this.#earlier.usage, state.usage),
    };
    return this.#write(events);
  }

  #write(events: readonly AnswerEvent[]): Uint8Array | null {
    if (events.length === 0) return null;
    let text = this.#begin();
    for (const event of events) text += this.writer.event(event);
    return text === "" ? null : this.#encode(text);
  }

  #begin(): string {
    if (this.#begun) return "";
    this.#begun = true;
    const { responseId, usage } = this.#reader.state;
    return this.writer.begin({ responseId, usage });
  }

  #encode(text: string): Uint8Array {
    return this.#bytes.encode(this.#stream ? oneLine(text) : text);
  }

  #join(first: Uint8Array | null, text: string): Uint8Array | null {
    const second = text === "" ? null : this.#encode(text);
    if (first === null || second === null) return first ?? second;
    return this.#bytes.concat([first, second]);
  }
}

/**
 * Converts an answer as a whole: token counts, lists of models.
 * @param convert null: it is not what was expected
 */
export function createWholeTranslator(
  convert: (answer: unknown) => string | null,
  bytes: Bytes,
  limit: number = wholeLimit,
): AnswerTranslator {
  const held: Uint8Array[] = [];
  let length = 0;
  return {
    committed: false,
    push(chunk) {
      length += chunk.length;
      if (length <= limit) held.push(chunk);
      return null;
    },
    finish() {
      if (length > limit) return { kind: "invalid" };
      let text: string | null = null;
      try {
        text = convert(JSON.parse(bytes.decode(bytes.concat(held))));
      } catch {
        text = null;
      }
      return text === null ? { kind: "invalid" } : { kind: "good", rest: bytes.encode(text) };
    },
    fault: () => null,
    ping: () => null,
  };
}

// --- helpers ---

/**
 * Events whose lines end for everybody where they end: many clients of Python split lines at these too (`str.splitlines`,
 * as httpx's `iter_lines` does), against the specification. They only ever stand inside of JSON's strings here.
 */
function oneLine(text: string): string {
  // Three searches of one character: a class of a regular expression takes ten times as long.
  return text.includes("\u0085") || text.includes("\u2028") || text.includes("\u2029")
    ? text.replaceAll(oddLineEnds, (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, "0")}`)
    : text;
}

const oddLineEnds = /[\u0085\u2028\u2029]/g;

/** UTF-16 units of an explanation that goes into the attempt's row. */
const mostWords = 300;

const wholeLimit = 8 * 1024 * 1024;

/** Usage of a long answer: the prompt of the first hop, outputs of all (fact sheet translation 1.8). */
function addHop(earlier: Usage | null, hop: Usage | null): Usage | null {
  if (earlier === null || hop === null) return earlier ?? hop;
  const outputTokens = earlier.outputTokens + hop.outputTokens;
  const thoughtsTokens = earlier.thoughtsTokens + hop.thoughtsTokens;
  return {
    ...earlier,
    outputTokens,
    thoughtsTokens,
    totalTokens: earlier.promptTokens + earlier.toolUseTokens + outputTokens + thoughtsTokens,
    modalities: null,
  };
}
