import { describe, expect, it } from "vitest";
import { toSecret } from "../../core/secret.ts";
import { createSimulatedClock } from "../../testkit/simulated.ts";
import type { ProbeFetch } from "../probe.ts";
import { checkCredential } from "./key-check.ts";

const key = "AIzaSyCheckTestKey-00000000000000000001";
const environment = {
  addressFor: (_: unknown, base: string | null | undefined) => ({
    origin: base ?? "https://google.example",
    prefix: "/pre",
  }),
  proxy: null,
  clock: createSimulatedClock(),
};

function googleError(status: number, message: string, reason?: string): { status: number; body: string } {
  const details = reason === undefined ? [] : [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason }];
  return { status, body: JSON.stringify({ error: { code: status, message, status: "X", details } }) };
}

function check(ask: ProbeFetch, more: { baseUrl?: string; proxy?: string } = {}): ReturnType<typeof checkCredential> {
  const proxy = more.proxy === undefined ? null : toSecret(more.proxy);
  return checkCredential({ secret: toSecret(key), baseUrl: more.baseUrl ?? null, proxy }, { environment, ask });
}

describe("a key", () => {
  it("that Google takes is ok, asked at its own address through its own proxy and with the key in a header", async () => {
    const asked: Parameters<ProbeFetch>[0][] = [];
    const ask: ProbeFetch = (request) => {
      asked.push(request);
      return Promise.resolve({ status: 200, body: "{}" });
    };
    expect(await check(ask, { baseUrl: "https://gw.example", proxy: "http://p:1" })).toMatchObject({
      result: "ok",
      status: 200,
      words: null,
    });
    expect(asked[0]?.url).toBe("https://gw.example/pre/v1beta/models?pageSize=1");
    expect(asked[0]?.headers).toEqual({ "x-goog-api-key": key });
    expect(asked[0]?.proxy?.reveal()).toBe("http://p:1");
  });

  it.each([
    [googleError(400, "API key not valid. Please pass a valid API key.", "API_KEY_INVALID"), "invalid"],
    [googleError(403, "Your API key was reported as leaked. Please use another API key."), "blocked"],
    [googleError(400, "User location is not supported for the API use."), "location"],
    [googleError(429, "Resource has been exhausted (e.g. check quota)."), "limited"],
    [googleError(500, "An internal error has occurred."), "unreachable"],
  ] as const)("is judged by the rules of calls: %o is %s", async (answer, result) => {
    expect((await check(() => Promise.resolve(answer))).result).toBe(result);
  });

  it("stands in no words that come back", async () => {
    const told = await check(() => Promise.resolve(googleError(403, `Key ${key} is bad\u0000\n\nvery`)));
    expect(told.words).not.toContain(key);
    expect(told.words).not.toContain("\n");
  });

  it("of which nothing is heard is unreachable, and the words say why", async () => {
    const cause = new Error("getaddrinfo ENOTFOUND google.example");
    const told = await check(() => Promise.reject(new TypeError("fetch failed", { cause })));
    expect(told).toMatchObject({ result: "unreachable", status: null });
    expect(told.words).toContain("ENOTFOUND");
  });
});
