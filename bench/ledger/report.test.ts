import { describe, expect, it } from "vitest";
import type { Phase, PhaseSample } from "./data-path.ts";
import { parseLedgerOptions } from "./options.ts";
import { timesOf, tooSlow, type PageRow } from "./page-times.ts";
import { toPhaseRow } from "./report.ts";

const sample = (phase: Phase, round: number, p99: number): PhaseSample => ({
  phase,
  round,
  p99,
  p50: 1,
  max: p99 * 2,
  calls: 100,
  errors: 0,
  loop: { p99: 1, max: p99, cpuP99: 1, cpuMax: 2 },
  rssMegabytes: 90,
  cpuMicros: 100,
  foreign: 0,
});

describe("a phase", () => {
  it("is compared with the quiet of its own round, so a drift of the machine cancels out", () => {
    const samples = [
      sample("quiet", 1, 2),
      sample("browse", 1, 4),
      sample("quiet", 2, 20),
      sample("quiet", 2, 22),
      sample("quiet", 2, 900),
      sample("browse", 2, 22),
      sample("quiet", 3, 10),
      sample("browse", 3, 15),
    ];
    expect(toPhaseRow(samples, "browse")).toMatchObject({ windows: 3, ratio: 1.5, ratios: [1, 2], max: 44, p99: 15 });
    expect(toPhaseRow(samples, "quiet")?.ratio).toBe(1);
    expect(toPhaseRow(samples, "export")).toBeNull();
  });
});

describe("a request", () => {
  const row = (warm: number, cold: number): PageRow => ({
    page: "overview",
    name: "series",
    zone: "UTC",
    cpuMs: 1,
    kilobytes: 1,
    warm: { median: warm, p95: 900 },
    cold: { median: cold, p95: 900 },
  });

  it("is too slow when its median is above 200 ms, warm or cold, whatever its p95", () => {
    expect(tooSlow([row(200, 200)], [])).toEqual([]);
    expect(tooSlow([row(201, 10), row(10, 300)], [])).toEqual([
      "overview: series in UTC: 201 ms warm",
      "overview: series in UTC: 300 ms cold",
    ]);
    const slowest = { median: 250, p95: 300, max: 400 };
    expect(tooSlow([], [{ name: "list: rare", pages: 3, found: 1, slowest }])).toEqual([
      "calls: list: rare, page by page: 250 ms",
    ]);
  });

  it("has the 19th of 20 times as its p95", () => {
    const times = Array.from({ length: 20 }, (_, index) => 20 - index);
    expect(timesOf(times)).toEqual({ median: 10.5, p95: 19 });
    expect(timesOf([7])).toEqual({ median: 7, p95: 7 });
  });
});

describe("the command line", () => {
  it("is five million calls of 90 days by itself, and 200,000 when it has to be quick", () => {
    expect(parseLedgerOptions([])).toMatchObject({ calls: 5_000_000, days: 90, keep: null, repeats: 20, pages: true });
    expect(parseLedgerOptions(["--quick"])).toMatchObject({ calls: 200_000, rounds: 1 });
    expect(parseLedgerOptions(["--only", "pages", "--calls", "1000"])).toMatchObject({ rounds: 0, calls: 1_000 });
    expect(parseLedgerOptions(["--only", "calls"]).pages).toBe(false);
  });

  it("names what it cannot read", () => {
    expect(() => parseLedgerOptions(["--calls", "many"])).toThrow("--calls");
    expect(() => parseLedgerOptions(["--only", "both"])).toThrow("--only");
  });
});
