import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scanRequestHeaders } from "./request-headers.ts";

describe("request headers", () => {
  it("takes every credential out and remembers it", () => {
    const scanned = scanRequestHeaders([
      "Authorization",
      "Bearer gp-one",
      "X-Goog-Api-Key",
      "gp-two",
      "x-api-key",
      "gp-three",
      "api-key",
      "gp-four",
      "Cookie",
      "session=1",
      "x-goog-user-project",
      "p",
      "openai-organization",
      "o",
    ]);
    expect(scanned.forward).toEqual([]);
    expect(scanned).toMatchObject({ bearer: "gp-one", googleKey: "gp-two", apiKey: "gp-three", google: true });
  });

  it("counts an empty x-goog-api-key as Google's dialect, not as a key", () => {
    expect(scanRequestHeaders(["x-goog-api-key", ""])).toMatchObject({ google: true, googleKey: null });
  });

  it("keeps what Google needs, in its own case and order", () => {
    const kept = [
      "X-Goog-Api-Client",
      "google-genai-sdk/3.1.0",
      "X-Server-Timeout",
      "60",
      "x-goog-upload-protocol",
      "resumable",
      "api-revision",
      "2026-05-01",
      "cf-aig-authorization",
      "Bearer gateway",
      "User-Agent",
      "me/1",
    ];
    expect(scanRequestHeaders(kept).forward).toEqual(kept);
  });

  it("drops hop-by-hop headers and those that Connection names", () => {
    const scanned = scanRequestHeaders([
      "Connection",
      "close, X-Secret-Hop",
      "X-Secret-Hop",
      "1",
      "Transfer-Encoding",
      "chunked",
      "TE",
      "trailers",
      "x-forwarded-for",
      "1.2.3.4",
      "cf-connecting-ip",
      "1.2.3.4",
      "via",
      "1.1 x",
      "x-gproxy-retry-max",
      "2",
    ]);
    expect(scanned.forward).toEqual([]);
    expect(scanned.overrides).toEqual({ "retry-max": "2" });
  });

  it("reads a connection header full of blanks in linear time", () => {
    // Quadratic time would be minutes here.
    const value = `a${" ".repeat(60_000)}b , x-secret-hop`;
    for (let round = 0; round < 200; round += 1)
      expect(scanRequestHeaders(["connection", value, "X-Secret-Hop", "1", "accept", "*/*"]).forward).toEqual([
        "accept",
        "*/*",
      ]);
  });

  it("drops what would make another method of the request", () => {
    expect(scanRequestHeaders(["X-HTTP-Method-Override", "DELETE"]).forward).toEqual([]);
  });

  it("never forwards a credential header, whatever its case", () => {
    const name = fc.constantFrom(
      "authorization",
      "x-goog-api-key",
      "x-api-key",
      "api-key",
      "cookie",
      "proxy-authorization",
    );
    const cased = fc
      .tuple(name, fc.infiniteStream(fc.boolean()))
      .map(([text, upper]) =>
        [...text].map((character) => (upper.next().value === true ? character.toUpperCase() : character)).join(""),
      );
    fc.assert(
      fc.property(fc.array(fc.tuple(cased, fc.string())), (pairs) => {
        expect(scanRequestHeaders(pairs.flat()).forward).toEqual([]);
      }),
    );
  });
});
