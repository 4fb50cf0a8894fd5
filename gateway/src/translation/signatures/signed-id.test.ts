import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crc24, toHex24, toTag24 } from "./checksum.ts";
import { decodeSignedId, encodeSignedId, familyTag, longestInId, shortIdOf } from "./signed-id.ts";

const model = "gemini-3.8-flash";
const issuer = "0123abcd";
const of = (id: string, signature: string): string => encodeSignedId({ id, signature, model, issuer });

const base64 = fc
  .uint8Array({ minLength: 1, maxLength: 9_000, size: "max" })
  .chain((bytes) =>
    fc.constantFrom(
      Buffer.from(bytes).toString("base64"),
      Buffer.from(bytes).toString("base64").replace(/=+$/, ""),
      Buffer.from(bytes).toString("base64url"),
      `${Buffer.from(bytes).toString("base64url")}==`,
    ),
  );
const anySignature = fc.oneof(
  base64,
  fc.string({ unit: "binary", minLength: 1, maxLength: 3_000 }),
  fc.string({ unit: fc.constantFrom("\ud800", "\udc00", "=", "+", "-", "_", "é", "\0"), minLength: 1 }),
);
const anyId = fc
  .tuple(fc.constantFrom("call_", "toolu_", "x", "a_g1", "a_g1z", "_g12_"), fc.stringMatching(/^[\w-]{0,40}$/))
  .map(([prefix, rest]) => prefix + rest);

describe("signed ids", () => {
  it("give back any id and signature exactly, with letters, digits, _ and - only (bug 28)", () => {
    fc.assert(
      fc.property(anyId, anySignature, (id, signature) => {
        const text = of(id, signature);
        expect(text).toMatch(/^[a-zA-Z0-9_-]+$/);
        const { shortId, signed } = decodeSignedId(text);
        expect(shortId).toBe(id);
        expect(shortIdOf(text)).toBe(id);
        if (text !== id) expect(signed).toEqual({ signature, family: familyTag(model), issuer });
        else expect(signed).toBeNull();
        // All signatures of Google's kind and size are in it.
        if (signature.length <= longestInId && /^[\w+/-]+$/.test(signature) && !/_g1/.test(id))
          expect(text).not.toBe(id);
      }),
      { numRuns: 500 },
    );
  });

  it("carry a signature of 8,192 characters and leave longer ones to memory", () => {
    const most = "A".repeat(longestInId);
    expect(decodeSignedId(of("call_1", most)).signed?.signature).toBe(most);
    expect(of("call_1", `${most}A`)).toBe("call_1");
    expect(of("call_1", most).length).toBeLessThan(12_027);
  });

  it("that were cut anywhere give no signature, and the short id as long as its mark is there (bug 30)", () => {
    const text = of("call_lpndqlku", `${"Qm9iLw+/".repeat(20)}==`);
    const head = text.indexOf("_g1") + "_g14q_".length + 4;
    for (let length = 0; length < text.length; length++) {
      const { shortId, signed } = decodeSignedId(text.slice(0, length));
      expect(signed).toBeNull();
      expect(shortId).toBe(length < head ? text.slice(0, length) : "call_lpndqlku");
    }
    // As seen: cut to 40 characters, and a hash behind it.
    expect(decodeSignedId(`${text.slice(0, 40)}_3f2a91c0`)).toEqual({ shortId: "call_lpndqlku", signed: null });
  });

  it("that were edited give the exact signature or none (bug 30)", () => {
    const signature = "CqwB/+ab".repeat(30);
    const text = of("call_lpndqlku", signature);
    fc.assert(
      fc.property(
        fc.nat(text.length),
        fc.nat(3),
        fc.oneof(fc.stringMatching(/^[\w-]{0,4}$/), fc.string({ unit: "binary", maxLength: 4 })),
        (at, removed, added) => {
          const { signed } = decodeSignedId(text.slice(0, at) + added + text.slice(at + removed));
          if (signed !== null) expect(signed).toEqual({ signature, family: familyTag(model), issuer });
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it("lend their signature to no other id", () => {
    const text = of("call_a", "QUJD");
    expect(decodeSignedId(text.replace("call_a", "call_b"))).toEqual({
      shortId: "call_b" + text.slice(6),
      signed: null,
    });
  });

  it("of other makers stay as they are", () => {
    for (const id of [
      "",
      "call_abc",
      "toolu_01A09q90qw90lq917835lq9",
      "tool_g12_abcd",
      "tool_g12_abcd_123456",
      "_g11_AAAA",
      "ü",
    ])
      expect(decodeSignedId(id)).toEqual({ shortId: id, signed: null });
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        expect(decodeSignedId(text)).toEqual({ shortId: text, signed: null });
      }),
    );
  });

  it("that are hostile are read in linear time and never throw", () => {
    // A right checksum is no secret: what is behind it must still be looked at.
    const forged = (payload: string): string => {
      const text = `x_g1${payload.length.toString(36)}_${payload}`;
      return `${text}_${toHex24(crc24(text))}`;
    };
    const head = toTag24(crc24("x")) + familyTag(model) + issuer;
    for (const body of ["", "0", "7AAAA", "9", "6A", "6AA", "6", "-", "_AA"])
      expect(decodeSignedId(forged(head + body))).toEqual({ shortId: "x", signed: null });
    const started = performance.now();
    for (const text of ["_g1".repeat(3e6), "_g1a_".repeat(2e6), `${"a_g1zzz_".repeat(15)}${"A".repeat(1e7)}`])
      expect(decodeSignedId(text)).toEqual({ shortId: text, signed: null });
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe("crc24", () => {
  it("is that of RFC 9580", () => {
    expect([crc24(""), crc24("123456789")]).toEqual([0xb704ce, 0x21cf02]);
    expect([toHex24(0x21), toTag24(0xffffff), toTag24(1)]).toEqual(["000021", "____", "AAAB"]);
  });
});
