import { expect, it } from "vitest";
import { judge } from "../verdict/judge.ts";
import { cutReason } from "./close-codes.ts";
import { closeOfRefusal, isGoodEnd, outcomeOfClose } from "./close-outcome.ts";
import { judgeToken } from "./token-verdict.ts";

const facts = { model: "gemini-live", namesResource: false, now: Date.UTC(2026, 10, 21) };
const quotaWords =
  "You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.";

// The texts of fact sheet upstream 4.2 and 9, cut as Google cuts them.
it.each([
  [1007, "API key not valid. Please pass a valid API key.", "key.invalid", "other"],
  [1007, "API key expired. Please renew the API key.", "key.invalid", "other"],
  [
    1008,
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other",
    "key.unauthenticated",
    "other",
  ],
  [1008, "Your API key was reported as leaked. Please use another API key.", "key.leaked", "other"],
  [1008, "Your project has been denied access. Please contact support.", "project.denied", "other"],
  [1008, "Permission denied: Consumer 'api_key:AIzaSyA' has been suspended.", "project.suspended", "other"],
  [1011, quotaWords, "quota.burst", "other"],
  [1011, "Resource has been exhausted (e.g. check quota).", "quota.burst", "other"],
  [
    1011,
    "Your prepayment credits are depleted. Please go to AI Studio at https://ai.studio/projects",
    "quota.money",
    "other",
  ],
  [
    1008,
    "models/x is not found for API version v1beta, or is not supported for bidiGenerateContent. Call",
    "model.unknown",
    "other",
  ],
  [1011, "The model is overloaded. Please try again later.", "model.overloaded", "again"],
  [1011, "Internal error encountered.", "upstream.internal", "again"],
  [1013, "", "model.overloaded", "again"],
  [1007, "Request contains an invalid argument.", "client", "no"],
  [1007, `Unknown name "API key not valid": Cannot find field.`, "client", "no"],
  [1008, "User said You exceeded your current quota", "client", "no"],
  [1006, "", "stream.cut", "again"],
  [1000, "", "stream.cut", "again"],
] as const)("a close with %i '%s' is judged %s", (code, reason, rule, retry) => {
  const verdict = judge(outcomeOfClose({ code, reason: cutReason(reason) }, facts));
  expect([verdict.rule, verdict.retry]).toEqual([rule, retry]);
});

it("a token's faults are the client's: no credential is touched, and what may have used the token up is not repeated", () => {
  for (const [code, reason] of [
    [1007, "API key expired. Please renew the API key."],
    [1011, quotaWords],
    [1008, "Permission denied: Consumer 'x' has been suspended."],
  ] as const) {
    const verdict = judgeToken(outcomeOfClose({ code, reason }, facts));
    expect(verdict.retry).toBe("no");
    for (const effect of verdict.effects)
      expect(effect.kind === "cooldown" && ["project", "project-model", "model"].includes(effect.scope)).toBe(true);
  }
  const unsent = judgeToken({
    kind: "network",
    phase: "connect",
    code: "ECONNREFUSED",
    words: "",
    repeatable: true,
    now: 0,
  });
  expect(unsent.retry).toBe("again");
});

it("sessions end well by agreement, by going away, and after goAway", () => {
  expect([1000, 1001, 1005, 1006, 1008, 1011].map((code) => isGoodEnd(code, false))).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
  expect(isGoodEnd(1008, true)).toBe(true);
  expect(isGoodEnd(1006, true)).toBe(false);
});

it("an upgrade that Google refused is told as Google would have closed", () => {
  expect([400, 403, 404, 429, 503].map((status) => closeOfRefusal(status, "").code)).toEqual([
    1007, 1008, 1008, 1011, 1011,
  ]);
});
