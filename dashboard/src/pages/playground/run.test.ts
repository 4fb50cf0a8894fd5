import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PlaygroundRequest } from "./request.ts";
import { runRequest } from "./run.ts";
import type { Run, RunOptions } from "./run.ts";
import { createEventReader } from "./server-events.ts";
import type { ServerEvent } from "./server-events.ts";

const readAll = (pieces: string[]): ServerEvent[] => {
  const reader = createEventReader();
  return pieces.flatMap((piece) => reader.push(piece));
};

describe("server-sent events", () => {
  it("come with their names and joined data, comments left out, at every kind of line break", () => {
    for (const end of ["\n", "\r\n", "\r"])
      expect(
        readAll([[":ping", "event: a", "data: 1", "data:2", "", "data", "", "id: 3", "", ""].join(end), end]),
      ).toEqual([
        { type: "a", data: "1\n2" },
        { type: "message", data: "" },
      ]);
  });

  it("are the same however the stream is cut into pieces", () => {
    const stream = '\uFEFFdata: {"a":1}\r\n\r\nevent: error\rdata: x\ndata: y\r\r: c\n\ndata: last\n\n';
    const whole = readAll([stream]);
    expect(whole).toHaveLength(3);
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 20 }), (cuts) => {
        const places = [0, ...cuts.sort((left, right) => left - right), stream.length];
        const pieces = places.slice(1).map((place, index) => stream.slice(places[index], place));
        expect(readAll(pieces)).toEqual(whole);
      }),
    );
  });

  it("tell what was begun and not ended", () => {
    const reader = createEventReader();
    reader.push("data: half");
    expect(reader.end().unfinished).toBe("data: half");
  });
});

const request: PlaygroundRequest = {
  method: "POST",
  path: "/v1beta/models/m:streamGenerateContent?alt=sse",
  body: "{}",
  authentication: "x-goog-api-key",
};
const event = (text: string, more: object = {}): string =>
  `data: ${JSON.stringify({ candidates: [{ content: { parts: [{ text }] }, ...more }] })}\r\n\r\n`;

/** Runs against an answer that is given; the clock goes on by 10 ms each time it is read. */
const run = async (
  answer: (init: RequestInit) => Response | Promise<Response>,
  change: Partial<RunOptions> = {},
): Promise<{ result: Run; progress: Run[] }> => {
  let time = 0;
  const progress: Run[] = [];
  const result = await runRequest({
    request,
    dialect: "gemini",
    key: "gp-test",
    signal: new AbortController().signal,
    fetch: (_input, init) => Promise.resolve(answer(init ?? {})),
    now: () => (time += 10),
    onProgress: (one) => progress.push(one),
    ...change,
  });
  return { result, progress };
};
const stream = (pieces: string[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
      controller.close();
    },
  });
const eventStream = { headers: { "content-type": "text/event-stream", "x-gproxy-request-id": "r1", server: "x" } };

describe("a run", () => {
  it("shows text as it comes, keeps raw events, headers and times", async () => {
    const pieces = [event("Hel"), event("lo", { finishReason: "STOP" })];
    const { result, progress } = await run(() => new Response(stream(pieces), eventStream));
    expect(result).toMatchObject({ state: "done", status: 200, requestId: "r1", failure: null });
    expect(result.answer).toMatchObject({ text: "Hello", finishReason: "STOP" });
    expect(result.events.map((one) => one.type)).toEqual(["message", "message"]);
    expect(result.headers.map(([name]) => name)).toEqual(["content-type", "x-gproxy-request-id"]);
    expect(result.firstByteMs).toBeLessThan(result.totalMs ?? 0);
    expect(progress.map((one) => one.answer.text)).toContain("Hel");
  });

  it("sends the key in a header and never the dashboard's cookies, and follows no redirect", async () => {
    let sent: RequestInit = {};
    await run((init) => {
      sent = init;
      return new Response("{}");
    });
    expect(sent).toMatchObject({ credentials: "omit", redirect: "error", headers: { "x-goog-api-key": "gp-test" } });
    expect(request.path).not.toContain("gp-");
    const anthropic = { ...request, path: "/v1/messages", authentication: "x-api-key" } as const;
    await run(
      (init) => {
        sent = init;
        return new Response("{}");
      },
      { request: anthropic, dialect: "anthropic" },
    );
    expect(sent.headers).toEqual({
      "content-type": "application/json",
      "x-api-key": "gp-test",
      "anthropic-version": "2023-06-01",
    });
  });

  it("reads an error body with its status", async () => {
    const body = JSON.stringify({ error: { status: "RESOURCE_EXHAUSTED", message: "all rest" } });
    const { result } = await run(() => new Response(body, { status: 429, headers: { "retry-after": "5" } }));
    expect(result).toMatchObject({ state: "done", status: 429 });
    expect(result.answer.error).toBe("RESOURCE_EXHAUSTED: all rest");
    expect(result.headers).toContainEqual(["retry-after", "5"]);
  });

  it("keeps what had come when it is aborted, and says so", async () => {
    const controller = new AbortController();
    const body = new ReadableStream<Uint8Array>({
      start(source) {
        source.enqueue(new TextEncoder().encode(event("Hel")));
        controller.signal.addEventListener("abort", () => source.error(new Error("aborted")));
      },
    });
    const { result } = await run(() => new Response(body, eventStream), {
      signal: controller.signal,
      onProgress: (one) => {
        if (one.answer.text !== "") controller.abort();
      },
    });
    expect(result).toMatchObject({ state: "aborted", answer: { text: "Hel" } });
  });

  it("tells a connection that broke in the middle, with what had come", async () => {
    let pulls = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(source) {
        pulls += 1;
        if (pulls === 1) source.enqueue(new TextEncoder().encode(event("Hel")));
        else source.error(new Error("cut"));
      },
    });
    const { result } = await run(() => new Response(body, eventStream));
    expect(result).toMatchObject({ state: "failed", failure: "cut", answer: { text: "Hel" } });
  });

  it("shows an event that ended without a line break", async () => {
    const { result } = await run(() => new Response(stream([event("Hi").trimEnd()]), eventStream));
    expect(result.answer.text).toBe("Hi");
  });
});
