/**
 * Every error that the admin API answers with, in one table. docs/admin-api.md lists each (a test proves it).
 * @module
 */

/** One row. */
export interface AdminErrorDefinition {
  status: number;
  /** Default text: the cause. */
  message: string;
  /** What to do. */
  next: string;
}

/** Code of an error of the admin API. Stable. */
export type AdminErrorCode =
  | "session_required"
  | "token_invalid"
  | "role_insufficient"
  | "csrf_invalid"
  | "origin_invalid"
  | "https_required"
  | "login_refused"
  | "login_limited"
  | "password_wrong"
  | "operator_required"
  | "body_invalid"
  | "body_type_unsupported"
  | "body_too_large"
  | "query_invalid"
  | "params_invalid"
  | "path_unknown"
  | "method_not_allowed"
  | "not_found"
  | "conflict"
  | "setting_invalid"
  | "price_invalid"
  | "source_environment"
  | "busy"
  | "unavailable"
  | "internal";

/** The table. */
export const adminErrorTable: Readonly<Record<AdminErrorCode, AdminErrorDefinition>> = {
  session_required: {
    status: 401,
    message: "Nobody is logged in.",
    next: "Log in with POST /admin/api/v1/session, or send 'Authorization: Bearer <admin token>'.",
  },
  token_invalid: {
    status: 401,
    message: "The token is not known here, or has expired.",
    next: "Send the admin token, or a token made with POST /admin/api/v1/tokens.",
  },
  role_insufficient: {
    status: 403,
    message: "Viewers may read only.",
    next: "Ask an operator of the role admin.",
  },
  csrf_invalid: {
    status: 403,
    message: "The header 'x-csrf-token' is missing or is not that of this session.",
    next: "Send 'csrfToken' of GET /admin/api/v1/session as 'x-csrf-token'.",
  },
  origin_invalid: {
    status: 403,
    message: "The request comes from a page of another origin.",
    next: "Open the dashboard at the gateway's own address; a proxy in front must pass the Host header on.",
  },
  https_required: {
    status: 403,
    message: "Browsers do not keep the log-in's Secure cookie over plain http from another machine.",
    next: "Put https in front of the gateway, or set INSECURE_COOKIES=on where the network is trusted.",
  },
  login_refused: {
    status: 401,
    message: "The token, or the name and password, are not right.",
    next: "Check the spelling. The admin token is ADMIN_TOKEN, or the one that the first start printed.",
  },
  login_limited: {
    status: 429,
    message: "Too many failed log-ins.",
    next: "Wait as long as 'retry-after' says.",
  },
  password_wrong: {
    status: 403,
    message: "The current password is missing or wrong.",
    next: "Send the password of today as 'current'.",
  },
  operator_required: {
    status: 409,
    message: "The admin token has no password, and the first operator is there already.",
    next: "Log in as an operator to change that password, or change an operator with PATCH /operators/{id}.",
  },
  body_invalid: {
    status: 400,
    message: "The body is not what this route takes.",
    next: "See docs/openapi.json for the fields.",
  },
  body_type_unsupported: {
    status: 415,
    message: "Bodies are JSON.",
    next: "Send 'content-type: application/json', uncompressed.",
  },
  body_too_large: {
    status: 413,
    message: "The body is larger than this route takes.",
    next: "Send it in smaller parts.",
  },
  query_invalid: {
    status: 400,
    message: "The query is not what this route takes.",
    next: "See docs/openapi.json for the names.",
  },
  params_invalid: {
    status: 400,
    message: "The path holds a value that cannot be one.",
    next: "Check the id.",
  },
  path_unknown: {
    status: 404,
    message: "The admin API has no such path.",
    next: "See docs/openapi.json for the paths.",
  },
  method_not_allowed: {
    status: 405,
    message: "This path does not take that method.",
    next: "The header 'allow' tells which it takes.",
  },
  not_found: {
    status: 404,
    message: "There is nothing with this id.",
    next: "List first: it may have been removed.",
  },
  conflict: {
    status: 409,
    message: "This would be there twice.",
    next: "Choose another name, or change what is there.",
  },
  setting_invalid: {
    status: 400,
    message: "A setting cannot have that value.",
    next: "Nothing was stored. GET /settings tells what each takes.",
  },
  price_invalid: {
    status: 400,
    message: "A price row cannot be read.",
    next: "Nothing was stored. Compare with the rows of GET /prices.",
  },
  source_environment: {
    status: 409,
    message: "What the environment gives cannot be changed here.",
    next: "Change it in the environment and start again.",
  },
  busy: {
    status: 409,
    message: "Such a job is running already.",
    next: "Wait until it is done.",
  },
  unavailable: {
    status: 503,
    message: "This is not available now, or not on this host.",
    next: "Try again later.",
  },
  internal: {
    status: 500,
    message: "The gateway made a mistake.",
    next: "Its log names the class and place under 'requestId'.",
  },
};

/** What an error may say beside its code. */
export interface AdminErrorOptions {
  /** @default the table's */
  message?: string;
  /** @default the table's */
  next?: string;
  /** Where in the request the fault is: `body.rows[2].name`. */
  field?: string;
  /** Seconds, whole, at least 1: the header `retry-after`. */
  retryAfterSeconds?: number;
}

const marker = Symbol.for("gemini-proxy.admin-error");

/** Ends a request of the admin API with an answer of the table. Thrown by handlers. */
export class AdminError extends Error {
  readonly code: AdminErrorCode;
  readonly next: string;
  readonly field: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: AdminErrorCode, options: AdminErrorOptions = {}) {
    super(options.message ?? adminErrorTable[code].message);
    this.name = "AdminError";
    this.code = code;
    this.next = options.next ?? adminErrorTable[code].next;
    this.field = options.field;
    this.retryAfterSeconds = options.retryAfterSeconds;
    Object.defineProperty(this, marker, { value: true });
  }
}

/**
 * Tells an AdminError, also one made by another copy of this module.
 * @param value anything
 */
export function isAdminError(value: unknown): value is AdminError {
  return typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[marker] === true;
}
