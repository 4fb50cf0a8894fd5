/**
 * From environment variables to `Settings`. Names every problem at once, never only the first, and shows no value that
 * could be a secret.
 * @module
 */
import type { LogLevel } from "../core/ports.ts";
import type { Strategy } from "../pool/types.ts";
import { collectAccount, collectCredentials } from "./credentials.ts";
import { createReader } from "./reader.ts";
import type { ParseOptions, SettingProblem, SettingSource } from "./reader.ts";
import {
  parseAliases,
  parseCloudProject,
  parseFallbacks,
  parseProxyUrl,
  parsePublicUrl,
  parseQuotaLimits,
  parseRanges,
  parseTimeZone,
} from "./structured-values.ts";
import { retiredVariables, settingsTable } from "./table.ts";
import type { Settings } from "./types.ts";

/** The outcome. With problems, `settings` holds defaults in their place and must not be used to start. */
export interface ParsedSettings {
  settings: Settings;
  /** Oddities that do not stop a start. */
  warnings: readonly string[];
  problems: readonly SettingProblem[];
  /** Setting name to where its value came from; those at their default are left out. */
  sources: ReadonlyMap<string, SettingSource>;
}

/**
 * Parses all settings.
 * @param environment variables by name; empty text counts as not set
 * @param options flags and files
 * @returns settings with warnings, problems and sources; never throws
 */
export function parseSettings(
  environment: Readonly<Record<string, string | undefined>>,
  options: ParseOptions = {},
): ParsedSettings {
  const reader = createReader(environment, options);
  const geminiBaseUrl = reader.url("GOOGLE_GEMINI_API_BASE_URL", null);
  const settings: Settings = {
    host: reader.text("HOST") ?? "127.0.0.1",
    port: reader.number("PORT"),
    dataDir: reader.text("DATA_DIR") ?? "./data",
    logLevel: reader.choice("LOG_LEVEL") as LogLevel,
    debug: reader.switch("DEBUG"),
    proxyApiKeys: proxyApiKeys(reader),
    credentials: collectCredentials(reader),
    encryptionKey: reader.text("ENCRYPTION_KEY"),
    geminiBaseUrl,
    // Derived, so that pointing the native base elsewhere never leaves half of the traffic going to Google.
    openaiBaseUrl: reader.url("GOOGLE_OPENAI_API_BASE_URL", `${geminiBaseUrl}/v1beta/openai`),
    allowInsecureUpstream: reader.allowsInsecure(),
    strategy: reader.choice("PROXY_LOADBALANCE_STRATEGY") as Strategy,
    maxRetries: reader.number("PROXY_MAX_RETRIES"),
    transientRetries: reader.number("TRANSIENT_RETRIES"),
    emptyRetries: reader.number("EMPTY_RETRIES"),
    retryDeadlineMs: reader.number("RETRY_DEADLINE_MS"),
    retryBudget: reader.number("RETRY_BUDGET"),
    connectTimeoutMs: reader.number("CONNECT_TIMEOUT_MS"),
    firstByteTimeoutMs: reader.number("FIRST_BYTE_TIMEOUT_MS"),
    idleTimeoutMs: reader.number("IDLE_TIMEOUT_MS"),
    clientStallTimeoutMs: reader.number("CLIENT_STALL_TIMEOUT_MS"),
    maxBodyBytes: reader.number("MAX_BODY_BYTES"),
    maxUploadBytes: reader.number("MAX_UPLOAD_BYTES"),
    maxHeaderBytes: reader.number("MAX_HEADER_BYTES"),
    maxOpenCalls: reader.number("MAX_OPEN_CALLS"),
    maxReplayBytes: reader.number("MAX_REPLAY_BYTES"),
    maxBufferedBytes: reader.number("MAX_BUFFERED_BYTES"),
    requestTimeoutMs: reader.number("REQUEST_TIMEOUT_MS"),
    corsOrigins: reader.origins("CORS_ORIGINS"),
    ledger: reader.switch("LEDGER"),
    retentionDays: reader.number("RETENTION_DAYS"),
    openMode: reader.switch("OPEN_MODE"),
    drainTimeoutMs: reader.number("DRAIN_TIMEOUT_MS"),
    adminToken: reader.text("ADMIN_TOKEN"),
    publicUrl: reader.parsed("PUBLIC_URL", "an address such as https://gemini.example.com/proxy", parsePublicUrl),
    resourceSharing: reader.choice("RESOURCE_SHARING") as Settings["resourceSharing"],
    ownerWaitMs: reader.number("OWNER_WAIT_MS"),
    prefixAffinity: reader.switch("PREFIX_AFFINITY"),
    rewriteDownloads: reader.switch("REWRITE_DOWNLOADS"),
    keepUploads: reader.switch("KEEP_UPLOADS"),
    keepUploadsBytes: reader.number("KEEP_UPLOADS_BYTES"),
    keepUploadsFileBytes: reader.number("KEEP_UPLOADS_FILE_BYTES"),
    quotaLimits:
      reader.parsed("QUOTA_LIMITS", 'JSON such as {"free": {"*": {"rpm": 10, "rpd": 20}}}', parseQuotaLimits) ?? {},
    quotaScheduling: reader.switch("QUOTA_SCHEDULING"),
    disableShare: reader.number("DISABLE_SHARE"),
    outboundProxy: reader.parsed("OUTBOUND_PROXY", "an http://, https:// or socks5:// address", parseProxyUrl),
    trustedProxies:
      reader.parsed("TRUSTED_PROXIES", "addresses or networks such as 10.0.0.0/8, 2001:db8::1", parseRanges) ?? [],
    limitTimeZone: reader.parsed("LIMIT_TIME_ZONE", "an IANA time zone such as Europe/Berlin", parseTimeZone) ?? "UTC",
    dedupWindowMs: reader.number("REQUEST_DEDUP_WINDOW_MS"),
    responseCacheTtlMs: reader.number("RESPONSE_CACHE_TTL_MS"),
    responseCacheBytes: reader.number("RESPONSE_CACHE_BYTES"),
    modelAliases: reader.parsed("MODEL_ALIASES", "entries such as fast=gemini-3.8-flash", parseAliases) ?? {},
    modelFallbacks:
      reader.parsed(
        "MODEL_FALLBACKS",
        "entries such as gemini-4-neon=gemini-4-carbon|gemini-3.8-flash",
        parseFallbacks,
      ) ?? {},
    store: reader.choice("UPSTREAM_STORE") as Settings["store"],
    live: reader.switch("LIVE"),
    maxLiveSessions: reader.number("MAX_LIVE_SESSIONS"),
    liveMaxMessageBytes: reader.number("LIVE_MAX_MESSAGE_BYTES"),
    ledgerMaxBytes: reader.number("LEDGER_MAX_BYTES"),
    capture: reader.choice("CAPTURE") as Settings["capture"],
    captureMaxBytes: reader.number("CAPTURE_MAX_BYTES"),
    captureRetentionMs: reader.number("CAPTURE_RETENTION_MS"),
    captureStoreBytes: reader.number("CAPTURE_STORE_BYTES"),
    dashboard: reader.switch("DASHBOARD"),
    sessionMs: reader.number("SESSION_MS"),
    insecureCookies: reader.switch("INSECURE_COOKIES"),
    auditRetentionDays: reader.number("AUDIT_RETENTION_DAYS"),
    metricsToken: reader.text("METRICS_TOKEN"),
    logCalls: reader.switch("LOG_CALLS"),
    otlpEndpoint: reader.parsed(
      "OTEL_EXPORTER_OTLP_ENDPOINT",
      "an address such as http://collector:4318",
      parsePublicUrl,
    ),
    otlpHeaders: reader.text("OTEL_EXPORTER_OTLP_HEADERS"),
    otlpSample: reader.number("OTEL_TRACES_SAMPLER_ARG"),
    otlpServiceName: reader.text("OTEL_SERVICE_NAME") ?? "gemini-proxy",
    codeAssistAccount: collectAccount(reader),
    codeAssistProject: reader.parsed(
      "GEMINI_PROJECT_ID",
      "the id of a Google Cloud project, such as my-project (not its number)",
      parseCloudProject,
    ),
    codeAssistTier: reader.number("CODE_ASSIST_TIER"),
    codeAssistBaseUrl: reader.url("CODE_ASSIST_BASE_URL", null),
    oauthBaseUrl: reader.url("GOOGLE_OAUTH_BASE_URL", null),
    oauthClientId: reader.text("CODE_ASSIST_CLIENT_ID"),
    oauthClientSecret: reader.text("CODE_ASSIST_CLIENT_SECRET"),
    tokenRefreshBufferMs: reader.number("TOKEN_REFRESH_BUFFER_MINUTES"),
    projectCacheMs: reader.number("PROJECT_ID_CACHE_TTL_HOURS"),
    openaiChat: reader.choice("OPENAI_CHAT") as Settings["openaiChat"],
    includeThoughts: reader.switch("INCLUDE_THOUGHTS"),
    signaturesInIds: reader.switch("SIGNATURES_IN_IDS"),
    streamKeepaliveMs: reader.number("STREAM_KEEPALIVE_MS"),
    longAnswerHops: reader.number("LONG_ANSWER_HOPS"),
    responsesStore: reader.switch("RESPONSES_STORE"),
    responsesTtlMs: reader.number("RESPONSES_TTL_MS"),
    responsesStoreBytes: reader.number("RESPONSES_STORE_BYTES"),
    countTokens: reader.choice("COUNT_TOKENS") as Settings["countTokens"],
  };
  return {
    settings,
    warnings: [...reader.warnings, ...strayVariables(environment)],
    problems: reader.problems,
    sources: reader.sources,
  };
}

// --- helpers ---

function proxyApiKeys(reader: ReturnType<typeof createReader>): string[] {
  const keys = reader.list("PROXY_API_KEY");
  keys.forEach((key, index) => {
    const place = keys.length === 1 ? "PROXY_API_KEY" : `PROXY_API_KEY, entry ${index + 1},`;
    if (!/^[\x21-\x7e]+$/.test(key))
      reader.refuse("PROXY_API_KEY", `${place} has a blank or a character that cannot travel in a header.`);
    else if (key.length < 16)
      reader.warn(
        `${place} has only ${key.length} characters and can be guessed; 'gemini-proxy clients create' makes strong ones.`,
      );
  });
  return [...new Set(keys)];
}

/** Variables that look meant for this gateway but are read by nobody: retired ones and near misses. */
function strayVariables(environment: Readonly<Record<string, string | undefined>>): string[] {
  const known = new Set(settingsTable.flatMap((row) => [row.name, ...row.aliases]));
  const warnings: string[] = [];
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || value.trim() === "" || known.has(name)) continue;
    const advice = Object.hasOwn(retiredVariables, name) ? retiredVariables[name] : undefined;
    if (advice !== undefined) warnings.push(`${name} has no effect here. ${advice}`);
    // Short names (HOST, PORT) have near misses everywhere in an environment; only long ones are compared.
    else if (name.length >= 10) {
      const near = [...known].find((candidate) => candidate.length >= 10 && isNear(name, candidate));
      if (near !== undefined) warnings.push(`${name} is not a setting. Is ${near} meant?`);
    }
  }
  return warnings;
}

/** At most one letter added, missing or other, or two neighbours swapped. */
function isNear(left: string, right: string): boolean {
  if (Math.abs(left.length - right.length) > 1) return false;
  let start = 0;
  while (start < left.length && left[start] === right[start]) start++;
  let end = 0;
  while (end < Math.min(left.length, right.length) - start && left.at(-1 - end) === right.at(-1 - end)) end++;
  const a = left.slice(start, left.length - end);
  const b = right.slice(start, right.length - end);
  return (a.length <= 1 && b.length <= 1) || (a.length === 2 && b.length === 2 && a[0] === b[1] && a[1] === b[0]);
}
