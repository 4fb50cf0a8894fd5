import { describe, expect, it } from "vitest";
import { portableBytes } from "../../core/portable-bytes.ts";
import {
  answer,
  clientKey,
  createWorld,
  otherClient,
  otherKey,
  type CallWorld,
  type SimulatedHost,
} from "../../testkit/call-world.ts";
import type { Call } from "../call.ts";

const bytes = portableBytes;
const bearer = ["authorization", `Bearer ${clientKey}`];
const ask = { model: "m", max_tokens: 100, messages: [{ role: "user", content: "hi" }] };
const streamed = { ...ask, stream: true };

interface Started {
  host: SimulatedHost;
  call: Call;
}

/** Accounts come first, keys when none of them serves. */
function mixed(kinds: readonly ("account" | "key")[], settings: Record<string, string> = {}): CallWorld {
  return createWorld({
    credentials: kinds.length,
    settings,
    change: (_, index) => (kinds[index] === "account" ? { kind: "code-assist", tier: index } : { tier: index }),
  });
}

function chat(world: CallWorld, body: object = ask): Started {
  return world.start("/v1/chat/completions", bearer, { body: JSON.stringify(body) });
}

function chunk(parts: object[], more: object = {}): object {
  return { candidates: [{ content: { role: "model", parts }, ...more }], usageMetadata: { promptTokenCount: 7 } };
}

const good = chunk([{ text: "Hello" }], { finishReason: "STOP" });
const wrapped = (response: object): object => ({ response, traceId: "t" });
const event = (value: object): string => `data: ${JSON.stringify(value)}\r\n\r\n`;
const error = (code: number, message: string, status = "INVALID_ARGUMENT"): string =>
  JSON.stringify({ error: { code, message, status } });
const chatChunk = (delta: object, finish: string | null = null): object => ({
  object: "chat.completion.chunk",
  choices: [{ index: 0, delta, finish_reason: finish }],
});

function push(call: Call, attempt: number, text: string): void {
  call.upstreamData(attempt, bytes.encode(text));
}

function open(call: Call, attempt: number): void {
  call.upstreamHead(attempt, 200, ["content-type", "text/event-stream"]);
}

function sent(host: SimulatedHost, attempt = 1): Record<string, unknown> {
  const body = host.sent[attempt - 1]?.body;
  if (body == null || body === "pass") throw new Error("nothing was sent");
  return JSON.parse(bytes.decode(bytes.concat(body.chunks))) as Record<string, unknown>;
}

function repeat(host: SimulatedHost): void {
  host.timers = host.timers.toSorted((one, other) => one.ms - other.ms);
  host.fire();
}

describe("a chat call that accounts and keys serve", () => {
  it("asks Google's own surface in OpenAI's words after an account could not, also for the fallback", () => {
    const world = mixed(["account", "key"], { MODEL_FALLBACKS: "m=m-2" });
    const { host, call } = chat(world);
    expect(host.sent[0]?.path).toContain("v1internal:generateContent");
    answer(call, 1, 429, error(429, "Quota exceeded", "RESOURCE_EXHAUSTED"));
    expect(host.sent[1]?.path).toBe("/v1beta/openai/chat/completions");
    expect(sent(host, 2)).toEqual(ask);
    answer(call, 2, 429, error(429, "Quota exceeded", "RESOURCE_EXHAUSTED"));
    expect(host.sent[2]?.path).toContain("v1internal:generateContent");
    expect(sent(host, 3)).toMatchObject({ model: "m-2", request: { contents: [{ parts: [{ text: "hi" }] }] } });
    answer(call, 3, 429, error(429, "Quota exceeded", "RESOURCE_EXHAUSTED"));
    expect(host.sent[3]?.path).toBe("/v1beta/openai/chat/completions");
    expect(sent(host, 4)).toEqual({ ...ask, model: "m-2" });
  });

  it("asks the account for the fallback after a key could not, and a key in OpenAI's words again", () => {
    const world = mixed(["key", "account"], { MODEL_FALLBACKS: "m=m-2" });
    const { host, call } = chat(world);
    for (const attempt of [1, 2]) answer(call, attempt, 429, error(429, "Quota exceeded", "RESOURCE_EXHAUSTED"));
    expect(host.sent[2]?.path).toBe("/v1beta/openai/chat/completions");
    expect(sent(host, 3)).toEqual({ ...ask, model: "m-2" });
  });

  it("keeps its own body when an account's refusal changed what is sent to accounts", () => {
    const { host, call } = chat(mixed(["account", "key"]));
    answer(call, 1, 400, error(400, "Corrupted thought signature."));
    for (let attempt = 2; attempt < 5 && host.ends === 0; attempt += 1) {
      if (host.sent.length < attempt) repeat(host);
      const isKeys = host.sent[attempt - 1]?.path.includes("/openai/") === true;
      if (isKeys) expect(sent(host, attempt)).toEqual(ask);
      answer(call, attempt, 429, error(429, "Quota exceeded", "RESOURCE_EXHAUSTED"));
    }
    expect(host.sent.some(({ path }) => path.includes("/openai/"))).toBe(true);
  });

  it("is not sent a second time in the strict form, which accounts get in any case", () => {
    const words =
      "Invalid JSON payload received. Unknown name \"x\" at 'tools[0].function_declarations[0]': Cannot find field.";
    const { host, call } = chat(mixed(["account"]));
    answer(call, 1, 400, error(400, words));
    expect({ status: host.status, sent: host.sent.length, timers: host.timers.length }).toEqual({
      status: 400,
      sent: 1,
      timers: 0,
    });
  });

  it("never gets a sign of life in the middle of an event of Google's own", () => {
    const world = mixed(["account", "key"]);
    const { host, call } = chat(world, streamed);
    repeat(host);
    expect(host.body).toBe(": keepalive\n\n");
    answer(call, 1, 429, error(429, "Quota exceeded", "RESOURCE_EXHAUSTED"));
    open(call, 2);
    const whole = event(chatChunk({ content: "Hello" }, "stop"));
    // Beyond what the relay holds back, an event goes out in pieces.
    push(call, 2, whole.slice(0, 60));
    world.clock.advance(60_000);
    repeat(host);
    push(call, 2, whole.slice(60));
    call.upstreamEnd(2);
    expect(host.body.replaceAll(": keepalive\n\n", "")).toBe(whole);
    expect(host.ends).toBe(1);
  });

  it("is served by a key when it asks for what cannot be translated", () => {
    const { host } = chat(mixed(["account", "key"]), { ...ask, n: 2 });
    expect(host.sent.map(({ path }) => path)).toEqual(["/v1beta/openai/chat/completions"]);
    const alone = chat(mixed(["account"]), { ...ask, n: 2 });
    expect({ status: alone.host.status, sent: alone.host.sent.length }).toEqual({ status: 400, sent: 0 });
    expect(JSON.parse(alone.host.body)).toMatchObject({ error: { param: "n" } });
  });

  it("gives its lease back when it cannot be translated", () => {
    const world = mixed(["account"]);
    chat(world, { ...ask, n: 2 });
    expect(world.pool.view(world.clock.now()).every(({ inFlight }) => inFlight === 0)).toBe(true);
  });

  it("goes on where its long answer began in Gemini's words, also when a key of the project does", () => {
    const world = createWorld({
      credentials: 2,
      change: (_, index) => (index === 0 ? { kind: "code-assist", projectId: "p" } : { projectId: "p", tier: 1 }),
    });
    const { host, call } = chat(world, streamed);
    open(call, 1);
    push(call, 1, event(wrapped(chunk([{ text: "one" }], { finishReason: "CONTINUATION", continuationToken: "t" }))));
    call.upstreamEnd(1);
    answer(call, 2, 429, error(429, "Quota exceeded for user", "RESOURCE_EXHAUSTED"));
    for (const { path } of host.sent) expect(path).not.toContain("/openai/");
  });
});

describe("a stream that had a sign of life", () => {
  const messages = (world: CallWorld): Started =>
    world.start("/v1/messages", bearer, { body: JSON.stringify(streamed) });

  it("is told in an event that its prompt was blocked", () => {
    const { host, call } = messages(createWorld());
    repeat(host);
    open(call, 1);
    push(call, 1, event({ promptFeedback: { blockReason: "SAFETY" } }));
    call.upstreamEnd(1);
    expect({ cuts: host.cuts, ends: host.ends }).toEqual({ cuts: 0, ends: 1 });
    expect(host.body).toContain("event: error");
    expect(host.body).toContain("SAFETY");
  });

  it("does not count the upstream's silence as the gateway's own time", () => {
    const world = createWorld();
    const { host } = messages(world);
    world.clock.advance(15_000);
    repeat(host);
    expect(host.header("x-gproxy-overhead-ms")).toBe("0.00");
  });

  it("takes nothing from its client's limits when nobody served it", () => {
    const limits = { tokensPerMinute: 1_000 };
    const world = createWorld({ credentials: 1, clients: [{ ...otherClient, limits }] });
    const others = ["authorization", `Bearer ${otherKey}`];
    const large = JSON.stringify({ ...streamed, max_tokens: 800 });
    const { host, call } = world.start("/v1/messages", others, { body: large });
    repeat(host);
    answer(call, 1, 429, error(429, "Quota exceeded", "RESOURCE_EXHAUSTED"));
    expect(host.body).toContain("event: error");
    world.clock.advance(30_000);
    const second = world.start("/v1/messages", others, { body: large });
    expect(second.host.sent).toHaveLength(1);
  });

  it("is told in an event that the fallback rests, too", () => {
    const world = createWorld({ credentials: 1, settings: { MODEL_FALLBACKS: "m=m-2" } });
    for (const model of ["m", "m-2"]) {
      const { call } = world.start("/v1/messages", bearer, { body: JSON.stringify({ ...ask, model }) });
      answer(call, 1, 200, JSON.stringify(good));
    }
    const { host, call } = messages(world);
    repeat(host);
    const other = world.start("/v1/messages", bearer, { body: JSON.stringify({ ...ask, model: "m-2" }) });
    answer(other.call, 1, 429, error(429, "Quota exceeded", "RESOURCE_EXHAUSTED"));
    answer(call, 1, 429, error(429, "Quota exceeded", "RESOURCE_EXHAUSTED"));
    expect({ cuts: host.cuts, ends: host.ends }).toEqual({ cuts: 0, ends: 1 });
    expect(host.body).toContain("event: error");
  });
});

describe("a call of Gemini's own that an account serves", () => {
  const native = ["x-goog-api-key", clientKey];
  const body = JSON.stringify({ contents: [{ parts: [{ text: "hi" }] }] });

  it("is one list when it did not ask for events, also when it is cut", () => {
    for (const isCut of [false, true]) {
      const { host, call } = mixed(["account"]).start("/v1beta/models/m:streamGenerateContent", native, { body });
      open(call, 1);
      push(call, 1, event(wrapped(chunk([{ text: "Hel" }]))));
      if (!isCut) push(call, 1, event(wrapped(good)));
      call.upstreamEnd(1);
      const list = JSON.parse(host.body) as object[];
      expect(list).toHaveLength(2);
      expect(Object.hasOwn(list[1] as object, "error")).toBe(isCut);
    }
  });

  it("is one list when Google sends an error in its middle, or nothing at all twice", () => {
    const first = mixed(["account"]).start("/v1beta/models/m:streamGenerateContent", native, { body });
    open(first.call, 1);
    push(first.call, 1, event(wrapped(chunk([{ text: "Hel" }]))));
    push(first.call, 1, event({ error: { code: 500, message: "x", status: "INTERNAL" } }));
    first.call.upstreamEnd(1);
    expect(JSON.parse(first.host.body)).toMatchObject([{ candidates: [{}] }, { error: { code: 500 } }]);
    const second = mixed(["account"]).start("/v1beta/models/m:streamGenerateContent", native, { body });
    for (const attempt of [1, 2]) {
      open(second.call, attempt);
      push(second.call, attempt, event(wrapped(chunk([], { finishReason: "STOP" }))));
      second.call.upstreamEnd(attempt);
      repeat(second.host);
    }
    expect(JSON.parse(second.host.body)).toMatchObject([{ candidates: [{ finishReason: "STOP" }] }]);
  });

  it.each([
    ["/v1beta/models/m:streamGenerateContent?alt=sse", "object"],
    ["/v1beta/models/m:streamGenerateContent", "list"],
    ["/v1beta/models/m:generateContent", "object"],
  ])("%s: errors that Code Assist puts in a list come as its client reads errors (%s)", (url, shape) => {
    for (const form of [(text: string) => `[${text}]`, (text: string) => text]) {
      const { host, call } = mixed(["account"]).start(url, native, { body });
      answer(call, 1, 400, form(error(400, "odd request")), ["content-type", "application/json"]);
      expect(host.status).toBe(400);
      const told = JSON.parse(host.body) as object | object[];
      expect(Array.isArray(told) ? "list" : "object").toBe(shape);
      expect(Array.isArray(told) ? told[0] : told).toMatchObject({ error: { code: 400, message: "odd request" } });
    }
  });
});
