import { describe, expect, it } from "vitest";
import { errorTable, type ErrorCode } from "../../core/errors.ts";
import { writeError, writeStreamError } from "./write-error.ts";

const codes = Object.keys(errorTable) as ErrorCode[];

describe("writeError", () => {
  it("writes every code of the table as message, type, param and code, and nothing else", () => {
    for (const code of codes) {
      const written = writeError({ code, requestId: "id1" });
      const { error } = JSON.parse(written.body) as { error: Record<string, unknown> };
      expect(written.status).toBe(errorTable[code].status);
      expect(Object.keys(error)).toStrictEqual(["message", "type", "param", "code"]);
      expect(error).toMatchObject({ type: errorTable[code].openai, param: null, code });
      expect(error["message"]).toContain(errorTable[code].message);
    }
  });

  it("carries retry-after in whole seconds, rounded up", () => {
    const written = writeError({
      code: "credentials_exhausted",
      requestId: "id1",
      retryAfterSeconds: 3.1,
      causes: { burst: 1 },
    });
    expect(written.headers).toStrictEqual(["content-type", "application/json; charset=utf-8", "retry-after", "4"]);
    expect(written.body).toContain("Causes: 1 slowed down by the upstream. Try again in 4 seconds.");
  });

  it("tells SDKs not to retry by themselves when the wait is longer than a minute", () => {
    const headers = (retryAfterSeconds: number): string[] =>
      writeError({ code: "credentials_exhausted", requestId: "r", retryAfterSeconds }).headers;
    expect(headers(60)).not.toContain("x-should-retry");
    expect(headers(61).slice(-2)).toStrictEqual(["x-should-retry", "false"]);
  });

  it("names the request in the message of a server error", () => {
    expect(writeError({ code: "internal", requestId: "id1" }).body).toContain("(request id1)");
    expect(writeError({ code: "model_missing", requestId: "id1" }).body).not.toContain("id1");
  });
});

describe("writeStreamError", () => {
  it("is one event without [DONE]", () => {
    const event = writeStreamError({ code: "upstream_broken", requestId: "id1" });
    expect(event).toMatch(/^data: \{"error":\{.*\}\}\n\n$/);
    expect(event).not.toContain("[DONE]");
    expect(JSON.parse(event.slice("data: ".length))).toMatchObject({
      error: { type: "server_error", code: "upstream_broken" },
    });
  });

  it("ends a broken event first when the bytes before it stop inside one", () => {
    expect(writeStreamError({ code: "upstream_broken", requestId: "id1", midEvent: true })).toMatch(
      /^\n\ndata: \{"error"/,
    );
  });
});
