import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toCitations } from "./citations.ts";
import { decodeText, mimeTypeOfName, parseDataUrl, sniffMimeType } from "./media-types.ts";

describe("parseDataUrl", () => {
  it("takes parameters, white space and the other alphabet away", () => {
    expect(parseDataUrl("data:Image/JPG;charset=x;base64,AA-_\n AA==")).toEqual({
      mimeType: "image/jpeg",
      data: "AA+/AA==",
    });
    expect(parseDataUrl("DATA:;base64,AAAA")).toEqual({ mimeType: "", data: "AAAA" });
  });

  it("takes a type that is named like a part of every object for what it is", () => {
    expect(parseDataUrl("data:constructor;base64,AAAA")?.mimeType).toBe("constructor");
  });

  it("reads percent-encoded text", () => {
    const found = parseDataUrl("data:,h%C3%BC%20x");
    expect(found?.mimeType).toBe("text/plain");
    expect(decodeText(found?.data ?? "")).toBe("hü x");
  });

  it("never throws", () => {
    fc.assert(
      fc.property(fc.string(), (rest) => {
        expect(() => parseDataUrl(`data:${rest}`)).not.toThrow();
      }),
    );
    expect(parseDataUrl("https://x")).toBeNull();
    expect(parseDataUrl("data:image/png")).toBeNull();
    expect(parseDataUrl("data:,%")).toBeNull();
  });
});

describe("types", () => {
  it("are told by first bytes", () => {
    expect(sniffMimeType(btoa("RIFF1234WEBPVP8 "))).toBe("image/webp");
    expect(sniffMimeType(btoa("RIFF1234WAVEfmt "))).toBe("audio/wav");
    expect(sniffMimeType(btoa("%PDF-1.7"))).toBe("application/pdf");
    expect(sniffMimeType("AAAA")).toBeNull();
  });

  it("are told by names and addresses", () => {
    expect(mimeTypeOfName("https://x/a.PNG?b=c.pdf#d")).toBe("image/png");
    expect(mimeTypeOfName("main.rs")).toBe("text/plain");
    expect(mimeTypeOfName("README")).toBeNull();
  });
});

describe("toCitations", () => {
  const source = { title: "T", url: "https://x" };

  it("slices out what Google meant, whatever characters stand before", () => {
    const encoder = new TextEncoder();
    const any = fc.string({ unit: "grapheme", maxLength: 20 });
    fc.assert(
      fc.property(any, any, any, any, (earlier, before, cited, after) => {
        const start = encoder.encode(earlier + before).length;
        const support = { start, end: start + encoder.encode(cited).length, text: cited, sources: [0] };
        const text = before + cited + after;
        const [citation] = toCitations({
          grounding: { queries: [], sources: [source], supports: [support] },
          text,
          bytesBefore: encoder.encode(earlier).length,
        });
        expect(text.slice(citation?.["start_index"] as number, citation?.["end_index"] as number)).toBe(cited);
      }),
    );
  });

  it("leaves out what lies outside, and cites the whole where Google named no places", () => {
    const grounding = { queries: [], sources: [source], supports: [{ start: 5, end: 99, text: "", sources: [0, 7] }] };
    expect(toCitations({ grounding, text: "short", bytesBefore: 0 })).toEqual([]);
    expect(toCitations({ grounding: { ...grounding, supports: [] }, text: "short", bytesBefore: 0 })).toEqual([
      { type: "url_citation", start_index: 0, end_index: 5, url: "https://x", title: "T" },
    ]);
  });
});
