/** @module Tests of the quota counters. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createQuotas } from "./quotas.ts";

const START = Date.parse("2026-11-20T12:00:00Z");
const base = { project: "projects/1", model: "m", tokens: 1, now: START };

describe("createQuotas", () => {
  it("never admits more than the limit in any 60 seconds", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(30_000), { maxLength: 80 }), (limit, gaps) => {
        const quotas = createQuotas();
        const admitted: number[] = [];
        let now = START;
        for (const gap of gaps) {
          now += gap;
          if (quotas.admit({ ...base, now, limits: { requestsPerMinute: limit } }).length === 0) admitted.push(now);
        }
        for (const time of admitted) {
          expect(admitted.filter((other) => other >= time && other < time + 60_000).length).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });

  it("admits again exactly when it said so", () => {
    const quotas = createQuotas();
    const limits = { requestsPerMinute: 1 };
    expect(quotas.admit({ ...base, limits })).toEqual([]);
    const [exceeded] = quotas.admit({ ...base, now: START + 10_000, limits });
    expect(exceeded).toEqual({ window: "minute", limit: 1, retryMs: 50_000 });
    expect(quotas.admit({ ...base, now: START + 59_999, limits })).toHaveLength(1);
    expect(quotas.admit({ ...base, now: START + 60_000, limits })).toEqual([]);
  });

  it("counts input tokens, and says when enough of them expire", () => {
    const quotas = createQuotas();
    const limits = { inputTokensPerMinute: 100 };
    expect(quotas.admit({ ...base, tokens: 60, limits })).toEqual([]);
    expect(quotas.admit({ ...base, tokens: 40, now: START + 20_000, limits })).toEqual([]);
    expect(quotas.admit({ ...base, tokens: 61, now: START + 30_000, limits })).toEqual([
      { window: "tokens", limit: 100, retryMs: 50_000 },
    ]);
    expect(quotas.admit({ ...base, tokens: 60, now: START + 30_000, limits })[0]?.retryMs).toBe(30_000);
  });

  it("starts a new day at midnight in Los Angeles, not 24 hours later", () => {
    const quotas = createQuotas();
    const limits = { requestsPerDay: 1 };
    expect(quotas.admit({ ...base, limits })).toEqual([]);
    expect(quotas.admit({ ...base, now: Date.parse("2026-11-21T07:59:59Z"), limits })[0]?.window).toBe("day");
    expect(quotas.admit({ ...base, now: Date.parse("2026-11-21T08:00:00Z"), limits })).toEqual([]);
  });

  it("tells a misleading short delay for a day, as Google does", () => {
    const quotas = createQuotas();
    const limits = { requestsPerDay: 1 };
    quotas.admit({ ...base, limits });
    expect(quotas.admit({ ...base, now: START + 22_000, limits })[0]?.retryMs).toBe(38_000);
  });

  it("lists every exceeded window, and all of them for limits of 0", () => {
    const limits = { requestsPerMinute: 0, requestsPerDay: 0, inputTokensPerMinute: 0 };
    expect(
      createQuotas()
        .admit({ ...base, limits })
        .map(({ window }) => window),
    ).toEqual(["tokens", "minute", "day"]);
  });

  it("keeps projects and models apart", () => {
    const quotas = createQuotas();
    const limits = { requestsPerMinute: 1 };
    for (const [project, model] of [
      ["projects/1", "a"],
      ["projects/1", "b"],
      ["projects/2", "a"],
    ] as const) {
      expect(quotas.admit({ ...base, project, model, limits })).toEqual([]);
    }
    quotas.reset("projects/1");
    expect(quotas.admit({ ...base, project: "projects/1", model: "a", limits })).toEqual([]);
    expect(quotas.admit({ ...base, project: "projects/2", model: "a", limits })).toHaveLength(1);
  });
});
