import { describe, expect, it } from "vitest";
import { errorTable, type ErrorCode } from "../../core/errors.ts";
import { toResponsesError } from "./unwrap-error.ts";
import { writeError } from "./write-error.ts";

type Body = { error: Record<string, unknown> };
const bodyOf = ({ body }: { body: string }): Record<string, unknown> => (JSON.parse(body) as Body).error;

describe("writeError", () => {
  it("writes every code of the table as message, type, param and code", () => {
    for (const code of Object.keys(errorTable) as ErrorCode[]) {
      const written = writeError({ code, requestId: "id1" });
      expect(written.status).toBe(errorTable[code].status);
      expect(Object.keys(bodyOf(written))).toEqual(["message", "type", "param", "code"]);
      expect(bodyOf(written)["message"]).toContain(errorTable[code].message);
      expect(written.body).not.toContain("server_is_overloaded");
    }
  });

  it("names the field, and uses the codes that clients look for", () => {
    const facts = { requestId: "r", field: "prompt", message: "No." };
    expect(bodyOf(writeError({ ...facts, code: "field_unsupported" }))).toEqual({
      message: "No.",
      type: "invalid_request_error",
      param: "prompt",
      code: "unsupported_parameter",
    });
    expect(bodyOf(writeError({ ...facts, code: "previous_response_not_found" }))["code"]).toBe(
      "previous_response_not_found",
    );
    expect(bodyOf(writeError({ ...facts, code: "prompt_blocked" }))["code"]).toBe("invalid_prompt");
  });

  it("gives every 429 a retry-after but one that no wait mends", () => {
    const headers = (code: ErrorCode, retryAfterSeconds?: number): string[] =>
      writeError({ code, requestId: "r", retryAfterSeconds }).headers.slice(2);
    expect(headers("credentials_exhausted", 3.2)).toEqual(["retry-after", "4"]);
    expect(headers("credentials_exhausted", 3600)).toEqual(["retry-after", "3600", "x-should-retry", "false"]);
    expect(headers("client_rate_limited")).toEqual(["retry-after", "10"]);
    expect(headers("client_budget_exhausted")).toEqual([]);
    expect(headers("internal")).toEqual([]);
  });
});

describe("toResponsesError", () => {
  const google = (code: number, message: string, more: object = {}): string =>
    JSON.stringify({ error: { code, message, status: "WORD", ...more } });

  it("keeps status and message, never details", () => {
    const written = toResponsesError(
      400,
      google(400, "Bad field", {
        details: [{ "@type": "type.googleapis.com/google.rpc.DebugInfo", detail: "api_key:AIzaSyX" }],
      }),
    );
    expect(written).toMatchObject({ status: 400, retryAfterSeconds: null });
    expect(bodyOf(written)).toEqual({
      message: "Bad field",
      type: "invalid_request_error",
      param: null,
      code: "word",
    });
  });

  it("shows no secret that a message holds", () => {
    const body = google(
      403,
      "Consumer 'api_key:AIzaSyA-12345678901234567890' suspended; AIzaSyB_123456789012345678901",
    );
    expect(toResponsesError(403, body).body).not.toMatch(/AIza/);
  });

  it("tells a prompt that is too long, and one that is blocked", () => {
    expect(
      bodyOf(toResponsesError(400, google(400, "The input token count (2) exceeds the maximum number of tokens (1)."))),
    ).toMatchObject({
      code: "context_length_exceeded",
      message: expect.stringContaining("exceeds the maximum") as string,
    });
    const blocked = toResponsesError(200, JSON.stringify({ promptFeedback: { blockReason: "SAFETY" } }));
    expect(blocked.status).toBe(400);
    expect(bodyOf(blocked)["code"]).toBe("invalid_prompt");
  });

  it("gives every 429 a wait, by Google's word or a default, but none where waiting does not help", () => {
    const info = (retryDelay: string): object => ({ details: [{ "@type": "…RetryInfo", retryDelay }] });
    expect(toResponsesError(429, google(429, "Please retry in 7.2s.", info("3s")))).toMatchObject({
      status: 429,
      retryAfterSeconds: 8,
    });
    expect(toResponsesError(429, "").retryAfterSeconds).toBe(30);
    const day = { details: [{ violations: [{ quotaId: "RequestsPerDay", quotaValue: "50" }] }] };
    expect(toResponsesError(429, google(429, "Please retry in 7s.", day)).retryAfterSeconds).toBe(30);
    const gone = toResponsesError(429, google(429, "Your prepayment credits are depleted."));
    expect(gone.retryAfterSeconds).toBeNull();
    expect(bodyOf(gone)["code"]).toBe("insufficient_quota");
    expect(bodyOf(toResponsesError(429, google(429, "… limit: 0, model: x")))["code"]).toBe("insufficient_quota");
  });

  it("reads arrays, pages and nothing at all", () => {
    expect(bodyOf(toResponsesError(500, `[${google(500, "Oops")}]`))).toMatchObject({
      message: "Oops",
      type: "server_error",
      code: "server_error",
    });
    expect(toResponsesError(502, "<html><title>Bad Gateway</title>").body).toContain("502: Bad Gateway");
    expect(toResponsesError(503, "").body).toContain("without an explanation");
    expect(toResponsesError(499, google(499, "Cancelled")).status).toBe(500);
    expect(toResponsesError(200, google(404, "models/x is not found")).status).toBe(404);
  });

  it("does not blame the client for the gateway's own key", () => {
    const written = toResponsesError(400, google(400, "API key not valid. Please pass a valid API key."));
    expect(written.status).toBe(503);
    expect(bodyOf(written)["code"]).toBe("credentials_unusable");
  });
});
