import { describe, expect, it } from "vitest";
import { errorTable, type ErrorCode } from "../../core/errors.ts";
import { writeError } from "./write-error.ts";

const codes = Object.keys(errorTable) as ErrorCode[];

interface Body {
  type: string;
  error: { type: string; message: string };
  request_id: string;
}

describe("writeError", () => {
  it("writes every code of the table in Anthropic's shape, with the request's id in body and header", () => {
    for (const code of codes) {
      const written = writeError({ code, requestId: "id1" });
      const body = JSON.parse(written.body) as Body;
      expect(Object.keys(body)).toStrictEqual(["type", "error", "request_id"]);
      expect(body).toMatchObject({ type: "error", request_id: "id1" });
      expect(body.error.message).toContain(errorTable[code].message);
      expect(written.headers).toStrictEqual(["content-type", "application/json; charset=utf-8", "request-id", "id1"]);
    }
  });

  it.each<[ErrorCode, number, string]>([
    ["field_invalid", 400, "invalid_request_error"],
    ["client_key_invalid", 401, "authentication_error"],
    ["model_not_allowed", 403, "permission_error"],
    ["path_unknown", 404, "not_found_error"],
    ["body_too_large", 413, "request_too_large"],
    ["credentials_exhausted", 429, "rate_limit_error"],
    ["client_budget_exhausted", 429, "rate_limit_error"],
    ["internal", 500, "api_error"],
    ["operation_unsupported", 501, "invalid_request_error"],
    ["upstream_broken", 502, "api_error"],
    ["upstream_idle_timeout", 504, "timeout_error"],
    ["no_credentials", 529, "overloaded_error"],
    ["credentials_unusable", 529, "overloaded_error"],
    ["overloaded", 529, "overloaded_error"],
    ["draining", 529, "overloaded_error"],
    ["answer_unusable", 529, "overloaded_error"],
  ])("%s is %i %s", (code, status, type) => {
    const written = writeError({ code, requestId: "id1" });
    expect(written.status).toBe(status);
    expect((JSON.parse(written.body) as Body).error.type).toBe(type);
  });

  it("carries retry-after in whole seconds, and tells SDKs not to repeat too early", () => {
    const headers = (retryAfterSeconds: number): string[] =>
      writeError({ code: "credentials_exhausted", requestId: "r", retryAfterSeconds }).headers.slice(4);
    expect(headers(3.1)).toStrictEqual(["retry-after", "4"]);
    expect(headers(61)).toStrictEqual(["retry-after", "61", "x-should-retry", "false"]);
  });

  it("names the field before the words", () => {
    const { body } = writeError({
      code: "field_invalid",
      requestId: "r",
      field: "messages[0].role",
      message: "Must be user or assistant.",
    });
    expect((JSON.parse(body) as Body).error.message).toBe("messages[0].role: Must be user or assistant.");
  });
});
