import { describe, expect, it } from "vitest";
import { noOverrides, parseOverrides } from "./overrides.ts";

describe("x-gproxy request headers", () => {
  it("are none when none is sent", () => {
    expect(parseOverrides(null)).toBe(noOverrides);
  });

  it("choose strategy, number of retries, and retry of empty answers", () => {
    expect(
      parseOverrides({
        loadbalance: "Sticky_Until_Error",
        "retry-max": "3",
        "retry-on-zero-completion-tokens": "true",
      }),
    ).toEqual({
      strategy: "sticky_until_error",
      maxRetries: 3,
      retryEmpty: true,
    });
    expect(parseOverrides({ "prioritize-least-recently-used": "true" }).strategy).toBe("round_robin");
    expect(parseOverrides({ "prioritize-least-errors": "1" }).strategy).toBe("least_errors");
    expect(parseOverrides({ "prioritize-newer": "true" }).strategy).toBe("newest");
  });

  it("never break a call", () => {
    expect(parseOverrides({ loadbalance: "constructor", "retry-max": "many" })).toEqual({
      strategy: null,
      maxRetries: null,
      retryEmpty: null,
    });
  });
});
