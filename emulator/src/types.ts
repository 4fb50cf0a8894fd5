/** @module What a user of the emulator configures and reads back: projects, models, faults, scripts, records. */

import type { ErrorName } from "./errors/error-names.ts";
import type { ResourceOptions } from "./resources/options.ts";
import type { TokenUsage } from "./answer/gemini-types.ts";
import type { InteractionOptions } from "./interactions/types.ts";
import type { LiveFault, LiveNote, LiveOptions } from "./live/types.ts";
import type { AccountConfig, OauthClient } from "./accounts/types.ts";
import type { QuotaLimits } from "./state/quota-limits.ts";
import type { Surface } from "./state/surface.ts";
import type { ScriptedAnswer, ScriptRequest } from "./state/script-types.ts";

/** How a key behaves. Every state but `active` answers with the real error body (fact sheet upstream 4.2). */
export type KeyState =
  | "active"
  | "invalid"
  | "expired"
  | "leaked"
  | "suspended"
  | "restricted"
  | "referrer-blocked"
  | "ip-blocked";

/** How a whole project behaves. */
export type ProjectState =
  | "active"
  | "service-disabled"
  | "denied"
  | "prepaid-depleted"
  | "spending-cap"
  | "billing-spending-cap"
  | "location-unsupported";

/** A billing tier; it decides the default limits and the quota ids. `unlimited` never answers a quota error. */
export type Tier = "free" | "paid1" | "paid2" | "paid3" | "unlimited";

/** One API key of a project. */
export interface KeyConfig {
  key: string;
  /** @default "active" */
  state?: KeyState;
}

/** One Google project: its keys share its quotas. */
export interface ProjectConfig {
  /** `projects/<number>`. */
  id: string;
  keys: KeyConfig[];
  /** @default "paid1" */
  tier?: Tier;
  /** Overrides per model id (`gemini-3.8-flash`), or for all models under `"*"`. */
  quotas?: Record<string, QuotaLimits>;
  /** @default "active" */
  state?: ProjectState;
  /** Milliseconds before the first byte of every answer of this project. @default 0 */
  firstByteDelayMs?: number;
}

/** One model; unset fields are derived from its name. */
export interface ModelConfig {
  /** `gemini-x`, `models/gemini-x` or `tunedModels/x`. */
  name: string;
  displayName?: string;
  /** `supportedGenerationMethods`. */
  methods?: string[];
  /** @default 1048576 */
  inputTokenLimit?: number;
  /** @default 65536 */
  outputTokenLimit?: number;
  /**
   * Output tokens of one call: a longer answer ends with `CONTINUATION` and a token that fetches the rest.
   * @default for Gemini 4 65536 in a stream, else 32768; older models have no such limit
   */
  outputTokensPerCall?: number;
  /** What answers call themselves (`modelVersion`): Google routes some ids silently to newer models. */
  modelVersion?: string;
  /** Project ids that may see it; others get 404 (or 403 for a tuned model). Absent: all. */
  onlyProjects?: string[];
  /** Project ids that get "no longer available to new users". */
  closedTo?: string[];
  /** Shape of the default answer. */
  answer?: AnswerShape;
}

/** Size of the default answer of a model. */
export interface AnswerShape {
  /** Characters of the visible text; absent: the echo's own length. */
  characters?: number;
  /** Stream chunks that carry visible text. @default 4 to 7, by the prompt */
  chunks?: number;
}

/** Which requests a fault hits. All given fields must match. */
export interface FaultMatch {
  key?: string;
  project?: string;
  model?: string;
  /** A part of the decoded path. */
  path?: string;
  surface?: Surface;
  /** Email of the account that calls, or whose token is asked for. */
  account?: string;
  /** An operation as in the record, e.g. `generateContent`, `chat`. */
  operation?: string;
  stream?: boolean;
  /** Begin with the nth matching request, counted from 1. @default 1 */
  nth?: number;
  /** How many matching requests are hit, `"all"` without end. @default 1 */
  count?: number | "all";
}

/** A body of the caller's choosing. */
export interface CustomResponse {
  status: number;
  headers?: Record<string, string>;
  /** A string goes out as it is, anything else pretty-printed as JSON. */
  body?: unknown;
}

/** What a fault does. Several members can be combined; they apply in the order given here. */
export interface FaultAction {
  /** Milliseconds before the first byte of the head. */
  delayMs?: number;
  /** A real error body by its name. */
  error?: ErrorName;
  /** A custom answer. */
  response?: CustomResponse;
  /** 200 without use: no body at all, `candidates: []`, STOP without parts, or a stream that ends without finishReason. */
  empty?: "no-body" | "no-candidates" | "no-parts" | "no-finish";
  /** Adds one event with this many bytes of text before the last one (1048576 is "a 1 MB event"). */
  bigEventBytes?: number;
  /** An error inside a 200 stream after n chunks: an event (shape 1) or raw pretty JSON (shape 2). */
  streamError?: { afterChunks: number; shape: "event" | "raw"; error?: ErrorName };
  /** Silence after n chunks, for some milliseconds or until the client leaves. */
  stall?: { afterChunks: number; forMs?: number };
  /** FIN after n bytes of the body, inside an HTTP chunk. */
  cut?: { afterBytes: number };
  /** RST before the head, or after n bytes of the body. */
  reset?: { afterBytes?: number };
  /** The body in pieces of n bytes. */
  drip?: { bytes: number; everyMs: number };
  /** Events of a stream as several `data:` lines each, which the format allows. */
  dataLines?: boolean;
  /** Split every write inside UTF-8 sequences, between CR and LF, or both. */
  split?: "utf8" | "crlf" | "both";
  /** What happens to a Live session. */
  live?: LiveFault;
}

/** A fault on command. */
export interface FaultSpec {
  match?: FaultMatch;
  do: FaultAction;
}

/** Options of {@link import("./emulator.ts").startEmulator}. */
export interface EmulatorOptions extends ResourceOptions {
  /** 0 takes any free one. @default 0 */
  port?: number;
  /** @default "127.0.0.1" */
  host?: string;
  /** @default one project `projects/1001` of tier `unlimited` with the key `DEFAULT_KEY` */
  projects?: ProjectConfig[];
  /** Models beside, or instead of, the built-in ones of the same name. */
  models?: ModelConfig[];
  /** False serves only `models`. @default true */
  builtInModels?: boolean;
  /** The clock that quotas and records use, in milliseconds since the epoch. @default Date.now */
  now?: () => number;
  /** Seeds ids; two emulators with one seed and the same calls answer the same bytes. @default 1 */
  seed?: number;
  /** Milliseconds to the first byte of an answer. @default 0 */
  latencyMs?: number;
  /** Output tokens per second of a stream; absent: chunks follow each other at once, one per turn of the event loop. */
  tokenRate?: number;
  /** Plays the model's side; undefined leaves the default answer. */
  script?: (request: ScriptRequest) => ScriptedAnswer | undefined;
  /** Entries kept by the record; the oldest are dropped first and counted. @default 200000 */
  recordLimit?: number;
  /** Keep request headers in the record. @default false */
  recordHeaders?: boolean;
  /** Keep request bodies up to this many bytes each in the record. @default 0 */
  recordBodyBytes?: number;
  /** Largest request body in bytes. @default 104857600 */
  maxBodyBytes?: number;
  /** `gzip` compresses for clients that accept it, as Google does. @default "off" */
  compression?: "off" | "gzip";
  /** Code Assist accounts. @default none */
  accounts?: AccountConfig[];
  /** The OAuth client that may ask for tokens of accounts. @default id `emulator-client`, secret `emulator-secret` */
  oauthClient?: OauthClient;
  /** Live sessions over WebSocket. */
  live?: LiveOptions;
  /** Interactions. */
  interactions?: InteractionOptions;
}

/** How the delivery of an answer ended. An error answer that went out whole is `complete`. */
export type Outcome = "complete" | "client-gone" | "cut" | "reset" | "stream-error" | "closed";

/** Where the credential was. */
export type CredentialPlace = "header" | "query" | "bearer" | "token" | "several" | "none";

/** One request that was served. */
export interface ServedRecord {
  /** Order of arrival, from 1. */
  sequence: number;
  /** Arrival by the emulator's clock, milliseconds since the epoch. */
  time: number;
  /** Number of the TCP connection, from 1. */
  connection: number;
  key: string | null;
  credential: CredentialPlace;
  project: string | null;
  model: string | null;
  surface: Surface | "unknown";
  /** Email of the Code Assist account that called, or whose token was asked for; null for API keys and strangers. */
  account: string | null;
  operation: string | null;
  method: string;
  /** The path as received, without the query. */
  path: string;
  status: number;
  /** `error.status` of an error answer. */
  errorStatus: string | null;
  outcome: Outcome;
  stream: boolean;
  /** Billed tokens; null when nothing is billed. */
  usage: TokenUsage | null;
  chunksSent: number;
  requestBytes: number;
  /** Body bytes handed to the socket, before HTTP framing. */
  responseBytes: number;
  /** Of the request body, hex. */
  sha256: string;
  /** Sequence number of the fault that hit it, from 1. */
  fault: number | null;
  headers?: Record<string, string>;
  body?: string;
  /** Of a Live session or one of its turns. */
  live?: LiveNote;
}
