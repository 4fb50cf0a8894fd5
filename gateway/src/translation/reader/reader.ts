/**
 * Reads Gemini's answer, cut anywhere, into events: the one shape that every dialect is written from.
 * @module
 */
import type { Usage } from "../../core/usage.ts";
import type { CreateAnswerReader, ReaderState } from "../types-request.ts";
import type { AnswerEvent, JsonObject } from "../types.ts";
import { createCallReader } from "./calls.ts";
import { toGrounding } from "./grounding.ts";
import { readPart } from "./parts.ts";
import { concat, createSseReader } from "./sse-lines.ts";
import { toUsage } from "./usage.ts";
import { toCount, toList, toObject, toText } from "./wire.ts";

/**
 * Makes a reader of one answer. Reads the first candidate only. What it has given before something broke stays valid;
 * afterwards it gives nothing more. Errors inside a stream are not its business: they are no events.
 */
export const createAnswerReader: CreateAnswerReader = ({ framing, names, restoreArgs, decoder, maxEventBytes }) => {
  const state = new State();
  const calls = createCallReader({ names, restoreArgs, maxCharacters: maxEventBytes });
  let events: AnswerEvent[] = [];
  let grounding: JsonObject | null = null;
  let isEnded = false;

  function readText(text: string): boolean {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      // OpenAI's end mark, which some proxies before Google add.
      state.isBroken = text !== "[DONE]";
      return !state.isBroken;
    }
    // Without `alt=sse` the answer is a list of what would be the events.
    for (const chunk of Array.isArray(value) ? value : [value]) {
      const wire = toObject(chunk);
      if (wire !== null) readChunk(wire);
    }
    return !state.isBroken;
  }

  function readChunk(wire: JsonObject): void {
    state.responseId ??= toText(wire["responseId"] ?? wire["response_id"]);
    const usage = toObject(wire["usageMetadata"] ?? wire["usage_metadata"]);
    if (usage !== null) state.setUsage(usage);
    const feedback = toObject(wire["promptFeedback"] ?? wire["prompt_feedback"]);
    if (feedback !== null) {
      state.blockReason = toText(feedback["blockReason"] ?? feedback["block_reason"]) ?? state.blockReason;
      state.finishMessage =
        toText(feedback["blockReasonMessage"] ?? feedback["block_reason_message"]) ?? state.finishMessage;
    }
    for (const candidate of toList(wire["candidates"])) {
      const first = toObject(candidate);
      if (first !== null && toCount(first["index"]) === 0) return readCandidate(first);
    }
  }

  function readCandidate(candidate: JsonObject): void {
    const content = toObject(candidate["content"]);
    if (content !== null) for (const part of toList(content["parts"])) readOne(part);
    state.finishReason = toText(candidate["finishReason"] ?? candidate["finish_reason"]) ?? state.finishReason;
    state.finishMessage = toText(candidate["finishMessage"] ?? candidate["finish_message"]) ?? state.finishMessage;
    state.continuationToken =
      toText(candidate["continuationToken"] ?? candidate["continuation_token"]) ?? state.continuationToken;
    const metadata = toObject(candidate["groundingMetadata"] ?? candidate["grounding_metadata"]);
    // An empty one at the end takes nothing back.
    if (metadata !== null && Object.keys(metadata).length > 0) grounding = metadata;
  }

  function readOne(part: unknown): void {
    const wire = toObject(part);
    if (wire === null) return;
    const { isContent, isVisible } = readPart(wire, calls, events);
    if (isContent) state.hasContent = true;
    if (isVisible) state.hasVisible = true;
    if (calls.isTooLarge()) state.isBroken = true;
  }

  /** Once, after the last byte of a whole answer. */
  function finish(): void {
    const call = calls.end(state.finishReason === "STOP");
    if (call !== null) {
      events.push(call);
      state.hasContent = true;
      state.hasVisible = true;
    }
    const found = grounding === null ? null : toGrounding(grounding);
    if (found !== null) events.push({ kind: "grounding", grounding: found });
  }

  function take(): readonly AnswerEvent[] {
    if (events.length === 0) return nothing;
    const taken = events;
    events = [];
    if (!state.hasCalls) state.hasCalls = taken.some((event) => event.kind === "call");
    return taken;
  }

  const source =
    framing === "sse"
      ? createSseReader({ decoder, maxEventBytes, onData: readText })
      : createBodyReader({ decoder, maxBytes: maxEventBytes, onText: readText });

  return {
    state,
    push(chunk) {
      if (state.isBroken || isEnded) return nothing;
      if (!source.push(chunk)) state.isBroken = true;
      return take();
    },
    end() {
      if (isEnded) return nothing;
      isEnded = true;
      if (!state.isBroken && source.end() === "cut") state.isBroken = true;
      if (!state.isBroken) finish();
      return take();
    },
  };
};

// --- helpers ---

const nothing: readonly AnswerEvent[] = [];

/** A class: an accessor in an object literal costs microseconds for each object that is made. */
class State implements ReaderState {
  responseId: string | null = null;
  finishReason: string | null = null;
  finishMessage: string | null = null;
  blockReason: string | null = null;
  continuationToken: string | null = null;
  hasContent = false;
  hasVisible = false;
  hasCalls = false;
  isBroken = false;
  private wire: JsonObject | null = null;
  private read: Usage | null = null;

  /** Usage comes with every event and is looked at once or twice: it is read when it is asked for. */
  get usage(): Usage | null {
    if (this.read === null && this.wire !== null) this.read = toUsage(this.wire);
    return this.read;
  }

  setUsage(latest: JsonObject): void {
    this.wire = latest;
    this.read = null;
  }
}

interface BodyReaderOptions {
  decoder: { decode(bytes: Uint8Array, start?: number, end?: number): string };
  maxBytes: number;
  onText(text: string): boolean;
}

/** A unary answer: one JSON text. */
function createBodyReader({ decoder, maxBytes, onText }: BodyReaderOptions): ReturnType<typeof createSseReader> {
  let pieces: Uint8Array[] = [];
  let bytes = 0;
  return {
    push(chunk) {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        pieces = [];
        return false;
      }
      pieces.push(chunk);
      return true;
    },
    end() {
      // Google answers 200 with nothing at times: that is an empty answer, not a broken one.
      if (bytes === 0) return "whole";
      const text = decoder.decode(concat(pieces, bytes));
      pieces = [];
      return onText(text) ? "whole" : "cut";
    },
  };
}
