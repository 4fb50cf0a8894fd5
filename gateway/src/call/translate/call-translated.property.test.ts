import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { portableBytes } from "../../core/portable-bytes.ts";
import { createWorld, otherClient, otherKey, type CallWorld, type SimulatedHost } from "../../testkit/call-world.ts";
import { delayControl } from "../../testkit/later-control.ts";
import type { createKeptLogger } from "../../testkit/simulated.ts";
import type { AttemptFailure } from "../host.ts";

const bytes = portableBytes;
const bearer = ["authorization", `Bearer ${otherKey}`];

type Shape = "native" | "account" | "openai";
type Said =
  | "text"
  | "thought"
  | "call"
  | "stop"
  | "text-stop"
  | "next"
  | "next-silent"
  | "malformed"
  | "blocked"
  | "error"
  | "usage"
  | "half"
  | "junk"
  | "blank";

const usage = { promptTokenCount: 7, candidatesTokenCount: 3, totalTokenCount: 10 };

/** What one chunk of an attempt says; its text names the attempt, so that a splice of two answers would show. */
function geminiOf(said: Said, attempt: number): object | string {
  const candidate = (parts: object[], more: object = {}): object => ({
    candidates: [{ content: { role: "model", parts }, ...more }],
    usageMetadata: usage,
  });
  const next = { finishReason: "CONTINUATION", continuationToken: `token-${attempt}` };
  switch (said) {
    case "text":
      return candidate([{ text: `<${attempt}>` }]);
    case "thought":
      return candidate([{ text: "hm", thought: true }]);
    case "call":
      return candidate([{ functionCall: { name: "f", args: { a: 1 } }, thoughtSignature: "c2lnbmF0dXJl".repeat(8) }]);
    case "stop":
      return candidate([], { finishReason: "STOP" });
    case "text-stop":
      return candidate([{ text: `<${attempt}>` }], { finishReason: "STOP" });
    case "next":
      return candidate([{ text: `<${attempt}>` }], next);
    case "next-silent":
      return candidate([], next);
    case "malformed":
      return candidate([], { finishReason: "MALFORMED_FUNCTION_CALL" });
    case "blocked":
      return { promptFeedback: { blockReason: "SAFETY" }, usageMetadata: usage };
    case "error":
      return { error: { code: 429, message: "Quota exceeded", status: "RESOURCE_EXHAUSTED" } };
    case "usage":
      return { usageMetadata: usage };
    default:
      return said === "half"
        ? 'data: {"candidates":[{"content":{"parts":[{"te'
        : said === "junk"
          ? "data: {x\r\n\r\n"
          : "\r\n";
  }
}

function openaiOf(said: Said, attempt: number): object | string {
  const choice = (delta: object, finish: string | null = null): object => ({
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  switch (said) {
    case "text":
    case "next":
      return choice({ content: `<${attempt}>` });
    case "thought":
    case "next-silent":
    case "usage":
      return choice({});
    case "call":
      return choice({ tool_calls: [{ id: "x", type: "function", function: { name: "f", arguments: "{}" } }] });
    case "stop":
    case "malformed":
    case "blocked":
      return choice({}, "stop");
    case "text-stop":
      return choice({ content: `<${attempt}>` }, "stop");
    default:
      return geminiOf(said, attempt);
  }
}

function chunkOf(said: Said, facts: { attempt: number; shape: Shape; stream: boolean }): Uint8Array {
  const { attempt, shape, stream } = facts;
  const value = shape === "openai" ? openaiOf(said, attempt) : geminiOf(said, attempt);
  if (typeof value === "string") return bytes.encode(value);
  const json = JSON.stringify(shape === "account" && !("error" in value) ? { response: value, traceId: "t" } : value);
  return bytes.encode(stream ? `data: ${json}\r\n\r\n` : json);
}

function shapeOf(host: SimulatedHost): Shape {
  const path = host.sent.at(-1)?.path ?? "";
  return path.includes("v1internal") ? "account" : path.includes("/openai/") ? "openai" : "native";
}

/** The events of a stream, as a client splits them. */
function eventsOf(body: string): { event: string | null; data: string }[] {
  return body
    .split(/\r?\n\r?\n/)
    .filter((block) => block !== "" && !block.startsWith(":"))
    .map((block) => ({
      event: /^event: (.*)$/m.exec(block)?.[1] ?? null,
      data: [...block.matchAll(/^data: ?(.*)$/gm)].map((match) => match[1]).join("\n"),
    }));
}

/** How a stream ended as its client sees it; throws where it is not well-formed. */
function endOf(path: string, body: string): "good" | "fault" | "none" {
  const events = eventsOf(body);
  if (path.endsWith("/chat/completions")) return endOfChat(events);
  const values = events
    .filter(({ data }) => data !== "[DONE]")
    .map(({ data }) => JSON.parse(data) as Record<string, unknown>);
  if (path.endsWith("/messages")) {
    const names = events.map(({ event }) => event).filter((name) => name !== "ping");
    if (names.length === 0) return "none";
    expect(values.map(({ type }) => type)).toEqual(events.map(({ event }) => event));
    const last = names.at(-1);
    expect(names.slice(0, -1)).not.toContain("error");
    expect(names.slice(0, -1)).not.toContain("message_stop");
    if (last === "error") return "fault";
    expect(names[0]).toBe("message_start");
    expect(names.filter((name) => name === "message_start")).toHaveLength(1);
    return last === "message_stop" ? "good" : "none";
  }
  expect(values.map((value) => value["sequence_number"])).toEqual(values.map((_, index) => index));
  const ends = values.filter(({ type }) => /^response\.(completed|incomplete|failed)$/.test(String(type)));
  expect(ends.length).toBeLessThanOrEqual(1);
  const last = values.at(-1)?.["type"];
  if (ends.length > 0) expect(last).toBe(ends[0]?.["type"]);
  return ends.length === 0 ? "none" : ends[0]?.["type"] === "response.failed" ? "fault" : "good";
}

/** What Google's own surface sends passes as it came, whatever it is. */
function endOfChat(events: ReturnType<typeof eventsOf>): "good" | "fault" | "none" {
  const done = events.findIndex(({ data }) => data === "[DONE]");
  const failed = events.findIndex(({ data }) => data.startsWith('{"error"'));
  if (done >= 0) expect(done).toBe(events.length - 1);
  if (failed >= 0) expect(failed).toBe(events.length - 1);
  return done >= 0 ? "good" : failed >= 0 ? "fault" : "none";
}

/** An account's stream is one list for who did not ask for events, however it ends. */
function checkList(
  { path, accounts }: { path: string; accounts: readonly boolean[] },
  { host, happened }: { host: SimulatedHost; happened: readonly object[] },
): void {
  const isOdd = happened.some((one) => "said" in one && (one.said === "half" || one.said === "junk"));
  if (isOdd || !path.endsWith(":streamGenerateContent") || host.ends === 0 || accounts.includes(false)) return;
  expect(Array.isArray(JSON.parse(host.body))).toBe(true);
}

const said = fc.constantFrom<Said>(
  "text",
  "text",
  "thought",
  "call",
  "stop",
  "text-stop",
  "text-stop",
  "text-stop",
  "next",
  "next",
  "next-silent",
  "malformed",
  "blocked",
  "error",
  "usage",
  "half",
  "junk",
  "blank",
);
const failure = fc.constantFrom<AttemptFailure["kind"]>(
  "connect",
  "connect-timeout",
  "first-byte-timeout",
  "idle-timeout",
  "broken",
);

/** What happens beside an attempt's own events. */
const aside = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("control" as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("timer" as const), which: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("gone" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("unavailable" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("drain" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("time" as const), ms: fc.integer({ min: 0, max: 40_000 }) }) },
);
const upstream = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("head" as const),
      status: fc.constantFrom(200, 200, 200, 200, 200, 200, 400, 403, 404, 429, 500, 503),
    }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constant("data" as const), said }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("end" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("fail" as const), kind: failure }) },
);
/** An attempt from its head to its end, with whatever happens in between. */
const attempt = fc
  .tuple(
    fc.array(fc.oneof({ weight: 5, arbitrary: upstream }, { weight: 1, arbitrary: aside }), {
      maxLength: 5,
      size: "max",
    }),
    fc.boolean(),
  )
  .map(([between, ends]) => [
    { do: "ready" as const },
    { do: "head" as const, status: 200 },
    ...between,
    ...(ends ? [{ do: "end" as const }] : []),
  ]);
const steps = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: attempt },
      { weight: 1, arbitrary: upstream.map((one) => [one]) },
      { weight: 2, arbitrary: aside.map((one) => [one]) },
    ),
    {
      maxLength: 9,
      size: "max",
    },
  )
  .map((groups) => groups.flat());

const scene = fc.record({
  path: fc.constantFrom(
    "/v1/messages",
    "/v1/responses",
    "/v1/chat/completions",
    "/v1/chat/completions",
    "/v1beta/models/m:generateContent",
    "/v1beta/models/m:streamGenerateContent",
  ),
  stream: fc.boolean(),
  isLater: fc.boolean(),
  isLimited: fc.boolean(),
  chat: fc.constantFrom("auto", "translate"),
  fallbacks: fc.constantFrom("", "m=m-2"),
  /** Which of the three credentials are accounts. */
  accounts: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
  tools: fc.boolean(),
});

function worldOf(facts: typeof scene extends fc.Arbitrary<infer Scene> ? Scene : never): CallWorld {
  const settings: Record<string, string> = { OPENAI_CHAT: facts.chat };
  if (facts.fallbacks !== "") settings["MODEL_FALLBACKS"] = facts.fallbacks;
  return createWorld({
    credentials: 3,
    settings,
    change: (_, index) => (facts.accounts[index] === true ? { kind: "code-assist" } : {}),
    clients: [
      {
        ...otherClient,
        limits: facts.isLimited ? { requestsPerMinute: 100, tokensPerMinute: 1_000_000, concurrency: 5 } : null,
      },
    ],
  });
}

describe("a translated call", () => {
  it("ends exactly once, well-formed, and gives everything back, whatever happens (property)", () => {
    fc.assert(
      fc.property(scene, steps, (facts, happened) => {
        const world = worldOf(facts);
        const isNative = facts.path.startsWith("/v1beta");
        const isStream = isNative ? facts.path.includes(":stream") : facts.stream;
        const later = delayControl(world.environment.control, facts.isLater);
        const tools = [
          { name: "f", type: "function", function: { name: "f", parameters: {} }, input_schema: { type: "object" } },
        ];
        const ask = {
          model: "m",
          max_tokens: 100,
          stream: facts.stream,
          input: "hi",
          messages: [{ role: "user", content: "hi" }],
        };
        const asked = JSON.stringify(facts.tools ? { ...ask, tools } : ask);
        const { host, call } = world.start(facts.path, bearer, { body: asked });
        const giveBody = (): void => {
          if (host.wanted.length === 0 || given) return;
          given = true;
          const chunk = bytes.encode(asked);
          call.body({ chunks: [chunk], length: chunk.length });
        };
        let given = host.wanted.length > 0;
        let headOf = 0;
        let over = 0;
        let status = 0;
        for (const one of happened) {
          giveBody();
          const current = host.sent.length;
          switch (one.do) {
            case "ready":
              while (later.answer());
              giveBody();
              while (later.answer());
              if (headOf === host.sent.length && over === headOf) {
                const [first] = host.timers.toSorted((left, right) => left.ms - right.ms);
                host.timers = host.timers.filter((other) => other !== first);
                first?.callback();
                while (later.answer());
              }
              break;
            case "head":
              if (current === 0 || headOf === current || over === current) break;
              headOf = current;
              status = one.status;
              call.upstreamHead(current, status, []);
              break;
            case "data":
              if (current === 0 || headOf !== current || over === current) break;
              if (status >= 400) call.upstreamData(current, bytes.encode('{"error":{"code":1,"message":"no"}}'));
              else
                call.upstreamData(
                  current,
                  chunkOf(one.said, { attempt: current, shape: shapeOf(host), stream: isStream }),
                );
              break;
            case "end":
              if (headOf !== current || over === current) break;
              over = current;
              call.upstreamEnd(current);
              break;
            case "fail":
              if (current === 0 || over === current) break;
              over = current;
              call.upstreamFailed(current, { kind: one.kind, code: "X", words: "x" });
              break;
            case "gone":
              call.clientGone();
              break;
            case "timer": {
              const timer = host.timers[one.which];
              if (timer === undefined) break;
              host.timers = host.timers.filter((other) => other !== timer);
              timer.callback();
              break;
            }
            case "control":
              later.answer();
              break;
            case "unavailable":
              if (later.pending.length > 0) call.unavailable();
              break;
            case "drain":
              world.environment.draining = true;
              break;
            case "time":
              world.clock.advance(one.ms);
          }
        }
        // Texts of two attempts only where one went on from the other.
        const heard = [...new Set([...host.body.matchAll(/<(\d+)>/g)].map((match) => Number(match[1])))];
        for (const number of heard.slice(0, -1))
          expect(world.settled[0]?.attempts[number - 1]?.finishReason ?? "CONTINUATION").toBe("CONTINUATION");
        const ended = host.ends + host.cuts;
        const record = world.settled[0];
        // What Google's own surface sends passes as it came.
        if (isNative) checkList(facts, { host, happened });
        else if (
          facts.stream &&
          ended === 1 &&
          host.status === 200 &&
          record !== undefined &&
          shapeOf(host) !== "openai"
        ) {
          const end = endOf(facts.path, host.body);
          if (record.outcome === "ok") expect(record.attempts.at(-1)?.finishReason).not.toBeNull();
          // A connection that is cut tells its client by itself.
          if (host.cuts === 0) expect(end).toBe(record.outcome === "ok" ? "good" : "fault");
          else expect(end).toBe("none");
        }
        call.clientGone();
        giveBody();
        while (later.answer());
        for (const timer of host.timers) timer.callback();
        expect(host.heads).toBeLessThanOrEqual(1);
        expect(host.ends + host.cuts).toBeLessThanOrEqual(1);
        expect(host.afterEnd).toBe(0);
        expect(host.timers).toEqual([]);
        // A reservation that comes after the end is settled by the same row again.
        expect([...new Set(world.settled.map(({ id }) => id))]).toEqual(world.began);
        expect(world.settled[0]?.attempts.length ?? 0).toBe(host.sent.length);
        expect(world.environment.open).toEqual({ calls: 0, retrying: 0 });
        expect({ lent: later.lent, reserved: later.reserved, mistakes: later.mistakes }).toEqual({
          lent: 0,
          reserved: 0,
          mistakes: [],
        });
        expect(world.pool.view(world.clock.now()).every((view) => view.inFlight === 0)).toBe(true);
        expect((world.environment.logger as ReturnType<typeof createKeptLogger>).lines).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
