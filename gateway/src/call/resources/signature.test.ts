import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nodeBytes as bytes } from "../../hosts/node/bytes.ts";
import { lastSignature, signatureName } from "./signature.ts";

const signature = (start: string): string => `${start}${"QUJDREVG".repeat(20)}`;

function last(body: unknown, sizes: readonly number[] = [], isInteraction = false): string | null {
  const whole = bytes.encode(typeof body === "string" ? body : JSON.stringify(body));
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (const size of sizes) {
    if (at >= whole.length) break;
    chunks.push(whole.subarray(at, at + size));
    at += size;
  }
  if (at < whole.length) chunks.push(whole.subarray(at));
  return lastSignature({ chunks, bytes, isInteraction });
}

describe("names of signatures", () => {
  it("are the same for either alphabet, padded or not", () => {
    const standard = `${signature("ab+/")}==`;
    expect(signatureName(standard)).toBe(signatureName(signature("ab-_")));
    expect(signatureName(standard)).toMatch(/^signatures\/[0-9a-z]+-[0-9a-z]+$/);
  });

  it("differ where their ends or lengths do", () => {
    const long = (start: string, middle: number, end: string): string => start + "A".repeat(middle) + end;
    const names = new Set(
      [long("a", 5_000, "z"), long("b", 5_000, "z"), long("a", 5_000, "y"), long("a", 5_001, "z")].map(signatureName),
    );
    expect(names.size).toBe(4);
  });

  it("sentinels and short texts have none", () => {
    for (const text of [
      "",
      "short",
      "skip_thought_signature_validator",
      "context_engineering_is_the_way_to_go",
      "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=",
      "Y29udGV4dF9lbmdpbmVlcmluZ19pc190aGVfd2F5X3RvX2dv",
    ])
      expect(signatureName(text)).toBeNull();
  });
});

describe("the last signature of a body", () => {
  const parts = (...of: unknown[]): unknown => ({ contents: [{ role: "model", parts: of }] });

  it("is found from the end, in either spelling", () => {
    const one = { text: "a", thoughtSignature: signature("one") };
    const two = { text: "b", thought_signature: signature("two") };
    expect(last(parts(one, two))).toBe(signatureName(signature("two")));
    expect(last(parts(two, one))).toBe(signatureName(signature("one")));
    expect(last(JSON.stringify(parts(one), null, 2))).toBe(signatureName(signature("one")));
    expect(last(`{'thoughtSignature' : '${signature("one")}'}`)).toBe(signatureName(signature("one")));
    expect(last(`{ thoughtSignature: "${signature("one")}"}`)).toBe(signatureName(signature("one")));
    expect(last(parts({ text: "a" }))).toBeNull();
    expect(last("")).toBeNull();
  });

  it("is not one that a text mentions, nor a sentinel, nor an empty one", () => {
    const real = { functionCall: { name: "f" }, thoughtSignature: signature("real") };
    expect(
      last(
        parts(
          real,
          { text: `"thoughtSignature": "${signature("no")}" and thoughtSignature` },
          { thoughtSignature: "skip_thought_signature_validator" },
          { thoughtSignature: "" },
        ),
      ),
    ).toBe(signatureName(signature("real")));
  });

  it("of interactions stands under another key", () => {
    const input = [
      { type: "thought", signature: signature("step") },
      { type: "function_call", signature: "" },
    ];
    expect(last({ input }, [], true)).toBe(signatureName(signature("step")));
    expect(last({ input })).toBeNull();
  });

  it("stops looking where somebody fills a body with false ones", () => {
    expect(last(`{"thoughtSignature":"${signature("a")}"}${'"thoughtSignature":1,'.repeat(10_000)}`)).toBeNull();
  });

  it("is the same however the body is cut", () => {
    const body = JSON.stringify(
      parts(
        { text: "ü".repeat(20), thoughtSignature: signature("one") },
        { text: 'x "thoughtSignature":"no', thoughtSignature: signature("two") },
        { text: "tail".repeat(30) },
      ),
    );
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 7, max: 90 }), { maxLength: 60 }), (sizes) => {
        expect(last(body, sizes)).toBe(signatureName(signature("two")));
      }),
    );
    expect(last({ a: signature("x"), thoughtSignature: signature("y".repeat(200_000)) }, [50, 60_000])).toBe(
      signatureName(signature("y".repeat(200_000))),
    );
  });
});
