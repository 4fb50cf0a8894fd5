/** @module Tests of the bounded record. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { ServedRecord } from "../types.ts";
import { createRecords } from "./record.ts";

const entry = (sequence: number): ServedRecord => ({
  sequence,
  time: 0,
  connection: 1,
  key: "k",
  credential: "header",
  project: "projects/1",
  model: "m",
  surface: "native",
  account: null,
  operation: "generateContent",
  method: "POST",
  path: "/",
  status: 200,
  errorStatus: null,
  outcome: "complete",
  stream: false,
  usage: { prompt: 1, cached: 0, candidates: 2, thoughts: 3, toolUse: 0, total: 6 },
  chunksSent: 0,
  requestBytes: 0,
  responseBytes: 0,
  sha256: "",
  fault: null,
});

describe("createRecords", () => {
  it("keeps the newest entries in order, says how many it dropped, and sums them all", () => {
    fc.assert(
      fc.property(fc.nat(5), fc.nat(20), (limit, count) => {
        const records = createRecords(limit);
        for (let index = 0; index < count; index++) records.commit(entry(records.arrive()));
        const kept = Math.min(limit, count);
        expect(records.list().map(({ sequence }) => sequence)).toEqual(
          Array.from({ length: kept }, (_, index) => count - kept + index + 1),
        );
        const totals = records.totals();
        expect(totals.recordDropped).toBe(count - kept);
        expect(totals.requests).toBe(count);
        expect(totals.inFlight).toBe(0);
        expect(totals.tokens.total).toBe(6 * count);
        expect(totals.byModel["m"]?.requests ?? 0).toBe(count);
      }),
    );
  });

  it("moves an amended outcome in the sums", () => {
    const records = createRecords(10);
    const first = entry(records.arrive());
    records.commit(first);
    records.amend(first, "client-gone");
    expect(records.totals().byOutcome).toEqual({ "client-gone": 1 });
    expect(records.list()[0]?.outcome).toBe("client-gone");
  });

  it("counts requests in flight across a reset", () => {
    const records = createRecords(10);
    records.arrive();
    records.reset();
    expect(records.totals()).toMatchObject({ inFlight: 1, requests: 0 });
  });
});
