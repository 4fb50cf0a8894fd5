import { expect, test } from "vitest";
import type { Reserved } from "../../clients/types.ts";
import { addLimitHeaders, limitHeaderNames, toResetText, upstreamLimitHeaders } from "./headers.ts";

const reservation = { clientId: "client_one", at: 0, tokens: 0, costNanoUsd: 0 };

test("tells limit, rest and reset of the tightest limit for requests and for tokens", () => {
  const headers = ["x-first", "1"];
  const reserved: Reserved = {
    ok: true,
    reservation,
    states: [
      { kind: "requests", limit: 60, remaining: 12, resetMs: 58_500 },
      { kind: "requests", limit: 500, remaining: 3, resetMs: 3_600_000 },
      { kind: "tokens", limit: 1_000, remaining: 40.5, resetMs: 120 },
    ],
  };
  addLimitHeaders(headers, reserved);
  const pairs = headers.map((text, index) => (index % 2 === 0 ? `${text}: ${headers[index + 1]}` : null));
  expect(pairs.filter((pair) => pair !== null)).toEqual([
    "x-first: 1",
    "x-ratelimit-limit-requests: 500",
    "x-ratelimit-remaining-requests: 3",
    "x-ratelimit-reset-requests: 1h0m0s",
    "x-ratelimit-limit-tokens: 1000",
    "x-ratelimit-remaining-tokens: 40",
    "x-ratelimit-reset-tokens: 120ms",
  ]);
  for (const [index, name] of headers.entries())
    if (index > 1 && index % 2 === 0) expect(limitHeaderNames).toContain(name);
});

test("a refusal is marked as this gateway's, with or without states; a relayed one as Google's", () => {
  const headers: string[] = [];
  addLimitHeaders(headers, { ok: false, code: "client_budget_exhausted", what: "", retryAfterMs: null, states: [] });
  expect(headers).toEqual(["x-gproxy-limit", "local"]);
  expect(upstreamLimitHeaders).toEqual(["x-gproxy-limit", "upstream"]);
  const none: string[] = [];
  addLimitHeaders(none, { ok: true, reservation, states: [] });
  expect(none).toEqual([]);
});

test("durations are written as OpenAI writes them", () => {
  const cases: [number, string][] = [
    [0, "0s"],
    [-5, "0s"],
    [0.2, "1ms"],
    [999, "999ms"],
    [1_000, "1s"],
    [8_640, "8.64s"],
    [360_000, "6m0s"],
    [59_999, "59.999s"],
    [61_500, "1m1.5s"],
    [3_600_000, "1h0m0s"],
    [90_061_001, "25h1m1.001s"],
  ];
  for (const [ms, text] of cases) expect(toResetText(ms)).toBe(text);
});
