/* oxlint-disable max-lines -- one machine's transitions, each shown once */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { portableBytes } from "../../core/portable-bytes.ts";
import { answer, clientKey, createWorld, keyOf, type CallWorld, type SimulatedHost } from "../../testkit/call-world.ts";
import type { Call } from "../call.ts";

const bytes = portableBytes;
const bearer = ["authorization", `Bearer ${clientKey}`];
const ask = { model: "m", max_tokens: 100, messages: [{ role: "user", content: "hi" }] };
const streamed = { ...ask, stream: true };

interface Started {
  host: SimulatedHost;
  call: Call;
}

function messages(world: CallWorld, body: object = ask): Started {
  return world.start("/v1/messages", bearer, { body: JSON.stringify(body) });
}

function chunk(parts: object[], more: object = {}): object {
  return { candidates: [{ content: { role: "model", parts }, ...more }], usageMetadata: { promptTokenCount: 7 } };
}

const good = chunk([{ text: "Hello" }], { finishReason: "STOP" });
const empty = chunk([], { finishReason: "STOP" });
const event = (value: object): string => `data: ${JSON.stringify(value)}\r\n\r\n`;
const error = (code: number, message: string, status = "INVALID_ARGUMENT"): string =>
  JSON.stringify({ error: { code, message, status } });

function unary(call: Call, attempt: number, value: object): void {
  answer(call, attempt, 200, JSON.stringify(value), ["content-type", "application/json"]);
}

/** Plays events one after the other; the stream stays open. */
function stream(call: Call, attempt: number, values: object[]): void {
  call.upstreamHead(attempt, 200, ["content-type", "text/event-stream"]);
  for (const value of values) call.upstreamData(attempt, bytes.encode(event(value)));
}

function sent(host: SimulatedHost, attempt = 1): Record<string, unknown> {
  const body = host.sent[attempt - 1]?.body;
  if (body == null || body === "pass") throw new Error("nothing was sent");
  return JSON.parse(bytes.decode(bytes.concat(body.chunks))) as Record<string, unknown>;
}

/** The repeat that waits, which comes before any sign of life. */
function repeat(host: SimulatedHost): void {
  host.timers = host.timers.toSorted((one, other) => one.ms - other.ms);
  host.fire();
}

function eventsOf(host: SimulatedHost): string[] {
  return [...host.body.matchAll(/^event: (.+)$/gm)].map((match) => match[1] as string);
}

const signature = "c2lnbmF0dXJl".repeat(10);

describe("a translated call", () => {
  it("asks Gemini in Gemini's words, and nothing of the client's own goes up beside the key", () => {
    const world = createWorld();
    const { host, call } = world.start(
      "/v1/messages?beta=true",
      [
        ...bearer,
        "anthropic-version",
        "2023-06-01",
        "anthropic-beta",
        "x",
        "user-agent",
        "claude-cli/2",
        "x-app",
        "cli",
      ],
      { body: JSON.stringify(ask) },
    );
    expect(host.sent[0]).toMatchObject({ path: "/v1beta/models/m:generateContent", method: "POST" });
    expect(host.sent[0]?.headers.filter((_, index) => index % 2 === 0)).toEqual(["content-type", "x-goog-api-key"]);
    expect(sent(host)["contents"]).toEqual([{ role: "user", parts: [{ text: "hi" }] }]);
    unary(call, 1, good);
    expect(JSON.parse(host.body)).toMatchObject({ type: "message", content: [{ type: "text", text: "Hello" }] });
    expect(world.settled[0]).toMatchObject({
      dialect: "anthropic",
      backend: "gemini-api",
      operation: "messages",
      outcome: "ok",
    });
  });

  it("sends nothing before something was said, and then streams as it comes", () => {
    const world = createWorld();
    const { host, call } = messages(world, streamed);
    stream(call, 1, []);
    expect(host.heads).toBe(0);
    call.upstreamData(1, bytes.encode(event(chunk([{ text: "Hel" }]))));
    expect({ status: host.status, type: host.header("content-type") }).toEqual({
      status: 200,
      type: "text/event-stream; charset=utf-8",
    });
    expect(host.body).toContain('"text":"Hel"');
    call.upstreamData(1, bytes.encode(event(good)));
    call.upstreamEnd(1);
    expect(eventsOf(host).at(-1)).toBe("message_stop");
    expect(host.ends).toBe(1);
  });

  it("that a key refuses goes to another one, unnoticed", () => {
    const world = createWorld();
    const { host, call } = messages(world, streamed);
    answer(call, 1, 429, error(429, "Quota exceeded", "RESOURCE_EXHAUSTED"));
    stream(call, 2, [good]);
    call.upstreamEnd(2);
    expect(keyOf(host, 2)).not.toBe(keyOf(host, 1));
    expect(host.status).toBe(200);
    expect(world.settled[0]).toMatchObject({ outcome: "ok", attempts: [{ status: 429 }, { status: 200 }] });
  });

  it.each([
    ["/v1/messages", 529, "overloaded_error"],
    ["/v1/responses", 503, "answer_unusable"],
    ["/v1/chat/completions", 503, "answer_unusable"],
  ])("%s: an empty answer is asked for again, then is an error that clients repeat (%i)", (path, status, word) => {
    const world = createWorld({ settings: { OPENAI_CHAT: "translate" } });
    const body = JSON.stringify({ ...ask, input: "hi" });
    const { host, call } = world.start(path, bearer, { body });
    unary(call, 1, empty);
    host.fire();
    unary(call, 2, empty);
    expect(host.status).toBe(status);
    expect(host.body).toContain(word);
  });

  it.each(["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "OTHER", "STOP"])(
    "bug 6: a turn that ends with %s and nothing said is never a clean stop",
    (finishReason) => {
      const world = createWorld();
      const { host, call } = messages(world, streamed);
      stream(call, 1, [chunk([], { finishReason })]);
      call.upstreamEnd(1);
      expect(host.heads).toBe(0);
      repeat(host);
      stream(call, 2, [good]);
      call.upstreamEnd(2);
      expect(eventsOf(host).at(-1)).toBe("message_stop");
    },
  );

  it("bug 6: a malformed call after thoughts is an error event, after text a stop", () => {
    for (const [parts, last] of [
      [[{ text: "hm", thought: true }], "error"],
      [[{ text: "so" }], "message_stop"],
    ] as const) {
      const { host, call } = messages(createWorld(), streamed);
      stream(call, 1, [chunk([...parts]), chunk([], { finishReason: "MALFORMED_FUNCTION_CALL" })]);
      call.upstreamEnd(1);
      expect(eventsOf(host).at(-1)).toBe(last);
    }
  });

  it("a turn of thoughts alone is not passed off as an answer", () => {
    const { host, call } = messages(createWorld());
    unary(call, 1, chunk([{ text: "hm", thought: true }], { finishReason: "STOP" }));
    host.fire();
    expect(host.sent).toHaveLength(2);
    unary(call, 2, chunk([{ text: "hm", thought: true }], { finishReason: "MAX_TOKENS" }));
    expect(JSON.parse(host.body)).toMatchObject({ stop_reason: "max_tokens" });
  });

  it("a prompt that Google blocks is a 400 that says so, and costs the key nothing", () => {
    const world = createWorld();
    const { host, call } = messages(world, streamed);
    stream(call, 1, [
      { promptFeedback: { blockReason: "PROHIBITED_CONTENT" }, usageMetadata: { promptTokenCount: 7 } },
    ]);
    call.upstreamEnd(1);
    expect(host.status).toBe(400);
    expect(host.body).toContain("PROHIBITED_CONTENT");
    expect(world.settled[0]).toMatchObject({ errorCode: "prompt_blocked", usage: { promptTokens: 7 } });
    expect(world.pool.counts(world.clock.now()).usable).toBe(2);
  });

  it("bug 8: a stream cut before anything was said is tried again, one cut later ends in an error event", () => {
    const { host, call } = messages(createWorld(), streamed);
    stream(call, 1, []);
    call.upstreamFailed(1, { kind: "broken", code: "ECONNRESET", words: "reset" });
    repeat(host);
    stream(call, 2, [chunk([{ text: "Hel" }])]);
    call.upstreamFailed(2, { kind: "broken", code: "ECONNRESET", words: "reset" });
    expect(eventsOf(host)).toContain("error");
    expect(eventsOf(host)).not.toContain("message_stop");
    expect(host.ends).toBe(1);
  });

  it("bug 8: an end without a finish reason is no end", () => {
    const world = createWorld();
    const { host, call } = messages(world, streamed);
    stream(call, 1, [chunk([{ text: "Hel" }])]);
    call.upstreamEnd(1);
    expect(eventsOf(host).at(-1)).toBe("error");
    expect(world.settled[0]).toMatchObject({ outcome: "incomplete", errorCode: "upstream_broken" });
  });

  it("an error of Google's inside a stream is told in the client's words, without Google's secrets", () => {
    const { host, call } = messages(createWorld(), streamed);
    stream(call, 1, [chunk([{ text: "Hel" }])]);
    const words = "Quota of secret-of-credential-0 exceeded";
    call.upstreamData(1, bytes.encode(`data: ${error(429, words, "RESOURCE_EXHAUSTED")}\r\n\r\n`));
    call.upstreamEnd(1);
    expect(eventsOf(host).at(-1)).toBe("error");
    expect(host.body).toContain("exceeded");
    expect(host.body).not.toContain("secret-of-credential");
  });

  it("whose tools' schemas are refused is sent again in the strict form, and the next one at once", () => {
    const world = createWorld();
    const tools = [{ name: "f", input_schema: { type: "object", properties: { a: { const: 1 } } } }];
    const { host, call } = messages(world, { ...ask, tools });
    expect(JSON.stringify(sent(host))).toContain("parametersJsonSchema");
    answer(
      call,
      1,
      400,
      error(
        400,
        "Invalid JSON payload received. Unknown name \"x\" at 'tools[0].function_declarations[0]': Cannot find field.",
      ),
    );
    host.fire();
    expect(JSON.stringify(sent(host, 2))).not.toContain("parametersJsonSchema");
    unary(call, 2, good);
    expect(host.status).toBe(200);
    expect(world.settled[0]?.attempts[0]).toMatchObject({ rule: "schema.refused", fault: "gateway" });
    expect(JSON.stringify(sent(messages(world, { ...ask, tools }).host))).not.toContain("parametersJsonSchema");
    expect(world.pool.counts(world.clock.now()).usable).toBe(2);
  });

  it("bug 31: signatures that Google refuses are left out, once, and the key is not blamed", () => {
    const world = createWorld({ settings: { MODEL_ALIASES: "m=gemini-3.8-flash" } });
    const first = messages(world);
    const part = { functionCall: { id: "abc", name: "f", args: {} }, thoughtSignature: signature };
    unary(first.call, 1, chunk([part], { finishReason: "STOP" }));
    const { content } = JSON.parse(first.host.body) as { content: { type: string; id?: string }[] };
    const id = content.find(({ type }) => type === "tool_use")?.id;
    const history = [
      { role: "user", content: "hi" },
      { role: "assistant", content },
      { role: "user", content: [{ type: "tool_result", tool_use_id: id, content: "done" }] },
    ];
    const { host, call } = messages(world, { ...ask, messages: history });
    expect(JSON.stringify(sent(host))).toContain(signature);
    answer(call, 1, 400, error(400, "Corrupted thought signature."));
    expect(JSON.stringify(sent(host, 2))).not.toContain(signature);
    expect(JSON.stringify(sent(host, 2))).toContain("skip_thought_signature_validator");
    unary(call, 2, good);
    expect(host.status).toBe(200);
    expect(world.pool.counts(world.clock.now()).usable).toBe(2);
  });

  it("bug 31: a change of project leaves out what another one signed, and keeps its own", () => {
    const world = createWorld({ settings: { MODEL_ALIASES: "m=gemini-3.8-flash" } });
    const part = (id: string): object => ({
      functionCall: { id, name: "f", args: {} },
      thoughtSignature: signature + id,
    });
    const history: object[] = [{ role: "user", content: "hi" }];
    const step = (started: Started, attempt: number, id: string): void => {
      unary(started.call, attempt, chunk([part(id)], { finishReason: "STOP" }));
      const { content } = JSON.parse(started.host.body) as { content: { type: string; id?: string }[] };
      const call = content.find(({ type }) => type === "tool_use");
      history.push(
        { role: "assistant", content },
        { role: "user", content: [{ type: "tool_result", tool_use_id: call?.id, content: "done" }] },
      );
    };
    step(messages(world), 1, "first");
    const second = messages(world, { ...ask, messages: [...history] });
    answer(second.call, 1, 429, error(429, "Quota exceeded", "RESOURCE_EXHAUSTED"));
    expect(keyOf(second.host, 2)).not.toBe(keyOf(second.host, 1));
    expect(JSON.stringify(sent(second.host, 2))).not.toContain(signature);
    step(second, 2, "second");
    const third = messages(world, { ...ask, messages: [...history] });
    expect(keyOf(third.host)).toBe(keyOf(second.host, 2));
    expect(JSON.stringify(sent(third.host))).toContain(`${signature}second`);
    expect(JSON.stringify(sent(third.host))).not.toContain(`${signature}first`);
  });

  it("a long answer is put together from its hops, at the same project, and bills all of them", () => {
    const world = createWorld({ credentials: 5 });
    const { host, call } = messages(world, streamed);
    const hop = (text: string, more: object, prompt: number, output: number): object => ({
      candidates: [{ content: { parts: [{ text }] }, ...more }],
      usageMetadata: { promptTokenCount: prompt, candidatesTokenCount: output, totalTokenCount: prompt + output },
    });
    stream(call, 1, [hop("one ", { finishReason: "CONTINUATION", continuationToken: "t1" }, 10, 5)]);
    call.upstreamEnd(1);
    expect(sent(host, 2)).toMatchObject({ continuationToken: "t1", contents: sent(host)["contents"] });
    expect(keyOf(host, 2)).toBe(keyOf(host, 1));
    stream(call, 2, [hop("two ", { finishReason: "CONTINUATION", continuationToken: "t2" }, 15, 6)]);
    call.upstreamEnd(2);
    expect(keyOf(host, 3)).toBe(keyOf(host, 1));
    stream(call, 3, [hop("three", { finishReason: "STOP" }, 21, 7)]);
    call.upstreamEnd(3);
    expect(host.heads).toBe(1);
    expect([...host.body.matchAll(/"text_delta","text":"([^"]*)"/g)].map((match) => match[1]).join("")).toBe(
      "one two three",
    );
    expect(eventsOf(host).filter((name) => name === "message_start" || name === "message_stop")).toEqual([
      "message_start",
      "message_stop",
    ]);
    expect(host.body).toContain('"output_tokens":18');
    expect(world.settled[0]).toMatchObject({ usage: { promptTokens: 46, outputTokens: 18 }, attempts: { length: 3 } });
  });

  it("a hop that fails is tried again at its project, and in the end is an error event", () => {
    const { host, call } = messages(createWorld(), streamed);
    stream(call, 1, [chunk([{ text: "one" }], { finishReason: "CONTINUATION", continuationToken: "t1" })]);
    call.upstreamEnd(1);
    for (let attempt = 2; host.ends === 0 && attempt < 12; attempt++) {
      answer(call, attempt, 500, error(500, "Internal error", "INTERNAL"));
      if (host.ends === 0) repeat(host);
    }
    expect(eventsOf(host).at(-1)).toBe("error");
    expect(host.heads).toBe(1);
  });

  it("a silent stream gets its head and signs of life, and may still be tried elsewhere", () => {
    const world = createWorld();
    const { host, call } = messages(world, streamed);
    world.clock.advance(15_000);
    host.fire();
    expect({ status: host.status, events: eventsOf(host) }).toEqual({ status: 200, events: ["ping"] });
    answer(call, 1, 429, error(429, "Quota exceeded", "RESOURCE_EXHAUSTED"));
    stream(call, 2, [good]);
    call.upstreamEnd(2);
    expect(host.heads).toBe(1);
    expect(eventsOf(host).slice(0, 2)).toEqual(["ping", "message_start"]);
    expect(eventsOf(host).at(-1)).toBe("message_stop");
    expect(host.timers).toEqual([]);
  });

  it("that got a sign of life and then nobody who serves it ends in an error event", () => {
    const world = createWorld({ credentials: 1 });
    const { host, call } = messages(world, streamed);
    host.fire();
    answer(call, 1, 429, error(429, "Quota exceeded", "RESOURCE_EXHAUSTED"));
    expect(eventsOf(host)).toEqual(["ping", "error"]);
    expect(host.body).toContain("resting");
    expect({ ends: host.ends, heads: host.heads }).toEqual({ ends: 1, heads: 1 });
    expect(world.settled[0]).toMatchObject({ outcome: "incomplete", errorCode: "credentials_exhausted" });
  });

  it("whose client leaves tells the upstream, and gives everything back", () => {
    const world = createWorld();
    const { host, call } = messages(world, streamed);
    stream(call, 1, [chunk([{ text: "Hel" }])]);
    call.clientGone();
    expect(host.aborted).toBe(1);
    expect(host.timers).toEqual([]);
    expect(world.settled[0]).toMatchObject({ outcome: "cancelled", usage: { promptTokens: 7 } });
    expect(world.pool.view(world.clock.now()).reduce((sum, { inFlight }) => sum + inFlight, 0)).toBe(0);
  });

  it("whose model is exhausted goes on with its fallback, written anew", () => {
    const world = createWorld({ credentials: 1, settings: { MODEL_FALLBACKS: "m=m-2" } });
    const { host, call } = messages(world);
    answer(call, 1, 429, error(429, "Quota exceeded", "RESOURCE_EXHAUSTED"));
    expect(host.sent[1]?.path).toBe("/v1beta/models/m-2:generateContent");
    unary(call, 2, good);
    expect(host.header("x-gproxy-model")).toBe("m-2");
    expect(JSON.parse(host.body)).toMatchObject({ model: "m" });
  });

  it.each([
    ["/v1/messages", { ...ask, max_tokens: "many" }, "max_tokens"],
    ["/v1/responses", { model: "m", input: "hi", background: true }, "background"],
    ["/v1/chat/completions", { ...ask, n: 3 }, "n"],
  ])("%s: what cannot be translated is a 400 that names the field, and no key is asked", (path, body, field) => {
    const world = createWorld({ settings: { OPENAI_CHAT: "translate" } });
    const { host } = world.start(path, bearer, { body: JSON.stringify(body) });
    expect(host.status).toBe(400);
    expect(host.body).toContain(field);
    expect(host.sent).toHaveLength(0);
  });

  it("that is no JSON is refused as such", () => {
    const { host } = createWorld().start("/v1/messages", bearer, { body: '{"model":"m","messages":[}' });
    expect(host.status).toBe(400);
    expect(JSON.parse(host.body)).toMatchObject({ type: "error", error: { type: "invalid_request_error" } });
  });

  it("for a model that its client may not use is refused, whatever the body says further on", () => {
    const { host } = createWorld().start("/v1/messages", bearer, {
      body: '{"model":"m","model":"other","messages":[]}',
    });
    expect(host.status).toBe(403);
  });
});

describe("count_tokens", () => {
  const count = (world: CallWorld): Started =>
    world.start("/v1/messages/count_tokens", bearer, { body: JSON.stringify(ask) });

  it("asks Google for everything that counts", () => {
    const { host, call } = count(createWorld());
    expect(host.sent[0]?.path).toBe("/v1beta/models/m:countTokens");
    expect(sent(host)).toMatchObject({ generateContentRequest: { model: "models/m" } });
    unary(call, 1, { totalTokens: 41 });
    expect(host.body).toBe('{"input_tokens":41}');
  });

  it("bug 35: is an estimate when Google does not say, never an error", () => {
    const world = createWorld({ credentials: 1 });
    const { host, call } = count(world);
    answer(call, 1, 404, error(404, "models/m is not found for API version v1beta", "NOT_FOUND"));
    expect(host.status).toBe(200);
    expect(JSON.parse(host.body)).toEqual({ input_tokens: expect.any(Number) });
  });
});

describe("stored responses", () => {
  function withArchive(world: CallWorld): Map<string, { clientId: string; turns: string }> {
    const kept = new Map<string, { clientId: string; turns: string }>();
    world.environment.responses = {
      put: ({ id, clientId, turns }) => void kept.set(id, { clientId, turns }),
      get({ id, clientId }, then) {
        const found = kept.get(id);
        then(found?.clientId === clientId ? { id, ...found, model: "m", createdAt: 0 } : null);
      },
      remove: (_question, then) => then(false),
    };
    return kept;
  }
  const respond = (world: CallWorld, body: object): Started =>
    world.start("/v1/responses", bearer, { body: JSON.stringify({ model: "m", ...body }) });

  it("are what the next request goes on from", () => {
    const world = createWorld();
    const kept = withArchive(world);
    const first = respond(world, { input: "my name is Ada" });
    unary(first.call, 1, good);
    const { id } = JSON.parse(first.host.body) as { id: string };
    expect([...kept.keys()]).toEqual([id]);
    const { host } = respond(world, { input: "who am I?", previous_response_id: id });
    expect(sent(host)["contents"]).toMatchObject([
      { role: "user", parts: [{ text: "my name is Ada" }] },
      { role: "model", parts: [{ text: "Hello" }] },
      { role: "user", parts: [{ text: "who am I?" }] },
    ]);
  });

  it("are found by items that a client only refers to, and are not missed when they are gone", () => {
    const world = createWorld();
    const kept = withArchive(world);
    const first = respond(world, { input: "my name is Ada" });
    unary(first.call, 1, good);
    const { output } = JSON.parse(first.host.body) as { output: { id: string }[] };
    const input = [
      { type: "item_reference", id: output[0]?.id },
      { role: "user", content: "who am I?" },
    ];
    expect(JSON.stringify(sent(respond(world, { input }).host)["contents"])).toContain("Hello");
    kept.clear();
    const { host } = respond(world, { input });
    expect(JSON.stringify(sent(host)["contents"])).not.toContain("Hello");
  });

  it("are not kept when the client says so", () => {
    const world = createWorld();
    const kept = withArchive(world);
    const { call } = respond(world, { input: "hi", store: false });
    unary(call, 1, good);
    expect(kept.size).toBe(0);
  });

  it.each(["resp_unknown", "resp_other"])("that are not the client's (%s) are a 400 with OpenAI's code", (id) => {
    const world = createWorld();
    withArchive(world).set("resp_other", { clientId: "client_2", turns: "[]" });
    const { host } = respond(world, { input: "hi", previous_response_id: id });
    expect(host.status).toBe(400);
    expect(JSON.parse(host.body)).toMatchObject({ error: { code: "previous_response_not_found" } });
  });

  it("are refused in words when there is no store", () => {
    const { host } = respond(createWorld(), { input: "hi", previous_response_id: "resp_1" });
    expect(host.status).toBe(400);
    expect(host.body).toContain("RESPONSES_STORE");
  });
});

it("any answer, cut anywhere, is the same for the client in every dialect (property)", () => {
  const part = fc.oneof(
    fc.record({ text: fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }) }),
    fc.record({ text: fc.string({ minLength: 1 }), thought: fc.constant(true) }),
    fc.record({
      functionCall: fc.record({ name: fc.constantFrom("f", "g"), args: fc.dictionary(fc.string(), fc.string()) }),
    }),
  );
  const paths = ["/v1/messages", "/v1/responses", "/v1/chat/completions"];
  const body = JSON.stringify({ ...streamed, input: "hi" });
  const play = (path: string, text: string, cuts: readonly number[]): string => {
    const world = createWorld({ settings: { OPENAI_CHAT: "translate" } });
    const { host, call } = world.start(path, bearer, { body });
    const whole = bytes.encode(text);
    const edges = [...new Set([0, ...cuts.map((cut) => cut % whole.length), whole.length])].toSorted((a, b) => a - b);
    call.upstreamHead(1, 200, ["content-type", "text/event-stream"]);
    for (let index = 1; index < edges.length; index++)
      call.upstreamData(1, whole.slice(edges[index - 1], edges[index]));
    call.upstreamEnd(1);
    return host.body;
  };
  fc.assert(
    fc.property(
      fc.array(fc.array(part, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat(4_000), { maxLength: 15 }),
      fc.constantFrom(...paths),
      (turns, cuts, path) => {
        const text =
          turns.map((parts) => event(chunk(parts))).join("") +
          event(chunk([{ text: "end" }], { finishReason: "STOP" }));
        expect(play(path, text, cuts)).toBe(play(path, text, []));
      },
    ),
    { numRuns: 150 },
  );
});
