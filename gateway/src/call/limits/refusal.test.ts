import { expect, test } from "vitest";
import { writeError as writeGeminiError } from "../../dialects/gemini/write-error.ts";
import { writeError as writeChatError } from "../../dialects/openai-chat/write-error.ts";
import { toLimitRefusal } from "./refusal.ts";

const refused = {
  ok: false,
  code: "client_rate_limited",
  what: "requests per minute (60)",
  retryAfterMs: 12_001,
  states: [],
} as const;

test("says which limit it is, whose, and when to come back, in both dialects", () => {
  const refusal = toLimitRefusal(refused);
  expect(refusal).toMatchObject({ code: "client_rate_limited", retryAfterSeconds: 13 });
  for (const { status, headers, body } of [
    writeGeminiError({ ...refusal, requestId: "call_1" }),
    writeChatError({ ...refusal, requestId: "call_1" }),
  ]) {
    expect(status).toBe(429);
    expect(headers.join()).toContain("retry-after,13");
    expect(body).toContain(
      "This client key's limit would be exceeded: requests per minute (60). The limit is this gateway's, not Google's. Try again in 13 seconds.",
    );
  }
});

test("says so when waiting does not help, and gives no time", () => {
  const refusal = toLimitRefusal({ ...refused, code: "client_budget_exhausted", retryAfterMs: null });
  expect(refusal.retryAfterSeconds).toBeNull();
  expect(refusal.message).toContain("Waiting does not help");
  expect(writeChatError({ ...refusal, requestId: "call_1" }).headers.join()).not.toContain("retry-after");
});

test("a wait of a moment is a second: zero would invite a busy loop", () => {
  expect(toLimitRefusal({ ...refused, retryAfterMs: 1 }).retryAfterSeconds).toBe(1);
  expect(toLimitRefusal({ ...refused, retryAfterMs: 0 }).retryAfterSeconds).toBe(1);
});
