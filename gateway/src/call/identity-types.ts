/**
 * What is known of a call before its body.
 * @module
 */
import type { Backend, Dialect } from "../core/records.ts";
import type { ResourceRoute } from "./resources/route-types.ts";
import type { Framing } from "./tap-types.ts";

/** How the host must treat the request's body. */
export type BodyMode =
  /** Collected (bounded by MAX_BODY_BYTES) before the first attempt, so that it can be sent again. */
  | "collect"
  /** Sent on as it comes in; the call has one attempt. */
  | "pass";

/** What is known of a call before its body. Shared between calls: never changed. */
export interface Identity {
  dialect: Dialect;
  backend: Backend;
  /** `generate`, `stream-generate`, `count-tokens`, `embed`, `chat`, `embeddings`, `images`, `models`, `upload`, `other`. */
  operation: string;
  /** Without `models/`; null when none is named by the path. */
  model: string | null;
  /** The body is read and written anew for Gemini, and the answer for the client (call/translate). */
  translated: boolean;
  /** The model (and whether to stream) stands in the body. */
  modelInBody: boolean;
  /** With `modelInBody`: the call is good without one too (an agent is named instead). */
  modelOptional: boolean;
  /** A generation whose answer is watched: usage, finish reason, emptiness. */
  generative: boolean;
  stream: boolean;
  framing: Framing;
  bodyMode: BodyMode;
  /** May be sent twice without creating something twice. */
  repeatable: boolean;
  /** The path names a resource that only its owner has. */
  namesResource: boolean;
  /** The prefix under which the gateway was asked, such as `/api/gproxy/gemini`; empty: none. */
  mountPrefix: string;
  /** What the call does with resources of a project; null: nothing. */
  resource: ResourceRoute | null;
  /** Path and query to append to the backend's base URL; client credentials removed. */
  target: string;
  /** The path without query, for the ledger. */
  path: string;
  /** Client key found in the query, or null. */
  queryKey: string | null;
}

/** What the credentials among the headers say about ambiguous paths. */
export interface CredentialHints {
  /** `x-goog-api-key` or `x-goog-api-client` was sent. */
  google: boolean;
  /** `anthropic-version` was sent. @default false */
  anthropic?: boolean;
}
