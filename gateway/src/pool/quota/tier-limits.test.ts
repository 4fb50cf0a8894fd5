import { describe, expect, it } from "vitest";
import type { QuotaLimits } from "../quota-limits.ts";
import { toBucketLimits } from "./tier-limits.ts";

const config: QuotaLimits = {
  free: {
    "*": { requestsPerMinute: 10, requestsPerDay: 20, tokensPerMinute: 250_000 },
    "gemini-4-neon": { requestsPerDay: 0 },
    "gemini-lite": { requestsPerMinute: null },
  },
  "*": { "gemini-lite": { requestsPerMinute: 15, tokensPerDay: 7 }, "*": { requestsPerMinute: 5, tokensPerDay: 9 } },
};

describe("configured limits", () => {
  it.each([
    ["free", "gemini-x", { rpm: 10, tpm: 250_000, rpd: 20, tpd: 9 }],
    ["free", "gemini-4-neon", { rpm: 10, tpm: 250_000, rpd: 0, tpd: 9 }],
    ["paid1", "gemini-lite", { rpm: 15, tpd: 7 }],
    ["paid1", "gemini-x", { rpm: 5, tpd: 9 }],
    [null, "gemini-x", { rpm: 5, tpd: 9 }],
  ])("of tier %s and model %s fall through one by one", (tier, model, expected) => {
    expect(shortOf(config, tier, model)).toEqual(expected);
  });

  it("null means no limit and ends the search", () => {
    expect(shortOf(config, "free", "gemini-lite")).toEqual({ tpm: 250_000, rpd: 20, tpd: 7 });
  });

  it("come as configured, older than anything that Google tells", () => {
    expect(toBucketLimits({ "*": { "*": { requestsPerDay: 20 } } }, null, "gemini-x")).toEqual([
      { metric: "requests", window: "day", value: 20, source: "configured", learnedAt: 0 },
    ]);
  });

  it.each(["constructor", "__proto__", "toString"])("of a model called %s are those of every model", (name) => {
    expect(shortOf(config, "free", name)).toEqual(shortOf(config, "free", "gemini-x"));
    expect(shortOf(config, name, "gemini-x")).toEqual({ rpm: 5, tpd: 9 });
  });

  it("are none when none are configured", () => {
    expect(toBucketLimits({}, "free", "gemini-x")).toEqual([]);
  });
});

// --- helpers ---

function shortOf(limits: QuotaLimits, tier: string | null, model: string): Record<string, number> {
  const names = {
    "requests minute": "rpm",
    "tokens minute": "tpm",
    "requests day": "rpd",
    "tokens day": "tpd",
  } as const;
  return Object.fromEntries(
    toBucketLimits(limits, tier, model).map(({ metric, window, value }) => [names[`${metric} ${window}`], value]),
  );
}
