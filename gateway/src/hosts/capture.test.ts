import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { portableBytes } from "../core/portable-bytes.ts";
import { parseSettings } from "../settings/parse.ts";
import type { Settings } from "../settings/types.ts";
import { answer, clientKey, createWorld, type CallWorld, type SimulatedHost } from "../testkit/call-world.ts";
import { closeStores, makeStore, makeVault } from "../testkit/loaded-state.ts";
import type { StoredCapture } from "../storage/types-administration.ts";
import { createCaptureBudget, createCaptureCollector, type CapturedCallData } from "./capture-collector.ts";
import { createCaptureStore, type CaptureStore } from "./capture-store.ts";

afterEach(closeStores);

const generate = "/v1beta/models/m:generateContent";
const good = '{"candidates":[{"content":{"parts":[{"text":"Hello"}]},"finishReason":"STOP"}]}';
const json = ["content-type", "application/json"];
const google = ["x-goog-api-key", clientKey];

test("a unary call's bodies, harmless headers and path are kept, and nothing that could be its key", async () => {
  const { world, captures } = await setUp({ CAPTURE: "all" });
  const headers = [...google, "Cookie", "session=1", "User-Agent", "sdk/1", "X-GProxy-RetryMax", "2", ...json];
  const { call } = world.start(`${generate}?key=${clientKey}&alt=json&upload_id=up_secret`, headers, {
    body: '{"contents":[{"parts":[{"text":"Hi"}]}]}',
  });
  answer(call, 1, 200, good, [...json, "x-goog-upload-url", "https://elsewhere/?key=AIzaSyAbcdefghijkl"]);
  await captures.flush();
  const kept = await captures.read(call.id);
  expect(kept).toEqual({
    callId: call.id,
    method: "POST",
    path: `${generate}?alt=json`,
    request: {
      headers: [
        ["user-agent", "sdk/1"],
        ["x-gproxy-retrymax", "2"],
        ["content-type", "application/json"],
      ],
      body: '{"contents":[{"parts":[{"text":"Hi"}]}]}',
      bytes: 40,
      cut: false,
      base64: false,
    },
    response: {
      headers: [
        ["content-type", "application/json"],
        ["x-gproxy-request-id", call.id],
        ["x-gproxy-attempts", "1"],
        ["x-gproxy-overhead-ms", expect.any(String)],
      ],
      body: good,
      bytes: good.length,
      cut: false,
      base64: false,
    },
    expiresAt: world.clock.now() + 24 * 3_600_000,
  });
  expect(captures.budget).toMatchObject({ openBytes: 0, queued: 0, queuedBytes: 0, skipped: 0, dropped: 0, failed: 0 });
});

test("what is stored is sealed, and for its own call only", async () => {
  const { world, captures, administration } = await setUp({ CAPTURE: "all" });
  const { call } = world.start(generate, google, { body: '{"secret words":1}' });
  answer(call, 1, 200, good, json);
  await captures.flush();
  const row = (await administration.get(call.id)) as StoredCapture;
  expect(row.sealed).toMatch(/^v1\./);
  expect(row.sealed).not.toContain("secret words");
  await administration.write([{ ...row, callId: "another" }]);
  expect(await captures.read("another")).toBeNull();
  expect(await captures.read("unknown")).toBeNull();
});

test("keys are taken out of bodies, also those of no known shape and those that the cut goes through", async () => {
  const { world, captures } = await setUp({ CAPTURE: "all", CAPTURE_MAX_BYTES: "1KB" });
  const shapes = ["AIzaSyAbcdefghijklmnop", "AQ.Ab8RN6Ixyzxyzxyz", "ya29.a0AfH6SMBxyzxyz", "gp-abcdefghijklmnop"];
  const { call } = world.start(generate, google, { body: `{"text":"I am ${clientKey}, ${shapes.join(" ")}"}` });
  answer(call, 1, 200, `${good}${" ".repeat(1024 - good.length - 8)}${clientKey}`, json);
  await captures.flush();
  const kept = await captures.read(call.id);
  expect(kept?.request.body).toBe(
    '{"text":"I am [redacted], AIza…[redacted] AQ.…[redacted] ya29.…[redacted] gp-…[redacted]"}',
  );
  expect(kept?.response).toMatchObject({ cut: true, bytes: 1024 - 8 + clientKey.length });
  expect(kept?.response.body).not.toContain("gp-s");
});

test("keys that JSON writes with escapes are taken out, and what has none is kept as it is", async () => {
  const { world, captures } = await setUp({ CAPTURE: "all" });
  const body = String.raw`{"a":"AIza\u0053yD\u002D1234567890abcdefghij","b":"1\/\/0gABCDEFGHIJKLMNOPQRST","c":"gp\u002dsecret\u002D"}`;
  const { call } = world.start(generate, google, { body: body.replace("secret", clientKey.slice(3)) });
  const harmless = String.raw`{"text":"C:\\u0041 \/ \u0041\u00e9\u000a"}`;
  answer(call, 1, 200, harmless, json);
  await captures.flush();
  const kept = await captures.read(call.id);
  expect(kept?.request.body).toBe('{"a":"AIza…[redacted]","b":"1//…[redacted]","c":"[redacted]-"}');
  expect(kept?.response.body).toBe(harmless);
});

test("bytes that are no text are kept as base64, without the keys in them", async () => {
  const { world, captures } = await setUp({ CAPTURE: "all" });
  const { call } = world.start(generate, google);
  call.upstreamHead(1, 200, ["content-type", "application/octet-stream"]);
  call.upstreamData(1, portableBytes.encode(good));
  call.upstreamData(1, Uint8Array.of(0xff, 0, 0xfe));
  call.upstreamData(1, portableBytes.encode("AIzaSyAbcdefghijklmnop"));
  call.upstreamEnd(1);
  await captures.flush();
  const kept = await captures.read(call.id);
  expect(kept?.response.base64).toBe(true);
  // The ellipsis is no byte of this encoding.
  expect(atob(kept?.response.body ?? "")).toBe(`${good}\xff\0\xfeAIza?[redacted]`);
});

test("a stream is cut at the limit and counted to its end", async () => {
  const { world, captures } = await setUp({ CAPTURE: "all", CAPTURE_MAX_BYTES: "1KB" });
  const { host, call } = world.start();
  call.upstreamHead(1, 200, ["content-type", "text/event-stream"]);
  const event = `data: {"candidates":[{"content":{"parts":[{"text":"${"é".repeat(50)}"}]}}]}\r\n\r\n`;
  for (let index = 0; index < 20; index++) call.upstreamData(1, portableBytes.encode(event));
  call.upstreamData(1, portableBytes.encode('data: {"candidates":[{"finishReason":"STOP"}]}\r\n\r\n'));
  call.upstreamEnd(1);
  await captures.flush();
  const { response } = (await captures.read(call.id)) ?? {};
  expect(response).toMatchObject({ cut: true, base64: false, bytes: portableBytes.encode(host.body).length });
  expect(host.body.startsWith(response?.body ?? "?")).toBe(true);
  expect(portableBytes.encode(response?.body ?? "").length).toBeGreaterThan(1020);
});

test("with errors, only calls that did not end well are kept", async () => {
  const { world, captures } = await setUp({ CAPTURE: "errors", PROXY_MAX_RETRIES: "0" });
  const fine = world.start(generate).call;
  answer(fine, 1, 200, good, json);
  const wrong = world.start(generate).call;
  answer(wrong, 1, 400, '{"error":{"code":400,"message":"bad","status":"INVALID_ARGUMENT"}}', json);
  const cut = world.start().call;
  cut.upstreamHead(1, 200, ["content-type", "text/event-stream"]);
  cut.upstreamData(1, portableBytes.encode('data: {"candidates":[{"content":{"parts":[{"text":"a"}]}}]}\n\n'));
  cut.upstreamFailed(1, { kind: "broken", code: "ECONNRESET", words: "reset" });
  const left = world.start(generate).call;
  left.clientGone();
  await captures.flush();
  expect(await captures.read(fine.id)).toBeNull();
  expect((await captures.read(wrong.id))?.response.body).toContain("INVALID_ARGUMENT");
  expect((await captures.read(cut.id))?.response.body).toContain('"text":"a"');
  expect(await captures.read(left.id)).toMatchObject({ request: { body: "{}" }, response: { body: "", bytes: 0 } });
  expect(captures.budget.openBytes).toBe(0);
});

test("an OpenAI call is kept as the client sent it and got it", async () => {
  const { world, captures } = await setUp({ CAPTURE: "all", MODEL_ALIASES: "m-fast=m" });
  const body = '{"model":"m-fast","messages":[{"role":"user","content":"Hi"}]}';
  const { host, call } = world.start("/v1/chat/completions", ["authorization", `Bearer ${clientKey}`, ...json], {
    body,
  });
  const { chunks } = (host.sent[0] as { body: unknown }).body as { chunks: Uint8Array[] };
  const sent = portableBytes.concat(chunks);
  expect(portableBytes.decode(sent)).toContain('"model":"m"');
  answer(call, 1, 200, '{"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]}', json);
  await captures.flush();
  const kept = await captures.read(call.id);
  expect(kept?.request.body).toBe(body);
  expect(kept?.response.body).toBe(host.body);
  expect(kept?.path).toBe("/chat/completions");
});

test("a refused key leaves nothing; a refusal after admission is kept", async () => {
  const { world, captures } = await setUp({ CAPTURE: "all" });
  const stranger = world.start(generate, ["x-goog-api-key", "gp-nobody"]).call;
  const barred = world.start("/v1beta/models/other:generateContent").call;
  await captures.flush();
  expect(await captures.read(stranger.id)).toBeNull();
  expect((await captures.read(barred.id))?.response.body).toContain("MODEL_NOT_ALLOWED");
});

test("of a streamed upload only the size is told", async () => {
  const { world, captures } = await setUp({ CAPTURE: "all" });
  const { call } = world.start("/upload/v1beta/files", [...google, "content-length", "12345"]);
  answer(call, 1, 400, "{}", json);
  await captures.flush();
  expect(await captures.read(call.id)).toMatchObject({ request: { body: "", bytes: 12_345, cut: true } });
});

test("of a body of 20 MB no more than the limit is held", async () => {
  const { world, captures } = await setUp({ CAPTURE: "all" });
  const size = 20 * 1024 * 1024;
  const { call } = world.start(generate, google, { body: `{"a":"${"x".repeat(size)}"}` });
  expect(captures.budget.openBytes).toBe(65_536);
  answer(call, 1, 200, good, json);
  await captures.flush();
  expect((await captures.read(call.id))?.request).toMatchObject({ cut: true, bytes: size + 8 });
  expect((await captures.read(call.id))?.request.body).toHaveLength(65_536);
});

test("calls under way hold 64 MB at most; beyond it calls are served without capture, and counted", () => {
  const { collector, world } = collect({ CAPTURE: "all", CAPTURE_MAX_BYTES: "512KB" });
  const body = "x".repeat(600_000);
  const calls = Array.from({ length: 140 }, () => world.start(generate, google, { body }).call);
  expect(collector.budget.openBytes).toBe(64 * 1024 * 1024);
  expect(collector.budget.skipped).toBe(140 - 128);
  for (const call of calls) call.clientGone();
  expect(collector.budget.openBytes).toBe(0);
});

test("the queue is bounded; what does not fit is dropped and counted, and a failure loses its batch only", async () => {
  const delivered: string[] = [];
  const { collector, world } = collect({ CAPTURE: "all", PROXY_MAX_RETRIES: "0" }, async (batch) => {
    if (delivered.length === 0) {
      delivered.push("failed");
      throw new Error("disk full");
    }
    delivered.push(...batch.map(({ callId }) => callId));
  });
  for (let index = 0; index < 205; index++) world.start(generate).call.clientGone();
  expect(collector.budget).toMatchObject({ queued: 200, dropped: 5 });
  await collector.flush();
  expect(collector.budget).toMatchObject({ queued: 0, queuedBytes: 0, failed: 20 });
  expect(delivered).toHaveLength(181);
});

test("nothing is written in the call's own turn, and switching it off ends it for calls under way too", async () => {
  const { world, captures, timers, settings } = await setUp({ CAPTURE: "all" });
  const first = world.start(generate).call;
  answer(first, 1, 200, good, json);
  expect(timers).toHaveLength(1);
  expect(await captures.read(first.id)).toBeNull();
  const second = world.start(generate).call;
  settings.capture = "off";
  answer(second, 1, 200, good, json);
  const third = world.start(generate).call;
  answer(third, 1, 200, good, json);
  await captures.close();
  expect(await captures.read(first.id)).not.toBeNull();
  expect(await captures.read(second.id)).toBeNull();
  expect(await captures.read(third.id)).toBeNull();
});

test("captures go by age and by size, the oldest first", async () => {
  const { world, captures, settings } = await setUp({ CAPTURE: "all", CAPTURE_RETENTION_MS: "1h" });
  const ids: string[] = [];
  for (let index = 0; index < 3; index++) {
    const { call } = world.start(generate, google, { body: `{"a":"${"x".repeat(40_000)}"}` });
    answer(call, 1, 200, good, json);
    ids.push(call.id);
    await captures.flush();
    world.clock.advance(1_000);
  }
  settings.captureStoreBytes = 120_000;
  await captures.prune();
  expect(await Promise.all(ids.map(async (id) => (await captures.read(id)) !== null))).toEqual([false, true, true]);
  world.clock.advance(3_598_000);
  expect(await captures.read(ids[1] as string)).toBeNull();
  await captures.prune();
  world.clock.advance(-3_600_000);
  expect(await captures.read(ids[1] as string)).toBeNull();
  expect(await captures.read(ids[2] as string)).not.toBeNull();
});

test("bodies that sealing makes too large for a row are cut further", async () => {
  const { world, captures, administration } = await setUp({ CAPTURE: "all", CAPTURE_MAX_BYTES: "512KB" });
  const { call } = world.start(generate, google, { body: "\u0001".repeat(550_000) });
  answer(call, 1, 200, good, json);
  await captures.flush();
  expect((await administration.get(call.id))?.sealed.length).toBeLessThan(1_900_000);
  expect((await captures.read(call.id))?.request).toMatchObject({ cut: true, bytes: 550_000 });
});

test("what was sealed with a key that is gone is not there", async () => {
  const { world, captures, administration } = await setUp({ CAPTURE: "all" });
  const { call } = world.start(generate);
  answer(call, 1, 200, good, json);
  await captures.flush();
  const other = storeOver(administration, world, parse({ CAPTURE: "all" }), 2);
  expect(await other.read(call.id)).toBeNull();
});

test("data that another process collected is kept as it is, once", async () => {
  const batches: (readonly CapturedCallData[])[] = [];
  const { collector, world } = collect({ CAPTURE: "all" }, async (batch) => void batches.push(structuredClone(batch)));
  const { call } = world.start(generate);
  answer(call, 1, 200, good, json);
  await collector.flush();
  const { captures } = await setUp({ CAPTURE: "all" });
  for (const batch of [...batches, ...batches]) await captures.capture(batch);
  expect((await captures.read(call.id))?.response.body).toBe(good);
});

test("whatever the chunks, what is kept of an answer is the beginning of what the client got", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 8 }),
      fc.array(fc.string({ unit: "binary", maxLength: 300 }), { maxLength: 8 }),
      async (noise, words) => {
        const { collector, world, delivered } = collect({ CAPTURE: "all", CAPTURE_MAX_BYTES: "1KB" });
        const chunks = [...words.map((one) => portableBytes.encode(one)), ...noise];
        const { host, call } = world.start("/v1beta/models", google, { method: "GET" });
        const got = bytesTo(host);
        call.upstreamHead(1, 200, ["content-type", "text/plain", "content-encoding", "br"]);
        for (const chunk of chunks) call.upstreamData(1, chunk);
        call.upstreamEnd(1);
        await collector.flush();
        const { response } = delivered[0] as CapturedCallData;
        const sent = portableBytes.concat(got);
        const kept = response.base64
          ? Uint8Array.from(atob(response.body), (character) => character.charCodeAt(0))
          : portableBytes.encode(response.body);
        expect(response.bytes).toBe(sent.length);
        expect(response.cut).toBe(sent.length > 1024);
        expect(kept.length).toBeGreaterThanOrEqual(Math.min(sent.length, 1024 - 3));
        expect(Buffer.compare(kept, sent.subarray(0, kept.length))).toBe(0);
      },
    ),
    { numRuns: 40 },
  );
});

// --- helpers ---

const parse = (environment: Record<string, string>): Settings => parseSettings(environment).settings;

/** A world whose calls are captured into a real store; timers wait until they are flushed. */
async function setUp(environment: Record<string, string>): Promise<{
  world: CallWorld;
  captures: CaptureStore;
  settings: Settings;
  timers: (() => void)[];
  administration: Awaited<ReturnType<typeof makeStore>>["administration"]["captures"];
}> {
  const world = createWorld({ settings: environment });
  const { settings } = world.environment;
  const administration = (await makeStore()).administration.captures;
  const timers: (() => void)[] = [];
  const captures = storeOver(administration, world, settings, 1, timers);
  world.environment.capture = captures;
  return { world, captures, settings, timers, administration };
}

function storeOver(
  administration: Awaited<ReturnType<typeof makeStore>>["administration"]["captures"],
  { clock, environment }: CallWorld,
  settings: Settings,
  keyByte: number,
  timers: (() => void)[] = [],
): CaptureStore {
  return createCaptureStore({
    administration,
    vault: makeVault(keyByte),
    settings,
    clock,
    logger: environment.logger,
    schedule: (callback) => {
      timers.push(callback);
      return () => void timers.splice(timers.indexOf(callback), 1);
    },
  });
}

function collect(
  environment: Record<string, string>,
  deliver?: (batch: readonly CapturedCallData[]) => Promise<void>,
): { world: CallWorld; collector: ReturnType<typeof createCaptureCollector>; delivered: CapturedCallData[] } {
  const world = createWorld({ settings: environment });
  const delivered: CapturedCallData[] = [];
  const collector = createCaptureCollector({
    settings: world.environment.settings,
    clock: world.clock,
    schedule: () => () => undefined,
    deliver: deliver ?? (async (batch) => void delivered.push(...batch)),
    budget: createCaptureBudget(),
  });
  world.environment.capture = collector;
  return { world, collector, delivered };
}

/** What the host is told to send, as bytes. */
function bytesTo(host: SimulatedHost): Uint8Array[] {
  const got: Uint8Array[] = [];
  host.data = (chunk) => void got.push(chunk.slice());
  return got;
}
