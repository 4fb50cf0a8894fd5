/** @module What an operation gives back: a whole body, or frames to be sent one by one. */

import type { TokenUsage } from "../answer/gemini-types.ts";
import type { ApiError, ErrorBody } from "../errors/api-error.ts";
import { toEventJson, toPrettyJson, toSortedJson } from "../json/write-json.ts";

/** One piece of a stream. */
export interface Frame {
  value: unknown;
  /** Cumulative tokens once this piece is out. */
  usage: TokenUsage | null;
  delayMs: number;
}

/** How frames are put on the wire. */
export type Framing = "sse" | "array" | "openai" | "events";

/** The outcome of an operation. */
export type Result =
  | {
      kind: "whole";
      status: number;
      contentType: string;
      /** More headers; they win over the common ones. */
      headers?: Record<string, string>;
      body: string | Buffer;
      usage: TokenUsage | null;
      errorStatus: string | null;
      delayMs: number;
    }
  | { kind: "frames"; framing: Framing; frames: Frame[]; ends: boolean };

/** `application/json; charset=UTF-8`, as Google spells it. */
export const JSON_TYPE = "application/json; charset=UTF-8";

/** A 200 with pretty JSON. */
export function whole(value: unknown, usage: TokenUsage | null = null, delayMs = 0): Result {
  const body = `${toPrettyJson(value)}\n`;
  return { kind: "whole", status: 200, contentType: JSON_TYPE, body, usage, errorStatus: null, delayMs };
}

/** A refusal. `wrap` puts the object in a list: the OpenAI surface and array streams do (fact sheet upstream 4.1). */
export function refusal(error: ApiError, options: { wrap: boolean; contentType?: string }): Result & { kind: "whole" } {
  const base = { kind: "whole", status: error.status, usage: null, delayMs: 0 } as const;
  if ("html" in error) {
    return { ...base, contentType: "text/html; charset=UTF-8", body: error.html, errorStatus: null };
  }
  if ("oauth" in error) {
    return { ...base, contentType: JSON_TYPE, body: toPrettyJson(error.oauth), errorStatus: error.oauth.error };
  }
  const json = toPrettyJson({ error: error.error });
  const body = options.wrap ? `[${json}\n]\n` : `${json}\n`;
  return { ...base, contentType: options.contentType ?? JSON_TYPE, body, errorStatus: error.error.status };
}

/** The content type of a framing. */
export function frameType(framing: Framing): string {
  return framing === "array" ? JSON_TYPE : "text/event-stream";
}

/** The text of the frame at `index`. `dataLines`: an event of SSE as several `data:` lines. */
export function encodeFrame(framing: Framing, value: unknown, index: number, dataLines = false): string {
  if (framing === "sse" && dataLines) {
    return `${toPrettyJson(value)
      .split("\n")
      .map((line) => `data: ${line}`)
      .join("\r\n")}\r\n\r\n`;
  }
  if (framing === "sse") return `data: ${toEventJson(value)}\r\n\r\n`;
  if (framing === "openai") return `data: ${toSortedJson(value)}\n\n`;
  // Interactions: members in the order of the object (fact sheet upstream 1.8).
  if (framing === "events") return `data: ${JSON.stringify(value)}\n\n`;
  return `${index === 0 ? "[" : ",\r\n"}${toPrettyJson(value)}\n`;
}

/** What follows the last frame of a stream that ends well. */
export function closingOf(framing: Framing): string {
  if (framing === "array") return "]\n";
  return framing === "openai" || framing === "events" ? "data: [DONE]\n\n" : "";
}

/** An error inside a 200 stream, in one of its two shapes (fact sheet upstream 1.3). */
export function encodeStreamError(
  framing: Framing,
  error: ErrorBody,
  options: { shape: "event" | "raw"; index: number },
): string {
  if (options.shape === "raw") return `${toPrettyJson({ error })}\n`;
  if (framing === "events") {
    const { status, message } = error;
    return encodeFrame(framing, { event_type: "error", error: { code: status.toLowerCase(), message } }, options.index);
  }
  return encodeFrame(framing, { error }, options.index) + (framing === "array" ? closingOf(framing) : "");
}
