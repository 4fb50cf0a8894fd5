import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeCarrier, encodeCarrier } from "./carrier.ts";

const entry = fc.record({
  for: fc.oneof(fc.constant("text"), fc.stringMatching(/^[\w-]{1,60}$/)),
  signature: fc.oneof(
    fc.base64String({ minLength: 4, maxLength: 4_000 }),
    fc.string({ unit: "grapheme", minLength: 1 }),
  ),
});
const anyCarrier = fc.record({
  model: fc.string({ unit: "grapheme" }),
  issuer: fc.stringMatching(/^[0-9a-f]{8}$/),
  entries: fc.array(entry, { minLength: 1, maxLength: 5 }),
});

test("an envelope comes back as it was, in characters that every field takes", () => {
  fc.assert(
    fc.property(anyCarrier, (carrier) => {
      const text = encodeCarrier(carrier);
      expect(text).toMatch(/^gp1\.[\w-]+$/);
      expect(decodeCarrier(text as string)).toEqual(carrier);
    }),
  );
});

test("an envelope that was cut gives the same or nothing, and one that was edited never throws (bug 30)", () => {
  const carrier = {
    model: "gemini-4-neon",
    issuer: "0123abcd",
    entries: [{ for: "call_1", signature: "QUJD".repeat(90) }],
  };
  const text = encodeCarrier(carrier) as string;
  for (let length = 0; length < text.length; length++) expect(decodeCarrier(text.slice(0, length))).toBeNull();
  fc.assert(
    fc.property(fc.nat(text.length), fc.string({ maxLength: 3 }), (at, added) => {
      const found = decodeCarrier(text.slice(0, at) + added + text.slice(at + 1));
      if (found !== null) expect(found.entries).toHaveLength(1);
    }),
  );
});

test("what others wrote is not ours", () => {
  const wrap = (value: unknown): string => `gp1.${Buffer.from(JSON.stringify(value)).toString("base64url")}`;
  const good = { v: 1, model: "m", issuer: "i", entries: [] as unknown[] };
  expect(decodeCarrier(wrap(good))).toEqual({ model: "m", issuer: "i", entries: [] });
  for (const text of [
    "",
    "gp1.",
    "gp1",
    "gp1.%%%",
    "gAAAAABnForeign",
    "cpa-gemini-responses-carrier-v1:next:function:AAAA",
    "Eq4BCkYICxgCKkBAnthropic==",
    ...[null, 1, "x", [], {}, { ...good, v: 2 }, { ...good, model: 1 }, { ...good, issuer: null }].map(wrap),
    ...[null, {}, "x", [1], [null], [{ for: 1, signature: "x" }], [{ for: "x" }], [{ for: "x", signature: "" }]].map(
      (entries) => wrap({ ...good, entries }),
    ),
  ])
    expect(decodeCarrier(text)).toBeNull();
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(decodeCarrier(`gp1.${text}`)).toBeNull();
    }),
  );
});

test("envelopes are bounded: 64 KB, 100 entries, none that is empty", () => {
  const facts = { model: "m", issuer: "i" };
  const entries = (count: number, length: number): { for: string; signature: string }[] =>
    Array.from({ length: count }, () => ({ for: "c", signature: "A".repeat(length) }));
  expect(encodeCarrier({ ...facts, entries: entries(100, 10) })).not.toBeNull();
  expect(encodeCarrier({ ...facts, entries: entries(101, 10) })).toBeNull();
  expect(encodeCarrier({ ...facts, entries: [] })).toBeNull();
  expect(encodeCarrier({ ...facts, entries: entries(1, 0) })).toBeNull();
  const large = encodeCarrier({ ...facts, entries: entries(1, 65_000) }) as string;
  expect(decodeCarrier(large)?.entries[0]?.signature).toHaveLength(65_000);
  expect(encodeCarrier({ ...facts, entries: entries(1, 66_000) })).toBeNull();
  const json = JSON.stringify({ v: 1, ...facts, entries: entries(101, 10) });
  expect(decodeCarrier(`gp1.${Buffer.from(json).toString("base64url")}`)).toBeNull();
  expect(decodeCarrier(`${large}${"A".repeat(4_000)}`)).toBeNull();
});
