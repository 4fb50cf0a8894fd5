import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { callListQuery } from "../../../gateway/src/admin/schemas/calls.ts";
import { callsLink, type CallsSearch, callsShape, countFilters, outcomes, toCallFilter } from "./calls-search.ts";
import { linkTarget } from "./links.ts";
import { formatRange, lastRanges, parseRange, type Range, spanOf } from "./range.ts";
import { formatQueryText, pageLink, parseQueryText, readSearch, writeSearch } from "./search.ts";

const anyText = fc
  .string({ minLength: 1, maxLength: 40, unit: "binary" })
  .filter((text) => !/\p{Surrogate}/u.test(text));
const anyNumber = fc.oneof(
  fc.integer({ min: 0, max: 1_000_000 }),
  fc.integer({ min: 1, max: 1_000_000 }).map((nano) => nano / 1e9),
);
const anyRange: fc.Arbitrary<Range> = fc.oneof(
  fc.constantFrom(...lastRanges).map((last): Range => ({ kind: "last", last })),
  fc
    .tuple(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 1, max: 4e12 }))
    .map(([fromMs, length]): Range => ({ kind: "custom", fromMs, toMs: fromMs + length })),
);
const anySearch: fc.Arbitrary<CallsSearch> = fc.record(
  {
    range: anyRange,
    model: anyText,
    clientId: anyText,
    credentialId: anyText,
    outcome: fc.constantFrom(...outcomes),
    status: fc.constantFrom("2xx", "4xx", "429", "503"),
    dialect: fc.constantFrom("gemini", "openai-chat"),
    operation: anyText,
    rule: anyText,
    minMs: anyNumber,
    maxMs: anyNumber,
    minCostUsd: anyNumber,
    maxCostUsd: anyNumber,
    retried: fc.boolean(),
    live: fc.boolean(),
    call: anyText,
  },
  { requiredKeys: [] },
);

describe("filters in the address", () => {
  test("come back as they were written", () => {
    fc.assert(
      fc.property(anySearch, (search) => {
        const link = callsLink(search);
        const query = link.includes("?") ? link.slice(link.indexOf("?")) : "";
        expect(readSearch(callsShape, parseQueryText(query))).toEqual(search);
      }),
    );
  });

  test("are what the API takes", () => {
    fc.assert(
      fc.property(anySearch, (search) => {
        const filter = toCallFilter(search, spanOf({ kind: "last", last: "24h" }, 1_800_000_000_000));
        const sent = Object.fromEntries(
          Object.entries(filter).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
        );
        expect(callListQuery.safeParse(sent).error).toBeUndefined();
      }),
    );
  });

  test("that are hostile or of no known form are left out, never thrown over", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const values = readSearch(callsShape, parseQueryText(text));
        expect(Object.keys(values).every((name) => name in callsShape)).toBe(true);
      }),
    );
    const nasty = parseQueryText("?__proto__=1&minMs=1e9&maxMs=-1&status=999&range=5-1&outcome=maybe&retried=1&model=");
    expect(readSearch(callsShape, nasty)).toEqual({});
    expect(Object.getPrototypeOf(nasty)).toBe(Object.prototype);
  });

  test("are bounded in number and length", () => {
    const many = Array.from({ length: 200 }, (_, index) => `name${index}=x`).join("&");
    expect(Object.keys(parseQueryText(many)).length).toBe(40);
    expect(parseQueryText(`model=${"m".repeat(5_000)}`)).toEqual({});
    expect(readSearch(callsShape, { model: "m".repeat(300) })).toEqual({});
  });

  test("count as filters, but for range, tail and the open call", () => {
    expect(
      countFilters({ model: "x", retried: false, range: { kind: "last", last: "1h" }, live: true, call: "1" }),
    ).toBe(2);
  });
});

test("a range comes back as it was written, and nothing else is one", () => {
  fc.assert(
    fc.property(anyRange, (range) => {
      expect(parseRange(formatRange(range))).toEqual(range);
    }),
  );
  expect(["", "2h", "5-5", "9-1", "1-x", "-1-2", "1-99999999999999999"].map(parseRange)).toEqual(Array(7).fill(null));
});

test("a range that ends now ends at a whole step that is yet to come, and is as long as it says", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1e12, max: 2e12 }), (now) => {
      const { fromMs, toMs } = spanOf({ kind: "last", last: "1h" }, now);
      expect(toMs - fromMs).toBe(3_600_000);
      expect(toMs % 60_000).toBe(0);
      expect(toMs).toBeGreaterThan(now);
      expect(toMs - now).toBeLessThanOrEqual(60_000);
    }),
  );
});

test("fields of other shapes stay out of what is written", () => {
  expect(writeSearch(callsShape, { model: "a", live: undefined })).toEqual({ model: "a" });
  expect(formatQueryText({ a: "1 2", b: 3 })).toBe("?a=1+2");
  expect(pageLink("/pool", { credential: "c/1", model: null })).toBe("/pool?credential=c%2F1");
});

describe("links", () => {
  test.each([
    ["/calls?model=x", { kind: "inside", address: "/ui/calls?model=x" }],
    ["/ui/pool?state=disabled", { kind: "inside", address: "/ui/pool?state=disabled" }],
    ["/", { kind: "inside", address: "/ui/" }],
    ["https://ai.google.dev/x", { kind: "outside", address: "https://ai.google.dev/x" }],
    ["javascript:alert(1)", { kind: "blocked" }],
    ["data:text/html,x", { kind: "blocked" }],
    ["//evil.example/x", { kind: "blocked" }],
    ["/\\evil.example", { kind: "blocked" }],
    ["/\t/evil.example", { kind: "blocked" }],
    ["", { kind: "blocked" }],
  ])("%j leads to %j", (to, target) => {
    expect(linkTarget(to)).toEqual(target);
  });

  test("inside ones never leave the origin, whatever the server says", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: "binary" }), fc.webPath(), fc.constantFrom("//", "/\\", "/%2f/")),
        (to) => {
          const target = linkTarget(to);
          if (target.kind !== "inside") return;
          expect(new URL(target.address, "https://gateway.example").origin).toBe("https://gateway.example");
          expect(target.address.startsWith("/ui")).toBe(true);
        },
      ),
    );
  });
});
