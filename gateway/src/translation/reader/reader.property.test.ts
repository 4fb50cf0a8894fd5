import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { portableBytes } from "../../core/portable-bytes.ts";
import { nodeBytes } from "../../hosts/node/bytes.ts";
import type { ReaderState } from "../types-request.ts";
import type { AnswerEvent } from "../types.ts";
import { createAnswerReader } from "./reader.ts";

const names = { toGoogle: (name: string) => name, toClient: (name: string) => name };

const word = fc.oneof(
  fc.constantFrom(
    "data: ",
    "\r\n",
    "\n\n",
    "data: {}\n\n",
    "é",
    "😀",
    "\u{1f468}\u200d\u{1f469}",
    "\u2028",
    "[DONE]",
    '"',
  ),
  fc.string({ unit: "grapheme", maxLength: 12 }),
);
const text = fc.array(word, { maxLength: 5 }).map((words) => words.join(""));
const signature = fc.option(fc.base64String({ minLength: 4, maxLength: 40 }), { nil: undefined });
const args = fc.dictionary(text, fc.oneof(text, fc.integer(), fc.jsonValue({ maxDepth: 2 })), { maxKeys: 3 });

const part = fc.oneof(
  fc.record({ text, thoughtSignature: signature }),
  fc.record({ text, thought: fc.constant(true), thoughtSignature: signature }),
  fc.record({
    functionCall: fc.record({
      id: fc.option(text, { nil: undefined }),
      name: text,
      args: fc.option(args, { nil: undefined }),
    }),
    thoughtSignature: signature,
  }),
  fc.record({
    functionCall: fc.record({
      name: fc.option(fc.constantFrom("f", "g"), { nil: undefined }),
      partialArgs: fc.array(fc.record({ jsonPath: fc.constantFrom("$.a", "$.b[0]", "$.b"), stringValue: text })),
      willContinue: fc.boolean(),
    }),
  }),
  fc.record({
    inlineData: fc.record({ mimeType: fc.constant("image/png"), data: fc.base64String({ maxLength: 200 }) }),
    thought: fc.boolean(),
  }),
  fc.record({ executableCode: fc.record({ language: fc.constant("PYTHON"), code: text }) }),
  fc.record({ codeExecutionResult: fc.record({ outcome: fc.constant("OUTCOME_OK"), output: text }) }),
  fc.record({ toolCall: fc.record({ toolType: text }) }),
  fc.constant({}),
);

const chunk = fc.record(
  {
    candidates: fc.array(
      fc.record(
        {
          content: fc.record(
            { parts: fc.array(part, { maxLength: 4 }), role: fc.constant("model") },
            { requiredKeys: [] },
          ),
          finishReason: fc.constantFrom("STOP", "MAX_TOKENS", "SAFETY"),
          finishMessage: text,
          continuationToken: text,
          index: fc.constant(0),
          groundingMetadata: fc.record({
            webSearchQueries: fc.array(text, { maxLength: 2 }),
            groundingChunks: fc.constant([{ web: { uri: "https://a", title: "ü" } }]),
          }),
        },
        { requiredKeys: [] },
      ),
      { maxLength: 1 },
    ),
    usageMetadata: fc.record({ promptTokenCount: fc.nat(), candidatesTokenCount: fc.nat() }, { requiredKeys: [] }),
    promptFeedback: fc.record({ blockReason: fc.constantFrom("SAFETY", "OTHER") }),
    responseId: text,
  },
  { requiredKeys: [] },
);

interface Style {
  lineEnd: "\n" | "\r\n";
  space: "" | " ";
  pretty: boolean;
  comment: boolean;
  lastBlank: boolean;
}
const style: fc.Arbitrary<Style> = fc.record({
  lineEnd: fc.constantFrom("\n", "\r\n"),
  space: fc.constantFrom("", " "),
  pretty: fc.boolean(),
  comment: fc.boolean(),
  lastBlank: fc.boolean(),
});

function write(chunks: readonly unknown[], { lineEnd, space, pretty, comment, lastBlank }: Style): Uint8Array {
  const events = chunks.map((value) => {
    const json = JSON.stringify(value, null, pretty ? 2 : 0);
    const lines = json.split("\n").map((line) => `data:${space}${line}`);
    return [...(comment ? [": ping"] : []), ...lines].join(lineEnd);
  });
  return portableBytes.encode(events.join(lineEnd + lineEnd) + (lastBlank ? lineEnd + lineEnd : ""));
}

interface Outcome {
  events: AnswerEvent[];
  state: ReaderState;
}

function readPieces(pieces: readonly Uint8Array[], framing: "sse" | "unary", decoder = portableBytes): Outcome {
  const reader = createAnswerReader({ framing, names, decoder, maxEventBytes: 1_000_000 });
  const events: AnswerEvent[] = [];
  for (const piece of pieces) events.push(...reader.push(piece));
  events.push(...reader.end());
  return { events: merge(events), state: { ...reader.state } };
}

/** Neighbouring texts of one kind belong together. */
function merge(events: readonly AnswerEvent[]): AnswerEvent[] {
  const merged: AnswerEvent[] = [];
  for (const event of events) {
    const last = merged.at(-1);
    if (
      last !== undefined &&
      (last.kind === "text" || last.kind === "thought") &&
      last.kind === event.kind &&
      last.signature === null &&
      event.signature === null
    ) {
      merged[merged.length - 1] = { ...last, text: last.text + event.text };
    } else merged.push(event);
  }
  return merged;
}

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [...new Set(places.map((place) => place % (bytes.length + 1)))].toSorted(
    (left, right) => left - right,
  );
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const place of [...sorted, bytes.length]) {
    pieces.push(bytes.subarray(at, place));
    at = place;
  }
  return pieces;
}

describe("any answer cut at any byte", () => {
  it("gives the same events and the same state, in each way of framing (bug 38)", () => {
    fc.assert(
      fc.property(
        fc.array(chunk, { maxLength: 6 }),
        style,
        fc.array(fc.nat(5000), { maxLength: 30 }),
        (chunks, look, places) => {
          const bytes = write(chunks, look);
          const whole = readPieces([bytes], "sse");
          expect(whole.state.isBroken).toBe(false);
          expect(readPieces(cut(bytes, places), "sse", nodeBytes)).toEqual(whole);
          // A list of the same events is how Google answers without `alt=sse`.
          const list = portableBytes.encode(JSON.stringify(chunks));
          expect(readPieces(cut(list, places), "unary")).toEqual(whole);
        },
      ),
      { numRuns: 400 },
    );
  });

  it("gives the texts of the answer in full", () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 8 }), style, fc.array(fc.nat(3000)), (texts, look, places) => {
        const chunks = texts.map((piece) => ({ candidates: [{ content: { parts: [{ text: piece }] } }] }));
        const { events } = readPieces(cut(write(chunks, look), places), "sse");
        expect(events.map((event) => (event.kind === "text" ? event.text : event.kind)).join("")).toBe(texts.join(""));
      }),
    );
  });

  const samples: Record<string, string> = {
    "UTF-8 of one to four bytes": `data: {"candidates":[{"content":{"parts":[{"text":"a é € 😀"}]}}]}\r\n\r\ndata: {"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1}}\r\n\r\n`,
    "several data lines": `: x\ndata: {"candidates":\ndata: [{"content":{"parts":[{"text":"ü"}]}}]}\n\ndata: {"responseId":"r"}\n\n`,
    "calls and an end without a blank line": `data: {"candidates":[{"content":{"parts":[{"text":"😀","thought":true},{"functionCall":{"name":"f","args":{"ö":"\\ud83d\\ude00"}},"thoughtSignature":"c2ln"}]},"finishReason":"STOP"}]}`,
    "an error in raw JSON after the last event": `data: {"candidates":[{"content":{"parts":[{"text":"a"}]}}]}\r\n\r\n{\n  "error": {\n    "code": 499\n  }\n}\n`,
    "nothing but a comment": ": keep-alive\r\n\r\n",
  };
  for (const [name, sample] of Object.entries(samples)) {
    it(`gives the same at every single byte: ${name}`, () => {
      const bytes = portableBytes.encode(sample);
      const whole = readPieces([bytes], "sse");
      for (let at = 0; at <= bytes.length; at += 1) {
        expect(readPieces([bytes.subarray(0, at), bytes.subarray(at)], "sse")).toEqual(whole);
      }
      expect(
        readPieces(
          Array.from(bytes, (byte) => Uint8Array.of(byte)),
          "sse",
        ),
      ).toEqual(whole);
    });
  }

  it("never throws, whatever the bytes are", () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 30 }),
      fc
        .constantFrom("data: ", "data: {", "}\n\n", "\r\n", "[", '{"candidates":[{"content":')
        .map((value) => portableBytes.encode(value)),
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 20 }),
        fc.constantFrom("sse" as const, "unary" as const),
        (pieces, framing) => {
          const { events, state } = readPieces(pieces, framing);
          expect(Array.isArray(events)).toBe(true);
          expect(typeof state.isBroken).toBe("boolean");
        },
      ),
      { numRuns: 300 },
    );
  });
});
