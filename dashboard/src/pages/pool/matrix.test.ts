import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cellOf, moreOfCell, pageSize, pagesOf, quotaBars, rowAt } from "./matrix.ts";
import type { CellQuota, MatrixRow } from "./types.ts";

const row = (change: Partial<MatrixRow> = {}): MatrixRow => ({
  id: "c1",
  name: "first",
  kind: "api-key",
  masked: "AIza…wxyz",
  projectId: "p1",
  tier: 0,
  state: "active",
  enabled: true,
  inFlight: 0,
  uses: 0,
  reason: null,
  untilMs: null,
  cells: [],
  ...change,
});
const quota = (change: Partial<CellQuota> = {}): CellQuota => ({
  metric: "requests",
  window: "minute",
  value: 10,
  used: 3,
  source: "google",
  ...change,
});

describe("cells", () => {
  it("a model that the row does not tell of is ready, disabled or off as the row is", () => {
    expect(cellOf(row(), "m").state).toBe("ok");
    expect(cellOf(row({ state: "disabled", reason: "invalid key" }), "m")).toMatchObject({
      state: "disabled",
      cause: "invalid key",
    });
    expect(cellOf(row({ enabled: false }), "m").state).toBe("off");
  });

  it("a row that rests for one model is ready for the others", () => {
    const resting = row({
      state: "cooling",
      cells: [{ model: "a", state: "cooling", untilMs: 5, cause: "minute limit", quotas: [] }],
    });
    expect(cellOf(resting, "a").state).toBe("cooling");
    expect(cellOf(resting, "b").state).toBe("ok");
  });

  it("tells cause and use after what is seen of it", () => {
    const cell = { model: "a", state: "full" as const, untilMs: null, cause: "day limit", quotas: [quota()] };
    expect(moreOfCell(cell)).toBe("; day limit; RPM 3 of 10");
    expect(moreOfCell({ ...cell, cause: null, quotas: [] })).toBe("");
  });
});

describe("bars", () => {
  it("come as RPM, RPD, TPM, TPD in whatever order they are told", () => {
    const bars = quotaBars([
      quota({ metric: "tokens", window: "day" }),
      quota({ metric: "tokens" }),
      quota({ window: "day" }),
      quota(),
    ]);
    expect(bars.map((bar) => bar.label)).toEqual(["RPM", "RPD", "TPM", "TPD"]);
  });

  it("never show more than all or less than nothing, and a limit of 0 is full", () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.nat(1e6), (used, value) => {
        const [bar] = quotaBars([quota({ used, value })]);
        expect(bar?.share).toBeGreaterThanOrEqual(0);
        expect(bar?.share).toBeLessThanOrEqual(1);
        if (value === 0 || used >= value) expect(bar?.tone).toBe("bad");
      }),
    );
  });
});

describe("pages", () => {
  it("cover every row on the screen and never leave the table", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20_000 }), fc.nat(25_000), fc.nat(80), (total, first, height) => {
        const pages = pagesOf({ first, last: first + height, total });
        expect(pages.length).toBeGreaterThan(0);
        for (const page of pages) expect(page * pageSize).toBeLessThan(total);
        if (first + height < total) {
          expect(pages).toContain(Math.floor(first / pageSize));
          expect(pages).toContain(Math.floor((first + height) / pageSize));
        }
      }),
    );
  });

  it("ask for the first page of an empty table", () => {
    expect(pagesOf({ first: 0, last: 0, total: 0 })).toEqual([0]);
  });

  it("fetch the next page before its first row is on the screen", () => {
    expect(pagesOf({ first: 420, last: 470, total: 10_000 })).toEqual([0, 1]);
  });

  it("give a row by its number, or null while its page is on the way", () => {
    const pages = new Map([[1, [row({ id: "x" })]]]);
    expect(rowAt(pages, pageSize)?.id).toBe("x");
    expect(rowAt(pages, 0)).toBeNull();
    expect(rowAt(pages, pageSize + 1)).toBeNull();
  });
});
