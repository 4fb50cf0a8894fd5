/**
 * All settings after parsing, with defaults applied. The table (names, aliases, defaults, help) is settings/table.ts.
 * @module
 */
import type { LogLevel } from "../core/ports.ts";
import type { QuotaLimits } from "../pool/quota-limits.ts";
import type { Strategy } from "../pool/types.ts";

/** A Gemini key that the environment or the key file gives. What is absent takes its default. */
export interface ConfiguredKey {
  /** May be made up (`env-1`). */
  name: string;
  secret: string;
  projectId?: string;
  weight?: number;
  tier?: number;
  /** `free`, `paid1`, …: a name of QUOTA_LIMITS, lower case. */
  quotaTier?: string;
  /** Base of the native API for this key alone, no trailing slash. */
  baseUrl?: string;
  /** Outbound proxy for this key alone; may hold a password. */
  proxy?: string;
}

/** Parsed settings. Times in milliseconds, sizes in bytes. */
export interface Settings {
  host: string;
  port: number;
  dataDir: string;
  logLevel: LogLevel;
  /** Error texts carry stacks. Never in production. @default false */
  debug: boolean;
  /** `PROXY_API_KEY`: client keys from the environment (comma separated). */
  proxyApiKeys: readonly string[];
  /** Keys found in the environment and the key file, each secret once, with unique names. */
  credentials: readonly ConfiguredKey[];
  /** Text or path given as ENCRYPTION_KEY; null: a file made at first start. */
  encryptionKey: string | null;
  /** Base of the native API, no trailing slash. @default https://generativelanguage.googleapis.com */
  geminiBaseUrl: string;
  /** Base of Google's OpenAI surface incl. `/v1beta/openai`, no trailing slash. */
  openaiBaseUrl: string;
  /** Upstreams may be plain http outside this machine. @default false */
  allowInsecureUpstream: boolean;
  strategy: Strategy;
  /** Most other attempts after the first; -1: every usable credential, at most 50. @default -1 */
  maxRetries: number;
  /** Retries of transient faults (5xx, network) a call. @default 3 */
  transientRetries: number;
  /** Retries of an empty 200 answer a call. @default 1 */
  emptyRetries: number;
  /** No new attempt starts after this long. @default 120000 */
  retryDeadlineMs: number;
  /** Share of open calls that may be retrying transient faults at once (at least 10). @default 0.2 */
  retryBudget: number;
  connectTimeoutMs: number;
  firstByteTimeoutMs: number;
  idleTimeoutMs: number;
  clientStallTimeoutMs: number;
  maxBodyBytes: number;
  maxUploadBytes: number;
  maxHeaderBytes: number;
  maxOpenCalls: number;
  /** Bytes of a request body kept for a second attempt; larger ones are sent once. */
  maxReplayBytes: number;
  /** Bytes of request bodies held by all calls together (bodies below 64 KB are not counted). @default 1 GB */
  maxBufferedBytes: number;
  /** Milliseconds for a whole request to arrive. @default 900000 */
  requestTimeoutMs: number;
  /** Origins for CORS: `*`, or a list; empty: no CORS headers. @default ["*"] */
  corsOrigins: readonly string[];
  /** Ledger on or off (`LEDGER=off` for measuring only). */
  ledger: boolean;
  /** Calls older than this are deleted. @default 90 days */
  retentionDays: number;
  /** `on`: anyone may call without a client key. @default off */
  openMode: boolean;
  /** Milliseconds for open calls to finish at SIGTERM. @default 30000 */
  drainTimeoutMs: number;
  adminToken: string | null;
  /** The gateway's own address as clients see it, with its path prefix, no trailing slash; null: from each request. */
  publicUrl: string | null;
  /** `own`: each client key sees its own files, caches, batches …; `all`: everyone sees all. @default own */
  resourceSharing: "own" | "all";
  /** How long a call waits for the one project that owns what it names, when that rests. @default 10000 */
  ownerWaitMs: number;
  /** Calls with the same long prompt prefix go to the same project. @default true */
  prefixAffinity: boolean;
  /** Video addresses in answers lead to the gateway instead of to Google. @default false */
  rewriteDownloads: boolean;
  /** Uploaded files are kept, so that another project can serve calls that name them. Node only. @default false */
  keepUploads: boolean;
  /** All kept files together. @default 1 GB */
  keepUploadsBytes: number;
  /** Largest file that is kept. @default 50 MB */
  keepUploadsFileBytes: number;
  /** Limits per quota tier and model, until Google tells others. */
  quotaLimits: QuotaLimits;
  /** Limits are respected before Google refuses. @default true */
  quotaScheduling: boolean;
  /** At most this share of the pool may be disabled by verdicts within ten minutes (at least 3). @default 0.5 */
  disableShare: number;
  /** `http://`, `https://` or `socks5://` proxy for all upstream connections; null: none. Node only. */
  outboundProxy: string | null;
  /** Addresses (CIDR) of reverse proxies whose `x-forwarded-for` is believed. */
  trustedProxies: readonly string[];
  /** IANA name; days, weeks and months of clients' limits are this zone's. @default UTC */
  limitTimeZone: string;
  /** Identical deterministic calls of one client within this long are made once; 0: off. @default 0 */
  dedupWindowMs: number;
  /** Answers of deterministic calls are kept this long for the same client; 0: off. @default 0 */
  responseCacheTtlMs: number;
  /** All kept answers together. @default 64 MB */
  responseCacheBytes: number;
  /** Names for models: alias → model. */
  modelAliases: Readonly<Record<string, string>>;
  /** Models to go on with when one is exhausted or overloaded: model → others in order. */
  modelFallbacks: Readonly<Record<string, readonly string[]>>;
  /** `off`: generations get top-level `"store": false` unless they say otherwise. @default upstream */
  store: "upstream" | "off";
  /** Live sessions (WebSocket) are served. @default true */
  live: boolean;
  maxLiveSessions: number;
  /** One message of a Live session. @default 16 MB */
  liveMaxMessageBytes: number;
  /** Bytes of the database above which the oldest calls are deleted. @default 2 GB */
  ledgerMaxBytes: number;
  /** Request and response bodies are stored, redacted and sealed. @default off */
  capture: "off" | "errors" | "all";
  /** Of each body that is stored. @default 64 KB */
  captureMaxBytes: number;
  /** @default 24 hours */
  captureRetentionMs: number;
  /** All captured bodies together; the oldest make room. @default 100 MB */
  captureStoreBytes: number;
  /** The dashboard is served. @default true */
  dashboard: boolean;
  /** Life of a log-in without use. @default 12 hours */
  sessionMs: number;
  /** Log-in cookies travel over plain HTTP, too. @default false */
  insecureCookies: boolean;
  auditRetentionDays: number;
  /** Bearer token of /metrics, beside the admin token and tokens of the admin API; null: only those. */
  metricsToken: string | null;
  /** A log line for each call. @default false */
  logCalls: boolean;
  /** Base of an OTLP/HTTP collector, no trailing slash; null: nothing is sent. */
  otlpEndpoint: string | null;
  /** `name=value` pairs, comma separated. */
  otlpHeaders: string | null;
  /** Share of calls that are traced. @default 1 */
  otlpSample: number;
  otlpServiceName: string;
  /** A Code Assist account from the environment: content of oauth_creds.json, or a path to it; null: none. */
  codeAssistAccount: string | null;
  /** Google Cloud project of the environment's account, and of others that have none; null: discovered. */
  codeAssistProject: string | null;
  /** Tier in the pool of the environment's account. @default 0 */
  codeAssistTier: number;
  /** Base of Code Assist, no trailing slash and no version. @default https://cloudcode-pa.googleapis.com */
  codeAssistBaseUrl: string;
  /** Base of Google's token endpoint, no trailing slash. @default https://oauth2.googleapis.com */
  oauthBaseUrl: string;
  /** OAuth client with which accounts were logged in; null: not configured, tokens cannot be refreshed. */
  oauthClientId: string | null;
  oauthClientSecret: string | null;
  /** Access tokens are refreshed this long before they expire. @default 5 minutes */
  tokenRefreshBufferMs: number;
  /** A discovered project is believed this long. @default 24 hours */
  projectCacheMs: number;
  /** `auto`: Google's own OpenAI surface where a key serves, translation where an account does; `translate`: always. */
  openaiChat: "auto" | "translate";
  /** Thoughts are shown to clients whose dialect can show them. @default true */
  includeThoughts: boolean;
  /** Signatures travel inside the ids of tool calls, too. @default true */
  signaturesInIds: boolean;
  /** Translated streams get a sign of life after this long without one; 0: never. @default 15000 */
  streamKeepaliveMs: number;
  /** Most requests that one long answer is put together from (`CONTINUATION`); 1: never continued. @default 16 */
  longAnswerHops: number;
  /** Responses are kept for `previous_response_id`. @default true */
  responsesStore: boolean;
  /** @default 24 hours */
  responsesTtlMs: number;
  /** All stored responses together; the oldest make room. @default 256 MB */
  responsesStoreBytes: number;
  /** `count_tokens` of Anthropic clients: `upstream` asks Google (the estimate stands in), `estimate` never does. */
  countTokens: "upstream" | "estimate";
}
