import { describe, expect, it, test } from "vitest";
import type { ClientKey } from "../clients/types.ts";
import { portableBytes } from "../core/portable-bytes.ts";
import { answer, clientKey, createWorld, otherClient, otherKey } from "../testkit/call-world.ts";

const own = ["x-goog-api-key", clientKey];

const done = JSON.stringify({ candidates: [{ content: { parts: [{ text: "ok" }] }, finishReason: "STOP" }] });
const exhausted = JSON.stringify({
  error: {
    code: 429,
    message: "Quota exceeded",
    status: "RESOURCE_EXHAUSTED",
    details: [
      {
        "@type": "type.googleapis.com/google.rpc.QuotaFailure",
        violations: [
          { quotaId: "GenerateRequestsPerMinutePerProjectPerModel-FreeTier", quotaDimensions: { model: "m" } },
        ],
      },
      { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34s" },
    ],
  },
});

describe("models", () => {
  test("an alias goes upstream by its real name, and the answer says so", () => {
    const world = createWorld({ settings: { MODEL_ALIASES: "m-fast=m-real" } });
    const { host, call } = world.start("/v1beta/models/m-fast:generateContent");
    expect(host.sent[0]).toMatchObject({ path: "/v1beta/models/m-real:generateContent" });
    answer(call, 1, 200, done);
    expect(host.header("x-gproxy-model")).toBe("m-real");
    expect(world.settled.at(-1)).toMatchObject({ modelAsked: "m-real" });
  });

  test("a fallback serves when the model is exhausted, and the answer names it", () => {
    const world = createWorld({ settings: { MODEL_FALLBACKS: "m=m-b|m-c" } });
    const { host, call } = world.start("/v1beta/models/m:generateContent");
    answer(call, 1, 429, exhausted);
    answer(call, 2, 429, exhausted);
    expect(host.sent[2]).toMatchObject({ path: "/v1beta/models/m-b:generateContent" });
    answer(call, 3, 200, done);
    expect(host.header("x-gproxy-model")).toBe("m-b");
    expect(world.settled.at(-1)?.attempts).toHaveLength(3);
  });

  test("UPSTREAM_STORE=off asks Google to keep nothing, unless the call says otherwise", () => {
    const world = createWorld({ settings: { UPSTREAM_STORE: "off" } });
    const sent = (body: string): unknown => {
      const { host } = world.start("/v1beta/models/m:generateContent", own, { body });
      const { body: passed } = host.sent[0] as unknown as { body: { chunks: Uint8Array[] } };
      return JSON.parse(portableBytes.decode(portableBytes.concat(passed.chunks)));
    };
    expect(sent('{"contents":[]}')).toEqual({ store: false, contents: [] });
    expect(sent('{"contents":[],"store":true}')).toEqual({ contents: [], store: true });
  });

  test("without a fallback nothing changes, and no header is added", () => {
    const world = createWorld();
    const { host, call } = world.start("/v1beta/models/m:generateContent");
    answer(call, 1, 200, done);
    expect(host.header("x-gproxy-model")).toBeUndefined();
  });
});

describe("limits of the client", () => {
  const limited: ClientKey = { ...otherClient, limits: { requestsPerMinute: 2 } };

  it("refuse what is too much with their own code, headers and a time, and Google is not asked", () => {
    const world = createWorld({ clients: [limited] });
    const headers = ["x-goog-api-key", otherKey];
    for (const left of ["1", "0"]) {
      const { host, call } = world.start("/v1beta/models/m:generateContent", headers);
      answer(call, 1, 200, done);
      expect(host.header("x-ratelimit-remaining-requests")).toBe(left);
    }
    const { host } = world.start("/v1beta/models/m:generateContent", headers);
    expect([host.status, host.sent.length]).toEqual([429, 0]);
    expect(host.header("x-gproxy-limit")).toBe("local");
    expect(Number(host.header("retry-after"))).toBeGreaterThan(0);
    expect(host.body).toContain("CLIENT_RATE_LIMITED");
    world.clock.advance(60_001);
    expect(world.start("/v1beta/models/m:generateContent", headers).host.sent).toHaveLength(1);
  });
});

describe("shared answers", () => {
  const count = "/v1beta/models/m:countTokens";

  it("are one upstream call for identical ones at once, and a kept answer after it", () => {
    const world = createWorld({ settings: { REQUEST_DEDUP_WINDOW_MS: "5s" } });
    const first = world.start(count);
    const second = world.start(count);
    expect([first.host.sent.length, second.host.sent.length]).toEqual([1, 0]);
    answer(first.call, 1, 200, '{"totalTokens": 3}');
    expect([second.host.status, second.host.body]).toEqual([200, '{"totalTokens": 3}']);
    expect(second.host.header("x-gproxy-cache")).toBe("coalesced");
    const third = world.start(count);
    expect(third.host.header("x-gproxy-cache")).toBe("hit");
    world.clock.advance(5_001);
    expect(world.start(count).host.sent).toHaveLength(1);
    expect(world.settled.filter(({ attempts }) => attempts.length === 0)).toHaveLength(2);
  });

  it("leave each to itself when the first one fails", () => {
    const world = createWorld({ settings: { REQUEST_DEDUP_WINDOW_MS: "5s" } });
    const first = world.start(count);
    const second = world.start(count);
    first.call.clientGone();
    expect(second.host.sent).toHaveLength(1);
    answer(second.call, 1, 200, '{"totalTokens": 3}');
    expect(second.host.status).toBe(200);
  });
});
