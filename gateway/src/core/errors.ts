/* oxlint-disable max-lines -- one table: every error that the gateway makes */
/**
 * Every error that the gateway itself answers with, in one table. docs/errors.md lists each (a test proves it).
 * The upstream's own errors are relayed as they are and have no code here.
 * @module
 */

/** One row: the HTTP status, Google's status word, OpenAI's error type, and the default text. */
export interface ErrorDefinition {
  status: number;
  /** `status` of a Google error body. */
  google: string;
  /** `type` of an OpenAI error body. */
  openai: string;
  /** Default text: cause and next step. */
  message: string;
}

/** Code of an error that the gateway itself makes. */
export type ErrorCode =
  | "client_key_missing"
  | "client_key_invalid"
  | "client_key_disabled"
  | "client_key_expired"
  | "model_not_allowed"
  | "path_unknown"
  | "request_malformed"
  | "body_malformed"
  | "model_missing"
  | "field_invalid"
  | "field_unsupported"
  | "previous_response_not_found"
  | "prompt_blocked"
  | "answer_unusable"
  | "operation_unsupported"
  | "websocket_unsupported"
  | "body_too_large"
  | "encoding_unsupported"
  | "headers_too_large"
  | "request_timeout"
  | "live_unsupported"
  | "live_setup_missing"
  | "live_too_many"
  | "client_address_refused"
  | "origin_refused"
  | "client_rate_limited"
  | "client_concurrency_exceeded"
  | "client_budget_exhausted"
  | "resource_forbidden"
  | "resources_apart"
  | "owner_exhausted"
  | "owner_unusable"
  | "upload_unknown"
  | "page_token_invalid"
  | "no_credentials"
  | "credentials_unusable"
  | "credentials_exhausted"
  | "upstream_unreachable"
  | "upstream_broken"
  | "upstream_invalid"
  | "upstream_connect_timeout"
  | "upstream_first_byte_timeout"
  | "upstream_idle_timeout"
  | "client_stalled"
  | "client_gone"
  | "draining"
  | "overloaded"
  | "state_unavailable"
  | "internal";

/** The table. */
export const errorTable: Readonly<Record<ErrorCode, ErrorDefinition>> = {
  client_key_missing: {
    status: 401,
    google: "UNAUTHENTICATED",
    openai: "authentication_error",
    message:
      "No client key was sent. Send your gateway key as 'x-goog-api-key', 'Authorization: Bearer', 'x-api-key' or '?key='.",
  },
  client_key_invalid: {
    status: 401,
    google: "UNAUTHENTICATED",
    openai: "authentication_error",
    message:
      "This client key is not known here. List keys with 'gemini-proxy clients list' or make one with 'clients create'.",
  },
  client_key_disabled: {
    status: 401,
    google: "UNAUTHENTICATED",
    openai: "authentication_error",
    message: "This client key is switched off.",
  },
  client_key_expired: {
    status: 401,
    google: "UNAUTHENTICATED",
    openai: "authentication_error",
    message: "This client key has expired.",
  },
  model_not_allowed: {
    status: 403,
    google: "PERMISSION_DENIED",
    openai: "permission_error",
    message: "This client key may not use that model.",
  },
  path_unknown: {
    status: 404,
    google: "NOT_FOUND",
    openai: "invalid_request_error",
    message: "Nothing is served at this path. Gemini paths start with /v1, /v1beta, /v1alpha, /upload or /download.",
  },
  request_malformed: {
    status: 400,
    google: "INVALID_ARGUMENT",
    openai: "invalid_request_error",
    message: "The request is not valid HTTP.",
  },
  body_malformed: {
    status: 400,
    google: "INVALID_ARGUMENT",
    openai: "invalid_request_error",
    message: "The request body is not valid JSON, so the model could not be read from it.",
  },
  model_missing: {
    status: 400,
    google: "INVALID_ARGUMENT",
    openai: "invalid_request_error",
    message: "The request body names no model.",
  },
  field_invalid: {
    status: 400,
    google: "INVALID_ARGUMENT",
    openai: "invalid_request_error",
    message: "A field of the request body is not valid.",
  },
  field_unsupported: {
    status: 400,
    google: "INVALID_ARGUMENT",
    openai: "invalid_request_error",
    message: "A field of the request body asks for something that Gemini cannot do.",
  },
  previous_response_not_found: {
    status: 400,
    google: "INVALID_ARGUMENT",
    openai: "invalid_request_error",
    message:
      "No stored response has this id: it was never stored (RESPONSES_STORE), has expired, or belongs to another client. Send the whole conversation instead.",
  },
  prompt_blocked: {
    status: 400,
    google: "INVALID_ARGUMENT",
    openai: "invalid_request_error",
    message: "Google refused the prompt for its content.",
  },
  answer_unusable: {
    status: 503,
    google: "UNAVAILABLE",
    openai: "server_error",
    message: "The model's answer was empty or malformed, also when it was asked again. Send the call again.",
  },
  operation_unsupported: {
    status: 501,
    google: "UNIMPLEMENTED",
    openai: "invalid_request_error",
    message:
      "Code Assist accounts do not serve this operation, and this gateway has no Gemini API key that could. Add one with 'gemini-proxy keys add'.",
  },
  websocket_unsupported: {
    status: 426,
    google: "UNIMPLEMENTED",
    openai: "invalid_request_error",
    message: "This path is served over HTTP only.",
  },
  body_too_large: {
    status: 413,
    google: "INVALID_ARGUMENT",
    openai: "invalid_request_error",
    message: "The request body is larger than this gateway takes (MAX_BODY_BYTES).",
  },
  encoding_unsupported: {
    status: 415,
    google: "INVALID_ARGUMENT",
    openai: "invalid_request_error",
    message: "Compressed request bodies are not taken: the gateway must see which files and models they name.",
  },
  headers_too_large: {
    status: 431,
    google: "INVALID_ARGUMENT",
    openai: "invalid_request_error",
    message: "The request headers are larger than this gateway takes (MAX_HEADER_BYTES).",
  },
  request_timeout: {
    status: 408,
    google: "DEADLINE_EXCEEDED",
    openai: "invalid_request_error",
    message: "The request did not arrive in time.",
  },
  live_unsupported: {
    status: 501,
    google: "UNIMPLEMENTED",
    openai: "invalid_request_error",
    message: "WebSocket upgrades are not served by this gateway.",
  },
  live_setup_missing: {
    status: 400,
    google: "INVALID_ARGUMENT",
    openai: "invalid_request_error",
    message: "A Live session must begin with a 'setup' message that names the model.",
  },
  live_too_many: {
    status: 503,
    google: "UNAVAILABLE",
    openai: "server_error",
    message: "This gateway has as many Live sessions open as it takes (MAX_LIVE_SESSIONS).",
  },
  client_address_refused: {
    status: 403,
    google: "PERMISSION_DENIED",
    openai: "permission_error",
    message: "This client key may not be used from this address.",
  },
  origin_refused: {
    status: 403,
    google: "PERMISSION_DENIED",
    openai: "permission_error",
    message: "Pages of this web origin may not open Live sessions here (CORS_ORIGINS).",
  },
  client_rate_limited: {
    status: 429,
    google: "RESOURCE_EXHAUSTED",
    openai: "rate_limit_error",
    message: "This client key has used up its rate limit. The limit is this gateway's, not Google's.",
  },
  client_concurrency_exceeded: {
    status: 429,
    google: "RESOURCE_EXHAUSTED",
    openai: "rate_limit_error",
    message: "This client key has as many calls open as it may. The limit is this gateway's, not Google's.",
  },
  client_budget_exhausted: {
    status: 429,
    google: "RESOURCE_EXHAUSTED",
    openai: "insufficient_quota",
    message: "This client key has used up its budget. The limit is this gateway's, not Google's.",
  },
  resource_forbidden: {
    status: 403,
    google: "PERMISSION_DENIED",
    openai: "permission_error",
    message: "You do not have permission to access the resource or it may not exist.",
  },
  resources_apart: {
    status: 400,
    google: "INVALID_ARGUMENT",
    openai: "invalid_request_error",
    message:
      "The call names resources of two Google projects, which no key can use together. Upload them again through one client key.",
  },
  owner_exhausted: {
    status: 429,
    google: "RESOURCE_EXHAUSTED",
    openai: "rate_limit_error",
    message: "The Google project that has what this call names is resting, and no other one can serve it.",
  },
  owner_unusable: {
    status: 503,
    google: "UNAVAILABLE",
    openai: "server_error",
    message: "The Google project that has what this call names has no usable key in this gateway.",
  },
  upload_unknown: {
    status: 404,
    google: "NOT_FOUND",
    openai: "invalid_request_error",
    message: "This upload session is not known here, or is over. Start the upload again.",
  },
  page_token_invalid: {
    status: 400,
    google: "INVALID_ARGUMENT",
    openai: "invalid_request_error",
    message: "The page token is not one of this gateway's. Start the list again without it.",
  },
  no_credentials: {
    status: 503,
    google: "UNAVAILABLE",
    openai: "server_error",
    message:
      "No Gemini key or account is configured. Add one with 'gemini-proxy keys add' or 'accounts add', or set GEMINI_API_KEY in the environment and start again.",
  },
  credentials_unusable: {
    status: 503,
    google: "UNAVAILABLE",
    openai: "server_error",
    message:
      "Every Gemini key and account of this gateway is disabled. See 'gemini-proxy keys list' and 'gemini-proxy accounts list' for the reasons and what to do.",
  },
  credentials_exhausted: {
    status: 429,
    google: "RESOURCE_EXHAUSTED",
    openai: "rate_limit_error",
    message: "Every Gemini key and account of this gateway that could serve this call is resting.",
  },
  upstream_unreachable: {
    status: 502,
    google: "UNAVAILABLE",
    openai: "server_error",
    message: "The upstream could not be reached.",
  },
  upstream_broken: {
    status: 502,
    google: "UNAVAILABLE",
    openai: "server_error",
    message: "The upstream broke off before its answer was complete.",
  },
  upstream_invalid: {
    status: 502,
    google: "UNAVAILABLE",
    openai: "server_error",
    message: "The upstream's answer could not be understood.",
  },
  upstream_connect_timeout: {
    status: 504,
    google: "DEADLINE_EXCEEDED",
    openai: "server_error",
    message: "Connecting to the upstream took too long (CONNECT_TIMEOUT_MS).",
  },
  upstream_first_byte_timeout: {
    status: 504,
    google: "DEADLINE_EXCEEDED",
    openai: "server_error",
    message:
      "The upstream did not begin to answer in time (FIRST_BYTE_TIMEOUT_MS). The call was not repeated: it may have been billed.",
  },
  upstream_idle_timeout: {
    status: 504,
    google: "DEADLINE_EXCEEDED",
    openai: "server_error",
    message: "The upstream fell silent in the middle of its answer (IDLE_TIMEOUT_MS).",
  },
  client_stalled: {
    status: 499,
    google: "CANCELLED",
    openai: "server_error",
    message: "The client stopped reading the answer (CLIENT_STALL_TIMEOUT_MS).",
  },
  client_gone: {
    status: 499,
    google: "CANCELLED",
    openai: "server_error",
    message: "The client left before the answer was complete.",
  },
  draining: {
    status: 503,
    google: "UNAVAILABLE",
    openai: "server_error",
    message: "This gateway is shutting down. Send the call again.",
  },
  overloaded: {
    status: 503,
    google: "UNAVAILABLE",
    openai: "server_error",
    message: "This gateway has as many calls open as it takes (MAX_OPEN_CALLS).",
  },
  state_unavailable: {
    status: 503,
    google: "UNAVAILABLE",
    openai: "server_error",
    message: "The gateway's state could not be reached.",
  },
  internal: {
    status: 500,
    google: "INTERNAL",
    openai: "server_error",
    message: "The gateway made a mistake. The request id names it in the log.",
  },
};

const marker = Symbol.for("gemini-proxy.error");

/** An error with a code of the table. Thrown for bugs and at the edges; refusals of calls are values, not throws. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  /** Extra fields that are safe to show. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message?: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message ?? errorTable[code].message);
    this.name = "GatewayError";
    this.code = code;
    this.details = details;
    Object.defineProperty(this, marker, { value: true });
  }
}

/**
 * Tells a GatewayError, also one made by another copy of this module.
 * @param value anything
 */
export function isGatewayError(value: unknown): value is GatewayError {
  return typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[marker] === true;
}
