import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Call, Capture } from "../../api/types.ts";
import { attemptTone, prettyBody, reasonOf, tokenRows, toCurl } from "./call-facts.ts";
import { emptyTail, mostTailed, nextTail, type TailEvent } from "./tail-buffer.ts";

const sample: Call = {
  id: "call_1",
  startedAt: 1_000,
  clientId: null,
  dialect: "gemini",
  backend: "gemini-api",
  operation: "generate",
  method: "POST",
  path: "/v1beta/models/gemini-2.5-flash:generateContent?key=gp-secret",
  modelAsked: "gemini-2.5-flash",
  modelServed: "gemini-2.5-flash",
  stream: false,
  status: 200,
  outcome: "ok",
  errorCode: null,
  finishReason: "STOP",
  usage: null,
  firstByteMicros: 10,
  totalMicros: 20,
  overheadMicros: 1,
  requestBytes: 1,
  responseBytes: 1,
  costUsd: null,
  attempts: [],
};

const capture = (body: string): Capture => ({
  callId: "call_1",
  method: "POST",
  path: "/v1beta/models/x:generateContent?alt=sse&key=gp-secret",
  request: { headers: [["Content-Type", "application/json"]], body, bytes: body.length, cut: false, base64: false },
  response: { headers: [], body: "", bytes: 0, cut: false, base64: false },
  expiresAt: 5,
});

describe("the live tail", () => {
  const call = (number: number): Call => ({ ...sample, id: `call_${number}`, startedAt: number * 1_000 });
  const anyEvent: fc.Arbitrary<TailEvent> = fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .array(fc.integer({ min: 0, max: 900 }).map(call), { maxLength: 120 })
        .map((calls) => ({ kind: "calls" as const, calls })),
    },
    fc.boolean().map((paused) => ({ kind: "pause" as const, paused })),
    fc.integer({ min: 0, max: 9 }).map((missed) => ({ kind: "gap" as const, missed })),
  );

  test("never holds more than its bound, nor a call twice, and shows the newest first", () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 60 }), (events) => {
        const { shown, waiting } = events.reduce(nextTail, emptyTail);
        for (const calls of [shown, waiting]) {
          expect(calls.length).toBeLessThanOrEqual(mostTailed);
          expect(new Set(calls.map(({ id }) => id)).size).toBe(calls.length);
          expect(
            calls.every((each, index) => index === 0 || each.startedAt <= (calls[index - 1]?.startedAt ?? 0)),
          ).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("stands still while it is paused, and shows what came meanwhile when it goes on", () => {
    const paused = nextTail(nextTail(emptyTail, { kind: "calls", calls: [call(1)] }), { kind: "pause", paused: true });
    const later = nextTail(paused, { kind: "calls", calls: [call(2)] });
    expect(later.shown.map(({ id }) => id)).toEqual(["call_1"]);
    expect(later.waiting.length).toBe(1);
    const on = nextTail(later, { kind: "pause", paused: false });
    expect(on.shown.map(({ id }) => id)).toEqual(["call_2", "call_1"]);
    expect(on.waiting).toEqual([]);
  });

  test("adds up the calls that it missed", () => {
    const gap: TailEvent = { kind: "gap", missed: 3 };
    expect(nextTail(nextTail(emptyTail, gap), gap).missed).toBe(6);
  });
});

describe("the command line of a call", () => {
  test("holds no key of the caller, only a placeholder", () => {
    for (const kept of [null, capture("{}")]) {
      const text = toCurl(sample, { origin: "https://gw.example", capture: kept });
      expect(text).not.toContain("gp-secret");
      expect(text).toContain("$GEMINI_PROXY_KEY");
    }
  });

  test.skipIf(process.platform === "win32")("hands a shell exactly the captured body, whatever is in it", () => {
    const anyBody = fc.string({ unit: "grapheme", maxLength: 60 }).filter((text) => !text.includes("\0"));
    fc.assert(
      fc.property(anyBody, (body) => {
        const text = toCurl(sample, { origin: "https://gw.example", capture: capture(body) });
        // The shell splits the line; a function in curl's place prints its last word.
        const script = `curl() { for last; do :; done; printf '%s' "$last"; }\n${text}`;
        expect(execFileSync("sh", ["-c", script], { encoding: "utf8" })).toBe(body);
      }),
      { numRuns: 15 },
    );
  });

  test("says that the body is missing when it was not kept", () => {
    expect(toCurl(sample, { origin: "https://gw.example", capture: null })).toContain("was not kept");
  });
});

test("the reason of a call is the gateway's own code, else the last attempt's rule, and none when it went well", () => {
  const attempts = [{ rule: "google.429.day" }, { rule: "google.503" }] as Call["attempts"];
  expect(reasonOf({ outcome: "ok", errorCode: null, attempts })).toBeNull();
  expect(reasonOf({ outcome: "error", errorCode: null, attempts })).toBe("google.503");
  expect(reasonOf({ outcome: "refused", errorCode: "client_rate_limited", attempts: [] })).toBe("client_rate_limited");
});

test("an attempt's tone follows its fault, not its status alone", () => {
  expect(attemptTone({ fault: "none", status: 200 })).toBe("ok");
  expect(attemptTone({ fault: "client", status: 400 })).toBe("warn");
  expect(attemptTone({ fault: "project", status: 429 })).toBe("warn");
  expect(attemptTone({ fault: "network", status: null })).toBe("bad");
  // A 200 whose stream broke.
  expect(attemptTone({ fault: "upstream", status: 200 })).toBe("bad");
});

test("tokens are listed by kind with their modalities, and cached ones as a part of the prompt", () => {
  const rows = tokenRows({
    promptTokens: 300,
    cachedTokens: 100,
    outputTokens: 5,
    thoughtsTokens: 0,
    toolUseTokens: 0,
    totalTokens: 305,
    modalities: { prompt: { TEXT: 42, IMAGE: 258 }, cached: {}, output: { TEXT: 5 } },
    serviceTier: null,
  });
  expect(rows).toEqual([
    { kind: "Prompt", count: 300, part: false, modalities: "TEXT 42, IMAGE 258" },
    { kind: "of it from the cache", count: 100, part: true, modalities: null },
    { kind: "Output", count: 5, part: false, modalities: "TEXT 5" },
  ]);
});

test("JSON is laid out, and anything else is left as it is", () => {
  expect(prettyBody('{"a":[1]}').text).toBe('{\n  "a": [\n    1\n  ]\n}');
  expect(prettyBody('data: {"a":1}\n\n')).toEqual({ text: 'data: {"a":1}\n\n', language: "event stream" });
  expect(prettyBody('{"cut').text).toBe('{"cut');
});
