import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { goodEnd, lastResponse, streamed, unary, writerFacts, type SentEvent } from "../../testkit/responses-answer.ts";
import type { AnswerEnd, AnswerEvent, JsonObject } from "../../translation/types.ts";

const words = fc.string({ unit: "grapheme", maxLength: 12 });
const signature = fc.option(fc.stringMatching(/^[A-Za-z0-9+/]{4,12}$/));
const anyEvent: fc.Arbitrary<AnswerEvent> = fc.oneof(
  fc.record({ kind: fc.constant("text" as const), text: words, signature }),
  fc.record({ kind: fc.constant("thought" as const), text: words, signature }),
  fc.record({
    kind: fc.constant("call" as const),
    id: fc.constant(null),
    name: fc.constantFrom("f", "ns__g", "raw", "local_shell", "shell", "apply_patch", "tool_search", "unknown"),
    args: fc.dictionary(words, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }) as fc.Arbitrary<JsonObject>,
    signature,
  }),
  fc.record({
    kind: fc.constant("media" as const),
    mimeType: fc.constantFrom("image/png", "audio/wav"),
    data: fc.constant("AA=="),
    signature,
  }),
  fc.record({ kind: fc.constant("code" as const), language: fc.constant("PYTHON"), code: words }),
  fc.record({ kind: fc.constant("code-result" as const), outcome: fc.constant("OUTCOME_OK"), output: words }),
  fc.record({
    kind: fc.constant("grounding" as const),
    grounding: fc.record({
      queries: fc.array(words, { maxLength: 2 }),
      sources: fc.array(fc.record({ title: words, url: fc.webUrl() }), { maxLength: 3 }),
      supports: fc.array(
        fc.record({
          start: fc.integer({ min: -3, max: 40 }),
          end: fc.integer({ min: -3, max: 40 }),
          text: words,
          sources: fc.array(fc.nat(4), { maxLength: 2 }),
        }),
        { maxLength: 3 },
      ),
    }),
  }),
);
const anyEnd: fc.Arbitrary<AnswerEnd> = fc.record({
  finishReason: fc.constantFrom(null, "STOP", "MAX_TOKENS", "SAFETY", "MALFORMED_FUNCTION_CALL"),
  blockReason: fc.constantFrom(null, "OTHER"),
  finishMessage: fc.option(words),
  usage: fc.constant(null),
});
const body = {
  tools: [
    { type: "function", name: "f" },
    { type: "namespace", name: "ns", tools: [{ type: "function", name: "g" }] },
    { type: "custom", name: "raw" },
    { type: "local_shell" },
    { type: "shell" },
    { type: "apply_patch" },
    { type: "tool_search", execution: "client" },
  ],
};

/** The output as the deltas tell it; throws where two items are open, or one is told of that is not. */
function rebuild(events: readonly SentEvent[]): JsonObject[] {
  const output: JsonObject[] = [];
  let open: { item: JsonObject; text: string; parts: string[]; annotations: unknown[] } | null = null;
  for (const event of events) {
    const name = event.type.replace("response.", "");
    if (name === "output_item.added") {
      expect(open).toBeNull();
      expect(event["output_index"]).toBe(output.length);
      open = { item: event["item"] as JsonObject, text: "", parts: [], annotations: [] };
    } else if (name === "output_item.done") {
      const item = event["item"] as JsonObject;
      expect(item["id"]).toBe(open?.item["id"]);
      if (item["type"] === "message") {
        const content = item["content"] as JsonObject[];
        expect(content).toMatchObject([{ text: open?.text, annotations: open?.annotations }]);
      }
      if (item["type"] === "reasoning")
        expect((item["summary"] as JsonObject[]).map((part) => part["text"])).toEqual(open?.parts);
      if (item["type"] === "function_call")
        expect(JSON.parse(open?.text ?? "")).toEqual(JSON.parse(String(item["arguments"])));
      if (item["type"] === "custom_tool_call") expect(open?.text).toBe(item["input"]);
      output.push(item);
      open = null;
    } else if ("item_id" in event) {
      expect(event["item_id"]).toBe(open?.item["id"]);
      expect(event["output_index"]).toBe(output.length);
      if (open === null) continue;
      if (name === "reasoning_summary_part.added") open.parts.push("");
      else if (name === "reasoning_summary_text.delta") open.parts.push(`${open.parts.pop()}${String(event["delta"])}`);
      else if (name === "output_text.annotation.added") open.annotations.push(event["annotation"]);
      else if (name.endsWith(".delta")) open.text += String(event["delta"]);
    }
  }
  expect(open).toBeNull();
  return output;
}

describe("any answer", () => {
  it("opens and closes items one at a time, counts from 0, and ends with what its deltas said", () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 14 }), anyEnd, (said, end) => {
        const { events, text } = streamed(body, said, { end });
        expect(events.map((event) => event["sequence_number"])).toEqual(events.map((_, index) => index));
        const output = rebuild(events);
        expect(lastResponse(events)["output"]).toEqual(output);
        const ids = output.map((item) => String(item["id"]));
        expect(new Set(ids).size).toBe(ids.length);
        expect(Math.max(0, ...ids.map((id) => id.length))).toBeLessThanOrEqual(64);
        expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("keeps the order and the words of what the model said", () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 14 }), (said) => {
        const output = rebuild(streamed(body, said).events);
        const shown = output
          .filter(({ type }) => type === "message")
          .flatMap((item) => (item["content"] as JsonObject[]).map((part) => String(part["text"])))
          .join("");
        const expected = said.map((event) => (event.kind === "text" ? event.text : "")).join("");
        const notices = said.some((event) => event.kind === "media" && event.mimeType === "audio/wav");
        if (!notices) expect(shown).toBe(expected);
        expect(output.filter((item) => "call_id" in item)).toHaveLength(
          said.filter(({ kind }) => kind === "call").length,
        );
        // Each envelope stands right before the call that it belongs to.
        for (const [index, item] of output.entries())
          if (item["type"] === "reasoning" && item["encrypted_content"] !== null)
            expect(output[index + 1]).toHaveProperty("call_id");
      }),
      { numRuns: 300 },
    );
  });

  it("says the same as one object as it says as a stream", () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 10 }), anyEnd, (said, end) => {
        const whole = unary(body, said, { end, facts: writerFacts() });
        const response = lastResponse(streamed(body, said, { end, facts: writerFacts() }).events);
        expect(whole).toEqual(response);
      }),
    );
  });

  it("strips JSON of its fence however it is cut", () => {
    const fenced = '```json\n{"a":"`b`\\n"}\n```';
    const json = { text: { format: { type: "json_object" } } };
    fc.assert(
      fc.property(fc.array(fc.nat(fenced.length), { maxLength: 6 }), (cuts) => {
        const at = [0, ...cuts.sort((left, right) => left - right), fenced.length];
        const said = at.slice(1).map((end, index): AnswerEvent => {
          return { kind: "text", text: fenced.slice(at[index], end), signature: null };
        });
        const output = rebuild(streamed(json, said, { end: goodEnd }).events);
        expect(output).toMatchObject([{ content: [{ text: '{"a":"`b`\\n"}' }] }]);
      }),
    );
  });
});
