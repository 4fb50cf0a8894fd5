import { describe, expect, it } from "vitest";
import { errorWords, timeWords, wholeSeconds } from "./error-words.ts";

const at = Date.UTC(2026, 10, 21, 8, 0, 33, 400);

describe("errorWords", () => {
  it("counts the causes, the most frequent first, and names the soonest reset", () => {
    const words = errorWords({
      code: "credentials_exhausted",
      requestId: "r",
      causes: { "day-quota": 1, "minute-quota": 3, burst: 0, "never-seen": 1 },
      retryAfterSeconds: 33.2,
      soonestMs: at,
    });
    expect(words).toBe(
      "Every Gemini key and account of this gateway that could serve this call is resting. " +
        "Causes: 3 at the minute quota, 1 at the day quota, 1 never seen. " +
        "The first is free again in 34 seconds, at 2026-11-21T08:00:34Z.",
    );
  });

  it("is the table's text alone when nothing else is known", () => {
    expect(errorWords({ code: "draining", requestId: "r", causes: {}, soonestMs: null })).toBe(
      "This gateway is shutting down. Send the call again.",
    );
  });

  it("says long waits in minutes and hours", () => {
    const words = (retryAfterSeconds: number): string =>
      errorWords({ code: "overloaded", message: "X.", requestId: "r", retryAfterSeconds });
    expect(words(0.2)).toBe("X. Try again in 1 second.");
    expect(words(121)).toBe("X. Try again in 3 minutes.");
    expect(words(8 * 3600)).toBe("X. Try again in 8 hours.");
  });
});

describe("wholeSeconds", () => {
  it("rounds up to at least one second and gives null for what is no number", () => {
    expect([0, -5, 0.01, 1, 1.01].map(wholeSeconds)).toStrictEqual([1, 1, 1, 1, 2]);
    expect([null, undefined, Number.NaN, Infinity].map(wholeSeconds)).toStrictEqual([null, null, null, null]);
  });
});

describe("timeWords", () => {
  it("gives null for a time that no date can hold", () => {
    expect(timeWords(Infinity)).toBe(null);
    expect(timeWords(Number.NaN)).toBe(null);
    expect(timeWords(8.64e15)).toBe(null);
  });
});
