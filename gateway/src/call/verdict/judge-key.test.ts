import { describe, expect, it } from "vitest";
import { judgeKey } from "./judge-key.ts";

const answer = (status: number, error: object): { status: number; body: string; now: number } => ({
  status,
  body: JSON.stringify({ error }),
  now: 1_800_000_000_000,
});
const reason = (name: string): object[] => [
  { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: name, domain: "googleapis.com" },
];

describe("an answer about a key", () => {
  it("of 200 is well, and has no words", () => {
    expect(judgeKey({ status: 200, body: "{}", now: 0 })).toEqual({ result: "ok", rule: "ok", words: null });
  });

  it("tells a key that Google does not know from one that may do no more now", () => {
    const unknown = { message: "API key not valid.", status: "INVALID_ARGUMENT", details: reason("API_KEY_INVALID") };
    expect(judgeKey(answer(400, unknown))).toMatchObject({ result: "invalid", words: "API key not valid." });
    expect(judgeKey(answer(429, { message: "slow down", status: "RESOURCE_EXHAUSTED" })).result).toBe("limited");
  });

  it("says nothing about the key when Google itself fails, whatever the body is", () => {
    for (const body of ["<html>", "", "null", "[]", '{"error":"x"}'])
      expect(judgeKey({ status: 503, body, now: 0 })).toMatchObject({ result: "unreachable", words: "HTTP 503" });
  });
});
