/**
 * What is asked of Code Assist.
 * @module
 */
import type { Bytes, Digest } from "../../core/ports.ts";

/** A body: its chunks and their length in bytes. */
export interface RequestBody {
  chunks: readonly Uint8Array[];
  length: number;
}

/** What is asked of Code Assist. */
export interface CodeAssistQuestion {
  operation: "generate" | "stream-generate" | "count-tokens";
  /** Without `models/`. */
  model: string;
  /** Id of the Google Cloud project that pays. */
  project: string;
  /** Body of generateContent or countTokens as the Gemini API takes it. */
  body: RequestBody;
  /** The body was written for this backend: it is not looked at. */
  isOwn: boolean;
  callId: string;
  /** Names the conversation. */
  sessionKey: string;
  /** Schemas of native tools in the only form that Code Assist takes. */
  lowerTools: (body: Record<string, unknown>) => Record<string, unknown>;
  bytes: Bytes;
  digest: Digest;
}
