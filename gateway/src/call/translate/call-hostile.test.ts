/* oxlint-disable max-lines -- odd requests and odd answers, each once, in every dialect */
import { describe, expect, it } from "vitest";
import { portableBytes } from "../../core/portable-bytes.ts";
import type { ErrorCode } from "../../core/errors.ts";
import { errorTable } from "../../core/errors.ts";
import type { ResourceKind } from "../../core/resources.ts";
import {
  answer,
  clientKey,
  createWorld,
  otherClient,
  otherKey,
  type CallWorld,
  type SimulatedHost,
} from "../../testkit/call-world.ts";
import type { createKeptLogger } from "../../testkit/simulated.ts";
import type { Call } from "../call.ts";
import { writeDialectError } from "../dialect-errors.ts";

const bytes = portableBytes;
const bearer = ["authorization", `Bearer ${clientKey}`];
const ask = { model: "m", max_tokens: 100, input: "hi", messages: [{ role: "user", content: "hi" }] };
const streamed = { ...ask, stream: true };
const paths = ["/v1/messages", "/v1/responses", "/v1/chat/completions"] as const;
const translating = { OPENAI_CHAT: "translate" };

interface Started {
  host: SimulatedHost;
  call: Call;
}

function post(world: CallWorld, path: string, body: object = ask, headers: string[] = bearer): Started {
  return world.start(path, headers, { body: JSON.stringify(body) });
}

function chunk(parts: object[], more: object = {}): object {
  return { candidates: [{ content: { role: "model", parts }, ...more }], usageMetadata: { promptTokenCount: 7 } };
}

const good = chunk([{ text: "Hello" }], { finishReason: "STOP" });
const event = (value: object): string => `data: ${JSON.stringify(value)}\r\n\r\n`;
const error = (code: number, message: string, status = "INVALID_ARGUMENT"): string =>
  JSON.stringify({ error: { code, message, status } });

function unary(call: Call, attempt: number, value: object): void {
  answer(call, attempt, 200, JSON.stringify(value), ["content-type", "application/json"]);
}

function stream(call: Call, attempt: number, text: string): void {
  call.upstreamHead(attempt, 200, ["content-type", "text/event-stream"]);
  call.upstreamData(attempt, bytes.encode(text));
}

function sent(host: SimulatedHost, attempt = 1): Record<string, unknown> {
  const body = host.sent[attempt - 1]?.body;
  if (body == null || body === "pass") throw new Error("nothing was sent");
  return JSON.parse(bytes.decode(bytes.concat(body.chunks))) as Record<string, unknown>;
}

function linesOf(world: CallWorld): unknown[] {
  return (world.environment.logger as ReturnType<typeof createKeptLogger>).lines;
}

describe.each(paths)("%s", (path) => {
  it("loses nothing of a part of a long answer whose last event has no blank line", () => {
    const { host, call } = post(createWorld({ settings: translating }), path, streamed);
    const next = { finishReason: "CONTINUATION", continuationToken: "t" };
    stream(call, 1, event(chunk([{ text: "one " }])) + event(chunk([{ text: "two " }], next)).trimEnd());
    call.upstreamEnd(1);
    stream(call, 2, event(good));
    call.upstreamEnd(2);
    expect(host.body).toContain("one ");
    expect(host.body).toContain("two ");
    expect(host.body).toContain("Hello");
  });

  it.each(["../files", "m/../other", "m-/../other", "m-/.", "tunedModels/../x", "m\\..\\x"])(
    "never asks for another path than the model's (%s)",
    (model) => {
      const { host } = post(createWorld({ settings: translating }), path, { ...ask, model });
      for (const { path: target } of host.sent)
        expect(new URL(`https://x${target}`).pathname.split("/").slice(0, 4).join("/")).toMatch(/^\/v1beta\/models\/m/);
      expect(host.ends).toBe(1);
      expect([400, 403, 404]).toContain(host.status);
    },
  );

  it("refuses a model's name that is no text, as the client's mistake", () => {
    const world = createWorld({ settings: translating });
    const { host } = world.start(path, bearer, {
      body: JSON.stringify({ ...ask, model: "m-X" }).replace("X", "\\ud800"),
    });
    expect(host.status).toBe(400);
    expect(host.sent).toEqual([]);
    expect(linesOf(world)).toEqual([]);
  });

  it("takes an answer that it cannot read for none", () => {
    for (const [status, headers] of [
      [200, ["content-encoding", "gzip"]],
      [204, []],
      [302, ["location", "https://elsewhere.example/"]],
    ] as const) {
      const world = createWorld({ settings: translating });
      const { host, call } = post(world, path);
      answer(call, 1, status, "\u001f some bytes", [...headers]);
      expect({ status: host.status, ends: host.ends }).toEqual({ status: 502, ends: 1 });
      expect(host.body).not.toContain("some bytes");
      expect(host.header("location")).toBeUndefined();
      expect(world.settled[0]).toMatchObject({ outcome: "error", errorCode: "upstream_invalid" });
    }
  });

  it.each(["SOMETHING_NEW", "MALFORMED_FUNCTION_CALL"])(
    "bug 6: with nothing said, %s is no good end",
    (finishReason) => {
      for (const body of [ask, streamed]) {
        const world = createWorld({ settings: translating });
        const { host, call } = post(world, path, body);
        for (const attempt of [1, 2]) {
          const value = chunk([], { finishReason });
          if (body === ask) unary(call, attempt, value);
          else {
            stream(call, attempt, event(value));
            call.upstreamEnd(attempt);
          }
          host.timers = host.timers.toSorted((one, other) => one.ms - other.ms);
          if (attempt === 1) host.fire();
        }
        expect(host.status).toBe(path === "/v1/messages" ? 529 : 503);
        expect(world.settled[0]).toMatchObject({ outcome: "error", errorCode: "answer_unusable" });
      }
    },
  );

  it("bears bodies of very many parts, and very many ticks in what code gave", () => {
    const texts = Array.from({ length: 150_000 }, () => ({ type: "text", text: "a" }));
    const images = texts.map(() => ({ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }));
    const user = { role: "user", content: "hi" };
    const document = { type: "document", source: { type: "content", content: texts } };
    const bodies = {
      "/v1/messages": [
        { ...ask, messages: [{ role: "system", content: texts }, user] },
        { ...ask, messages: [{ role: "user", content: [document] }] },
      ],
      "/v1/responses": [{ ...ask, input: texts.map(() => user) }],
      "/v1/chat/completions": [
        { ...ask, messages: [{ role: "system", content: texts }, user] },
        { ...ask, messages: [user, { role: "assistant", content: "a", images }, user] },
      ],
    }[path];
    const parts = [
      { executableCode: { language: "PYTHON", code: "print()" } },
      { codeExecutionResult: { outcome: "OUTCOME_OK", output: "` ".repeat(200_000) + "`".repeat(200_000) } },
    ];
    for (const body of bodies) {
      const world = createWorld({ settings: translating });
      const { host, call } = post(world, path, body);
      unary(call, 1, chunk(parts, { finishReason: "STOP" }));
      expect({ status: host.status, lines: linesOf(world) }).toEqual({ status: 200, lines: [] });
    }
  });

  it("lets nothing of the model's or the client's end an event or a line", () => {
    const odd =
      'x\r\n\r\ndata: [DONE]\n\nevent: message_stop\ndata: {"type":"response.completed"}\n\n\u2028\u2029\u0085\ud800';
    const world = createWorld({ settings: { ...translating, MODEL_ALIASES: "" }, clients: [otherClient] });
    const named = {
      user: odd,
      metadata: { [odd.slice(0, 20)]: odd },
      instructions: odd,
      prompt_cache_key: "k",
      stop: ["\n\n"],
    };
    const asked = { ...streamed, ...(path === "/v1/responses" ? named : {}), stream_options: { include_usage: true } };
    const { host, call } = post(world, path, asked);
    const parts = [
      { text: odd, thought: true },
      { text: odd },
      { functionCall: { id: odd, name: odd, args: { [odd]: odd } }, thoughtSignature: "c2ln".repeat(20) },
      { inlineData: { mimeType: `image/${odd}`, data: odd } },
      { inlineData: { mimeType: `audio/${odd}`, data: odd } },
      { executableCode: { language: odd, code: odd } },
      { codeExecutionResult: { outcome: odd, output: odd } },
      { fileData: { fileUri: odd } },
    ];
    const groundingMetadata = { webSearchQueries: [odd], groundingChunks: [{ web: { uri: odd, title: odd } }] };
    const last = { finishReason: "SAFETY", finishMessage: odd, groundingMetadata };
    stream(call, 1, event({ ...chunk(parts, last), responseId: odd, modelVersion: odd }));
    call.upstreamEnd(1);
    // Python's line ends, which many clients take for those of events.
    const lines = host.body.split(/\r\n|[\n\v\f\r\u0085\u2028\u2029]/).filter((line) => line !== "");
    for (const line of lines) expect(line).toMatch(/^(?:event: [a-z_.]+|data: (?:\{.*\}|\[DONE\]))$/);
    for (const line of lines) if (line.startsWith("data: {")) JSON.parse(line.slice(6));
    expect(lines.filter((line) => line === "data: [DONE]")).toHaveLength(path === "/v1/messages" ? 0 : 1);
    expect(host.headers.every((text) => !/[\r\n]/.test(text))).toBe(true);
  });

  it("keeps a short word of a long explanation", () => {
    const world = createWorld({ settings: translating });
    const { call } = post(world, path, streamed);
    const finishMessage = "x".repeat(100_000);
    stream(call, 1, event(chunk([{ text: "hm", thought: true }])));
    call.upstreamData(1, bytes.encode(event(chunk([], { finishReason: "MALFORMED_FUNCTION_CALL", finishMessage }))));
    call.upstreamEnd(1);
    expect(world.settled[0]?.attempts[0]?.rule).toBe("answer.unusable");
    expect(world.settled[0]?.attempts[0]?.words?.length).toBeLessThan(1_000);
  });

  it("asks Google to keep no log where that is set", () => {
    const { host } = post(createWorld({ settings: { ...translating, UPSTREAM_STORE: "off" } }), path);
    expect(sent(host)["store"]).toBe(false);
  });

  it("tells nobody of a key that is refused in the middle of a stream", () => {
    const { host, call } = post(createWorld({ settings: translating }), path, streamed);
    stream(
      call,
      1,
      event(chunk([{ text: "Hel" }])) +
        `data: ${error(400, "API key not valid. Please pass a valid API key.")}\r\n\r\n`,
    );
    call.upstreamEnd(1);
    expect(host.body).not.toContain("API key not valid");
    expect(host.ends).toBe(1);
  });

  it("sends none of the client's headers up", () => {
    const told =
      "x-api-key gp-second anthropic-beta x openai-beta y cookie a=b x-goog-user-project p x-stainless-lang js " +
      "traceparent 00-1 x-forwarded-for 1.2.3.4 user-agent codex session_id s originator codex origin https://a";
    const headers = [...bearer, ...told.split(" ")];
    const { host } = post(createWorld({ settings: translating }), path, ask, headers);
    expect(host.sent[0]?.headers.filter((_, index) => index % 2 === 0)).toEqual(["content-type", "x-goog-api-key"]);
  });

  it.each([
    ["files/abc123"],
    ["https://generativelanguage.googleapis.com/v1beta/files/abc123"],
    ["https://generativelanguage.googleapis.com/v1beta/files/abc123?x=1"],
    ["HTTPS://GenerativeLanguage.googleapis.com/v1beta/files/abc123"],
    ["https://generativelanguage.googleapis.com:443/v1beta/files/abc123"],
    ["https://generativelanguage.googleapis.com/v1beta/%66iles/abc123"],
  ])("does not give away another client's file (%s)", (uri) => {
    for (const body of bodiesWith(path, uri)) {
      const world = createWorld({ settings: translating, clients: [otherClient] });
      own(world, "files/abc123", { clientId: "client_2" });
      const { host } = post(world, path, body);
      expect(host.sent).toEqual([]);
      // Some places of some dialects take no bare names.
      expect(uri.startsWith("https") ? [403] : [400, 403]).toContain(host.status);
    }
  });

  it("does not run another client's tuned model, nor read its cache", () => {
    const caching = [
      { cached_content: "cachedContents/abc123" },
      { google: { cached_content: "cachedContents/abc123" } },
    ];
    const bodies = [
      { ...ask, model: "tunedModels/abc123" },
      ...caching.map((more) => ({ ...ask, ...more, extra_body: more })),
    ];
    for (const body of bodies) {
      const world = createWorld({ settings: translating, clients: [otherClient] });
      own(world, "tunedModels/abc123", { clientId: "client_1", kind: "tuned-model" });
      own(world, "cachedContents/abc123", { clientId: "client_1", kind: "cache" });
      const { host } = post(world, path, body, ["authorization", `Bearer ${otherKey}`]);
      const up = host.sent.map((request) => request.path + JSON.stringify(sent(host))).join();
      expect(up).not.toContain("abc123");
      if (body.model !== "m") expect(host.status).toBe(403);
    }
  });

  it("uses the client's own file, at its project", () => {
    const uri = "https://generativelanguage.googleapis.com/v1beta/files/abc123";
    const bodies = bodiesWith(path, uri);
    let served = 0;
    for (const body of bodies) {
      const world = createWorld({ settings: translating, credentials: 5 });
      own(world, "files/abc123", { clientId: "client_1", credentialId: "cred_3" });
      const { host } = post(world, path, body);
      if (host.sent.length === 0) continue;
      served += 1;
      expect(host.sent[0]?.headers).toContain("secret-of-credential-3");
      expect(JSON.stringify(sent(host))).toContain("files/abc123");
    }
    expect(served).toBe(bodies.length);
  });

  it.each([400, 401, 403, 404, 429, 500, 503, 504])(
    "writes Google's %i as its dialect does, and tells no detail",
    (code) => {
      const details = [
        { "@type": "type.googleapis.com/google.rpc.DebugInfo", detail: "secret-of-credential-0 at x.cc:1" },
      ];
      const body = JSON.stringify({ error: { code, message: "odd secret-of-credential-0", status: "X", details } });
      for (const form of [body, `[${body}]`]) {
        const world = createWorld({ settings: { ...translating, TRANSIENT_RETRIES: "0" }, credentials: 1 });
        const { host, call } = post(world, path);
        answer(call, 1, code, form, ["content-type", "application/json", "x-google-internal", "1"]);
        expect({ ends: host.ends, cuts: host.cuts }).toEqual({ ends: 1, cuts: 0 });
        checkError(path, host);
        expect(host.body).not.toMatch(/secret-of|DebugInfo|x\.cc/);
        if (host.status === 429) expect(Number(host.header("retry-after"))).toBeGreaterThan(0);
      }
    },
  );

  it("is refused in its dialect's shape before anything is known of its body", () => {
    const world = createWorld({ settings: { ...translating, MAX_BODY_BYTES: "1MB" } });
    for (const [headers, body, status] of [
      [[], "{}", 401],
      [["authorization", "Bearer gp-unknown"], "{}", 401],
      [["x-api-key", "gp-unknown"], "{}", 401],
      [[...bearer, "content-length", "2000000"], "{}", 413],
      [[...bearer, "content-encoding", "gzip"], "{}", 415],
      [bearer, "", 400],
      [bearer, "[1", 400],
      [bearer, '{"model":"m"', 400],
      [bearer, '{"model":7}', 400],
      [bearer, "[]", 400],
      [bearer, '"m"', 400],
    ] as const) {
      const { host } = world.start(path, [...headers], { body });
      expect({ body, status: host.status }).toEqual({ body, status });
      checkError(path, host);
    }
    expect(linesOf(world)).toEqual([]);
  });
});

describe("every error of the gateway's own", () => {
  it.each(Object.keys(errorTable) as ErrorCode[])("%s has the shape of each dialect", (code) => {
    for (const retryAfterSeconds of [null, 7]) {
      const facts = {
        code,
        requestId: "req\r\n\r\ndata: x",
        retryAfterSeconds,
        field: "a\nb",
        message: "one\ntwo\u2028\ud800",
      };
      for (const dialect of ["anthropic", "openai-chat", "openai-responses", "gemini"] as const) {
        const { status, body, headers } = writeDialectError(dialect, facts, { arrayWrapped: false });
        expect(status).toBe(
          dialect === "anthropic" && errorTable[code].status === 503
            ? 529
            : dialect === "anthropic" && errorTable[code].status === 499
              ? 500
              : errorTable[code].status,
        );
        const told = JSON.parse(body) as { type?: unknown; error: Record<string, unknown> };
        expect(typeof told.error["message"]).toBe("string");
        expect(body.trimEnd().split("\n").length === 1 || dialect === "gemini").toBe(true);
        if (dialect === "anthropic") expect(told).toMatchObject({ type: "error", error: { type: expect.any(String) } });
        if (dialect.startsWith("openai")) expect(Object.keys(told.error)).toEqual(["message", "type", "param", "code"]);
        if (retryAfterSeconds !== null) expect(headers[headers.indexOf("retry-after") + 1]).toBe("7");
      }
    }
  });
});

describe("lists of models for Anthropic's clients", () => {
  const headers = ["x-api-key", clientKey, "anthropic-version", "2023-06-01"];

  it.each(["/v1/models", "/v1/models/m"])("HEAD %s is answered without a body", (path) => {
    const { host, call } = createWorld().start(path, headers, { method: "HEAD" });
    call.upstreamHead(1, 200, ["content-type", "application/json"]);
    call.upstreamEnd(1);
    expect({ status: host.status, body: host.body, ends: host.ends, sent: host.sent.length }).toEqual({
      status: 200,
      body: "",
      ends: 1,
      sent: 1,
    });
  });

  it("cannot be deleted or posted to in that dialect", () => {
    for (const method of ["DELETE", "POST", "PATCH"]) {
      const { host } = createWorld().start("/v1/models/m", headers, { method });
      expect(host.sent.map(({ path }) => path).filter((path) => path.startsWith("/v1beta/models"))).toEqual([]);
    }
  });
});

it("counts for a tuned model under its own name", () => {
  const { host } = post(
    createWorld({ clients: [otherClient] }),
    "/v1/messages/count_tokens",
    { ...ask, model: "tunedModels/x" },
    ["authorization", `Bearer ${otherKey}`],
  );
  expect(host.sent[0]?.path).toBe("/v1beta/tunedModels/x:countTokens");
  expect(sent(host)).toMatchObject({ generateContentRequest: { model: "tunedModels/x" } });
});

describe("answers that are kept for others", () => {
  it("are never handed to a client of another dialect", () => {
    const world = createWorld({ settings: { ...translating, RESPONSE_CACHE_TTL_MS: "60s", DEDUP_WINDOW_MS: "5s" } });
    const first = post(world, "/v1/messages/count_tokens");
    const counted = JSON.stringify(sent(first.host));
    unary(first.call, 1, { totalTokens: 41 });
    const native = world.start("/v1beta/models/m:countTokens", bearer, { body: counted });
    expect(native.host.sent).toHaveLength(1);
    unary(native.call, 1, { totalTokens: 41 });
    const second = post(world, "/v1/messages/count_tokens");
    if (second.host.sent.length === 1) unary(second.call, 1, { totalTokens: 41 });
    expect(JSON.parse(second.host.body)).toEqual({ input_tokens: 41 });
  });

  it("are not those of a chat call that asked for another form of the same", () => {
    const world = createWorld({ settings: { ...translating, RESPONSE_CACHE_TTL_MS: "60s" } });
    const call = chunk([{ functionCall: { name: "f", args: {} } }], { finishReason: "STOP" });
    const base = { ...ask, temperature: 0 };
    const modern = post(world, "/v1/chat/completions", {
      ...base,
      tools: [{ type: "function", function: { name: "f", parameters: {} } }],
    });
    unary(modern.call, 1, call);
    const legacy = post(world, "/v1/chat/completions", { ...base, functions: [{ name: "f", parameters: {} }] });
    if (legacy.host.sent.length === 1) unary(legacy.call, 1, call);
    expect(modern.host.body).toContain('"tool_calls"');
    expect(legacy.host.body).toContain('"function_call"');
  });
});

describe("stored responses", () => {
  it("are stored also where Google is to store nothing", () => {
    const world = createWorld({ settings: { UPSTREAM_STORE: "off" } });
    const kept: string[] = [];
    world.environment.responses = {
      put: ({ id }) => void kept.push(id),
      get: (_, then) => then(null),
      remove: (_, then) => then(false),
    };
    const { host, call } = post(world, "/v1/responses");
    unary(call, 1, good);
    expect(JSON.parse(host.body)).toMatchObject({ store: true });
    expect(kept).toHaveLength(1);
  });
});

// --- helpers ---

function own(
  world: CallWorld,
  name: string,
  facts: { clientId: string; credentialId?: string; kind?: ResourceKind },
): void {
  const { clientId, credentialId = "cred_1", kind = "file" } = facts;
  const binding = { name, kind, credentialId, projectId: credentialId, clientId };
  world.affinity.bind([{ ...binding, createdAt: 0, expiresAt: null, detail: null }], world.clock.now());
}

/** Every place of a dialect's body that can name a file. */
function bodiesWith(path: string, uri: string): object[] {
  const call = { id: "call_1", type: "function", function: { name: "f", arguments: "{}" } };
  switch (path) {
    case "/v1/messages": {
      const image = { type: "image", source: { type: "url", url: uri } };
      const document = { type: "document", source: { type: "url", url: uri } };
      const file = { type: "document", source: { type: "file", file_id: uri } };
      const used = { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "f", input: {} }] };
      return [image, document, file].flatMap((block) => [
        { ...ask, messages: [{ role: "user", content: [block] }] },
        {
          ...ask,
          tools: [{ name: "f", input_schema: { type: "object" } }],
          messages: [
            { role: "user", content: "hi" },
            used,
            { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: [block] }] },
          ],
        },
      ]);
    }
    case "/v1/responses": {
      const image = { type: "input_image", image_url: uri };
      const byId = { type: "input_image", file_id: uri };
      const file = { type: "input_file", file_url: uri };
      const fileId = { type: "input_file", file_id: uri };
      const called = { type: "function_call", call_id: "call_1", name: "f", arguments: "{}" };
      return [image, byId, file, fileId].flatMap((part) => [
        { ...ask, input: [{ role: "user", content: [part] }] },
        {
          ...ask,
          tools: [{ type: "function", name: "f", parameters: {} }],
          input: [
            { role: "user", content: "hi" },
            called,
            { type: "function_call_output", call_id: "call_1", output: [part] },
          ],
        },
      ]);
    }
    default: {
      const image = { type: "image_url", image_url: { url: uri } };
      const file = { type: "file", file: { file_id: uri } };
      return [image, file].flatMap((part) => [
        { ...ask, messages: [{ role: "user", content: [part] }] },
        {
          ...ask,
          tools: [{ type: "function", function: { name: "f", parameters: {} } }],
          messages: [
            { role: "user", content: "hi" },
            { role: "assistant", content: null, tool_calls: [call] },
            { role: "tool", tool_call_id: "call_1", content: [part] },
          ],
        },
      ]);
    }
  }
}

function checkError(path: string, host: SimulatedHost): void {
  const told = JSON.parse(host.body) as { type?: unknown; request_id?: unknown; error: Record<string, unknown> };
  expect(host.header("content-type")).toMatch(/^application\/json/);
  expect(host.header("content-length")).toBe(String(bytes.encode(host.body).length));
  expect(typeof told.error["message"]).toBe("string");
  expect(told.error["message"]).not.toBe("");
  if (path === "/v1/messages") {
    expect(told).toMatchObject({ type: "error", error: { type: expect.any(String) }, request_id: expect.any(String) });
    expect(host.header("request-id")).toBe(told.request_id);
  } else expect(Object.keys(told.error)).toEqual(["message", "type", "param", "code"]);
}
