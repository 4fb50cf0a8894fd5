import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { headerOf } from "../../core/headers.ts";
import type { FrontAnswer } from "../front/answer.ts";
import { accepts, answerFile } from "./answer-file.ts";
import type { StaticFile } from "./types.ts";

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const script: StaticFile = {
  contentType: "text/javascript; charset=utf-8",
  immutable: true,
  digest: "abc",
  plain: bytes("plain"),
  gzip: bytes("gzip"),
  brotli: bytes("brotli"),
};

function ask(file: StaticFile, headers: Record<string, string> = {}): FrontAnswer & { text: string } {
  const answer = answerFile(file, { header: (name) => headers[name] ?? null });
  return { ...answer, text: typeof answer.body === "string" ? answer.body : new TextDecoder().decode(answer.body) };
}

describe("a built file", () => {
  it("is sent in the smallest coding that the client takes", () => {
    const sent = (coding?: string): [string, string | null, string | null] => {
      const answer = ask(script, coding === undefined ? {} : { "accept-encoding": coding });
      return [answer.text, headerOf(answer.headers, "content-encoding"), headerOf(answer.headers, "etag")];
    };
    expect(sent("gzip, deflate, br, zstd")).toEqual(["brotli", "br", '"abc-br"']);
    expect(sent("gzip, br;q=0")).toEqual(["gzip", "gzip", '"abc-gzip"']);
    expect(sent("*")).toEqual(["brotli", "br", '"abc-br"']);
    expect(sent("identity")).toEqual(["plain", null, '"abc"']);
    expect(sent()).toEqual(["plain", null, '"abc"']);
    expect(ask({ ...script, brotli: null, gzip: null }, { "accept-encoding": "br, gzip" }).text).toBe("plain");
  });

  it("with a digest in its name is kept for a year, and others are asked about each time", () => {
    expect(headerOf(ask(script).headers, "cache-control")).toBe("public, max-age=31536000, immutable");
    expect(headerOf(ask({ ...script, immutable: false }).headers, "cache-control")).toBe("no-cache");
  });

  it("is not sent again to who has it, in whichever coding", () => {
    for (const tag of ['"abc"', '"abc-br"', 'W/"abc-gzip"', '"old", "abc"', "*"]) {
      const answer = ask(script, { "if-none-match": tag, "accept-encoding": "br" });
      expect([answer.status, answer.text]).toEqual([304, ""]);
      expect(headerOf(answer.headers, "etag")).toBe('"abc-br"');
      expect(headerOf(answer.headers, "vary")).toBe("accept-encoding");
    }
    expect(ask(script, { "if-none-match": '"other"' }).status).toBe(200);
  });

  it("that is a page runs nothing of others and stands in no frame", () => {
    const { headers } = ask({ ...script, contentType: "text/html; charset=utf-8", immutable: false });
    const policy = headerOf(headers, "content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
    expect(headerOf(headers, "x-frame-options")).toBe("DENY");
    expect(headerOf(headers, "referrer-policy")).toBe("no-referrer");
    expect(headerOf(headers, "x-content-type-options")).toBe("nosniff");
    expect(headerOf(headers, "cross-origin-opener-policy")).toBe("same-origin");
  });
});

it("reads any accept-encoding without throwing, and never takes what has a quality of 0", () => {
  fc.assert(fc.property(fc.string(), (header) => typeof accepts(header, "br") === "boolean"));
  fc.assert(
    fc.property(fc.constantFrom("0", "0.0", "0.000"), fc.constantFrom("br", "BR"), (quality, name) => {
      expect(accepts(`gzip, ${name};q=${quality}, *`, "br")).toBe(false);
    }),
  );
});
