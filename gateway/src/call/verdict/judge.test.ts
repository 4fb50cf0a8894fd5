import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Outcome } from "../outcome.ts";
import { judge } from "./judge.ts";
import { statusRules } from "./rules-table.ts";

const now = Date.UTC(2026, 10, 21, 12); // 04:00 in Los Angeles
const midnight = Date.UTC(2026, 10, 22, 8);
const hour = 3_600_000;

function outcome(status: number, body: string, change: Partial<Extract<Outcome, { kind: "status" }>> = {}): Outcome {
  return {
    kind: "status",
    status,
    headers: [],
    body,
    backend: "gemini-api",
    model: "gemini-3.8-flash",
    namesResource: false,
    repeatable: true,
    streaming: false,
    now,
    ...change,
  };
}

function google(code: number, status: string, message: string, details: object[] = []): string {
  return JSON.stringify({ error: { code, message, status, details } }, null, 2);
}

const info = (reason: string, metadata: Record<string, string> = {}): object => ({
  "@type": "type.googleapis.com/google.rpc.ErrorInfo",
  reason,
  domain: "googleapis.com",
  metadata,
});
const retry = (retryDelay: string): object => ({ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay });
const quota = (...violations: [quotaId: string, quotaValue: string][]): object => ({
  "@type": "type.googleapis.com/google.rpc.QuotaFailure",
  violations: violations.map(([quotaId, quotaValue]) => ({
    quotaMetric: "generativelanguage.googleapis.com/generate_content_free_tier_requests",
    quotaId,
    quotaDimensions: { location: "global", model: "gemini-3.8-flash" },
    quotaValue,
  })),
});
const exceeded =
  "You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.";

describe("a client's own mistake touches no credential and is relayed", () => {
  it.each([
    [
      400,
      google(400, "INVALID_ARGUMENT", "The input token count exceeds the maximum number of tokens allowed (1048576)."),
    ],
    [400, google(400, "INVALID_ARGUMENT", 'Invalid JSON payload received. Unknown name "foo": Cannot find field.')],
    [400, google(400, "INVALID_ARGUMENT", "* GenerateContentRequest.contents: contents is not specified")],
    [400, google(400, "INVALID_ARGUMENT", "Function call is missing a thought_signature in functionCall parts.")],
    [
      400,
      google(400, "INVALID_ARGUMENT", "Thinking budget is not supported for this model. Use thinking level instead."),
    ],
    [413, "<html><title>413. That's an error.</title></html>"],
    [404, "<!DOCTYPE html><html><title>Error 404 (Not Found)!!1</title></html>"],
    [409, google(409, "ALREADY_EXISTS", "File files/x already exists.")],
    [422, "no JSON at all"],
    [400, ""],
  ])("%i %s", (status, body) => {
    expect(judge(outcome(status, body))).toMatchObject({
      rule: "client",
      fault: "client",
      retry: "no",
      effects: [],
      relayable: true,
    });
  });
});

describe("a dead credential is disabled, tried elsewhere, and never the client's problem", () => {
  const rows: [string, string, number, string, string][] = [
    [
      "key.invalid",
      "credential",
      400,
      google(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", [
        info("API_KEY_INVALID", { service: "generativelanguage.googleapis.com" }),
        { "@type": "type.googleapis.com/google.rpc.LocalizedMessage", locale: "en-US", message: "API key not valid." },
      ]),
      "invalid-key",
    ],
    [
      "key.invalid",
      "credential",
      400,
      google(400, "INVALID_ARGUMENT", "API key expired. Please renew the API key."),
      "invalid-key",
    ],
    ["key.invalid", "credential", 400, `[${google(400, "INVALID_ARGUMENT", "Invalid Auth key.")}]\n`, "invalid-key"],
    [
      "key.unauthenticated",
      "credential",
      401,
      google(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.", [
        info("ACCESS_TOKEN_TYPE_UNSUPPORTED"),
      ]),
      "invalid-key",
    ],
    [
      "key.leaked",
      "credential",
      403,
      google(403, "PERMISSION_DENIED", "Your API key was reported as leaked. Please use another API key."),
      "leaked",
    ],
    [
      "project.suspended",
      "project",
      403,
      google(
        403,
        "PERMISSION_DENIED",
        "Permission denied: Consumer 'api_key:AIzaSyA-secret_secret_secret_secret_secret' has been suspended.",
        [info("CONSUMER_SUSPENDED", { consumer: "projects/77" })],
      ),
      "suspended",
    ],
    [
      "project.denied",
      "project",
      403,
      google(403, "PERMISSION_DENIED", "Your project has been denied access. Please contact support."),
      "denied",
    ],
    [
      "project.disabled",
      "project",
      403,
      google(
        403,
        "PERMISSION_DENIED",
        "Generative Language API has not been used in project 12345678 before or it is disabled.",
        [info("SERVICE_DISABLED", { consumer: "projects/12345678" })],
      ),
      "service-disabled",
    ],
    [
      "key.restricted",
      "credential",
      403,
      google(403, "PERMISSION_DENIED", "Requests from referer <empty> are blocked.", [
        info("API_KEY_HTTP_REFERRER_BLOCKED"),
      ]),
      "restricted",
    ],
    [
      "key.restricted",
      "credential",
      401,
      google(401, "UNAUTHENTICATED", "blocked", [info("API_KEY_SERVICE_BLOCKED")]),
      "restricted",
    ],
  ];
  it.each(rows)("%s disables the %s", (rule, scope, status, body, reason) => {
    const verdict = judge(outcome(status, body));
    expect(verdict).toMatchObject({ rule, fault: scope, retry: "other", relayable: false });
    expect(verdict.effects).toMatchObject([{ kind: "disable", scope, reason }]);
    const [effect] = verdict.effects;
    expect(effect?.kind === "disable" && (effect.probeAtMs as number) > now).toBe(true);
    expect(JSON.stringify(verdict)).not.toContain("secret_secret");
  });

  it("learns the project that Google names", () => {
    const body = google(403, "PERMISSION_DENIED", "x", [info("SERVICE_DISABLED", { consumer: "projects/12345678" })]);
    expect(judge(outcome(403, body)).consumer).toBe("projects/12345678");
  });
});

describe("quotas rest as long as Google says", () => {
  it("per minute by the larger of RetryInfo and 'Please retry in'", () => {
    const body = google(429, "RESOURCE_EXHAUSTED", `${exceeded}\nPlease retry in 51.386192716s.`, [
      quota(["GenerateContentPaidTierInputTokensPerModelPerMinute-PaidTier2", "3000000"]),
      retry("14s"),
    ]);
    const verdict = judge(outcome(429, body));
    expect(verdict).toMatchObject({ rule: "quota.minute", fault: "project", retry: "other", relayable: false });
    expect(verdict.effects).toMatchObject([{ scope: "project-model", cause: "minute-quota", untilMs: now + 51_387 }]);
    expect(verdict.limits).toMatchObject([
      { value: 3_000_000, window: "minute", kind: "tokens", model: "gemini-3.8-flash" },
    ]);
  });

  it("per minute for 60 seconds when no time is told, never under one second", () => {
    const id = "GenerateRequestsPerMinutePerProjectPerModel-FreeTier";
    const untold = judge(outcome(429, google(429, "RESOURCE_EXHAUSTED", exceeded, [quota([id, "10"])])));
    expect(untold.effects).toMatchObject([{ untilMs: now + 60_000 }]);
    const short = judge(outcome(429, google(429, "RESOURCE_EXHAUSTED", exceeded, [quota([id, "10"]), retry("12ms")])));
    expect(short.effects).toMatchObject([{ untilMs: now + 1_000 }]);
  });

  it("per day until midnight Pacific, whatever RetryInfo says", () => {
    const body = google(429, "RESOURCE_EXHAUSTED", `${exceeded}\nPlease retry in 38.2s.`, [
      quota(["GenerateRequestsPerDayPerProjectPerModel-FreeTier", "20"]),
      retry("38s"),
    ]);
    expect(judge(outcome(429, body)).effects).toMatchObject([{ cause: "day-quota", untilMs: midnight }]);
  });

  it("per day just after midnight Pacific only for a minute, and nothing is learned of the new day", () => {
    const body = google(429, "RESOURCE_EXHAUSTED", exceeded, [
      quota(["GenerateRequestsPerDayPerProjectPerModel-FreeTier", "20"]),
    ]);
    const at = (moment: number): Outcome => ({ ...outcome(429, body), now: moment });
    const turn = judge(at(midnight + 5_000));
    expect(turn).toMatchObject({ rule: "quota.day-turn", limits: [], effects: [{ untilMs: midnight + 65_000 }] });
    expect(judge(at(midnight + 120_000)).rule).toBe("quota.day");
    expect(judge(at(midnight - 1)).rule).toBe("quota.day");
  });

  it("the longest of several violations decides", () => {
    const body = google(429, "RESOURCE_EXHAUSTED", exceeded, [
      quota(
        ["GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "10"],
        ["GenerateRequestsPerDayPerProjectPerModel-FreeTier", "20"],
      ),
      retry("34s"),
    ]);
    expect(judge(outcome(429, body))).toMatchObject({ rule: "quota.day", effects: [{ untilMs: midnight }] });
  });

  it.each([
    google(429, "RESOURCE_EXHAUSTED", `${exceeded}\n* Quota exceeded for metric: x, limit: 0, model: gemini-2.5-pro`),
    google(429, "RESOURCE_EXHAUSTED", exceeded, [
      quota(["GenerateRequestsPerDayPerProjectPerModel-FreeTier", "0"]),
      retry("30s"),
    ]),
    google(429, "RESOURCE_EXHAUSTED", "Quota exceeded", [
      info("RATE_LIMIT_EXCEEDED", {
        quota_limit_value: "0",
        quota_limit: "GenerateContentRequestsPerMinutePerProjectPerRegion",
      }),
    ]),
  ])("limit: 0 is unusable, not busy", (body) => {
    expect(judge(outcome(429, body))).toMatchObject({
      rule: "quota.none",
      effects: [{ cause: "no-quota", untilMs: now + 24 * hour }],
    });
  });

  it("limit: 0.5 and limit: 05 are not limit: 0", () => {
    const body = google(429, "RESOURCE_EXHAUSTED", `${exceeded} limit: 0.5`);
    expect(judge(outcome(429, body)).rule).not.toBe("quota.none");
  });

  it.each([
    "Your prepayment credits are depleted. Please go to AI Studio at https://ai.studio/projects to manage your project and billing.",
    "Your project has exceeded its monthly spending cap. Please go to AI Studio at https://ai.studio/spend to manage your project spend cap.",
    "Your billing account has exceeded its monthly spending cap.",
  ])("money gone rests the whole project: %s", (message) => {
    expect(judge(outcome(429, google(429, "RESOURCE_EXHAUSTED", message)))).toMatchObject({
      rule: "quota.money",
      effects: [{ scope: "project", cause: "money", untilMs: now + hour }],
    });
  });

  it("a bare 429 is a burst of this key and model", () => {
    const body = google(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota).");
    expect(judge(outcome(429, body))).toMatchObject({
      rule: "quota.burst",
      effects: [{ scope: "credential-model", cause: "burst", untilMs: now + 10_000 }],
    });
    expect(judge(outcome(429, "")).rule).toBe("quota.burst");
  });

  it("a full batch queue does not stop generating", () => {
    const body = google(429, "RESOURCE_EXHAUSTED", exceeded, [
      quota(["BatchGenerateContentEnqueuedTokensPerModel", "1000"]),
    ]);
    expect(judge(outcome(429, body))).toMatchObject({ rule: "quota.batch", effects: [], retry: "other" });
  });

  it("the older style of service quotas is read by its metadata", () => {
    const body = google(429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric", [
      info("RATE_LIMIT_EXCEEDED", {
        quota_limit_value: "60",
        quota_limit: "GenerateContentRequestsPerMinutePerProjectPerRegion",
        consumer: "projects/348715329010",
      }),
    ]);
    expect(judge(outcome(429, body))).toMatchObject({ rule: "quota.minute", consumer: "projects/348715329010" });
  });
});

describe("the upstream's own trouble", () => {
  it.each([
    [500, "upstream.internal", "again", 1],
    [502, "upstream.gateway", "again", 1],
    [503, "model.overloaded", "again", 3],
    [504, "upstream.deadline", "no", 0],
    [499, "upstream.cancelled", "again", 1],
    [529, "upstream.gateway", "again", 1],
  ])("%i is %s", (status, rule, kind, most) => {
    const verdict = judge(outcome(status, google(status, "X", "trouble")));
    expect(verdict).toMatchObject({ rule, retry: kind, relayable: true });
    if (kind === "again") expect(verdict.maxRetries).toBe(most);
    expect(verdict.effects.some((effect) => effect.kind === "disable")).toBe(false);
  });

  it("503 rests the model, no key", () => {
    expect(judge(outcome(503, google(503, "UNAVAILABLE", "The model is overloaded."))).effects).toMatchObject([
      { scope: "model", cause: "overload" },
    ]);
  });

  it("what creates something is not sent again but after a 503", () => {
    const creation = { repeatable: false };
    expect(judge(outcome(500, "", creation)).retry).toBe("no");
    expect(judge(outcome(502, "<html>", creation)).retry).toBe("no");
    expect(judge(outcome(503, "", creation)).retry).toBe("again");
  });

  it("a location refusal blames the way, not the key", () => {
    const verdict = judge(
      outcome(400, google(400, "FAILED_PRECONDITION", "User location is not supported for the API use.")),
    );
    expect(verdict).toMatchObject({ rule: "egress.location", fault: "egress", retry: "other", relayable: true });
    expect(verdict.effects).toMatchObject([{ kind: "cooldown", cause: "location", untilMs: now + hour }]);
  });

  it("an unknown model is asked for once elsewhere", () => {
    const body = google(
      404,
      "NOT_FOUND",
      "models/x is not found for API version v1beta, or is not supported for generateContent.",
    );
    expect(judge(outcome(404, body))).toMatchObject({
      rule: "model.unknown",
      retry: "other",
      maxRetries: 1,
      effects: [],
      relayable: true,
    });
  });

  it("a resource of another project is the client's to know", () => {
    const body = google(
      403,
      "PERMISSION_DENIED",
      "You do not have permission to access the File abc or it may not exist.",
    );
    expect(judge(outcome(403, body))).toMatchObject({
      rule: "resource.foreign",
      retry: "no",
      effects: [],
      relayable: true,
    });
    expect(judge(outcome(404, google(404, "NOT_FOUND", "x"), { namesResource: true })).rule).toBe("resource.foreign");
  });

  it("a foreign thought signature is repaired once", () => {
    const body = google(400, "INVALID_ARGUMENT", "Corrupted thought signature.");
    expect(judge(outcome(400, body))).toMatchObject({
      rule: "signature.foreign",
      retry: "other",
      maxRetries: 1,
      effects: [],
    });
  });

  it("two credentials at once are the gateway's mistake", () => {
    const body = google(400, "INVALID_ARGUMENT", "Multiple authentication credentials received. Please pass only one.");
    expect(judge(outcome(400, body))).toMatchObject({ rule: "gateway.credentials", fault: "gateway", effects: [] });
  });
});

describe("no answer", () => {
  it("is repeated when nothing was sent", () => {
    const failure = {
      kind: "network",
      phase: "connect",
      code: "ECONNREFUSED",
      words: "x",
      repeatable: false,
      now,
    } as const;
    expect(judge(failure)).toMatchObject({ rule: "network.connect", retry: "again" });
    expect(judge({ kind: "timeout", phase: "connect", now })).toMatchObject({
      rule: "timeout.connect",
      retry: "again",
    });
  });

  it("is repeated once when it may have been processed and can be", () => {
    const failure = { kind: "network", phase: "sent", code: "ECONNRESET", words: "x", now } as const;
    expect(judge({ ...failure, repeatable: true })).toMatchObject({ retry: "again", maxRetries: 1 });
    expect(judge({ ...failure, repeatable: false })).toMatchObject({ retry: "no" });
  });

  it("is never repeated when it was slow: it may have been paid for", () => {
    expect(judge({ kind: "timeout", phase: "first-byte", now }).retry).toBe("no");
    expect(judge({ kind: "timeout", phase: "idle", now }).retry).toBe("no");
  });

  it("an empty answer hurts nobody", () => {
    expect(judge({ kind: "empty", now })).toMatchObject({ rule: "empty", retry: "again", effects: [] });
  });
});

describe("the table", () => {
  it("has unique ids", () => {
    expect(new Set(statusRules.map((rule) => rule.id)).size).toBe(statusRules.length);
  });

  it("judges any garbage without throwing, with finite times ahead and words that are short", () => {
    const json = fc.json().map((text) => `{"error":${text}}`);
    const shaped = fc
      .record({ message: fc.string(), delay: fc.string(), id: fc.string(), value: fc.string() })
      .map(({ message, delay, id, value }) =>
        google(429, "RESOURCE_EXHAUSTED", message, [quota([id, value]), retry(delay)]),
      );
    fc.assert(
      fc.property(
        fc.integer({ min: 400, max: 599 }),
        fc.oneof(fc.string(), json, shaped, fc.json()),
        (status, body) => {
          const verdict = judge(outcome(status, body));
          expect(verdict.words.length).toBeLessThanOrEqual(500);
          for (const effect of verdict.effects)
            if (effect.kind === "cooldown") {
              expect(Number.isFinite(effect.untilMs)).toBe(true);
              expect(effect.untilMs).toBeGreaterThan(now);
            }
        },
      ),
      { numRuns: 500 },
    );
  });
});
