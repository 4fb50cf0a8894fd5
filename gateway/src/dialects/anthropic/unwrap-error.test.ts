import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toAnthropicError } from "./unwrap-error.ts";

interface Body {
  type: string;
  error: { type: string; message: string };
  request_id: string;
}

function convert(status: number, text: string): { status: number; type: string; message: string; wait: number | null } {
  const converted = toAnthropicError(status, text, "id1");
  const body = JSON.parse(converted.body) as Body;
  expect(body).toMatchObject({ type: "error", request_id: "id1" });
  return { status: converted.status, ...body.error, wait: converted.retryAfterSeconds };
}

const google = (error: Record<string, unknown>): string => JSON.stringify({ error });

describe("toAnthropicError", () => {
  it.each([
    [400, 400, "invalid_request_error"],
    [403, 403, "permission_error"],
    [404, 404, "not_found_error"],
    [413, 413, "request_too_large"],
    [429, 429, "rate_limit_error"],
    [499, 500, "api_error"],
    [500, 500, "api_error"],
    [503, 529, "overloaded_error"],
    [504, 504, "timeout_error"],
  ])("Google's %i is %i %s, with Google's words, plain or in an array", (status, shown, type) => {
    const text = google({ code: status, message: "Google's words." });
    for (const body of [text, `[${text}\n]\n`])
      expect(convert(status, body)).toMatchObject({ status: shown, type, message: "Google's words." });
  });

  it("says of an overlong prompt what Claude Code compacts its history for", () => {
    // Claude Code reads both numbers out of the text.
    const pattern = /prompt is too long[^0-9]*(\d+)\s*tokens?\s*>\s*(\d+)/i;
    const both = convert(
      400,
      google({ message: "The input token count (1196265) exceeds the maximum number of tokens allowed (1048576)." }),
    );
    expect(both).toMatchObject({
      status: 400,
      type: "invalid_request_error",
      message: "prompt is too long: 1196265 tokens > 1048576 maximum",
    });
    expect(pattern.exec(both.message)?.slice(1)).toStrictEqual(["1196265", "1048576"]);
    const one = convert(
      400,
      google({ message: "The input token count exceeds the maximum number of tokens allowed 1048576." }),
    );
    expect(pattern.exec(one.message)?.slice(1)).toStrictEqual(["1048577", "1048576"]);
  });

  it("takes the larger of RetryInfo and the message's words, and no delay of a day quota", () => {
    const retryInfo = { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "14s" };
    expect(convert(429, google({ message: "Please retry in 51.3s.", details: [retryInfo] })).wait).toBe(52);
    expect(convert(429, google({ message: "m", details: [{ retryDelay: { seconds: "3", nanos: 1 } }] })).wait).toBe(4);
    expect(convert(429, google({ message: "Your quota will reset after 1h2m3s." })).wait).toBe(3_723);
    expect(convert(400, google({ message: "Please retry in 5s." })).wait).toBeNull();
    const day = { violations: [{ quotaId: "GenerateRequestsPerDayPerProjectPerModel-FreeTier" }] };
    expect(convert(429, google({ message: "Please retry in 38s.", details: [day, retryInfo] })).wait).toBeNull();
  });

  it("never shows the gateway's own bad credential as the client's mistake", () => {
    for (const [status, message] of [
      [400, "API key not valid. Please pass a valid API key."],
      [401, "Request had invalid authentication credentials."],
    ] as const) {
      const converted = convert(status, google({ message }));
      expect(converted).toMatchObject({ status: 529, type: "overloaded_error" });
      expect(converted.message).not.toContain(message);
    }
  });

  it("passes on neither details nor a key", () => {
    const { body } = toAnthropicError(
      403,
      google({
        message: "Consumer 'api_key:AIzaSyExample' has been suspended.",
        details: [{ detail: "key1234" }],
      }),
      "id1",
    );
    expect(body).not.toMatch(/AIzaSyExample|key1234/);
  });

  it("finds words for HTML, plain text, nothing, and errors inside of a 200", () => {
    expect(convert(404, "<html><title>Error 404 (Not Found)!!1</title>").message).toBe(
      "The upstream answered 404: Error 404 (Not Found)!!1",
    );
    expect(convert(502, "connect error").message).toBe("The upstream answered 502: connect error");
    expect(convert(500, "{}").message).toBe("The upstream answered 500 without an explanation.");
    expect(convert(200, google({ code: 503, message: "m" })).status).toBe(529);
    expect(convert(400, JSON.stringify({ error: "words" })).message).toBe("words");
  });

  it("never throws, whatever the body", () => {
    const json = fc.oneof(
      fc.json(),
      fc.json().map((value) => `{"error":${value}}`),
      fc.json().map((value) => `[{"error":{"code":429,"details":${value}}}]`),
    );
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 599 }), fc.oneof(fc.string(), json), (status, text) => {
        expect(convert(status, text).status).toBeGreaterThanOrEqual(400);
      }),
    );
  });
});
