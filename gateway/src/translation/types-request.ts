/**
 * How a Gemini request is written from a conversation, and how Gemini's answer is read into events: the shapes that join
 * `compose`, `schema`, `reader` and the call.
 * @module
 */
import type { Usage } from "../core/usage.ts";
import type { AnswerEvent, Conversation, JsonObject, SignatureReader } from "./types.ts";

/**
 * Which field holds tools' schemas (fact sheet translation 4.1).
 * - `json-schema`: `parametersJsonSchema`, `responseJsonSchema`, lightly normalised;
 * - `lowered`: `parameters`, `responseSchema`: the strict subset, for Code Assist and after a refusal of the other.
 */
export type SchemaForm = "json-schema" | "lowered";

/** Names of tools as Google takes them and back. Deterministic: a history keeps its names. */
export interface ToolNames {
  toGoogle(clientName: string): string;
  /** Also understands `default_api:NAME`, `default_api.NAME`, `functions.NAME`; unknown names come back as they are. */
  toClient(googleName: string): string;
}

/** What a request is written for. */
export interface ComposeOptions {
  /** The real model, without `models/`. */
  model: string;
  backend: "gemini-api" | "code-assist";
  schemaForm: SchemaForm;
  signatures: SignatureReader;
  names: ToolNames;
  /** INCLUDE_THOUGHTS. */
  includeThoughts: boolean;
}

/** Writes the body of generateContent; camelCase, ready for JSON.stringify. Never throws for a conversation of a dialect. */
export type Compose = (conversation: Conversation, options: ComposeOptions) => JsonObject;

/** What a reader knows so far. */
export interface ReaderState {
  /** `responseId`; null: not told. */
  responseId: string | null;
  readonly usage: Usage | null;
  finishReason: string | null;
  finishMessage: string | null;
  blockReason: string | null;
  /** For the next hop of a long answer (fact sheet upstream 1.10). */
  continuationToken: string | null;
  /** Something was said: text, thought, call, medium, code. */
  hasContent: boolean;
  /** Of that something other than thoughts. */
  hasVisible: boolean;
  hasCalls: boolean;
  /** Not JSON, an event beyond the bound, or the end inside of an event. */
  isBroken: boolean;
}

/** Reads one upstream answer (Gemini's shape, already unwrapped), cut anywhere. Bounded; never throws. */
export interface AnswerReader {
  push(chunk: Uint8Array): readonly AnswerEvent[];
  /** After the last byte. A unary answer gives all of its events here. */
  end(): readonly AnswerEvent[];
  readonly state: ReaderState;
}

/** Makes a reader. */
export type CreateAnswerReader = (options: {
  framing: "sse" | "unary";
  names: ToolNames;
  /** Changes arguments back where lowering changed a type (numeric enums, wrapped roots). @default as they came */
  restoreArgs?: (clientName: string, args: JsonObject) => JsonObject;
  decoder: { decode(bytes: Uint8Array, start?: number, end?: number): string };
  /** Largest event, or unary answer, in bytes. */
  maxEventBytes: number;
}) => AnswerReader;
