import { describe, expect, it } from "vitest";
import { errorTable, type ErrorCode } from "../../core/errors.ts";
import { writeError, writeStreamError } from "./write-error.ts";

const codes = Object.keys(errorTable) as ErrorCode[];
const exhausted = {
  code: "credentials_exhausted",
  requestId: "id1",
  retryAfterSeconds: 33.4,
  causes: { "minute-quota": 2 },
  soonestMs: Date.UTC(2026, 10, 21, 8),
} as const;

describe("writeError", () => {
  it("writes every code of the table with Google's status words", () => {
    for (const code of codes) {
      const written = writeError({ code, requestId: "id1" });
      const { error } = JSON.parse(written.body) as { error: Record<string, unknown> };
      expect(written.status).toBe(errorTable[code].status);
      expect(error).toMatchObject({
        code: errorTable[code].status,
        status: errorTable[code].google,
        message: errorTable[code].message,
      });
      expect(written.headers).toStrictEqual(["content-type", "application/json; charset=UTF-8"]);
    }
  });

  it("is pretty-printed as Google's errors are, with ErrorInfo, and RetryInfo in whole seconds", () => {
    expect(writeError(exhausted)).toStrictEqual({
      status: 429,
      headers: ["content-type", "application/json; charset=UTF-8", "retry-after", "34"],
      body: `{
  "error": {
    "code": 429,
    "message": "Every Gemini key and account of this gateway that could serve this call is resting. Causes: 2 at the minute quota. The first is free again in 34 seconds, at 2026-11-21T08:00:00Z.",
    "status": "RESOURCE_EXHAUSTED",
    "details": [
      {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "CREDENTIALS_EXHAUSTED",
        "domain": "gemini-proxy",
        "metadata": {
          "requestId": "id1",
          "minute-quota": "2",
          "soonestReset": "2026-11-21T08:00:00Z"
        }
      },
      {
        "@type": "type.googleapis.com/google.rpc.RetryInfo",
        "retryDelay": "34s"
      }
    ]
  }
}
`,
    });
  });

  it("wraps the error in an array for the array form of streamGenerateContent", () => {
    const plain = writeError(exhausted).body;
    expect(writeError({ ...exhausted, arrayWrapped: true }).body).toBe(`[${plain.trimEnd()}\n]\n`);
  });
});

describe("writeStreamError", () => {
  it("is one event of its own with an error code that SDKs throw on", () => {
    const event = writeStreamError({ code: "upstream_broken", requestId: "id1", framing: "sse", anySent: true });
    expect(event).toMatch(/^data: \{"error": \{.*\}\}\r\n\r\n$/);
    expect(JSON.parse(event.slice("data: ".length))).toMatchObject({ error: { code: 502, status: "UNAVAILABLE" } });
  });

  it("stands alone after bytes that end inside an event", () => {
    const event = writeStreamError({
      code: "upstream_broken",
      requestId: "id1",
      framing: "sse",
      anySent: true,
      midEvent: true,
    });
    const events = `data: {"cand${event}`.split("\r\n\r\n");
    expect(events).toHaveLength(3);
    expect(JSON.parse((events[1] as string).slice("data: ".length))).toMatchObject({ error: { code: 502 } });
  });

  it("closes the array of the array form, with and without an element before it", () => {
    const options = { code: "upstream_idle_timeout", requestId: "id1", framing: "json-array" } as const;
    expect(JSON.parse(`[{"candidates": []}\n${writeStreamError({ ...options, anySent: true })}`)).toMatchObject([
      { candidates: [] },
      { error: { code: 504 } },
    ]);
    expect(JSON.parse(writeStreamError({ ...options, anySent: false }))).toMatchObject([{ error: { code: 504 } }]);
  });
});
