/**
 * What the tap on an answer tells. It reads bytes on their way out and never changes or delays them.
 * @module
 */
import type { Usage } from "../core/usage.ts";

/** How an answer's body is framed. */
export type Framing = "unary" | "sse" | "json-array";
/** Whose shapes are inside. */
export type Surface = "gemini" | "openai";

/** What was found in an answer. */
export interface TapResult {
  /** Null when no usage was seen. Last value wins; missing fields are 0. */
  usage: Usage | null;
  /** The last finish reason as the upstream wrote it (`STOP`, `stop`, …), or null. */
  finishReason: string | null;
  /** `modelVersion` / `model` of the answer, without `models/`. */
  modelServed: string | null;
  /** `promptFeedback.blockReason`, or null. */
  blockReason: string | null;
  /** An error inside the answer (in-stream event, raw JSON after the last event, error object with status 200). */
  error: { code: number | null; status: string | null; message: string; body: string } | null;
  /** True when nothing was said: no content part, no block reason, no error. SAFETY, MAX_TOKENS and the like are not empty. */
  empty: boolean;
  /** True when the answer ended as it should: a finish or block reason was seen (streams), or the JSON was whole (unary). */
  complete: boolean;
}

/** A tap on one answer. Bounded memory: at most 64 KB kept a stream, whatever its size. */
export interface AnswerTap {
  /** Sees the next bytes. */
  push(chunk: Uint8Array): void;
  /**
   * True from the first byte on that shows content, a block reason or a finish reason other than an empty STOP:
   * the commit point. Before it the call may still be tried elsewhere.
   */
  readonly committed: boolean;
  /** An error was seen inside the answer before any content: judge it like a status. */
  readonly earlyError: TapResult["error"];
  /** After the last byte. */
  end(): TapResult;
}
