/** @module What a script sees, says, and waits for. */

import type { Part, TokenUsage } from "../answer/gemini-types.ts";
import type { ErrorName } from "../errors/error-names.ts";
import type { Surface } from "./surface.ts";

/** What a script sees of a request. */
export interface ScriptRequest {
  sequence: number;
  key: string;
  project: string;
  model: string;
  surface: Surface;
  /** Decoded, without the query. */
  path: string;
  stream: boolean;
  /** The request in Gemini's native shape, camelCase, whatever surface it came by. */
  body: Readonly<Record<string, unknown>>;
}

/** One chunk of a scripted stream. */
export interface ScriptedChunk {
  parts: Part[];
  /** Milliseconds to wait before this chunk. */
  delayMs?: number;
}

/** A text contains a string, or matches an expression; `{regex}` is how JSON says an expression. */
export type TextPattern = string | RegExp | { regex: string; flags?: string };

/** What a request must be for an answer to be its own. All given fields must hold. */
export interface ScriptCondition {
  /** The text of the user's last content that has any. */
  lastUserText?: TextPattern;
  /** The text of the system instruction. */
  systemText?: TextPattern;
  /** The conversation ends with a result of this function; an empty string: with no result of any. */
  hasToolResult?: string;
  /** How many function results the whole conversation holds. */
  toolResults?: number;
  /** A function of this name is declared; false: none at all, as in calls for a title. */
  hasTool?: string | boolean;
  model?: string;
  surface?: Surface;
  /** A part of the decoded path. */
  path?: string;
  stream?: boolean;
}

/** The model's side of one call. */
export interface ScriptedAnswer {
  /** Only answers calls to this model. */
  model?: string;
  /** Only answers calls that are so. */
  when?: ScriptCondition;
  /** Answers every such call, and is not consumed. @default false */
  repeat?: boolean;
  /** Parts of the answer; in a stream each part is a chunk. Calls get an id and a signature as real ones do. */
  parts?: Part[];
  /** Chunks of the answer, instead of `parts`. */
  chunks?: ScriptedChunk[];
  /** @default "STOP" */
  finishReason?: string;
  finishMessage?: string;
  /** `promptFeedback.blockReason`: no candidates, only the prompt is billed. */
  blockReason?: string;
  /** Further members of the candidate of the last chunk, e.g. `groundingMetadata`. */
  candidate?: Record<string, unknown>;
  /** Counts that replace the computed ones. */
  usage?: Partial<TokenUsage>;
  /** Milliseconds between chunks. */
  chunkDelayMs?: number;
  /** Answer with an error instead. */
  error?: ErrorName;
  /** Do not add ids and signatures. */
  verbatim?: boolean;
}
