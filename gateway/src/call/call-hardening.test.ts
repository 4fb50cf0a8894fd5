import { describe, expect, it } from "vitest";
import type { ClientKey } from "../clients/types.ts";
import { portableBytes } from "../core/portable-bytes.ts";
import { answer, clientKey, createWorld, keyOf, otherClient, otherKey, type CallWorld } from "../testkit/call-world.ts";
import { identify } from "./identity.ts";

const text = (value: string): Uint8Array => portableBytes.encode(value);
const own = ["x-goog-api-key", clientKey];
const theirs = ["x-goog-api-key", otherKey];
const done = JSON.stringify({ candidates: [{ content: { parts: [{ text: "ok" }] }, finishReason: "STOP" }] });
const forbidden = JSON.stringify({
  error: {
    code: 403,
    message: "You do not have permission to access the File x or it may not exist.",
    status: "PERMISSION_DENIED",
  },
});

function bind(world: CallWorld, name: string, index: number, clientId: string | null): void {
  const now = world.clock.now();
  const owner = { credentialId: `cred_${index}`, projectId: "" };
  world.affinity.bind([{ name, kind: "file", ...owner, clientId, createdAt: now, expiresAt: null, detail: null }], now);
}

describe("a name that was only named", () => {
  it("locks nobody out, and belongs to whoever makes it", () => {
    const world = createWorld({ credentials: 1, clients: [otherClient] });
    const body = JSON.stringify({ contents: [{ parts: [{ fileData: { fileUri: "files/report" } }] }] });
    const squatter = world.start("/v1beta/models/m:generateContent", theirs, { body });
    answer(squatter.call, 1, 200, done);
    const reader = world.start("/v1beta/models/m:generateContent", own, { body });
    expect(reader.host.sent).toHaveLength(1);
    answer(reader.call, 1, 200, done);
    const maker = world.start("/upload/v1beta/files?uploadType=multipart", [...own, "content-length", "5"]);
    answer(maker.call, 1, 200, '{"file":{"name":"files/report"}}');
    const again = world.start("/v1beta/files/report", theirs, { method: "GET" });
    expect([again.host.status, again.host.sent.length]).toEqual([403, 0]);
    expect(world.start("/v1beta/files/report", own, { method: "GET" }).host.sent).toHaveLength(1);
  });
});

describe("what a path or query says in other letters", () => {
  it("is read as Google reads it, and sent so", () => {
    const of = (url: string) => identify("POST", url, { google: true });
    expect(of("/v1beta/models/m%2D1:generate%43ontent")).toMatchObject({
      operation: "generate",
      model: "m-1",
      target: "/v1beta/models/m-1:generateContent",
    });
    expect(of("/v1beta/%69nteractions")).toMatchObject({ operation: "interaction" });
    expect(of("/v1/chat/completion%73")).toMatchObject({ operation: "chat" });
    expect(of("/v1beta/models/m%3AgenerateContent")).toMatchObject({
      operation: "generate",
      target: "/v1beta/models/m%3AgenerateContent",
    });
    expect(of("/v1beta/%2e%2e/models/m:generateContent")).toBeNull();
  });

  it("cannot set headers, methods or shapes that nobody here judged", () => {
    const target = (query: string): string | undefined =>
      identify("POST", `/v1beta/models/m:generateContent?${query}`, { google: true })?.target.split("?")[1];
    expect(target("$httpHeaders=X-Goog-Api-Key:bad&%24httpMethod=DELETE&$ct=x&a=1")).toBe("a=1");
    expect(target("alt=proto&$alt=proto&%24alt=protojson")).toBeUndefined();
    expect(target("alt=sse&$fields=candidates&$prettyPrint=false&fields=x")).toBe(
      "alt=sse&$fields=candidates&$prettyPrint=false&fields=x",
    );
  });

  it("is refused as a body that could not be read", () => {
    const world = createWorld();
    for (const header of [
      ["content-encoding", "gzip"],
      ["content-type", "application/x-protobuf"],
      ["content-type", "application/json+protobuf"],
    ]) {
      const { host } = world.start("/v1beta/models/m:generateContent", [...own, ...header]);
      expect([host.status, host.sent.length]).toEqual([415, 0]);
    }
  });
});

describe("a used-up budget", () => {
  it("stops what costs money without a price that could be told before", () => {
    const limited: ClientKey = { ...otherClient, limits: { budgets: { total: 0.000_001 } } };
    const world = createWorld({ clients: [limited] });
    const { client } = world.clients.byId("client_2", world.clock.now()) as { client: ClientKey };
    const reserved = world.clients.reserve(client, { tokens: 1, costNanoUsd: 1_000 }, world.clock.now());
    expect(reserved.ok).toBe(true);
    for (const path of [
      "/v1beta/models/m:predictLongRunning",
      "/v1beta/models/m:batchGenerateContent",
      "/v1beta/models/m:predict",
      "/v1/videos",
      "/v1beta/openai/batches",
      "/v1/images/generations",
      "/v1/images/edits",
      "/v1beta/cachedContents",
      "/v1beta/models/m:generateAnswer",
      "/v1beta/fileSearchStores/s:importFile",
    ]) {
      const { host } = world.start(path, theirs, { body: '{"model":"m"}' });
      expect([path, host.status, host.sent.length]).toEqual([path, 429, 0]);
    }
  });
});

describe("lists and paths that cannot be cut down to one client", () => {
  it("are not relayed", () => {
    const world = createWorld();
    for (const [path, status] of [
      ["/v1beta/auth_tokens", 404],
      ["/v1beta/openai/batches", 404],
      ["/v1beta/openai/files", 404],
      ["/v1beta/fileSearchStores/-/documents", 403],
      [`/v1beta/files/${"x".repeat(700)}`, 403],
    ] as const) {
      const { host } = world.start(path, own, { method: "GET" });
      expect([path, host.status, host.sent.length]).toEqual([path, status, 0]);
    }
  });

  it("an agent beside an allowed model does not pass a list of models", () => {
    const world = createWorld();
    const { host } = world.start("/v1beta/interactions", own, {
      body: '{"model":"m","agent":"deep-research-x","input":"a"}',
    });
    expect([host.status, host.sent.length]).toEqual([403, 0]);
  });
});

describe("quota of a project", () => {
  it("counts what reached Google, also when nobody waited for the answer, and not what was refused or never sent", () => {
    const settings = {
      QUOTA_LIMITS: JSON.stringify({ "*": { "*": { rpd: 3 } } }),
      PROXY_MAX_RETRIES: "0",
      TRANSIENT_RETRIES: "0",
    };
    const world = createWorld({ credentials: 1, settings });
    const usedOf = (): number => world.pool.quotas(world.clock.now())[0]?.used ?? 0;
    const start = (): ReturnType<CallWorld["start"]> => world.start("/v1beta/models/m:generateContent");
    start().call.upstreamFailed(1, { kind: "connect", code: "ECONNREFUSED", words: "refused" });
    expect(usedOf()).toBe(0);
    answer(start().call, 1, 500, "{}");
    expect(usedOf()).toBe(0);
    start().call.clientGone();
    expect(usedOf()).toBe(1);
    start().call.upstreamFailed(1, { kind: "first-byte-timeout", code: "X", words: "late" });
    expect(usedOf()).toBe(2);
    answer(start().call, 1, 400, "{}");
    expect(usedOf()).toBe(3);
    expect(start().host).toMatchObject({ status: 429, sent: [] });
  });
});

describe("an upload address", () => {
  it("admits chunks only: nothing else can be done with it", () => {
    const world = createWorld();
    const { host, call } = world.start("/upload/v1beta/files", [
      ...own,
      "host",
      "gateway.example",
      "content-length",
      "2",
    ]);
    const upstream = "https://generativelanguage.googleapis.com/upload/v1beta/files?upload_id=google-1";
    answer(call, 1, 200, "", ["x-goog-upload-url", upstream]);
    const query = new URL(host.header("x-goog-upload-url") as string).search;
    for (const [method, path] of [
      ["DELETE", "/v1beta/files/victim"],
      ["GET", "/upload/v1beta/files"],
      ["DELETE", "/upload/v1beta/files/victim"],
    ] as const) {
      const tried = world.start(path + query, [], { method });
      expect([path, tried.host.status, tried.host.sent.length]).toEqual([path, 401, 0]);
    }
  });

  it("is given out also when the upstream breaks right after its head, and nothing is left open", () => {
    const world = createWorld();
    const { control } = world.environment;
    let bound: (() => void) | null = null;
    const bindNow = control.bind.bind(control);
    control.bind = (bindings, receiver, now) => {
      bindNow(bindings, receiver, now);
      bound = () => receiver.bound();
      return false;
    };
    const { host, call } = world.start("/upload/v1beta/files", [
      ...own,
      "host",
      "gateway.example",
      "content-length",
      "2",
    ]);
    call.upstreamHead(1, 200, [
      "x-goog-upload-url",
      "https://generativelanguage.googleapis.com/upload/v1beta/files?upload_id=google-1",
    ]);
    call.upstreamFailed(1, { kind: "broken", code: "ECONNRESET", words: "reset" });
    expect(host.heads).toBe(0);
    (bound as (() => void) | null)?.();
    expect(host).toMatchObject({ status: 200, ends: 1 });
    expect(world.environment.open).toEqual({ calls: 0, retrying: 0 });
    expect(world.pool.view(world.clock.now()).every(({ inFlight }) => inFlight === 0)).toBe(true);
  });
});

describe("a stream of an interaction", () => {
  it("is not held back when it is taken up again by GET", () => {
    const world = createWorld();
    const { host, call } = world.start("/v1beta/interactions/v1_abc?stream=true", own, { method: "GET" });
    call.upstreamHead(1, 200, ["content-type", "text/event-stream"]);
    call.upstreamData(1, text('data: {"event_type":"step.delta"}\n\n'));
    expect(host.body).toContain("step.delta");
  });

  it("can be taken up again by its client after it broke, or after the client left", () => {
    for (const end of ["broke", "left"] as const) {
      const world = createWorld({ credentials: 4, clients: [otherClient] });
      const { host, call } = world.start("/v1beta/interactions", theirs, {
        body: '{"model":"m","stream":true,"background":true}',
      });
      call.upstreamHead(1, 200, ["content-type", "text/event-stream"]);
      call.upstreamData(
        1,
        text(
          'data: {"interaction":{"id":"v1_background","status":"in_progress"},"event_type":"interaction.created"}\n\n',
        ),
      );
      if (end === "broke") call.upstreamFailed(1, { kind: "broken", code: "ECONNRESET", words: "reset" });
      else call.clientGone();
      const back = world.start("/v1beta/interactions/v1_background", theirs, { method: "GET" });
      expect(keyOf(back.host)).toBe(keyOf(host));
      const stranger = world.start("/v1beta/interactions/v1_background", own, { method: "GET" });
      expect([stranger.host.status, stranger.host.sent.length]).toEqual([403, 0]);
    }
  });
});

describe("a search", () => {
  it("asks each project once, however many keys it has", () => {
    const world = createWorld({
      credentials: 14,
      change: (_credential, index) => ({ projectId: index < 13 ? "big" : "small" }),
    });
    const { host, call } = world.start("/v1beta/files/somewhere", own, { method: "GET" });
    answer(call, 1, 403, forbidden);
    expect(host.sent).toHaveLength(2);
    expect(new Set([keyOf(host, 1), keyOf(host, 2)]).has("secret-of-credential-13")).toBe(true);
  });
});

describe("an alias", () => {
  it("does not lead to another client's operation", () => {
    const world = createWorld({ clients: [otherClient], settings: { MODEL_ALIASES: "m-short=m-real" } });
    bind(world, "models/m-real/operations/op1", 0, "client_1");
    const direct = world.start("/v1beta/models/m-real/operations/op1", theirs, { method: "GET" });
    expect(direct.host.status).toBe(403);
    const { host } = world.start("/v1beta/models/m-short/operations/op1", theirs, { method: "GET" });
    expect(host.sent.every(({ path }) => !path.includes("m-real"))).toBe(true);
  });
});

describe("calls that wait for a call that fails", () => {
  it("all go on by themselves at once", () => {
    const world = createWorld({ settings: { REQUEST_DEDUP_WINDOW_MS: "5s" } });
    const calls = Array.from({ length: 4 }, () => world.start("/v1beta/models/m:countTokens"));
    expect(calls.map(({ host }) => host.sent.length)).toEqual([1, 0, 0, 0]);
    calls[0]?.call.clientGone();
    expect(calls.slice(1).map(({ host }) => host.sent.length)).toEqual([1, 1, 1]);
  });
});
