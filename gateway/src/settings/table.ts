/**
 * The one table of all settings: names, the names that earlier proxies used for the same thing, defaults and help.
 * Parsing (parse.ts), `gemini-proxy config`, and docs/configuration.md all read it.
 * @module
 */
import { fixedSettings, hotSettings } from "./change-rules.ts";
import { settingsHelp } from "./help.ts";
import type { Settings } from "./types.ts";

/**
 * How the text of a variable is read.
 * - `duration`: plain milliseconds, or `10s`, `5m`, `2h`; `minutes`, `hours`: plain numbers of these, or the same words;
 * `size`: plain bytes, or `64KB`, `100MB`, `2GB` (powers of 1024);
 * - `share`: `0.2` or `20%`; `switch`: `on`/`off` (also true/false, yes/no, 1/0); `keys`: every form of keys.ts;
 * - `url`: the base of an upstream; `origins`: `*`, `none`, or a list; `path`: a file or folder.
 */
export type SettingKind =
  | "text"
  | "integer"
  | "duration"
  | "minutes"
  | "hours"
  | "size"
  | "share"
  | "switch"
  | "choice"
  | "list"
  | "keys"
  | "url"
  | "origins"
  | "path"
  | "proxy"
  | "public-url"
  | "time-zone"
  | "aliases"
  | "fallbacks"
  | "quota-limits";

export type SettingGroup =
  | "Server"
  | "Gemini keys"
  | "Code Assist"
  | "Translation"
  | "Clients"
  | "Upstream"
  | "Choice and retries"
  | "Models"
  | "Resources"
  | "Limits"
  | "Records"
  | "Administration"
  | "Observation";

/** One row. */
export interface SettingDefinition {
  /** The environment variable. */
  name: string;
  /** Names that earlier proxies used; read when `name` itself is not set. */
  aliases: readonly string[];
  /** The field of `Settings` that it fills; null: it steers the parsing only. */
  field: keyof Settings | null;
  kind: SettingKind;
  /** Text form, read by the same parser as a given value; null: none. */
  default: string | null;
  /** One line, from help.ts. */
  help: string;
  group: SettingGroup;
  /** Never shown unmasked. Can also be given as a file: `<NAME>_FILE`. */
  secret: boolean;
  /**
   * A change takes effect at once, on the next call or on the part that reads it (hosts/hot-settings.ts). Others hold from
   * the next start. hosts/hot-settings.test.ts proves each.
   */
  hot: boolean;
  /**
   * Cannot be stored: secrets, what is needed before the store is open, and where calls and their keys go. Whoever gets at
   * the dashboard must not be able to send keys elsewhere or to let in everybody.
   */
  readOnly: boolean;
  minimum?: number;
  maximum?: number;
  choices?: readonly string[];
}

/** Where keys are looked for when GEMINI_API_KEYS_FILE is not set: one key a line, `#` for comments. */
export const defaultKeyFile = "gemini.keys";

/** The table, in the order of the documentation. */
export const settingsTable: readonly SettingDefinition[] = [
  row("Server", "HOST", "host", "text", "127.0.0.1"),
  row("Server", "PORT", "port", "integer", "8787", { aliases: ["API_PORT"], minimum: 0, maximum: 65_535 }),
  row("Server", "PUBLIC_URL", "publicUrl", "public-url", null),
  row("Server", "DATA_DIR", "dataDir", "path", "./data"),
  row("Server", "ENCRYPTION_KEY", "encryptionKey", "text", null, { secret: true }),
  row("Server", "LOG_LEVEL", "logLevel", "choice", "info", {
    aliases: ["PROXY_LOG_LEVEL"],
    choices: ["debug", "info", "warn", "error"],
  }),
  row("Server", "DEBUG", "debug", "switch", "off"),
  row("Server", "DRAIN_TIMEOUT_MS", "drainTimeoutMs", "duration", "30s", { minimum: 0, maximum: 3_600_000 }),

  row("Gemini keys", "GEMINI_API_KEY", "credentials", "keys", null, { secret: true }),
  row("Gemini keys", "GEMINI_API_KEYS", "credentials", "keys", null, { secret: true }),
  row("Gemini keys", "API_KEYS", "credentials", "keys", null, { secret: true }),
  row("Gemini keys", "GEMINI_API_KEYS_FILE", "credentials", "path", null),

  row("Code Assist", "GCP_SERVICE_ACCOUNT", "codeAssistAccount", "text", null, { secret: true }),
  row("Code Assist", "GEMINI_PROJECT_ID", "codeAssistProject", "text", null, {
    aliases: ["GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_PROJECT_ID"],
  }),
  row("Code Assist", "CODE_ASSIST_TIER", "codeAssistTier", "integer", "0", { minimum: 0, maximum: 1_000 }),
  row("Code Assist", "CODE_ASSIST_BASE_URL", "codeAssistBaseUrl", "url", "https://cloudcode-pa.googleapis.com", {
    aliases: ["CODE_ASSIST_ENDPOINT"],
  }),
  row("Code Assist", "GOOGLE_OAUTH_BASE_URL", "oauthBaseUrl", "url", "https://oauth2.googleapis.com"),
  row("Code Assist", "CODE_ASSIST_CLIENT_ID", "oauthClientId", "text", null, { aliases: ["OAUTH_CLIENT_ID"] }),
  row("Code Assist", "CODE_ASSIST_CLIENT_SECRET", "oauthClientSecret", "text", null, {
    aliases: ["OAUTH_CLIENT_SECRET"],
    secret: true,
  }),
  row("Code Assist", "TOKEN_REFRESH_BUFFER_MINUTES", "tokenRefreshBufferMs", "minutes", "5", {
    minimum: 0,
    maximum: 3_300_000,
  }),
  row("Code Assist", "PROJECT_ID_CACHE_TTL_HOURS", "projectCacheMs", "hours", "24", {
    aliases: ["CACHE_PROJECT_ID_TTL_HOURS"],
    minimum: 0,
    maximum: 31_536_000_000,
  }),

  row("Translation", "OPENAI_CHAT", "openaiChat", "choice", "auto", { choices: ["auto", "translate"] }),
  row("Translation", "INCLUDE_THOUGHTS", "includeThoughts", "switch", "on"),
  row("Translation", "SIGNATURES_IN_IDS", "signaturesInIds", "switch", "on"),
  row("Translation", "STREAM_KEEPALIVE_MS", "streamKeepaliveMs", "duration", "15s", { minimum: 0, maximum: 600_000 }),
  row("Translation", "LONG_ANSWER_HOPS", "longAnswerHops", "integer", "16", { minimum: 1, maximum: 64 }),
  row("Translation", "RESPONSES_STORE", "responsesStore", "switch", "on"),
  row("Translation", "RESPONSES_TTL_MS", "responsesTtlMs", "duration", "24h", {
    minimum: 60_000,
    maximum: 2_592_000_000,
  }),
  row("Translation", "RESPONSES_STORE_BYTES", "responsesStoreBytes", "size", "256MB", { minimum: 1_048_576 }),
  row("Translation", "COUNT_TOKENS", "countTokens", "choice", "upstream", { choices: ["upstream", "estimate"] }),

  row("Clients", "PROXY_API_KEY", "proxyApiKeys", "list", null, { secret: true }),
  row("Clients", "OPEN_MODE", "openMode", "switch", "off"),
  row("Clients", "ADMIN_TOKEN", "adminToken", "text", null, { secret: true, minimum: 16 }),
  row("Clients", "LIMIT_TIME_ZONE", "limitTimeZone", "time-zone", "UTC"),
  row("Clients", "TRUSTED_PROXIES", "trustedProxies", "list", null),
  row("Clients", "CORS_ORIGINS", "corsOrigins", "origins", "*"),

  row("Upstream", "GOOGLE_GEMINI_API_BASE_URL", "geminiBaseUrl", "url", "https://generativelanguage.googleapis.com", {
    aliases: ["GEMINI_UPSTREAM_URL"],
  }),
  row(
    "Upstream",
    "GOOGLE_OPENAI_API_BASE_URL",
    "openaiBaseUrl",
    "url",
    "https://generativelanguage.googleapis.com/v1beta/openai",
    { aliases: ["OPENAI_UPSTREAM_URL"] },
  ),
  row("Upstream", "OUTBOUND_PROXY", "outboundProxy", "proxy", null, { secret: true }),
  row("Upstream", "ALLOW_INSECURE_UPSTREAM", "allowInsecureUpstream", "switch", "off"),
  row("Upstream", "CONNECT_TIMEOUT_MS", "connectTimeoutMs", "duration", "10s", { minimum: 1, maximum: 600_000 }),
  row("Upstream", "FIRST_BYTE_TIMEOUT_MS", "firstByteTimeoutMs", "duration", "10m", {
    minimum: 1,
    maximum: 86_400_000,
  }),
  row("Upstream", "IDLE_TIMEOUT_MS", "idleTimeoutMs", "duration", "5m", { minimum: 1, maximum: 86_400_000 }),

  row("Choice and retries", "PROXY_LOADBALANCE_STRATEGY", "strategy", "choice", "round_robin", {
    choices: ["round_robin", "least_used", "weighted", "sticky", "sticky_until_error", "least_errors", "newest"],
  }),
  row("Choice and retries", "PREFIX_AFFINITY", "prefixAffinity", "switch", "on"),
  row("Choice and retries", "QUOTA_SCHEDULING", "quotaScheduling", "switch", "on"),
  row("Choice and retries", "QUOTA_LIMITS", "quotaLimits", "quota-limits", null),
  row("Choice and retries", "DISABLE_SHARE", "disableShare", "share", "0.5", { minimum: 0.01, maximum: 1 }),
  row("Choice and retries", "PROXY_MAX_RETRIES", "maxRetries", "integer", "-1", { minimum: -1, maximum: 50 }),
  row("Choice and retries", "TRANSIENT_RETRIES", "transientRetries", "integer", "3", { minimum: 0, maximum: 20 }),
  row("Choice and retries", "EMPTY_RETRIES", "emptyRetries", "integer", "1", { minimum: 0, maximum: 10 }),
  row("Choice and retries", "RETRY_DEADLINE_MS", "retryDeadlineMs", "duration", "2m", {
    minimum: 0,
    maximum: 3_600_000,
  }),
  row("Choice and retries", "RETRY_BUDGET", "retryBudget", "share", "0.2", { minimum: 0, maximum: 1 }),

  row("Models", "MODEL_ALIASES", "modelAliases", "aliases", null),
  row("Models", "MODEL_FALLBACKS", "modelFallbacks", "fallbacks", null),
  row("Models", "UPSTREAM_STORE", "store", "choice", "upstream", { choices: ["upstream", "off"] }),
  row("Models", "REQUEST_DEDUP_WINDOW_MS", "dedupWindowMs", "duration", "0", { minimum: 0, maximum: 600_000 }),
  row("Models", "RESPONSE_CACHE_TTL_MS", "responseCacheTtlMs", "duration", "0", { minimum: 0, maximum: 86_400_000 }),
  row("Models", "RESPONSE_CACHE_BYTES", "responseCacheBytes", "size", "64MB", { minimum: 65_536 }),

  row("Resources", "RESOURCE_SHARING", "resourceSharing", "choice", "own", { choices: ["own", "all"] }),
  row("Resources", "OWNER_WAIT_MS", "ownerWaitMs", "duration", "10s", { minimum: 0, maximum: 600_000 }),
  row("Resources", "REWRITE_DOWNLOADS", "rewriteDownloads", "switch", "off"),
  row("Resources", "KEEP_UPLOADS", "keepUploads", "switch", "off"),
  row("Resources", "KEEP_UPLOADS_BYTES", "keepUploadsBytes", "size", "1GB", { minimum: 1_048_576 }),
  row("Resources", "KEEP_UPLOADS_FILE_BYTES", "keepUploadsFileBytes", "size", "50MB", {
    minimum: 1024,
    maximum: 2_147_483_648,
  }),
  row("Resources", "LIVE", "live", "switch", "on"),
  row("Resources", "MAX_LIVE_SESSIONS", "maxLiveSessions", "integer", "1000", { minimum: 1, maximum: 100_000 }),
  row("Resources", "LIVE_MAX_MESSAGE_BYTES", "liveMaxMessageBytes", "size", "16MB", {
    minimum: 65_536,
    maximum: 134_217_728,
  }),

  row("Limits", "MAX_BODY_BYTES", "maxBodyBytes", "size", "100MB", { minimum: 1024 }),
  row("Limits", "MAX_UPLOAD_BYTES", "maxUploadBytes", "size", "4GB", { minimum: 1024 }),
  row("Limits", "MAX_HEADER_BYTES", "maxHeaderBytes", "size", "64KB", { minimum: 1024, maximum: 16_777_216 }),
  row("Limits", "MAX_OPEN_CALLS", "maxOpenCalls", "integer", "10000", { minimum: 1, maximum: 1_000_000 }),
  row("Limits", "MAX_REPLAY_BYTES", "maxReplayBytes", "size", "32MB", { minimum: 0 }),
  row("Limits", "MAX_BUFFERED_BYTES", "maxBufferedBytes", "size", "1GB", { minimum: 1_048_576 }),
  row("Limits", "REQUEST_TIMEOUT_MS", "requestTimeoutMs", "duration", "15m", { minimum: 1, maximum: 86_400_000 }),
  row("Limits", "CLIENT_STALL_TIMEOUT_MS", "clientStallTimeoutMs", "duration", "5m", {
    minimum: 1,
    maximum: 86_400_000,
  }),

  row("Records", "LEDGER", "ledger", "switch", "on", { aliases: ["PROXY_LOGGING_ENABLED"] }),
  row("Records", "RETENTION_DAYS", "retentionDays", "integer", "90", { minimum: 1, maximum: 36_500 }),
  row("Records", "LEDGER_MAX_BYTES", "ledgerMaxBytes", "size", "2GB", { minimum: 10_485_760 }),
  row("Records", "CAPTURE", "capture", "choice", "off", { choices: ["off", "errors", "all"] }),
  row("Records", "CAPTURE_MAX_BYTES", "captureMaxBytes", "size", "64KB", { minimum: 1024, maximum: 524_288 }),
  row("Records", "CAPTURE_RETENTION_MS", "captureRetentionMs", "duration", "24h", {
    minimum: 60_000,
    maximum: 2_592_000_000,
  }),
  row("Records", "CAPTURE_STORE_BYTES", "captureStoreBytes", "size", "100MB", { minimum: 1_048_576 }),

  row("Administration", "DASHBOARD", "dashboard", "switch", "on"),
  row("Administration", "SESSION_MS", "sessionMs", "duration", "12h", { minimum: 60_000, maximum: 2_592_000_000 }),
  row("Administration", "INSECURE_COOKIES", "insecureCookies", "switch", "off"),
  row("Administration", "AUDIT_RETENTION_DAYS", "auditRetentionDays", "integer", "400", {
    minimum: 1,
    maximum: 36_500,
  }),

  row("Observation", "METRICS_TOKEN", "metricsToken", "text", null, { secret: true, minimum: 16 }),
  row("Observation", "LOG_CALLS", "logCalls", "switch", "off"),
  row("Observation", "OTEL_EXPORTER_OTLP_ENDPOINT", "otlpEndpoint", "public-url", null),
  row("Observation", "OTEL_EXPORTER_OTLP_HEADERS", "otlpHeaders", "text", null, { secret: true }),
  row("Observation", "OTEL_TRACES_SAMPLER_ARG", "otlpSample", "share", "1", { minimum: 0, maximum: 1 }),
  row("Observation", "OTEL_SERVICE_NAME", "otlpServiceName", "text", "gemini-proxy"),
];

/** Variables of earlier proxies that have no effect here, with what takes their place. Set ones are warned about. */
export const retiredVariables: Readonly<Record<string, string>> = {
  SUPABASE_URL:
    "State is kept in DATA_DIR; no Supabase project is needed. Bring keys over with 'gemini-proxy keys import'.",
  SUPABASE_SERVICE_ROLE_KEY: "State is kept in DATA_DIR. Remove this secret from the environment.",
  PROXY_RETRY_DELAY_MS: "Waits between attempts follow what Google's answers say.",
  PROXY_BACKOFF_MULTIPLIER: "Waits between attempts follow what Google's answers say.",
  CONNECTION_TIMEOUT_MS: "Set CONNECT_TIMEOUT_MS.",
  MAX_CONCURRENT_REQUESTS: "Set MAX_OPEN_CALLS.",
  ENABLE_REQUEST_DEDUPLICATION: "REQUEST_DEDUP_WINDOW_MS above 0 is on.",
  CACHING_STRATEGY: "RESPONSE_CACHE_TTL_MS keeps answers.",
  CACHE_TTL_MULTIPLIER: "RESPONSE_CACHE_TTL_MS keeps answers.",
  ENABLE_MODEL_NAME_CACHING: "Names of models are changed by MODEL_ALIASES only.",
  ENABLE_MODEL_NAME_CACHE: "Names of models are changed by MODEL_ALIASES only.",
  CIRCUIT_BREAKER_THRESHOLD: "A credential rests by what its errors say, not by a count.",
  CIRCUIT_BREAKER_FAILURE_THRESHOLD: "A credential rests by what its errors say, not by a count.",
  CIRCUIT_BREAKER_TIMEOUT_MS: "A credential rests by what its errors say, not by a count.",
  ENABLE_CIRCUIT_BREAKER: "A credential rests by what its errors say, not by a count.",
  MAX_RETRY_ATTEMPTS: "Set TRANSIENT_RETRIES and PROXY_MAX_RETRIES; 0 switches them off.",
  ENABLE_RETRY_LOGIC: "Set TRANSIENT_RETRIES and PROXY_MAX_RETRIES; 0 switches them off.",
  RETRY_STRATEGY: "Waits between attempts follow what Google's answers say.",
  RETRY_BASE_DELAY_MS: "Waits between attempts follow what Google's answers say.",
  RETRY_MAX_DELAY_MS: "Waits between attempts follow what Google's answers say.",
  ENABLE_RETRY_JITTER: "Waits between attempts follow what Google's answers say.",
  ENABLE_CONNECTION_POOLING: "Connections are kept and reused by themselves.",
  CONNECTION_POOLING_STRATEGY: "Connections are kept and reused by themselves.",
  MAX_CONNECTIONS: "Connections are kept and reused by themselves.",
  KEEP_ALIVE_TIMEOUT_MS: "Connections are kept and reused by themselves.",
  ENABLE_OPTIMIZED_PARSING: "Streams pass as they come.",
  ENABLE_ZERO_COPY_STREAMING: "Streams pass as they come.",
  STREAMING_BUFFER_SIZE: "Streams pass as they come.",
  ENABLE_COMPRESSION: "Streams pass as they come.",
  TOKEN_CACHE_TTL_HOURS: "A token is good until it ends or Google refuses it.",
  VALIDATE_TOKENS_BEFORE_USE: "A token is good until it ends or Google refuses it.",
  ENABLE_METRICS: "Metrics are always on, behind METRICS_TOKEN or the admin token.",
  ENABLE_PERFORMANCE_TRACKING: "Metrics are always on, behind METRICS_TOKEN or the admin token.",
  ENABLE_ERROR_TRACKING: "Metrics are always on, behind METRICS_TOKEN or the admin token.",
  ENABLE_DETAILED_LOGGING: "Set LOG_CALLS for a line a call, LOG_LEVEL for the rest.",
  PERFORMANCE_MODE: "There is one mode.",
};

// --- helpers ---

function row(
  group: SettingGroup,
  name: string,
  field: keyof Settings | null,
  kind: SettingKind,
  defaultText: string | null,
  more: Partial<Pick<SettingDefinition, "aliases" | "secret" | "minimum" | "maximum" | "choices">> = {},
): SettingDefinition {
  return {
    aliases: [],
    secret: false,
    ...more,
    hot: hotSettings.has(name),
    readOnly: more.secret === true || fixedSettings.has(name),
    name,
    field,
    kind,
    default: defaultText,
    help: settingsHelp[name] ?? "",
    group,
  };
}
