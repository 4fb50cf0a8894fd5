import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyRecord } from "../testkit/any-record.ts";
import { parseJournalLine, toBeganLine, toSettledLine } from "./record-line.ts";

describe("journal lines", () => {
  it("give every record back exactly, whatever stands in its texts", () => {
    fc.assert(
      fc.property(anyRecord(fc.string({ unit: "binary" })), (record) => {
        const line = toSettledLine(record);
        expect(line).not.toMatch(/[\n\r]/);
        expect(parseJournalLine(line)).toEqual({ kind: "settled", record });
      }),
      { numRuns: 500 },
    );
  });

  it("give texts back that end in half a surrogate pair", () => {
    fc.assert(
      fc.property(
        anyRecord(fc.constantFrom("\ud83d", "x\udc00", "", '"', "\t", "=", "-", "\u2028", "\\")),
        (record) => {
          // Through UTF-8, as in the file.
          const line = new TextDecoder().decode(new TextEncoder().encode(toSettledLine(record)));
          expect(parseJournalLine(line)).toEqual({ kind: "settled", record });
        },
      ),
      { numRuns: 100 },
    );
  });

  it("give the start mark back", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: "binary" }), fc.maxSafeNat(), (callId, startedAt) => {
        expect(parseJournalLine(toBeganLine(callId, startedAt))).toEqual({ kind: "began", callId, startedAt });
      }),
    );
  });

  it("share one usage between a call and its only attempt, as they were recorded", () => {
    fc.assert(
      fc.property(anyRecord(fc.string()), (record) => {
        const parsed = parseJournalLine(toSettledLine(record));
        if (parsed?.kind !== "settled") throw new Error("not settled");
        const shared = record.attempts.map((attempt) => attempt.usage !== null && attempt.usage === record.usage);
        expect(
          parsed.record.attempts.map((attempt) => attempt.usage !== null && attempt.usage === parsed.record.usage),
        ).toEqual(shared);
      }),
      { numRuns: 100 },
    );
  });

  it("are refused when they are cut or something else", () => {
    fc.assert(
      fc.property(anyRecord(fc.string()), fc.nat(), (record, cut) => {
        const line = toSettledLine(record);
        const fields = line.split("\t");
        const short = fields.slice(0, cut % fields.length).join("\t");
        expect(parseJournalLine(short)).toBeNull();
        expect(parseJournalLine(`${line}\tx`)).toBeNull();
      }),
      { numRuns: 200 },
    );
    for (const line of ["", "b", "b\tx", "b\tx\tx", "b\tx\t1\t2", "s", "q\tx\t1", "\u0000\u0000", '{"id":1}']) {
      expect(parseJournalLine(line), line).toBeNull();
    }
  });
});
