/** @module One shape for every refusal: a status and either Google's JSON envelope or a front-end page. */

import type { FieldViolation } from "../json/check-request.ts";

/** The `error` member of Google's envelope. */
export interface ErrorBody {
  code: number;
  message: string;
  status: string;
  details?: Record<string, unknown>[];
}

/** An error of the token endpoint (RFC 6749 5.2). */
export interface OauthErrorBody {
  error: string;
  error_description?: string;
  error_subtype?: string;
  error_uri?: string;
}

/** A refusal. `html` instead of `error` for pages of the front end, `oauth` for the token endpoint's own shape. */
export type ApiError =
  | { status: number; error: ErrorBody }
  | { status: number; html: string }
  | { status: number; oauth: OauthErrorBody };

/** gRPC status -> HTTP status (fact sheet upstream 4.1). */
export const HTTP_STATUS = {
  CANCELLED: 499,
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  RESOURCE_EXHAUSTED: 429,
  INTERNAL: 500,
  UNIMPLEMENTED: 501,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
} as const;

/** A name of {@link HTTP_STATUS}. */
export type GrpcStatus = keyof typeof HTTP_STATUS;

/** Builds a JSON refusal; `details` are given without the `type.googleapis.com/google.rpc.` of their `@type`. */
export function apiError(status: GrpcStatus, message: string, ...details: ErrorDetail[]): ApiError {
  const code = HTTP_STATUS[status];
  const error: ErrorBody = { code, message, status };
  if (details.length > 0) {
    error.details = details.map(({ type, ...rest }) => ({
      "@type": `type.googleapis.com/google.rpc.${type}`,
      ...rest,
    }));
  }
  return { status: code, error };
}

/** A detail of an error; `type` is the short name, e.g. `ErrorInfo`. */
export interface ErrorDetail {
  type: string;
  [member: string]: unknown;
}

/** 400 with a violation per bad field; without violations a bare one. */
export function badRequest(violations: FieldViolation[]): ApiError {
  const message = violations.map((violation) => violation.description).join("\n");
  return apiError("INVALID_ARGUMENT", message, { type: "BadRequest", fieldViolations: violations });
}

/** 400 for a body that is not JSON, in the words of Google's parser. */
export function malformedJson(reason: string): ApiError {
  return badRequest([{ description: `Invalid JSON payload received. ${reason}` }]);
}

/** A refusal of the token endpoint. */
export function oauthError(status: number, error: string, description?: string): ApiError & { oauth: OauthErrorBody } {
  return { status, oauth: { error, ...(description === undefined ? {} : { error_description: description }) } };
}

/** An `ErrorInfo` detail of domain googleapis.com. */
export function errorInfo(reason: string, metadata: Record<string, string> = {}): ErrorDetail {
  return {
    type: "ErrorInfo",
    reason,
    domain: "googleapis.com",
    metadata: { service: "generativelanguage.googleapis.com", ...metadata },
  };
}

/** The 401 of every Google API for a credential that is none. */
export const UNAUTHENTICATED =
  "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.";
