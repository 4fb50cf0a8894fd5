import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toOpenAiError } from "./unwrap-error.ts";

interface Body {
  error: { message: string; type: string; param: null; code: string | null };
}

function google(error: Record<string, unknown>): string {
  return `[${JSON.stringify({ error }, null, 2)}\n]\n`;
}

function convert(status: number, text: string): Body["error"] & { status: number; wait: number | null } {
  const converted = toOpenAiError(status, text);
  return { ...(JSON.parse(converted.body) as Body).error, status: converted.status, wait: converted.retryAfterSeconds };
}

function quota(quotaId: string, quotaValue: string): Record<string, unknown> {
  return {
    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
    violations: [{ quotaMetric: "generativelanguage.googleapis.com/x", quotaId, quotaValue }],
  };
}

const retryInfo = { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "14s" };

describe("toOpenAiError", () => {
  it("unwraps the array and keeps Google's message and status", () => {
    const error = { code: 503, message: "The model is overloaded. Please try again later.", status: "UNAVAILABLE" };
    for (const text of [google(error), JSON.stringify({ error })])
      expect(convert(503, text)).toStrictEqual({
        message: "The model is overloaded. Please try again later.",
        type: "server_error",
        param: null,
        code: "unavailable",
        status: 503,
        wait: null,
      });
  });

  it("takes the larger of RetryInfo and the message's words, in whole seconds rounded up", () => {
    const error = {
      code: 429,
      status: "RESOURCE_EXHAUSTED",
      details: [quota("GenerateRequestsPerMinutePerProjectPerModel", "15"), retryInfo],
    };
    const told = convert(429, google({ ...error, message: "Quota exceeded.\nPlease retry in 51.386192716s." }));
    expect(told).toMatchObject({ type: "rate_limit_error", code: "rate_limit_exceeded", wait: 52 });
    expect(convert(429, google({ ...error, message: "Quota exceeded." })).wait).toBe(14);
    expect(convert(429, google({ code: 429, message: "Please retry in 1h2m3.5s." })).wait).toBe(3724);
    expect(convert(429, google({ code: 429, message: "Please retry in 250ms." })).wait).toBe(1);
  });

  it("does not pass on the misleading delay of a day quota", () => {
    const error = {
      code: 429,
      message: "Please retry in 38s.",
      details: [quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "20"), retryInfo],
    };
    expect(convert(429, google(error))).toMatchObject({ type: "rate_limit_error", wait: null });
  });

  it("says insufficient_quota for what waiting does not mend", () => {
    const messages = [
      "Your prepayment credits are depleted. Please go to AI Studio at https://ai.studio/projects to manage your project and billing.",
      "Your project has exceeded its monthly spending cap. Please go to AI Studio.",
      "You exceeded your current quota.\n* Quota exceeded for metric: x, limit: 0, model: gemini-3.1-pro",
    ];
    for (const message of messages)
      expect(convert(429, google({ code: 429, message })).code).toBe("insufficient_quota");
    expect(convert(429, google({ code: 429, message: "q", details: [quota("X", "0")] })).type).toBe(
      "insufficient_quota",
    );
    expect(convert(429, google({ code: 429, message: "limit: 0.5, model: x" })).code).toBe("rate_limit_exceeded");
  });

  it("maps statuses to OpenAI's types and codes", () => {
    const row = (status: number, message: string, word?: string): unknown[] => {
      const { type, code, status: shown } = convert(status, google({ code: status, message, status: word }));
      return [shown, type, code];
    };
    expect(row(400, "Request contains an invalid argument.", "INVALID_ARGUMENT")).toStrictEqual([
      400,
      "invalid_request_error",
      "invalid_argument",
    ]);
    expect(
      row(400, "The input token count (1196265) exceeds the maximum number of tokens allowed (1048576)."),
    ).toStrictEqual([400, "invalid_request_error", "context_length_exceeded"]);
    expect(row(401, "Request had invalid authentication credentials.", "UNAUTHENTICATED")).toStrictEqual([
      401,
      "authentication_error",
      "unauthenticated",
    ]);
    expect(
      row(403, "You do not have permission to access the File X or it may not exist.", "PERMISSION_DENIED"),
    ).toStrictEqual([403, "permission_error", "permission_denied"]);
    expect(
      row(404, "models/x is not found for API version v1main, or is not supported for generateContent.", "NOT_FOUND"),
    ).toStrictEqual([404, "invalid_request_error", "model_not_found"]);
    expect(row(404, "Requested entity was not found.", "NOT_FOUND")).toStrictEqual([
      404,
      "invalid_request_error",
      "not_found",
    ]);
    expect(row(413, "Too large")).toStrictEqual([413, "invalid_request_error", null]);
    expect(row(499, "The operation was cancelled.", "CANCELLED")).toStrictEqual([500, "server_error", "cancelled"]);
  });

  it("never shows the gateway's own bad key as the client's mistake", () => {
    for (const message of [
      "Invalid Auth key.",
      "API key not valid. Please pass a valid API key.",
      "Missing or invalid Authorization header.",
    ]) {
      const converted = convert(400, google({ code: 400, message, status: "INVALID_ARGUMENT" }));
      expect(converted).toMatchObject({ status: 503, type: "server_error", code: "credentials_unusable" });
      expect(converted.message).not.toContain(message);
    }
  });

  it("passes on neither details nor a key named in the message", () => {
    const error = {
      code: 403,
      message: "Permission denied: Consumer 'api_key:AIzaSyExample' has been suspended.",
      status: "PERMISSION_DENIED",
      details: [{ "@type": "type.googleapis.com/google.rpc.DebugInfo", detail: "Invalid API key: key1234" }],
    };
    const { body } = toOpenAiError(403, google(error));
    expect(body).not.toContain("AIzaSyExample");
    expect(body).not.toContain("key1234");
  });

  it("finds words for HTML, plain text and an empty body", () => {
    const html = "<!DOCTYPE html>\n<html lang=en>\n<title>Error 404 (Not Found)!!1</title>\n<p>That's all we know.";
    expect(convert(404, html)).toMatchObject({
      message: "The upstream answered 404: Error 404 (Not Found)!!1",
      code: "not_found",
    });
    expect(convert(502, "upstream connect error")).toMatchObject({
      message: "The upstream answered 502: upstream connect error",
      type: "server_error",
    });
    expect(convert(500, "").message).toBe("The upstream answered 500 without an explanation.");
    expect(convert(500, "[]").message).toBe("The upstream answered 500 without an explanation.");
  });

  it("takes the body's code for an error that was found in a 200 stream", () => {
    expect(convert(200, JSON.stringify({ error: { code: 503, message: "m", status: "UNAVAILABLE" } })).status).toBe(
      503,
    );
    expect(convert(200, JSON.stringify({ error: { message: "m" } })).status).toBe(500);
  });

  it("never throws, whatever the body, and always gives OpenAI's four fields", () => {
    const json = fc.oneof(
      fc.json(),
      fc.json().map((value) => `{"error":${value}}`),
      fc.json().map((value) => `[{"error":{"code":429,"details":${value}}}]`),
    );
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 599 }), fc.oneof(fc.string(), json), (status, text) => {
        const converted = toOpenAiError(status, text);
        expect(converted.status).toBeGreaterThanOrEqual(400);
        expect(Object.keys((JSON.parse(converted.body) as Body).error)).toStrictEqual([
          "message",
          "type",
          "param",
          "code",
        ]);
      }),
    );
  });
});
