import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createLiveWorld,
  harnessKey,
  harnessUrl,
  livePath,
  liveSetup,
  message,
  setupComplete,
  stand,
} from "../../testkit/live-harness.ts";
import { firstMessageMs } from "./live-call.ts";

describe("admission", () => {
  it("an admitted client is upgraded, and nothing is connected before its setup", () => {
    const { host } = createLiveWorld().open();
    expect(host.accepted?.protocol).toBeNull();
    expect(host.connects).toEqual([]);
  });

  it.each([
    ["no key", livePath, [], 401, "UNAUTHENTICATED"],
    ["a wrong key", `${livePath}?key=gp-wrong`, [], 401, "UNAUTHENTICATED"],
    ["a token that is not known", `${livePath}Constrained?access_token=auth_tokens/x`, [], 401, "UNAUTHENTICATED"],
    ["another path", "/ws/google.ai.generativelanguage.v1beta.Other.Method", [], 404, "NOT_FOUND"],
  ] as const)("%s is refused with a plain HTTP answer in Google's shape", (_name, url, headers, status, word) => {
    const world = createLiveWorld();
    const { host } = world.open(url, [...headers]);
    expect(host.refused?.status).toBe(status);
    expect(JSON.parse(host.refused?.body ?? "")).toMatchObject({ error: { code: status, status: word } });
    expect(host.accepted).toBeNull();
    // Refused strangers leave no record, and nothing is held for them.
    expect(world.settled).toEqual([]);
    expect(world.sessions.count).toBe(0);
  });

  it.each([
    ["x-goog-api-key", harnessKey],
    ["Authorization", `Bearer ${harnessKey}`],
    ["x-api-key", harnessKey],
    ["Sec-WebSocket-Protocol", `x-goog-api-key.${harnessKey}`],
  ])("a key in %s is taken", (name, value) => {
    expect(createLiveWorld().open(livePath, [name, value]).host.accepted).not.toBeNull();
  });

  it("a subprotocol that is no secret is the one that is answered", () => {
    const offer = ["Sec-WebSocket-Protocol", `x-goog-api-key.${harnessKey}, json`];
    expect(createLiveWorld().open(livePath, offer).host.accepted?.protocol).toBe("json");
  });

  it("LIVE=off, draining, too many sessions and foreign origins are refused before the upgrade", () => {
    expect(createLiveWorld({ settings: { LIVE: "off" } }).open().host.refused?.status).toBe(501);
    const draining = createLiveWorld();
    draining.environment.draining = true;
    expect(draining.open().host.refused?.status).toBe(503);
    const small = createLiveWorld({ settings: { MAX_LIVE_SESSIONS: "1" } });
    const first = small.open();
    expect(small.open().host.refused?.status).toBe(503);
    first.call.clientClosed(1000, "");
    expect(small.open().host.accepted).not.toBeNull();
    const listed = createLiveWorld({ settings: { CORS_ORIGINS: "https://a.example" } });
    expect(listed.open(harnessUrl, ["Origin", "https://b.example"]).host.refused?.status).toBe(403);
    expect(listed.open(harnessUrl, ["Origin", "https://a.example"]).host.accepted).not.toBeNull();
    expect(listed.open().host.accepted).not.toBeNull();
  });

  it("a client's own limit is a 429 with its words and its time, before the upgrade", () => {
    const world = createLiveWorld({
      client: { limits: { concurrency: 1 } },
      reserve: {
        ok: false,
        code: "client_concurrency_exceeded",
        what: "open calls at once (1)",
        retryAfterMs: 1_500,
        states: [],
      },
    });
    const { host } = world.open();
    expect(host.refused?.status).toBe(429);
    expect(host.refused?.headers).toContain("retry-after");
    expect(host.refused?.body).toContain("open calls at once (1)");
    expect(world.settled[0]?.record).toMatchObject({ outcome: "refused", errorCode: "client_concurrency_exceeded" });
  });
});

describe("the first message", () => {
  it.each([
    ["no setup", { clientContent: {} }, 1007],
    ["a setup without a model", { setup: {} }, 1007],
    ["no object", "[]", 1007],
    ["no JSON", "hello", 1007],
  ])("%s ends the session with 1007", (_name, first, code) => {
    const world = createLiveWorld();
    const { call, host } = world.open();
    call.clientMessage(message(first));
    expect(host.closes).toMatchObject([{ side: "client", code }]);
    expect(host.closes[0]?.reason).toMatch(/^live_setup_missing: /);
    expect(host.connects).toEqual([]);
    expect(world.settled[0]?.record).toMatchObject({ operation: "live", outcome: "refused", usage: null });
  });

  it("that does not come ends the session", () => {
    const { host } = createLiveWorld().open();
    expect(host.fire()).toBe(firstMessageMs);
    expect(host.closes).toMatchObject([{ side: "client", code: 1007 }]);
  });

  it("goes up as it came, with its opcode, and exactly one credential in a header", () => {
    const world = createLiveWorld();
    const { call, host } = world.open(`${harnessUrl}&x=1&oauth_token=y`, ["User-Agent", "test", "Cookie", "c"]);
    const first = message(`{ 'setup' : {"model":"models/gemini-live"} }`, true);
    call.clientMessage(first);
    const [upstream] = host.connects;
    expect(upstream?.path).toBe(`${livePath}?x=1`);
    expect(upstream?.origin).toBe("https://generativelanguage.googleapis.com");
    expect(upstream?.headers).toEqual(["User-Agent", "test", "x-goog-api-key", "secret-of-credential-0"]);
    expect(host.sent.upstream).toEqual([]);
    call.upstreamOpen(1);
    expect(host.sent.upstream).toEqual([first]);
    expect(JSON.stringify(world.plans)).not.toContain(harnessKey);
  });

  it("a model that the client may not use is refused, an alias is written out", () => {
    const narrow = createLiveWorld({
      client: { allowedModels: ["gemini-other", "fast"] },
      settings: { MODEL_ALIASES: "fast=gemini-live-fast" },
    });
    const refused = narrow.open();
    refused.call.clientMessage(message(liveSetup));
    expect(refused.host.closes).toMatchObject([{ code: 1008 }]);
    expect(refused.host.closes[0]?.reason).toMatch(/^model_not_allowed/);
    const { call, host } = narrow.open();
    call.clientMessage(message({ setup: { model: "models/fast", tools: [] } }));
    call.upstreamOpen(1);
    expect(host.texts("upstream")).toEqual([`{"setup":{"model":"models/gemini-live-fast","tools":[]}}`]);
    expect(narrow.plans[0]?.model).toBe("gemini-live-fast");
  });

  it("'setup' or its model twice cannot get past the client's list", () => {
    const narrow = createLiveWorld({ client: { allowedModels: ["gemini-live"] } });
    for (const text of [
      `{"setup":{"model":"models/gemini-live"},"setup":{"model":"models/other"}}`,
      `{"setup":{"model":"models/gemini-live","model":"models/other"}}`,
      `{"setup":{"model":"models/gemini-live","mod\\u0065l":"models/other"}}`,
    ]) {
      const { call, host } = narrow.open();
      call.clientMessage(message(text));
      expect(host.connects, text).toEqual([]);
      expect(host.closes).toHaveLength(1);
    }
  });

  it("too large a message is closed with 1009", () => {
    const { call, host } = createLiveWorld({ settings: { LIVE_MAX_MESSAGE_BYTES: "65536" } }).open();
    call.clientMessage({ data: new Uint8Array(65_537), binary: true });
    expect(host.closes).toMatchObject([{ side: "client", code: 1009 }]);
  });
});

describe("the relay", () => {
  it("what was said before the session stood waits, and goes up after it in order", () => {
    const world = createLiveWorld();
    const { call, host } = world.open();
    call.clientMessage(message(liveSetup));
    call.clientMessage(message("one"));
    call.upstreamOpen(1);
    call.clientMessage(message("two", true));
    expect(host.texts("upstream")).toHaveLength(1);
    call.upstreamMessage(1, setupComplete);
    call.clientMessage(message("three"));
    expect(host.texts("upstream").slice(1)).toEqual(["one", "two", "three"]);
    expect(host.sent.upstream.map(({ binary }) => binary)).toEqual([false, false, true, false]);
    expect(host.sent.client).toEqual([setupComplete]);
  });

  it("any interleaving of the upstream's steps and the client's messages keeps order, bytes and opcodes", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ data: fc.uint8Array({ maxLength: 40 }), binary: fc.boolean() }), { maxLength: 30 }),
        fc.array(fc.record({ data: fc.uint8Array({ maxLength: 40 }), binary: fc.boolean() }), { maxLength: 30 }),
        fc.infiniteStream(fc.nat({ max: 3 })),
        (up, down, choices) => {
          const world = createLiveWorld();
          const { call, host } = world.open();
          call.clientMessage(message(liveSetup));
          const steps: (() => void)[] = [
            () => call.upstreamOpen(1),
            () => call.upstreamMessage(1, setupComplete),
            ...down.map((one) => () => call.upstreamMessage(1, one)),
          ];
          const ups = up.map((one) => () => call.clientMessage(one));
          while (steps.length + ups.length > 0) {
            const side = choices.next().value === 0 ? ups : steps;
            (side.shift() ?? ups.shift() ?? steps.shift())?.();
          }
          expect(host.sent.upstream.slice(1)).toEqual(up);
          expect(host.sent.client.slice(1)).toEqual(down);
          expect(host.closes).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("what waits before the session stands is bounded, whatever is sent", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 70_000 }), { minLength: 1, maxLength: 400 }), (sizes) => {
        const world = createLiveWorld({ settings: { LIVE_MAX_MESSAGE_BYTES: "65536" } });
        const { call, host } = world.open();
        call.clientMessage(message(liveSetup));
        call.upstreamOpen(1);
        let taken = 0;
        for (const size of sizes) {
          call.clientMessage({ data: new Uint8Array(size), binary: true });
          if (host.closes.length > 0) break;
          taken += size;
        }
        expect(taken).toBeLessThanOrEqual(1_048_576 + 65_536);
        if (taken > 1_048_576 && host.closes.length === 0) expect(host.paused.client).toBe(true);
        call.upstreamMessage(1, setupComplete);
        if (host.closes.length === 0) expect(host.paused.client).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  it("a side that takes no more pauses the other until it has drained", () => {
    const world = createLiveWorld();
    const { call, host } = stand(world);
    host.full.client = true;
    call.upstreamMessage(1, message("x"));
    expect(host.paused).toEqual({ client: false, upstream: true });
    call.drained("client");
    expect(host.paused.upstream).toBe(false);
    host.full.upstream = true;
    call.clientMessage(message("y"));
    expect(host.paused.client).toBe(true);
    call.drained("upstream");
    expect(host.paused.client).toBe(false);
  });

  it("a client that never drains is let go", () => {
    const world = createLiveWorld();
    const { call, host } = stand(world);
    host.full.client = true;
    call.upstreamMessage(1, message("x"));
    while (host.fire() !== null);
    expect(host.cuts).toContain("client");
    expect(host.closes).toContainEqual(expect.objectContaining({ side: "upstream", code: 1000 }));
    expect(world.settled.at(-1)?.record).toMatchObject({ outcome: "incomplete", errorCode: "client_stalled" });
    expect(world.sessions.count).toBe(0);
  });
});
