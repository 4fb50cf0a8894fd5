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
    ];
    expect(relayedHeaders(headers, { dropLength: false, kinds: new Map() })).toEqual(["A", "1"]);
  });
});
