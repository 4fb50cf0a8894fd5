import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeBase64Url, encodeBase64Url, toStandardAlphabet, toUrlAlphabet } from "./base64.ts";

test("bytes come back, and the text is that of Node's own encoder", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20_000, size: "max" }), (bytes) => {
      const text = encodeBase64Url(bytes);
      expect(text).toBe(Buffer.from(bytes).toString("base64url"));
      expect(Buffer.compare(decodeBase64Url(text) ?? new Uint8Array([0]), bytes)).toBe(0);
    }),
  );
});

test("what is not base64url without padding is null, and nothing throws", () => {
  for (const text of ["A", "AAAAA", "AA==", "A+/A", "AA A", "ÄÄÄÄ", "\n"]) expect(decodeBase64Url(text)).toBeNull();
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
      const bytes = decodeBase64Url(text);
      expect(bytes === null).toBe(!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1);
    }),
  );
});

test("alphabets are changed to and fro", () => {
  expect([toUrlAlphabet("+/ab+/=="), toStandardAlphabet("-_ab-_")]).toEqual(["-_ab-_", "+/ab+/"]);
});
