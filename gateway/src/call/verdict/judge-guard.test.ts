import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Verdict } from "../../core/verdict.ts";
import type { Outcome } from "../outcome.ts";
import { judge } from "./judge.ts";

const now = Date.UTC(2026, 10, 21, 12);
const hour = 3_600_000;

function status(code: number, body: string, change: Partial<Extract<Outcome, { kind: "status" }>> = {}): Verdict {
  return judge({
    kind: "status",
    status: code,
    headers: [],
    body,
    backend: "gemini-api",
    model: "gemini-3.8-flash",
    namesResource: false,
    repeatable: true,
    streaming: false,
    now,
    ...change,
  });
}

function google(code: number | null, name: string, message: string, details: object[] = []): string {
  return JSON.stringify({ error: { ...(code === null ? {} : { code }), message, status: name, details } });
}

const info = (reason: string, metadata: Record<string, string> = {}, domain = "googleapis.com"): object => ({
  "@type": "type.googleapis.com/google.rpc.ErrorInfo",
  reason,
  domain,
  metadata,
});
const retry = (retryDelay: string): object => ({ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay });

/** What Google says about dead credentials, as a client would write it into its own request. */
const forged = fc.constantFrom(
  "API key not valid. Please pass a valid API key.",
  "API key expired. Please renew the API key.",
  "Invalid Auth key.",
  "User location is not supported for the API use.",
  "Your API key was reported as leaked. Please use another API key.",
  "Your project has been denied access. Please contact support.",
  "Permission denied: Consumer 'api_key:x' has been suspended.",
  "Method doesn't allow unregistered callers",
  "Requests to this API x are blocked.",
  "Generative Language API has not been used in project 1 before or it is disabled.",
  "API_KEY_INVALID",
  "SERVICE_DISABLED",
);

describe("a client cannot write itself an error that hurts a credential", () => {
  it.each<[number, string, (text: string) => string]>([
    [400, "INVALID_ARGUMENT", (text) => `Invalid JSON payload received. Unknown name "${text}": Cannot find field.`],
    [400, "INVALID_ARGUMENT", (text) => `* GenerateContentRequest.tools[0].function_declarations[0].name: ${text}`],
    [
      400,
      "INVALID_ARGUMENT",
      (text) => `Function call is missing a thought_signature, function call \`default_api:${text}\``,
    ],
    [403, "PERMISSION_DENIED", (text) => `You do not have permission to access the File ${text} or it may not exist.`],
    [
      404,
      "NOT_FOUND",
      (text) => `models/${text} is not found for API version v1beta, or is not supported for generateContent.`,
    ],
    [409, "ALREADY_EXISTS", (text) => `Requested entity already exists: ${text}`],
    [500, "INTERNAL", (text) => `An internal error has occurred: ${text}`],
  ])("through what a %i %s repeats of its request", (code, name, message) => {
    fc.assert(
      fc.property(forged, (text) => {
        const violation = { field: text, description: text };
        const details = [{ "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations: [violation] }];
        const verdict = status(code, google(code, name, message(text), details));
        expect(verdict.effects).toEqual([]);
        expect(["client", "upstream"]).toContain(verdict.fault);
      }),
    );
  });

  it("through a method that takes no API keys", () => {
    const message =
      "API keys are not supported by this API. Expected OAuth2 access token or other authentication credentials that assert a principal.";
    expect(status(401, google(401, "UNAUTHENTICATED", message, [info("CREDENTIALS_MISSING")]))).toMatchObject({
      rule: "client.oauth-only",
      fault: "client",
      retry: "no",
      effects: [],
      relayable: true,
    });
  });

  it("and neither can whatever stands between the gateway and Google", () => {
    for (const code of [400, 401, 403, 407])
      for (const body of [
        "API key not valid",
        "<html><title>API key not valid</title></html>",
        '"API key not valid"',
        "",
      ])
        expect(status(code, body)).toMatchObject({ rule: "client", retry: "no", effects: [] });
  });
});

describe("an error inside of a 200", () => {
  it.each<[number, string, string]>([
    [500, google(null, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."), "quota.burst"],
    [500, google(null, "UNAVAILABLE", "The model is overloaded."), "model.overloaded"],
    [14, google(14, "", "The service is currently unavailable."), "model.overloaded"],
    [200, google(503, "UNAVAILABLE", "overloaded"), "model.overloaded"],
    [200, google(null, "", "what now"), "upstream.internal"],
    [
      7,
      google(7, "PERMISSION_DENIED", "Your project has been denied access. Please contact support."),
      "project.denied",
    ],
  ])("with status %i is judged by what it says: %s", (code, body, rule) => {
    expect(status(code, body).rule).toBe(rule);
  });
});

describe("quotas of accounts", () => {
  const exhausted = "You have exhausted your capacity on this model. Your quota will reset after 5h59m59s.";
  const domain = "cloudcode-pa.googleapis.com,";

  it("rest the account for the model until the reset that is told", () => {
    const metadata = { model: "gemini-2.5-pro", quotaResetDelay: "5h59m59.96s" };
    const delayed = google(429, "RESOURCE_EXHAUSTED", exhausted, [
      info("QUOTA_EXHAUSTED", metadata, domain),
      retry("21599.96s"),
    ]);
    expect(status(429, `[${delayed}]`)).toMatchObject({
      rule: "quota.account",
      fault: "credential",
      retry: "other",
      effects: [{ scope: "credential-model", cause: "day-quota", untilMs: now + 21_599_960 }],
    });
    const stamped = { ...metadata, quotaResetTimeStamp: "2026-11-22T08:00:00Z" };
    const body = google(429, "RESOURCE_EXHAUSTED", exhausted, [info("QUOTA_EXHAUSTED", stamped, domain)]);
    expect(status(429, body).effects).toMatchObject([{ untilMs: Date.UTC(2026, 10, 22, 8) }]);
    const past = google(429, "RESOURCE_EXHAUSTED", exhausted, [
      info("QUOTA_EXHAUSTED", { quotaResetTimeStamp: "2020-01-01T00:00:00Z" }, domain),
    ]);
    expect(status(429, past).effects).toMatchObject([{ untilMs: now + 6 * hour - 1000 }]);
  });

  it("a model without capacity is overloaded, with 429 as with 503", () => {
    for (const code of [429, 503]) {
      const body = google(code, "RESOURCE_EXHAUSTED", "No capacity available for model X on the server", [
        info("MODEL_CAPACITY_EXHAUSTED", {}, domain),
      ]);
      expect(status(code, body)).toMatchObject({ rule: "model.overloaded", fault: "model", retry: "again" });
    }
  });
});

describe("waits", () => {
  const minute = "GenerateRequestsPerMinutePerProjectPerModel-FreeTier";
  const quota = (quotaId: string, quotaValue: unknown): object => ({
    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
    violations: [{ quotaId, quotaValue, quotaMetric: "m" }],
  });

  it("of a retry-after header count when they are the longest", () => {
    const body = google(429, "RESOURCE_EXHAUSTED", "x", [quota(minute, "10"), retry("14s")]);
    for (const [header, until] of [
      ["90", now + 90_000],
      ["3", now + 14_000],
      [new Date(now + 30_000).toUTCString(), now + 30_000],
      ["soon", now + 14_000],
    ] as const)
      expect(status(429, body, { headers: ["Retry-After", header] }).effects).toMatchObject([{ untilMs: until }]);
  });

  it("are finite and ahead whatever is written there", () => {
    const odd = fc.oneof(
      fc.constantFrom("-5s", "1e999s", "NaNs", `${"9".repeat(400)}s`, "", "0s", "1h1h1h", "5m", "1.5ms", "∞"),
      fc.string(),
      fc.anything(),
    );
    fc.assert(
      fc.property(
        odd,
        odd,
        odd,
        fc.constantFrom(minute, "", "X", "GenerateXPerHour"),
        (delay, told, value, quotaId) => {
          const details = [quota(quotaId, value), retry(delay as string)];
          let body = "";
          try {
            body = google(429, "RESOURCE_EXHAUSTED", `Please retry in ${String(told)}`, details);
          } catch {
            // Values that JSON cannot hold are no answers.
            return;
          }
          const verdict = status(429, body, { headers: ["retry-after", typeof told === "string" ? told : ""] });
          for (const effect of verdict.effects) {
            if (effect.kind !== "cooldown") continue;
            expect(effect.untilMs).toBeGreaterThan(now);
            expect(effect.untilMs).toBeLessThanOrEqual(now + 25 * hour);
          }
          for (const limit of verdict.limits) expect(limit.value).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });
});

describe("words", () => {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  const core = fc.string({ unit: fc.constantFrom(...letters), minLength: 30, maxLength: 60 });

  it("hold no key of any shape, wherever it stands, and are short", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("AIza", "AQ.", "ya29.", "gp-"),
        core,
        fc.string(),
        fc.string({ maxLength: 900 }),
        (shape, secret, before, after) => {
          const message = `${before}${shape}${secret} ${after}`;
          for (const body of [
            google(429, "X", message),
            google(400, "X", message),
            message,
            `<title>${message}</title>`,
          ]) {
            const verdict = status(429, body);
            expect(JSON.stringify(verdict)).not.toContain(secret);
            expect(verdict.words.length).toBeLessThanOrEqual(500);
          }
          expect(judge({ kind: "cut", words: message, repeatable: true, now }).words).not.toContain(secret);
        },
      ),
    );
  });

  it("leave out DebugInfo, which repeats the key", () => {
    const debug = { "@type": "type.googleapis.com/google.rpc.DebugInfo", detail: "Invalid API key: key1234" };
    const body = google(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", [
      info("API_KEY_INVALID"),
      debug,
    ]);
    expect(JSON.stringify(status(400, body))).not.toContain("key1234");
  });
});

describe("pages of the front end", () => {
  it("are not shown to a program when the upstream is in trouble, and are tried again once", () => {
    for (const code of [500, 502, 503, 504])
      expect(status(code, "<!DOCTYPE html><html><title>Error</title></html>")).toMatchObject({
        rule: "upstream.html",
        retry: "again",
        maxRetries: 1,
        relayable: false,
      });
    expect(status(502, "<html>", { repeatable: false }).retry).toBe("no");
  });
});
