/**
 * All settings after parsing, with defaults applied. The table (names, aliases, defaults, help) is settings/table.ts.
 * @module
 */
import type { LogLevel } from "../core/ports.ts";
import type { Strategy } from "../pool/types.ts";

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
  /** Keys found in the environment and the key file. `name` may be made up (`env-1`). */
  credentials: readonly { name: string; secret: string }[];
  /** Text or path given as ENCRYPTION_KEY; null: a file made at first start. */
  encryptionKey: string | null;
  /** Base of the native API, no trailing slash. @default https://generativelanguage.googleapis.com */
  geminiBaseUrl: string;
  /** Base of Google's OpenAI surface incl. `/v1beta/openai`, no trailing slash. */
  openaiBaseUrl: string;
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
}
