import { describe, expect, it } from "vitest";
import { addCorsHeaders, preflightHeaders, relayedHeaders } from "./response-headers.ts";

const cors = (origin: string | null, allowed: readonly string[]): string[] => {
  const headers: string[] = [];
  addCorsHeaders(headers, origin, allowed);
  return headers;
};

describe("CORS headers", () => {
  it("let everybody in with *, and tell no cache to vary", () => {
    expect(cors("https://a.example", ["*"]).slice(0, 2)).toEqual(["access-control-allow-origin", "*"]);
    expect(cors(null, ["*"])).toEqual([]);
  });

  it("vary by origin on every answer when there is a list", () => {
    const allowed = ["https://a.example"];
    expect(cors("https://a.example", allowed)).toContain("access-control-allow-origin");
    for (const origin of ["https://a.example", "https://b.example", null])
      expect(cors(origin, allowed).join()).toContain("vary,Origin");
    expect(cors("https://b.example", allowed)).not.toContain("access-control-allow-origin");
  });

  it("allow nothing in a preflight from an origin that is not in the list", () => {
    expect(preflightHeaders("https://b.example", null, ["https://a.example"])).toEqual(["vary", "Origin"]);
    expect(preflightHeaders("https://a.example", "x-a", ["https://a.example"])).toContain("x-a");
    expect(preflightHeaders("https://a.example", null, [])).toEqual([]);
  });
});

describe("relayed headers", () => {
  it("keep a browser from running what is neither JSON nor an event stream as a page of the dashboard's origin", () => {
    const relayed = (headers: string[]): string =>
      relayedHeaders(headers, { dropLength: false, kinds: new Map() }).join();
    const sandbox = "content-security-policy,sandbox,x-content-type-options,nosniff";
    for (const type of ["application/json", "application/json; charset=UTF-8", "text/event-stream"])
      expect(relayed(["content-type", type])).toBe(`content-type,${type}`);
    for (const type of ["text/html", "image/svg+xml", "application/xhtml+xml", "video/mp4"])
      expect(relayed(["Content-Type", type])).toBe(`Content-Type,${type},${sandbox}`);
    // Two types: the last one decides, in browsers too (https://mimesniff.spec.whatwg.org/#supplied-mime-type-detection-algorithm).
    expect(relayed(["content-type", "application/json", "content-type", "text/html"])).toContain(sandbox);
    expect(relayed([])).toBe(sandbox);
  });

  it("leave out what ends at the gateway, whatever its case", () => {
    const headers = [
      "Set-Cookie",
      "a=1",
      "X-GProxy-Request-Id",
      "forged",
      "Access-Control-Allow-Origin",
      "*",
      "A",
      "1",
      "Content-Type",
      "application/json",
    ];
    expect(relayedHeaders(headers, { dropLength: false, kinds: new Map() })).toEqual([
      "A",
      "1",
      "Content-Type",
      "application/json",
    ]);
  });
});
