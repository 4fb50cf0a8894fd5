/**
 * Which settings can be changed while the gateway runs, and which cannot be stored at all (docs/decisions/0018).
 * @module
 */

/**
 * A change takes effect at once. Each is proved by hosts/hot-settings.test.ts; what a part copies when it is made must not stand
 * here, unless `applyHotSettings` brings it there.
 */
export const hotSettings: ReadonlySet<string> = new Set([
  "PUBLIC_URL",
  "LOG_LEVEL",
  "LIMIT_TIME_ZONE",
  "TRUSTED_PROXIES",
  "CORS_ORIGINS",
  "FIRST_BYTE_TIMEOUT_MS",
  "IDLE_TIMEOUT_MS",
  "PROXY_LOADBALANCE_STRATEGY",
  "PREFIX_AFFINITY",
  "QUOTA_SCHEDULING",
  "QUOTA_LIMITS",
  "DISABLE_SHARE",
  "PROXY_MAX_RETRIES",
  "TRANSIENT_RETRIES",
  "EMPTY_RETRIES",
  "RETRY_DEADLINE_MS",
  "RETRY_BUDGET",
  "MODEL_ALIASES",
  "MODEL_FALLBACKS",
  "UPSTREAM_STORE",
  "REQUEST_DEDUP_WINDOW_MS",
  "RESPONSE_CACHE_TTL_MS",
  "RESPONSE_CACHE_BYTES",
  "RESOURCE_SHARING",
  "OWNER_WAIT_MS",
  "REWRITE_DOWNLOADS",
  "LIVE",
  "MAX_LIVE_SESSIONS",
  "MAX_BODY_BYTES",
  "MAX_OPEN_CALLS",
  "MAX_REPLAY_BYTES",
  "MAX_BUFFERED_BYTES",
  "CLIENT_STALL_TIMEOUT_MS",
  "RETENTION_DAYS",
  "LEDGER_MAX_BYTES",
  "CAPTURE",
  "CAPTURE_MAX_BYTES",
  "CAPTURE_RETENTION_MS",
  "CAPTURE_STORE_BYTES",
  "DASHBOARD",
  "SESSION_MS",
  "AUDIT_RETENTION_DAYS",
  "LOG_CALLS",
  "OPENAI_CHAT",
  "INCLUDE_THOUGHTS",
  "SIGNATURES_IN_IDS",
  "STREAM_KEEPALIVE_MS",
  "LONG_ANSWER_HOPS",
  "RESPONSES_STORE",
  "COUNT_TOKENS",
]);

/** Cannot be stored, as cannot any secret. */
export const fixedSettings: ReadonlySet<string> = new Set([
  // Needed before the store is open, or of the listening server.
  "HOST",
  "PORT",
  "DATA_DIR",
  // Where keys come from and go to: whoever gets at the dashboard must not be able to send them elsewhere.
  "GEMINI_API_KEYS_FILE",
  "GOOGLE_GEMINI_API_BASE_URL",
  "GOOGLE_OPENAI_API_BASE_URL",
  "ALLOW_INSECURE_UPSTREAM",
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "CODE_ASSIST_BASE_URL",
  "GOOGLE_OAUTH_BASE_URL",
  "CODE_ASSIST_CLIENT_ID",
  // What weakens the gateway itself: closed by default, opened by whoever starts it.
  "OPEN_MODE",
  "DEBUG",
  "INSECURE_COOKIES",
]);
