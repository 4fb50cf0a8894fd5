/**
 * One line of help a setting: what it does and when to change it. Shown by `gemini-proxy config` and in
 * docs/configuration.md.
 * @module
 */

/** Help by name of the setting. Markdown code marks are allowed. */
export const settingsHelp: Readonly<Record<string, string>> = {
  HOST: "Address to listen on. `0.0.0.0` for every interface (containers).",
  PORT: "Port to listen on; 0 takes a free one.",
  DATA_DIR: "Folder of the database, the journal and the master key. Made when missing.",
  ENCRYPTION_KEY:
    "Master key of the vault: 32 bytes as base64 or hex, a passphrase of 16 characters or more, or the path of a file with one. Not set: `master.key` in DATA_DIR, made at the first start.",
  LOG_LEVEL: "Least level of a log line that is written.",
  DEBUG: "`on`: error texts carry stacks. Never in production.",
  DRAIN_TIMEOUT_MS: "How long open calls may finish after SIGTERM.",
  GEMINI_API_KEY: "A Gemini API key, or several in any form that `keys import` reads.",
  GEMINI_API_KEYS: "Several Gemini API keys: comma or newline separated, or JSON. Added to GEMINI_API_KEY.",
  API_KEYS: "The same as GEMINI_API_KEYS, under the name that an earlier proxy used.",
  GEMINI_API_KEYS_FILE:
    "File with Gemini API keys, one a line (`#` comments) or JSON. Not set: `gemini.keys` in the working directory, when it is there.",
  PROXY_API_KEY: "Client keys that may call this gateway, comma separated, beside those made with `clients create`.",
  OPEN_MODE: "`on`: anyone who reaches the port may call without a client key.",
  ADMIN_TOKEN:
    "Token of the administration interface, 16 characters or more. Not set: one is made at the first start and printed once.",
  CORS_ORIGINS: "Web origins that may call from a browser: `*`, a comma separated list, or `none`.",
  GOOGLE_GEMINI_API_BASE_URL: "Base of the native Gemini API, without the version. A trailing `/v1beta` is dropped.",
  GOOGLE_OPENAI_API_BASE_URL:
    "Base of Google's OpenAI surface. Not set: `/v1beta/openai` under GOOGLE_GEMINI_API_BASE_URL.",
  ALLOW_INSECURE_UPSTREAM: "`on`: an upstream may be plain http outside this machine. Keys then travel readable.",
  CONNECT_TIMEOUT_MS: "Longest wait for a connection to the upstream.",
  FIRST_BYTE_TIMEOUT_MS:
    "Longest wait for the upstream's answer to begin. A call without streaming begins only when the whole answer is made, so keep it long.",
  IDLE_TIMEOUT_MS: "Longest silence of the upstream within an answer.",
  PROXY_LOADBALANCE_STRATEGY: "How the next key is chosen among those that can serve.",
  PROXY_MAX_RETRIES: "Most other attempts after the first. -1: every usable key, at most 50; 0: none.",
  TRANSIENT_RETRIES: "Most repeats of one call after a server error or a network fault.",
  EMPTY_RETRIES: "Most repeats of one call after an answer with status 200 and nothing in it.",
  RETRY_DEADLINE_MS: "No new attempt starts after this long.",
  RETRY_BUDGET: "Share of the open calls that may be repeating after server errors at once (always at least 10).",
  MAX_BODY_BYTES: "Largest request body.",
  MAX_UPLOAD_BYTES: "Largest file upload. Uploads pass through and are not kept in memory.",
  MAX_HEADER_BYTES: "Largest sum of a request's headers.",
  MAX_OPEN_CALLS: "Most calls under way at once; others get 503.",
  MAX_REPLAY_BYTES: "Largest request body that is kept for a second attempt; larger ones are sent once.",
  MAX_BUFFERED_BYTES: "Request bodies held in memory by all calls together (those below 64 KB are not counted).",
  REQUEST_TIMEOUT_MS: "Longest time for a whole request to arrive.",
  CLIENT_STALL_TIMEOUT_MS: "How long a client may stop reading its answer.",
  LEDGER: "`off`: calls are not recorded. For measuring only.",
  PUBLIC_URL:
    "The gateway's own address as clients see it, with its path prefix. Not set: taken from each request's Host (and `X-Forwarded-Proto`). Upload addresses are made from it.",
  OUTBOUND_PROXY:
    "`http://`, `https://` or `socks5://` proxy for all connections to the upstream; a key's own proxy outranks it. Node only.",
  LIMIT_TIME_ZONE: "Time zone of the days, weeks and months of clients' limits and budgets.",
  TRUSTED_PROXIES:
    "Addresses or networks (CIDR) of reverse proxies whose `X-Forwarded-For` tells the client's address. Not set: the connection's own address counts.",
  PREFIX_AFFINITY:
    "Calls that begin with the same long prompt go to the same project while it can serve, so that Google's implicit caching pays.",
  QUOTA_SCHEDULING: "`off`: limits are not respected before Google refuses.",
  QUOTA_LIMITS:
    'Limits by quota tier and model until Google names others: JSON such as `{"free": {"*": {"rpm": 10, "tpm": 250000, "rpd": 20}}}`. Keys without a tier take `*`.',
  DISABLE_SHARE:
    "Largest share of the keys that answers may disable within ten minutes; beyond it keys rest for a minute instead, since the fault is hardly the keys'.",
  MODEL_ALIASES: "Other names for models: `fast=gemini-3.8-flash, best=gemini-4-neon`.",
  MODEL_FALLBACKS:
    "Models to go on with when one is exhausted or overloaded: `gemini-4-neon=gemini-4-carbon|gemini-3.8-flash`. The answer names the one that served.",
  UPSTREAM_STORE:
    '`off`: generations get `"store": false` unless they say otherwise, so that Google keeps no log of them.',
  REQUEST_DEDUP_WINDOW_MS:
    "Identical deterministic calls of one client that come within this time of each other are made once. 0: off.",
  RESPONSE_CACHE_TTL_MS: "Answers of deterministic calls are kept this long for the same client. 0: off.",
  RESPONSE_CACHE_BYTES: "Memory for kept answers.",
  RESOURCE_SHARING:
    "`own`: each client key sees the files, caches and batches that it made; `all`: every key sees all.",
  OWNER_WAIT_MS:
    "How long a call waits for the project that has the files or caches it names, when that project rests; then it gets 429.",
  REWRITE_DOWNLOADS: "`on`: addresses of generated videos in answers lead to this gateway instead of to Google.",
  KEEP_UPLOADS:
    "`on`: uploaded files are kept in DATA_DIR too, as they came, until they expire. A call that names them is served by another project, with copies, when the one that has them is exhausted or gone. Node only.",
  KEEP_UPLOADS_BYTES: "Disk space for kept files, all together; the oldest make room.",
  KEEP_UPLOADS_FILE_BYTES: "Largest file that is kept.",
  LIVE: "`off`: Live sessions (WebSocket) are refused.",
  MAX_LIVE_SESSIONS: "Most Live sessions at once.",
  LIVE_MAX_MESSAGE_BYTES: "Largest message of a Live session.",
  RETENTION_DAYS: "Calls older than this many days are deleted.",
  LEDGER_MAX_BYTES: "Size of the database above which the oldest calls are deleted, whatever their age.",
  CAPTURE:
    "`errors` or `all`: request and response bodies of calls are stored, cut, redacted and encrypted, for the dashboard. Not those of Live sessions and of streamed uploads.",
  CAPTURE_MAX_BYTES: "Most bytes of each body that is stored.",
  CAPTURE_RETENTION_MS: "Captured bodies are deleted after this long.",
  CAPTURE_STORE_BYTES: "Disk space for captured bodies, all together; the oldest make room.",
  DASHBOARD: "`off`: no dashboard at `/`; the admin API stays.",
  SESSION_MS: "A log-in of the dashboard ends after this long without use.",
  INSECURE_COOKIES:
    "`on`: log-in cookies travel over plain HTTP, too. Only for a network that you trust; `localhost` works without it.",
  AUDIT_RETENTION_DAYS: "Lines of the audit log older than this many days are deleted.",
  METRICS_TOKEN: "Bearer token that may read `/metrics` and nothing else. The admin token may, too.",
  LOG_CALLS: "`on`: a log line for each call that ends.",
  OTEL_EXPORTER_OTLP_ENDPOINT:
    "Base address of an OpenTelemetry collector (OTLP over HTTP, JSON): traces and metrics of calls are sent there.",
  OTEL_EXPORTER_OTLP_HEADERS: "Headers for the collector: `name=value`, comma separated.",
  OTEL_TRACES_SAMPLER_ARG: "Share of calls that are traced.",
  OTEL_SERVICE_NAME: "`service.name` of what is sent.",
  GCP_SERVICE_ACCOUNT:
    "A Code Assist account: the content of `~/.gemini/oauth_creds.json`, or the path of such a file. Not a service account, despite the name, which an earlier proxy gave it. Needs a Gemini Code Assist Standard or Enterprise licence.",
  GEMINI_PROJECT_ID:
    "Google Cloud project (its id, not its number) that accounts without one of their own use. Not set: it is asked of Google.",
  CODE_ASSIST_TIER: "Tier in the pool of the account in GCP_SERVICE_ACCOUNT: lower is used first; keys have 0.",
  CODE_ASSIST_BASE_URL: "Base of the Code Assist API.",
  GOOGLE_OAUTH_BASE_URL: "Base of Google's token endpoint.",
  CODE_ASSIST_CLIENT_ID:
    "OAuth client with which the accounts were logged in; docs/code-assist.md says where yours is found. Needed to refresh tokens.",
  CODE_ASSIST_CLIENT_SECRET: "Secret of that OAuth client.",
  TOKEN_REFRESH_BUFFER_MINUTES: "Access tokens are refreshed this long before they expire.",
  PROJECT_ID_CACHE_TTL_HOURS: "How long the project that Google named for an account is believed.",
  OPENAI_CHAT:
    "`auto`: `/v1/chat/completions` goes to Google's own OpenAI surface where an API key serves it, and is translated where an account does. `translate`: it is always translated here.",
  INCLUDE_THOUGHTS: "Summaries of the model's thoughts are shown to translated clients.",
  SIGNATURES_IN_IDS:
    "Thought signatures travel inside the ids of tool calls, which every client keeps. `off`: ids stay short, and conversations lose their signatures with a restart.",
  STREAM_KEEPALIVE_MS:
    "Translated streams get their head and a sign of life after this long without one, then again. 0: never.",
  LONG_ANSWER_HOPS:
    "Most requests that a long answer of Gemini 4 (`CONTINUATION`) is put together from for translated clients. 1: it ends as cut by length.",
  RESPONSES_STORE: "Responses are kept for `previous_response_id`, unless a request says `store: false`.",
  RESPONSES_TTL_MS: "How long they are kept.",
  RESPONSES_STORE_BYTES: "All stored responses together; the oldest make room.",
  COUNT_TOKENS:
    "`/v1/messages/count_tokens`: `upstream` asks Google (and estimates when that fails), `estimate` costs no request.",
};
