import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createWorld } from "../testkit/call-world.ts";
import type { AttemptFailure } from "./host.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const event = (value: object): Uint8Array => text(`data: ${JSON.stringify(value)}\r\n\r\n`);
const said = (words: string, finishReason?: string): Uint8Array =>
  event({
    candidates: [
      { content: { parts: [{ text: words }], role: "model" }, ...(finishReason === undefined ? {} : { finishReason }) },
    ],
    usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 },
    modelVersion: "m-1",
  });
const minuteQuota = JSON.stringify({
  error: {
    code: 429,
    message: "Quota exceeded",
    status: "RESOURCE_EXHAUSTED",
    details: [
      {
        "@type": "type.googleapis.com/google.rpc.QuotaFailure",
        violations: [
          {
            quotaId: "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
            quotaDimensions: { model: "m" },
            quotaValue: "10",
          },
        ],
      },
      { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34s" },
    ],
  },
});

describe("a call", () => {
  it("relays bytes as they come and settles once", () => {
    const { start, settled, began, pool, clock } = createWorld();
    const { host, call } = start();
    expect(host.sent[0]).toMatchObject({ attempt: 1, path: "/v1beta/models/m:streamGenerateContent?alt=sse" });
    call.upstreamHead(1, 200, ["content-type", "text/event-stream"]);
    expect(host.heads).toBe(0);
    call.upstreamData(1, said("Hello"));
    expect(host.heads).toBe(1);
    expect(host.body).toContain("Hello");
    call.upstreamData(1, said(" world", "STOP"));
    call.upstreamEnd(1);
    expect(host).toMatchObject({ status: 200, ends: 1, cuts: 0 });
    expect(settled).toHaveLength(1);
    expect(settled[0]).toMatchObject({
      outcome: "ok",
      finishReason: "STOP",
      modelServed: "m-1",
      usage: { totalTokens: 5 },
    });
    expect(began).toEqual([settled[0]?.id]);
    expect(pool.view(clock.now()).every((view) => view.inFlight === 0)).toBe(true);
  });

  it("tries a refused call elsewhere at once, and names the rule in the attempt's row", () => {
    const { start, settled, pool, clock } = createWorld();
    const { host, call } = start();
    call.upstreamHead(1, 429, ["content-type", "application/json"]);
    call.upstreamData(1, text(minuteQuota));
    call.upstreamEnd(1);
    expect(host.sent).toHaveLength(2);
    expect(host.sent[1]?.headers).not.toEqual(host.sent[0]?.headers);
    call.upstreamHead(2, 200, []);
    call.upstreamData(2, said("ok", "STOP"));
    call.upstreamEnd(2);
    expect(host.status).toBe(200);
    expect(host.header("x-gproxy-attempts")).toBe("2");
    expect(settled[0]?.attempts.map((attempt) => attempt.status)).toEqual([429, 200]);
    expect(settled[0]?.attempts[0]?.rule).toMatch(/minute/);
    const resting = pool.view(clock.now()).find((view) => view.state === "cooling");
    expect(resting?.cooldowns[0]).toMatchObject({ cause: "minute-quota", untilMs: clock.now() + 34_000 });
  });

  it("is one 429 with causes, soonest reset and Retry-After when nothing is left", () => {
    const { start, settled } = createWorld();
    const { host, call } = start();
    for (const number of [1, 2]) {
      call.upstreamHead(number, 429, []);
      call.upstreamData(number, text(minuteQuota));
      call.upstreamEnd(number);
    }
    expect(host).toMatchObject({ status: 429, ends: 1 });
    expect(host.header("retry-after")).toBe("34");
    expect(JSON.parse(host.body)).toMatchObject({ error: { code: 429, status: "RESOURCE_EXHAUSTED" } });
    expect(host.body).toContain("34s");
    expect(settled[0]).toMatchObject({ outcome: "error", errorCode: "credentials_exhausted" });
    // The next call is refused without an attempt.
    const second = start();
    expect(second.host).toMatchObject({ status: 429, sent: [] });
  });

  it("never retries after the first content byte", () => {
    const { start, settled } = createWorld();
    const { host, call } = start();
    call.upstreamHead(1, 200, []);
    call.upstreamData(1, said("Hel"));
    call.upstreamFailed(1, { kind: "broken", code: "ECONNRESET", words: "reset" });
    expect(host.sent).toHaveLength(1);
    expect(host.body).toMatch(/"error"/);
    expect(settled[0]).toMatchObject({
      outcome: "incomplete",
      errorCode: "upstream_broken",
      usage: { totalTokens: 5 },
    });
  });

  it("repeats an empty answer once, and relays the second one as it is", () => {
    const { start, settled } = createWorld();
    const { host, call } = start();
    const empty = event({
      candidates: [{ content: { role: "model" }, finishReason: "STOP" }],
      usageMetadata: { promptTokenCount: 3, totalTokenCount: 3 },
    });
    call.upstreamHead(1, 200, []);
    call.upstreamData(1, empty);
    call.upstreamEnd(1);
    expect(host.heads).toBe(0);
    expect(host.fire()).toBe(true);
    call.upstreamHead(2, 200, []);
    call.upstreamData(2, empty);
    call.upstreamEnd(2);
    expect(host).toMatchObject({ status: 200, ends: 1 });
    expect(host.body).toBe(new TextDecoder().decode(empty));
    expect(settled[0]?.attempts).toHaveLength(2);
    expect(settled[0]?.usage?.promptTokens).toBe(6);
  });

  it("gives up on silence before the first byte without a second generation", () => {
    const { start, settled } = createWorld();
    const { host, call } = start();
    call.upstreamFailed(1, { kind: "first-byte-timeout", code: "UND_ERR_HEADERS_TIMEOUT", words: "timeout" });
    expect(host).toMatchObject({ status: 504, ends: 1 });
    expect(host.sent).toHaveLength(1);
    expect(settled[0]?.errorCode).toBe("upstream_first_byte_timeout");
  });

  it("drops late events of an attempt that is over", () => {
    const { start } = createWorld();
    const { host, call } = start();
    call.upstreamFailed(1, { kind: "connect", code: "ECONNREFUSED", words: "refused" });
    host.fire();
    call.upstreamHead(1, 200, []);
    call.upstreamData(1, said("late"));
    expect(host.body).toBe("");
    expect(host.sent).toHaveLength(2);
  });

  it("keeps a retry that waits from running after the client left", () => {
    const { start, settled, environment, clock } = createWorld();
    const { host, call } = start();
    call.upstreamFailed(1, { kind: "connect", code: "ECONNREFUSED", words: "refused" });
    call.clientGone();
    expect(host.fire()).toBe(false);
    expect(settled[0]).toMatchObject({ outcome: "cancelled", status: 499 });
    const late = start();
    clock.advance(5_000);
    late.call.clientGone();
    expect(settled[1]).toMatchObject({ outcome: "cancelled", overheadMicros: 0 });
    expect(environment.open).toEqual({ calls: 0, retrying: 0 });
  });

  it("refuses models that the client may not use, in its dialect", () => {
    const { start } = createWorld();
    expect(start("/v1beta/models/other:generateContent").host).toMatchObject({ status: 403, sent: [] });
  });

  it("is refused while the gateway drains", () => {
    const { start, environment } = createWorld();
    environment.draining = true;
    expect(start().host).toMatchObject({ status: 503, sent: [] });
  });

  it("says how to add a key when there is none", () => {
    const { host } = createWorld({ credentials: 0 }).start();
    expect(host.status).toBe(503);
    expect(host.body).toContain("keys add");
  });

  it("never shows the client a dead credential's error", () => {
    const { start } = createWorld({ credentials: 1 });
    const { host, call } = start();
    call.upstreamHead(1, 400, []);
    call.upstreamData(
      1,
      text(
        '{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"googleapis.com"},{"@type":"type.googleapis.com/google.rpc.DebugInfo","detail":"Invalid API key: secret-of-credential-0"}]}}',
      ),
    );
    call.upstreamEnd(1);
    expect(host.status).toBe(503);
    expect(host.body).not.toContain("secret-of-credential");
    expect(host.body).not.toContain("API key not valid");
  });

  it("takes a secret out of an error that it relays", () => {
    const { start } = createWorld();
    const { host, call } = start();
    call.upstreamHead(1, 400, []);
    call.upstreamData(
      1,
      text('{"error":{"code":400,"message":"odd secret-of-credential-0","status":"INVALID_ARGUMENT"}}'),
    );
    call.upstreamEnd(1);
    expect(host.status).toBe(400);
    expect(host.body).toContain("odd [redacted]");
    const unread = start();
    unread.call.upstreamHead(1, 400, ["content-encoding", "gzip"]);
    unread.call.upstreamData(1, text("a key may be in here"));
    unread.call.upstreamEnd(1);
    expect(unread.host.body).not.toContain("a key may");
  });

  it("relays a stream without the length that was told: an error event may follow", () => {
    const { host, call } = createWorld().start();
    call.upstreamHead(1, 200, ["content-type", "text/event-stream", "content-length", "4000"]);
    call.upstreamData(1, said("Hello"));
    call.upstreamFailed(1, { kind: "broken", code: "ECONNRESET", words: "reset" });
    expect(host.header("content-length")).toBeUndefined();
    expect(host.body).toContain("UPSTREAM_BROKEN");
  });

  it("relays a redirection as it is, without an error event behind it", () => {
    const { host, call } = createWorld().start();
    call.upstreamHead(1, 302, ["location", "/x"]);
    call.upstreamData(1, text("abc"));
    call.upstreamEnd(1);
    expect(host).toMatchObject({ status: 302, body: "abc", ends: 1 });
  });

  it("judges an error inside a stream at once, also when the upstream then falls silent", () => {
    const { start, settled, pool, clock } = createWorld();
    const { host, call } = start();
    call.upstreamHead(1, 200, []);
    call.upstreamData(1, event(JSON.parse(minuteQuota) as object));
    expect(host.aborted).toBe(1);
    expect(host.sent).toHaveLength(2);
    call.clientGone();
    expect(settled[0]?.attempts.map(({ rule }) => rule)).toEqual(["quota.minute", "client.gone"]);
    expect(pool.view(clock.now()).every((view) => view.inFlight === 0)).toBe(true);
  });

  it("judges an error whose body broke off or stalled by its status", () => {
    const { start, settled } = createWorld();
    for (const kind of ["broken", "idle-timeout"] as const) {
      const { call } = start();
      call.upstreamHead(1, 404, []);
      call.upstreamFailed(1, { kind, code: "X", words: "x" });
      expect(settled.at(-1)).toMatchObject({ status: 404, outcome: "error", attempts: [{ status: 404 }] });
    }
  });

  it("refuses a client with a list of models what names its model where nobody looks", () => {
    const { start } = createWorld();
    expect(start("/v1beta/interactions").host).toMatchObject({ status: 403, sent: [] });
    expect(start("/openai/videos").host).toMatchObject({ status: 403, sent: [] });
    expect(start("/upload/v1beta/files").host.sent).toHaveLength(1);
  });

  it("survives a mistake of the gateway's own: 500 or a cut for this call, its lease back, a row", () => {
    const { start, environment, settled, pool, clock } = createWorld();
    const { plan } = environment.control;
    environment.control.plan = () => {
      throw new TypeError("a secret excerpt");
    };
    expect(start().host).toMatchObject({ status: 500, ends: 1 });
    expect(settled.at(-1)).toMatchObject({ outcome: "error", errorCode: "internal" });
    environment.control.plan = plan;
    const { host, call } = start();
    host.data = () => {
      throw new TypeError("a secret excerpt");
    };
    call.upstreamHead(1, 200, []);
    call.upstreamData(1, said("Hello"));
    expect(host).toMatchObject({ status: 200, cuts: 1, aborted: 1 });
    expect(settled.at(-1)).toMatchObject({ outcome: "incomplete", attempts: [{ rule: "gateway.internal" }] });
    expect(settled).toHaveLength(2);
    expect(environment.open).toEqual({ calls: 0, retrying: 0 });
    expect(pool.view(clock.now()).every((view) => view.inFlight === 0)).toBe(true);
  });

  it("ends exactly once and returns every lease, whatever the upstream does (property)", () => {
    const failure = fc.constantFrom<AttemptFailure["kind"]>(
      "connect",
      "connect-timeout",
      "first-byte-timeout",
      "idle-timeout",
      "broken",
    );
    const step = fc.oneof(
      fc.record({
        do: fc.constant("head" as const),
        status: fc.constantFrom(200, 200, 200, 400, 403, 404, 429, 500, 503),
      }),
      fc.record({
        do: fc.constant("data" as const),
        chunk: fc.constantFrom(
          said("a"),
          said("b", "STOP"),
          text(minuteQuota),
          text("data: {"),
          text("\r\n"),
          text(""),
        ),
      }),
      fc.record({ do: fc.constant("end" as const) }),
      fc.record({ do: fc.constant("fail" as const), kind: failure }),
      fc.record({ do: fc.constant("gone" as const) }),
      fc.record({ do: fc.constant("timer" as const) }),
      fc.record({ do: fc.constant("time" as const), ms: fc.integer({ min: 0, max: 90_000 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, stream) => {
        const world = createWorld({ credentials: 3 });
        const { host, call } = world.start(
          `/v1beta/models/m:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
        );
        // A real upstream gives one head, then data, then one end or failure; steps out of order are skipped.
        let headOf = 0;
        let over = 0;
        for (const one of steps) {
          const current = host.sent.length;
          switch (one.do) {
            case "head":
              if (headOf === current || over === current) continue;
              headOf = current;
              call.upstreamHead(current, one.status, []);
              break;
            case "data":
              if (headOf === current && over !== current) call.upstreamData(current, one.chunk);
              break;
            case "end":
              if (headOf !== current || over === current) continue;
              over = current;
              call.upstreamEnd(current);
              break;
            case "fail":
              if (over === current) continue;
              over = current;
              call.upstreamFailed(current, { kind: one.kind, code: "X", words: "x" });
              break;
            case "gone":
              call.clientGone();
              break;
            case "timer":
              host.fire();
              break;
            case "time":
              world.clock.advance(one.ms);
          }
        }
        call.clientGone();
        expect(host.heads).toBeLessThanOrEqual(1);
        expect(host.ends + host.cuts).toBeLessThanOrEqual(1);
        expect(host.afterEnd).toBe(0);
        expect(world.settled).toHaveLength(1);
        expect(world.settled[0]?.attempts.length).toBe(host.sent.length);
        expect(world.environment.open).toEqual({ calls: 0, retrying: 0 });
        expect(world.pool.view(world.clock.now()).every((view) => view.inFlight === 0)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
