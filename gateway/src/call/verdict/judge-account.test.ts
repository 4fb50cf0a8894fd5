/**
 * Errors of Code Assist as the fact sheet (upstream 7.1, 7.5, 7.6) records them.
 * @module
 */
import { describe, expect, it } from "vitest";
import type { Outcome } from "../outcome.ts";
import { judge } from "./judge.ts";

const now = Date.UTC(2026, 10, 21, 12);

function outcome(status: number, error: object, backend: "code-assist" | "gemini-api" = "code-assist"): Outcome {
  return {
    kind: "status",
    status,
    headers: [],
    body: JSON.stringify([{ error: { code: status, ...error } }]),
    backend,
    model: "gemini-2.5-pro",
    namesResource: false,
    repeatable: true,
    streaming: true,
    now,
  };
}

const info = (reason: string, metadata: object = {}): object => ({
  "@type": "type.googleapis.com/google.rpc.ErrorInfo",
  reason,
  domain: "cloudcode-pa.googleapis.com,",
  metadata,
});

describe("an account", () => {
  it("whose token is refused is refreshed, not disabled", () => {
    const verdict = judge(
      outcome(401, { message: "Request had invalid authentication credentials.", status: "UNAUTHENTICATED" }),
    );
    expect(verdict).toMatchObject({ rule: "account.token-refused", retry: "again", effects: [], relayable: false });
  });

  it("without a licence is disabled with Google's words", () => {
    const message = "You do not have a valid license of this product. (#3501)";
    const verdict = judge(
      outcome(403, { message, status: "PERMISSION_DENIED", details: [info("SUBSCRIPTION_REQUIRED")] }),
    );
    expect(verdict).toMatchObject({ rule: "account.not-eligible", retry: "other", words: message });
    expect(verdict.effects).toMatchObject([{ kind: "disable", scope: "credential", reason: "not-eligible" }]);
  });

  it("that must be validated names the page on which to do it", () => {
    const help = { "@type": "type.googleapis.com/google.rpc.Help", links: [{ url: "https://accounts.google.com/v" }] };
    const verdict = judge(
      outcome(403, { message: "Verify your account.", details: [info("VALIDATION_REQUIRED"), help] }),
    );
    expect(verdict.words).toBe("Verify your account. https://accounts.google.com/v");
  });

  it("that must be validated names that page whole, however much Google says", () => {
    const link = `https://accounts.google.com/signin/continue?sarp=1&plt=${"p".repeat(380)}`;
    const details = [info("VALIDATION_REQUIRED", { validation_link: link })];
    const { words } = judge(outcome(403, { message: "Verify your account. ".repeat(30), details }));
    expect(words).toMatch(/^Verify your account\. /);
    expect(words.endsWith(` ${link}`)).toBe(true);
    expect(words.length).toBeLessThanOrEqual(500);
    // Half a link leads nowhere.
    const longer = [info("VALIDATION_REQUIRED", { validation_link: `${link}${"q".repeat(200)}` })];
    expect(judge(outcome(403, { message: "Verify your account.", details: longer })).words).toBe(
      "Verify your account.",
    );
  });

  it("with its quota used up rests for that model until the time told", () => {
    const metadata = {
      model: "gemini-2.5-pro",
      quotaResetDelay: "5h59m59.96s",
      quotaResetTimeStamp: "2026-11-22T08:00:00Z",
    };
    const verdict = judge(
      outcome(429, {
        message: "You have exhausted your capacity on this model.",
        details: [info("QUOTA_EXHAUSTED", metadata)],
      }),
    );
    expect(verdict.rule).toBe("quota.account");
    expect(verdict.effects).toMatchObject([{ scope: "credential-model", untilMs: Date.UTC(2026, 10, 22, 8) }]);
  });

  it.each([429, 503])("without capacity (%i) rests alone: keys have capacity of their own", (status) => {
    const verdict = judge(
      outcome(status, {
        message: "No capacity available for model x on the server",
        details: [info("MODEL_CAPACITY_EXHAUSTED")],
      }),
    );
    expect(verdict).toMatchObject({ rule: "account.capacity", retry: "other" });
    expect(verdict.effects).toMatchObject([{ scope: "credential-model", cause: "overload" }]);
  });
});

it("the same 401 of an API key disables the key", () => {
  const verdict = judge(outcome(401, { message: "Request had invalid authentication credentials." }, "gemini-api"));
  expect(verdict.rule).toBe("key.unauthenticated");
});
