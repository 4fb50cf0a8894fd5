/** @module Tests of faults, down to the bytes and the way a connection ends. */

import { afterAll, beforeEach, describe, expect, it } from "vitest";

import type { FaultAction } from "./emulator.ts";
import { startEmulator } from "./emulator.ts";
import type { ErrorName } from "./errors/error-names.ts";
import { ERROR_NAMES } from "./errors/error-names.ts";
import { at, call, dechunk, prompt, rawPost, sseEvents, to } from "./test-client.ts";

const emulator = await startEmulator();
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

const unary = to("gemini-2.5-flash");
const sse = to("gemini-2.5-flash", "streamGenerateContent", "?alt=sse");
const list = to("gemini-2.5-flash", "streamGenerateContent");
const CHAT = "/v1beta/openai/chat/completions";
const body = prompt("grüße, 你好 👋");

const raw = (action: FaultAction, path = sse): ReturnType<typeof rawPost> => {
  emulator.fault({ do: action });
  return rawPost(emulator, { path, body });
};

describe("answers instead of the real one", () => {
  const served = async (error: ErrorName): Promise<{ response: Response; text: string }> => {
    emulator.fault({ do: { error } });
    const response = await call(emulator, { path: unary, body });
    return { response, text: await response.text() };
  };

  it.each(ERROR_NAMES.filter((name) => !/^(?:html|oauth)-/.test(name)))(
    "%s has the status its body says, and is recorded",
    async (error) => {
      const { response, text } = await served(error);
      const parsed: unknown = JSON.parse(text);
      expect(at(parsed, "error.code")).toBe(response.status);
      const errorStatus = at(parsed, "error.status");
      expect(emulator.record()).toMatchObject([
        { status: response.status, errorStatus, fault: 1, usage: null, outcome: "complete" },
      ]);
    },
  );

  it.each(ERROR_NAMES.filter((name) => name.startsWith("oauth-")))(
    "%s is in the words of the token endpoint, and is recorded",
    async (error) => {
      const { response, text } = await served(error);
      const errorStatus = at(JSON.parse(text), "error");
      expect(errorStatus).toMatch(/^[a-z_]+$/);
      expect(emulator.record()).toMatchObject([{ status: response.status, errorStatus, fault: 1 }]);
    },
  );

  it.each(ERROR_NAMES.filter((name) => name.startsWith("html-")))("%s is a page of the front end", async (error) => {
    const { response, text } = await served(error);
    expect(response.headers.get("content-type")).toContain("text/html");
    expect(text).toContain(`<title>Error ${error.slice(-3)} (`);
    expect(emulator.record()).toMatchObject([{ status: Number(error.slice(-3)), errorStatus: null, fault: 1 }]);
  });

  it("can be any status, headers and body", async () => {
    emulator.fault({ do: { response: { status: 418, headers: { "retry-after": "7" }, body: { any: "thing" } } } });
    const response = await call(emulator, { path: unary, body });
    expect([response.status, response.headers.get("retry-after"), await response.json()]).toEqual([
      418,
      "7",
      { any: "thing" },
    ]);
  });

  it("is nothing at all: 200 with Content-Length 0", async () => {
    const { bytes, ending } = await raw({ empty: "no-body" }, unary);
    expect(bytes.toString()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(bytes.toString().toLowerCase()).toContain("content-length: 0\r\n");
    expect(bytes.toString().endsWith("\r\n\r\n")).toBe(true);
    expect(ending).toBe("end");
  });

  it("has no candidates, no parts, or no finishReason", async () => {
    for (const [empty, path, expected] of [
      ["no-candidates", "candidates", []],
      ["no-parts", "candidates.0.content", { role: "model" }],
    ] as const) {
      emulator.fault({ match: { count: 2 }, do: { empty } });
      expect(at(await (await call(emulator, { path: unary, body })).json(), path)).toEqual(expected);
      const events = sseEvents(await (await call(emulator, { path: sse, body })).text());
      expect(events).toHaveLength(1);
      expect(at(events[0], path)).toEqual(expected);
    }
    emulator.fault({ do: { empty: "no-finish" } });
    const events = sseEvents(await (await call(emulator, { path: sse, body })).text());
    expect(events.length).toBeGreaterThan(1);
    expect(events.some((event) => at(event, "candidates.0.finishReason") !== undefined)).toBe(false);
    emulator.fault({ do: { empty: "no-finish" } });
    const chat = { model: "gemini-2.5-flash", stream: true, messages: [{ role: "user", content: "hi" }] };
    expect(await (await call(emulator, { path: CHAT, body: chat })).text()).not.toContain("[DONE]");
  });

  it("contains an event of a megabyte", async () => {
    emulator.fault({ do: { bigEventBytes: 1_048_576 } });
    const events = (await (await call(emulator, { path: sse, body })).text()).split("\r\n\r\n");
    expect(Math.max(...events.map((event) => event.length))).toBeGreaterThan(1_048_576);
    expect(emulator.record()[0]?.usage?.candidates).toBeGreaterThan(262_144);
  });
});

describe("errors inside a 200 stream", () => {
  it("come as an event (shape 1)", async () => {
    emulator.fault({ do: { streamError: { afterChunks: 2, shape: "event", error: "unavailable" } } });
    const response = await call(emulator, { path: sse, body });
    const events = sseEvents(await response.text());
    expect(response.status).toBe(200);
    expect(events).toHaveLength(3);
    expect(events[2]).toEqual({
      error: { code: 503, message: "The service is currently unavailable.", status: "UNAVAILABLE" },
    });
    expect(emulator.record()[0]).toMatchObject({ outcome: "stream-error", chunksSent: 2 });
    expect(emulator.record()[0]?.usage?.total).toBe(at(events[1], "usageMetadata.totalTokenCount"));
  });

  it("come as raw pretty JSON without data: (shape 2)", async () => {
    emulator.fault({ do: { streamError: { afterChunks: 1, shape: "raw", error: "cancelled" } } });
    const text = await (await call(emulator, { path: sse, body })).text();
    const [event, tail] = text.split("\r\n\r\n");
    expect(event).toMatch(/^data: \{/);
    expect(tail).toBe(
      '{\n  "error": {\n    "code": 499,\n    "message": "The operation was cancelled.",\n    "status": "CANCELLED"\n  }\n}\n',
    );
  });

  it("come in the list and in the OpenAI stream too", async () => {
    const streamError = { afterChunks: 1, shape: "event" } as const;
    emulator.fault({ match: { count: 2 }, do: { streamError } });
    const items = (await (await call(emulator, { path: list, body })).json()) as unknown[];
    expect(at(items.at(-1), "error.code")).toBe(503);
    const chat = { model: "gemini-2.5-flash", stream: true, messages: [{ role: "user", content: "hi" }] };
    const text = await (await call(emulator, { path: CHAT, body: chat })).text();
    expect(text).toMatch(/\n\ndata: \{"error":\{"code":503/);
    expect(text).not.toContain("[DONE]");
  });
});

describe("connections that break", () => {
  it("by a FIN inside an HTTP chunk, after exactly the bytes asked for", async () => {
    for (const afterBytes of [0, 1, 100, 700]) {
      const { bytes, ending } = await raw({ cut: { afterBytes } });
      const answer = dechunk(bytes);
      expect(ending).toBe("end");
      expect(answer.whole).toBe(false);
      expect(answer.body).toHaveLength(afterBytes);
      expect(emulator.record().at(-1)).toMatchObject({ outcome: "cut", status: 200, responseBytes: afterBytes });
    }
  });

  it("by a FIN inside a unary body", async () => {
    const { bytes } = await raw({ cut: { afterBytes: 50 } }, unary);
    expect(dechunk(bytes)).toMatchObject({ whole: false });
    expect(dechunk(bytes).body).toHaveLength(50);
  });

  it("by a RST before the head", async () => {
    const { bytes, ending } = await raw({ reset: {} });
    expect([bytes.length, ending]).toEqual([0, "reset"]);
    expect(emulator.record()[0]).toMatchObject({ outcome: "reset", usage: null, chunksSent: 0 });
  });

  it("by a RST after some bytes", async () => {
    const { bytes, ending } = await raw({ reset: { afterBytes: 40 } });
    expect(ending).toBe("reset");
    expect(dechunk(bytes).body).toHaveLength(40);
  });

  it("bill what was wholly sent: the last event that got through", async () => {
    const whole = sseEvents(dechunk((await raw({ delayMs: 0 })).bytes).body.toString());
    const length = Buffer.byteLength(`data: ${JSON.stringify(whole[0])}`);
    const { bytes } = await raw({ cut: { afterBytes: length * 2 } });
    const [event] = sseEvents(dechunk(bytes).body.toString().split("\r\n\r\n").slice(0, 1).join(""));
    const entry = emulator.record().at(-1);
    expect(entry?.chunksSent).toBe(1);
    expect(entry?.usage?.total).toBe(at(event, "usageMetadata.totalTokenCount"));
  });
});

describe("slow and awkward bytes", () => {
  it("delay the first byte", async () => {
    const started = performance.now();
    await raw({ delayMs: 60 });
    expect(performance.now() - started).toBeGreaterThan(50);
  });

  it("stall after some chunks until the client leaves", async () => {
    emulator.fault({ do: { stall: { afterChunks: 1 } } });
    const abort = new AbortController();
    const response = await call(emulator, { path: sse, body, signal: abort.signal });
    const reader = response.body?.getReader();
    const first = await reader?.read();
    expect(sseEvents(Buffer.from(first?.value ?? []).toString())).toHaveLength(1);
    expect(emulator.totals()).toMatchObject({ inFlight: 1, requests: 0 });
    abort.abort();
    await until(() => emulator.totals().inFlight === 0);
    expect(emulator.record()[0]).toMatchObject({ outcome: "client-gone", chunksSent: 1, status: 200 });
    expect(emulator.record()[0]?.usage?.total).toBeGreaterThan(0);
  });

  it("stall for a while, then go on to the end", async () => {
    const { bytes } = await raw({ stall: { afterChunks: 1, forMs: 30 } });
    expect(dechunk(bytes).whole).toBe(true);
    expect(emulator.record()[0]?.outcome).toBe("complete");
  });

  it("drip byte by byte without changing the body", async () => {
    const whole = dechunk((await raw({ delayMs: 0 }, unary)).bytes).body.toString();
    const dripped = await raw({ drip: { bytes: 100, everyMs: 1 } }, unary);
    expect(dripped.reads.length).toBeGreaterThan(3);
    const strip = (text: string): string => text.replace(/"responseId": ".*"/, "");
    expect(strip(dechunk(dripped.bytes).body.toString())).toBe(strip(whole));
  });

  it("split inside UTF-8 sequences and between CR and LF", async () => {
    const utf8 = await raw({ split: "utf8" });
    expect(chunkStarts(utf8.bytes).some((byte) => byte >= 0x80 && byte < 0xc0)).toBe(true);
    expect(sseEvents(dechunk(utf8.bytes).body.toString()).length).toBeGreaterThan(2);
    const crlf = await raw({ split: "crlf" });
    expect(chunkStarts(crlf.bytes).filter((byte) => byte === 0x0a).length).toBeGreaterThan(2);
    const both = await raw({ split: "both" });
    expect(dechunk(both.bytes).whole).toBe(true);
  });

  it("delay a whole project", async () => {
    emulator.setProject({ id: "projects/3", keys: [{ key: "AQ.slow" }], tier: "unlimited", firstByteDelayMs: 60 });
    const started = performance.now();
    await call(emulator, { path: unary, body, key: "AQ.slow" });
    expect(performance.now() - started).toBeGreaterThan(50);
  });
});

describe("counts", () => {
  it("are exact under concurrency", async () => {
    emulator.fault({ match: { model: "gemini-2.5-flash", nth: 11, count: 7 }, do: { error: "overloaded" } });
    const statuses = await Promise.all(
      Array.from({ length: 60 }, async () => (await call(emulator, { path: unary, body })).status),
    );
    expect(statuses.filter((status) => status === 503)).toHaveLength(7);
    expect(emulator.totals().byStatus).toEqual({ "200": 53, "503": 7 });
  });

  it("find the model of the OpenAI surface in the body", async () => {
    emulator.fault({ match: { model: "gemini-2.5-pro", surface: "openai", stream: true }, do: { error: "internal" } });
    const chat = (model: string, stream: boolean): object => ({
      model,
      stream,
      messages: [{ role: "user", content: "hi" }],
    });
    const statuses: number[] = [];
    for (const [model, stream] of [
      ["gemini-2.5-flash", true],
      ["gemini-2.5-pro", false],
      ["gemini-2.5-pro", true],
    ] as const) {
      statuses.push((await call(emulator, { path: CHAT, body: chat(model, stream) })).status);
    }
    expect(statuses).toEqual([200, 200, 500]);
  });

  it("end when faults are cleared", async () => {
    emulator.fault({ match: { count: "all" }, do: { error: "internal" } });
    expect((await call(emulator, { path: unary, body })).status).toBe(500);
    emulator.clearFaults();
    expect((await call(emulator, { path: unary, body })).status).toBe(200);
  });
});

/** First byte of each HTTP chunk. */
function chunkStarts(bytes: Buffer): number[] {
  const starts: number[] = [];
  let place = bytes.indexOf("\r\n\r\n") + 4;
  for (;;) {
    const lineEnd = bytes.indexOf("\r\n", place);
    const size = Number.parseInt(bytes.subarray(place, lineEnd).toString("latin1"), 16);
    if (lineEnd < 0 || !(size > 0)) return starts;
    starts.push(bytes[lineEnd + 2] ?? 0);
    place = lineEnd + 2 + size + 2;
  }
}

/** Waits for something that another process of the event loop will bring about. */
async function until(happened: () => boolean): Promise<void> {
  while (!happened()) await new Promise((resolve) => setImmediate(resolve));
}
