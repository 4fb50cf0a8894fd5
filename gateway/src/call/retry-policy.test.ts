import { describe, expect, it } from "vitest";
import type { Fault, Verdict } from "../core/verdict.ts";
import { parseSettings } from "../settings/parse.ts";
import { nextTryIn, type RetryFacts } from "./retry-policy.ts";

const { settings } = parseSettings({});

function facts(fault: Fault, more: Partial<RetryFacts> = {}): RetryFacts {
  const verdict: Verdict = {
    rule: "a.rule",
    fault,
    retry: "again",
    maxRetries: 3,
    backoffMs: 100,
    effects: [],
    limits: [],
    consumer: null,
    relayable: false,
    words: "",
  };
  return {
    verdict,
    attempts: 1,
    sameRule: 0,
    transient: 0,
    elapsedMs: 0,
    maxRetries: null,
    replayable: true,
    open: { calls: 50, retrying: 0 },
    random: 0.5,
    ...more,
  };
}

describe("the budget of retries", () => {
  const spent = { open: { calls: 50, retrying: 10 } };

  it("holds back transient faults when many calls repeat them already", () => {
    expect(nextTryIn(facts("upstream"), settings)).toBe(75);
    expect(nextTryIn(facts("upstream", spent), settings)).toBeNull();
    expect(nextTryIn(facts("model", spent), settings)).toBeNull();
  });

  it.each(["credential", "gateway"] as const)("does not hold back what is sent anew because of the %s", (fault) => {
    expect(nextTryIn(facts(fault, spent), settings)).toBe(0);
    expect(nextTryIn(facts(fault, { ...spent, transient: 9 }), settings)).toBe(0);
    // Its own number holds all the same, and the call's.
    expect(nextTryIn(facts(fault, { sameRule: 3 }), settings)).toBeNull();
    expect(nextTryIn(facts(fault, { maxRetries: 0 }), settings)).toBeNull();
    expect(nextTryIn(facts(fault, { replayable: false }), settings)).toBeNull();
    expect(nextTryIn(facts(fault, { elapsedMs: settings.retryDeadlineMs }), settings)).toBeNull();
  });
});
