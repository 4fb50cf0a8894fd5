import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { portableBytes } from "../../core/portable-bytes.ts";
import type { Bytes } from "../../core/ports.ts";
import { nodeBytes } from "../../hosts/node/bytes.ts";
import type { Framing, Surface, TapResult } from "../tap-types.ts";
import { cutAt, write, writeEvent } from "./answer-bytes.ts";
import type { EventForm, Style } from "./answer-bytes.ts";
import { readSlowly } from "./slow-reference.ts";
import { createTap } from "./tap.ts";

const implementations: [string, Bytes][] = [
  ["node", nodeBytes],
  ["portable", portableBytes],
];

// --- answers ---

/** Names that mean something elsewhere in an answer, and words that try to break out of a string. */
const word = fc.oneof(
  fc.constantFrom("usageMetadata", "finishReason", "error", "text", "parts", "candidates", "finish_reason", "usage"),
  fc.constantFrom('"usageMetadata": {', '"}],"finishReason": "STOP"', "data: {}\n\n", "\r\n", "[DONE]", "é", "😀"),
  fc.constantFrom('{"error": {"code": 500}}', '"model":"evil"', "\u0000", "\u2028", "]}}", " ", "\\", '\\"'),
  fc.string({ maxLength: 20 }),
);
const text = fc.array(word, { maxLength: 6 }).map((words) => words.join(""));
const leaf = fc.oneof(text, fc.integer(), fc.constantFrom(-0.5e-7, 1.25e30), fc.boolean(), fc.constant(null));
/** A function's arguments: anything, with the very keys that the tap looks for. */
const args = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(
      fc
        .oneof(fc.constantFrom(..."usageMetadata finishReason error modelVersion candidates usage".split(" ")), text)
        .filter((key) => key !== "__proto__"),
      tie("value"),
      { maxKeys: 3 },
    ),
  ),
})).value;

const part = fc.oneof(
  fc.record({ text }),
  fc.record({ text, thought: fc.constant(true) }),
  fc.record({ text: fc.constant(""), thoughtSignature: fc.base64String({ maxLength: 40 }) }),
  fc.record({ functionCall: fc.record({ name: text, args }), thoughtSignature: fc.base64String({ maxLength: 20 }) }),
  fc.record({
    inlineData: fc.record({ mimeType: fc.constant("image/png"), data: fc.base64String({ maxLength: 400 }) }),
  }),
  fc.record({ codeExecutionResult: fc.record({ outcome: fc.constant("OUTCOME_OK"), output: text }) }),
);
const count = fc.integer({ min: 0, max: 5000 });
const usageMetadata = fc.record(
  {
    promptTokenCount: count,
    candidatesTokenCount: count,
    totalTokenCount: count,
    thoughtsTokenCount: count,
    promptTokensDetails: fc.array(fc.record({ modality: fc.constantFrom("TEXT", "IMAGE"), tokenCount: count }), {
      maxLength: 2,
    }),
    serviceTier: fc.constantFrom("standard", "flex"),
  },
  { requiredKeys: [] },
);
const finishReason = fc.constantFrom("STOP", "STOP", "MAX_TOKENS", "SAFETY", "STRÄNGE\n");
const candidate = fc.record(
  {
    content: fc.oneof(
      fc.record({ parts: fc.array(part, { maxLength: 3 }), role: fc.constant("model") }, { requiredKeys: [] }),
      fc.constant({}),
    ),
    finishReason,
    index: fc.constant(0),
    groundingMetadata: args,
    safetyRatings: fc.constant([{ category: "HARM_CATEGORY_HARASSMENT", probability: "NEGLIGIBLE" }]),
  },
  { requiredKeys: [] },
);
const geminiEvent = fc.record(
  {
    candidates: fc.array(candidate, { maxLength: 2 }),
    usageMetadata,
    modelVersion: fc.constantFrom("gemini-3.8-flash", "models/gemini-4-neon", "mödell"),
    responseId: text,
    promptFeedback: fc.record(
      { blockReason: fc.constantFrom("SAFETY", "OTHER"), safetyRatings: fc.constant([]) },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);
const openAiEvent = fc.record(
  {
    choices: fc.array(
      fc.record(
        {
          delta: fc.record(
            {
              role: fc.constant("assistant"),
              content: fc.option(text),
              refusal: fc.constant(null),
              tool_calls: fc.array(
                fc.record({
                  id: text,
                  function: fc.record({ name: text, arguments: args.map((value) => JSON.stringify(value)) }),
                }),
                { maxLength: 2 },
              ),
              extra_content: fc.constant({ google: { thought_signature: "x", error: {} } }),
            },
            { requiredKeys: [] },
          ),
          finish_reason: fc.constantFrom("stop", "length", "tool_calls", null),
          index: fc.constant(0),
        },
        { requiredKeys: [] },
      ),
      { maxLength: 2 },
    ),
    created: fc.constant(1),
    id: text,
    model: fc.constantFrom("gemini-3.8-flash", "models/x"),
    usage: fc.option(fc.record({ prompt_tokens: count, completion_tokens: count, total_tokens: count })),
  },
  { requiredKeys: [] },
);
const error = fc.record({
  error: fc.oneof(
    fc.record({
      code: fc.constantFrom(499, 503),
      message: text,
      status: fc.constant("UNAVAILABLE"),
      details: fc.constant([]),
    }),
    fc.record({ code: fc.constant("invalid_request"), message: text }),
    text,
  ),
});

// --- their bytes ---

const style = fc.constantFrom<Style>("compact", "google", "google", "pretty", "escaped");

interface Answer {
  /** Some documents are cut: what they said before the cut may have been sent, so `empty` is not known from the rest. */
  hasCuts: boolean;
  body: string;
  framing: Framing;
  surface: Surface;
}
const surface = fc.constantFrom<Surface>("gemini", "openai");

const eventForm: fc.Arbitrary<EventForm> = fc.record({
  style,
  end: fc.constantFrom("\r\n\r\n", "\r\n\r\n", "\r\n\r\n", "\n\n", "\n", "\r\r", "\r"),
  prefix: fc.constantFrom("", "", "", "event: message\n", ": ping\n\n", "id: 7\r\nretry: 5\r\n"),
  form: fc.constantFrom("line", "line", "line", "line", "line", "lines", "raw", "cut"),
  cutAt: fc.double({ min: 0, max: 1, noNaN: true }),
});

const eventStream: fc.Arbitrary<Answer> = surface.chain((at) =>
  fc
    .record({
      events: fc.array(
        fc.tuple(fc.oneof({ weight: 9, arbitrary: at === "gemini" ? geminiEvent : openAiEvent }, error), eventForm),
        { maxLength: 6 },
      ),
      isPlain: fc.boolean(),
      padding: fc.constantFrom(0, 0, 0, 700, 9000),
      tail: fc.oneof(
        fc.constantFrom("", "", "data: [DONE]\n\n", "data: [DONE]\r\n\r\n", "\r\n"),
        error.map((value) => `${write(value, "pretty")}\n`),
        error.map((value) => `[${write(value, "pretty")}\n]\n`),
      ),
    })
    .map(({ events, isPlain, padding, tail }) => {
      const plain: Partial<EventForm> = isPlain ? { form: "line", end: "\r\n\r\n", prefix: "" } : {};
      const padded = padding > 0 ? { responseId: "x".repeat(padding), id: "y".repeat(padding) } : {};
      const written = events.map(([value, form]) => writeEvent({ ...value, ...padded }, { ...form, ...plain }));
      const hasCuts = !isPlain && events.some(([, { form }]) => form === "cut" || form === "raw");
      return { body: written.join("") + tail, framing: "sse", surface: at, hasCuts };
    }),
);

const unary: fc.Arbitrary<Answer> = surface.chain((at) =>
  fc
    .record({
      value: fc.oneof({ weight: 5, arbitrary: at === "gemini" ? geminiEvent : openAiEvent }, error),
      style,
      isWrapped: fc.constantFrom(false, false, true),
    })
    .map(({ value, style: as, isWrapped }) => ({
      body: `${write(isWrapped ? [value] : value, as)}\n`,
      framing: "unary",
      surface: at,
      hasCuts: false,
    })),
);

const jsonArray: fc.Arbitrary<Answer> = fc
  .array(fc.oneof({ weight: 9, arbitrary: geminiEvent }, error), { maxLength: 5 })
  .map((values) => ({
    body: `[${values.map((value) => write(value, "pretty")).join("\n,\r\n")}\n]\n`,
    framing: "json-array",
    surface: "gemini",
    hasCuts: false,
  }));

const answer = fc.oneof({ weight: 3, arbitrary: eventStream }, unary, jsonArray);
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });

// --- ways to read them ---

function tapped(chunks: readonly Uint8Array[], { framing, surface: at }: Answer, bytes: Bytes): TapResult {
  const tap = createTap({ framing, surface: at, bytes });
  for (const chunk of chunks) tap.push(chunk);
  return tap.end();
}

/** The same result in a form that does not depend on how an error's JSON was spaced. */
function comparable(result: TapResult): TapResult {
  return result.error === null
    ? result
    : { ...result, error: { ...result.error, body: JSON.parse(result.error.body) as string } };
}

describe.each(implementations)("a tap on %s bytes", (_name, bytes) => {
  it("tells the same as a parser that has the whole body, however the body is cut into chunks", () => {
    fc.assert(
      fc.property(answer, cuts, (given, places) => {
        const body = new Uint8Array(bytes.encode(given.body));
        const expected = comparable(readSlowly(body, given.framing, given.surface));
        const uncut = comparable(tapped([body], given, bytes));
        expect(uncut).toEqual(given.hasCuts ? { ...expected, empty: uncut.empty && expected.empty } : expected);
        expect(comparable(tapped(cutAt(body, places), given, bytes))).toEqual(uncut);
      }),
      { numRuns: 1500 },
    );
  });

  it("tells the same when every byte is a chunk of its own, and commits at the same byte", () => {
    fc.assert(
      fc.property(answer, cuts, (given, places) => {
        const body = new Uint8Array(bytes.encode(given.body));
        const expected = comparable(tapped([body], given, bytes));
        const tap = createTap({ framing: given.framing, surface: given.surface, bytes });
        let committedAt = Number.POSITIVE_INFINITY;
        for (let index = 0; index < body.length; index += 1) {
          tap.push(body.subarray(index, index + 1));
          if (tap.committed && committedAt > index) committedAt = index;
        }
        expect(comparable(tap.end())).toEqual(expected);
        const other = createTap({ framing: given.framing, surface: given.surface, bytes });
        let seen = 0;
        for (const chunk of cutAt(body, places)) {
          other.push(chunk);
          seen += chunk.length;
          expect(other.committed).toBe(seen > committedAt);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("tells what the whole documents said when the body ends anywhere", () => {
    fc.assert(
      fc.property(answer, fc.double({ min: 0, max: 1, noNaN: true }), cuts, (given, place, places) => {
        const whole = bytes.encode(given.body);
        const body = new Uint8Array(whole.subarray(0, Math.floor(place * whole.length)));
        const { empty, ...expected } = readSlowly(body, given.framing, given.surface);
        const result = tapped(cutAt(body, places), given, bytes);
        expect(comparable(result)).toMatchObject(comparable(expected as TapResult));
        // Content inside of the document that was cut has been sent all the same.
        if (!empty) expect(result.empty).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  it("never throws and always answers, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 8 }), answer, (noise, given) => {
        const chunks = [...noise, bytes.encode(given.body), ...noise];
        for (const framing of ["unary", "sse", "json-array"] as const) {
          const result = tapped(chunks, { ...given, framing }, bytes);
          expect(result.complete && result.error !== null).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });
});
