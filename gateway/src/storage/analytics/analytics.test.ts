import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { anyRecord } from "../../testkit/any-record.ts";
import { makeCalls } from "../../testkit/many-calls.ts";
import { naiveSums } from "../contract-naive.ts";
import { sampleCall } from "../contract-samples.ts";
import { openNodeSqliteReader } from "../drivers/open-node-reader.ts";
import { openNodeSqlite } from "../drivers/open-node.ts";
import { idFloor } from "../id-range.ts";
import { addBody, toBody } from "../rollups/body.ts";
import { quarterOfId } from "../rollups/deltas.ts";
import { classOf, floorTo, quarterMs, width, zeros } from "../rollups/layout.ts";
import { latencyBounds, type RollupDimension } from "../types-analytics.ts";
import { compose, cutAt, type Extent } from "./compose.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "gemini-proxy-"));
});
afterEach(() => rmSync(directory, { recursive: true }));
const path = (): string => join(directory, "x.sqlite");

const ever = { fromMs: 0, toMs: 5_000_000_000_000 };
const list = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (_, index) => from + index * step);

/** Rows as they can be: marks in their order, every start there. */
const anyExtent = fc
  .record({
    hoursFrom: fc.nat({ max: 3 }),
    quartersMore: fc.nat({ max: 3 }),
    daysTo: fc.nat({ max: 900 }),
    hoursMore: fc.nat({ max: 120 }),
  })
  .map(({ hoursFrom, quartersMore, daysTo, hoursMore }): Extent => {
    const made = Math.max(floorTo(daysTo, 4), (hoursFrom + quartersMore) * 96);
    const hoursTo = made + hoursMore;
    return {
      hoursFrom: hoursFrom * 96,
      quartersFrom: (hoursFrom + quartersMore) * 96,
      daysTo: made,
      hoursTo,
      days: list(0, 1_200, 96),
      openHours: list(floorTo(made, 96), 1_200, 4),
      openQuarters: list(floorTo(hoursTo, 4), 1_200, 1),
    };
  });
const anyQuarter = fc.nat({ max: 1_100 });

describe("compose", () => {
  it("covers each quarter of a range exactly once and no other, with rows that are there", () => {
    fc.assert(
      fc.property(anyExtent, anyQuarter, anyQuarter, (extent, a, b) => {
        const range = { from: Math.min(a, b), to: Math.max(a, b) };
        const covered = new Map<number, number>();
        for (const { grain, start, sign } of compose(range, extent)) {
          const isThere =
            grain === 96
              ? start + 96 <= extent.daysTo
              : grain === 4
                ? start >= extent.hoursFrom && start + 4 <= extent.hoursTo
                : start >= extent.quartersFrom;
          expect(isThere, `${grain} at ${start}`).toBe(true);
          expect(start % grain).toBe(0);
          for (const quarter of list(start, start + grain, 1)) {
            covered.set(quarter, (covered.get(quarter) ?? 0) + sign);
          }
        }
        const [from, to] = [cutAt(range.from, extent), cutAt(range.to, extent)];
        const wanted = list(from, to, 1);
        expect([...covered].filter(([, times]) => times !== 0).sort(([x], [y]) => x - y)).toEqual(
          wanted.map((quarter) => [quarter, 1]),
        );
      }),
    );
  });

  it("reads few rows for 90 days, whatever the hour at which they begin", () => {
    const made = 96 * 100;
    const extent = {
      hoursFrom: 0,
      quartersFrom: 0,
      daysTo: made,
      hoursTo: made,
      days: list(0, made, 96),
      openHours: [],
      openQuarters: [],
    };
    for (const offset of list(0, 96, 1)) {
      const terms = compose({ from: 96 + offset, to: 96 * 91 + offset }, extent);
      expect(terms.length).toBeLessThanOrEqual(90 + 2 * 17);
    }
  });
});

describe("a row's text", () => {
  it("gives back any numbers from 0 to 2^53, added to others or taken away", () => {
    const anyNumber = fc.oneof(fc.constant(0), fc.nat(), fc.maxSafeNat());
    const anySums = fc.array(anyNumber, { minLength: width, maxLength: width });
    fc.assert(
      fc.property(anySums, (sums) => {
        const back = zeros();
        addBody(back, toBody(sums));
        expect(back).toEqual(sums);
        addBody(back, toBody(sums), -1);
        expect(back.every((number) => number === 0)).toBe(true);
        expect(toBody(sums)).toMatch(/^[0-o]+$/);
      }),
    );
  });

  it("takes what is no count for nothing, so that one bad number spoils no other", () => {
    const sums = zeros();
    [sums[0], sums[1], sums[2], sums[3]] = [-5, Number.NaN, 2.75, 7];
    const back = zeros();
    addBody(back, toBody(sums));
    expect(back.slice(0, 5)).toEqual([0, 0, 2, 7, 0]);
  });
});

it("puts a duration into the class whose bounds enclose it", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), (ms) => {
      const place = classOf(ms);
      expect(ms <= (latencyBounds[place] ?? Infinity)).toBe(true);
      expect(ms > (latencyBounds[place - 1] ?? -1)).toBe(true);
    }),
  );
});

it("finds the quarter of any id by how it sorts", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-z]{20}$/)), (id) => {
      const quarter = quarterOfId(id);
      if (id >= idFloor(0)) expect(idFloor(quarter * quarterMs) <= id).toBe(true);
      const next = idFloor((quarter + 1) * quarterMs);
      if (next < idFloor(Infinity)) expect(id < next).toBe(true);
    }),
  );
});

describe("roll-ups", () => {
  it("hold the sums of any calls", async () => {
    const anyCalls = fc.uniqueArray(anyRecord(fc.string({ unit: "grapheme", maxLength: 8 })), {
      selector: (record) => record.id,
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(
        anyCalls,
        fc.array(fc.option(fc.nat()), { minLength: 8, maxLength: 8 }),
        async (records, costs) => {
          const store = await openNodeSqlite({ path: ":memory:" });
          const calls = records.map((record, index) => ({
            record,
            costNanoUsd: costs[index % 8] ?? null,
            attemptCosts: record.attempts.map((_, each) => costs[(index + each) % 8] ?? null),
          }));
          for (const call of calls) await store.ledger.insert([call]);
          for (const dimension of [
            "all",
            "model",
            "client",
            "credential",
            "rule",
            "client-model",
          ] as RollupDimension[]) {
            const sums = await store.analytics.sums({ dimension, key: null }, ever);
            expect(sums).toEqual(naiveSums(calls, dimension, ever));
          }
          await store.close();
        },
      ),
      { numRuns: 60 },
    );
  });

  it("hold each call once when two processes write to one file and sum up at the same time", async () => {
    const stores = [await openNodeSqlite({ path: path() }), await openNodeSqlite({ path: path() })];
    const calls = [...makeCalls({ count: 400, days: 1, clients: 5, credentials: 7, models: 3 })];
    const now = (calls.at(-1)?.record.startedAt ?? 0) + 3_600_000;
    await Promise.all(
      stores.map(async (store, index) => {
        for (let from = index * 200; from < index * 200 + 200; from += 20) {
          await store.ledger.insert(calls.slice(from, from + 20));
          await store.ledger.rollUp({ now, limit: 50 });
        }
      }),
    );
    for (const store of stores) {
      const sums = await store.analytics.sums({ dimension: "credential", key: null }, ever);
      expect(sums).toEqual(naiveSums(calls, "credential", ever));
    }
    await Promise.all(stores.map((store) => store.close()));
  });

  it("hold nothing of a batch that the database refused", async () => {
    const store = await openNodeSqlite({ path: ":memory:" });
    await store.ledger.insert([sampleCall(0)]);
    const broken = sampleCall(2, { method: null as unknown as string });
    await expect(store.ledger.insert([sampleCall(1), broken])).rejects.toThrow(/NOT NULL/);
    await store.ledger.insert([sampleCall(3)]);
    const sums = await store.analytics.sums({ dimension: "client", key: null }, ever);
    expect(sums).toEqual(naiveSums([sampleCall(0), sampleCall(3)], "client", ever));
    await store.close();
  });
});

describe("a reader", () => {
  it("sees what another connection writes, and writes nothing", async () => {
    const store = await openNodeSqlite({ path: path() });
    const reader = await openNodeSqliteReader({ path: path() });
    expect(await reader.analytics.oldestMs()).toBeNull();
    const calls = [...makeCalls({ count: 500, days: 2 })];
    await store.ledger.insert(calls);
    const sums = await reader.analytics.sums({ dimension: "model", key: null }, ever);
    expect(sums).toEqual(naiveSums(calls, "model", ever));
    const page = await reader.analytics.search({ outcome: "error" }, { limit: 100, cursor: null });
    const errors = calls.filter((call) => call.record.outcome === "error");
    expect(page.calls).toEqual(errors.reverse());
    await reader.close();
    await store.close();
  });

  it("does not open what is missing, is no database, or has no roll-ups", async () => {
    await expect(openNodeSqliteReader({ path: path() })).rejects.toThrow();
    await expect(openNodeSqliteReader({ path: directory })).rejects.toThrow();
    await expect(openNodeSqliteReader({ path: ":memory:" })).rejects.toThrow(/rollups/);
  });
});
