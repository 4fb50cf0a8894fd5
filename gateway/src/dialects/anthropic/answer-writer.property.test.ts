import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AnswerEvent, JsonObject } from "../../translation/types.ts";
import { stream, unary, type StreamedEvent } from "./writer-fixture.ts";

describe("any sequence of events", () => {
  const words = fc.string({ maxLength: 12 });
  const signature = fc.option(fc.constantFrom("S1", "S2"));
  const anyEvent: fc.Arbitrary<AnswerEvent> = fc.oneof(
    fc.record({ kind: fc.constant("text" as const), text: words, signature }),
    fc.record({ kind: fc.constant("thought" as const), text: words, signature }),
    fc.record({
      kind: fc.constant("call" as const),
      id: fc.constant(null),
      name: fc.constantFrom("A", "B"),
      args: fc.dictionary(fc.string({ maxLength: 4 }), fc.jsonValue()) as fc.Arbitrary<JsonObject>,
      signature,
    }),
    fc.constant<AnswerEvent>({
      kind: "grounding",
      grounding: {
        queries: ["q"],
        sources: [{ title: "T", url: "https://x" }],
        supports: [{ start: 0, end: 2, text: "", sources: [0] }],
      },
    }),
  );
  const anyRequest = fc.constantFrom<JsonObject>(
    {},
    { thinking: { type: "adaptive", display: "omitted" } },
    { thinking: { type: "disabled" } },
    { tools: [{ type: "web_search_20250305", name: "web_search" }] },
  );
  const reason = fc.constantFrom("STOP", "MAX_TOKENS", "SAFETY", "OTHER", null);

  /** Blocks as a client gathers them, failing on anything out of order. */
  function gather(events: readonly StreamedEvent[]): JsonObject[] {
    const blocks: JsonObject[] = [];
    let open = -1;
    expect(events[0]?.type).toBe("message_start");
    for (const { type, index, content_block: block, delta } of events) {
      if (type === "content_block_start") {
        expect(open).toBe(-1);
        expect(index).toBe(blocks.length);
        open = blocks.length;
        blocks.push({ ...block, json: "" });
      } else if (type === "content_block_delta") {
        expect(index).toBe(open);
        const target = blocks[open] as Record<string, string>;
        for (const key of ["text", "thinking", "signature"])
          if (typeof delta?.[key] === "string") target[key] += delta[key];
        if (typeof delta?.["partial_json"] === "string") target["json"] += delta["partial_json"];
      } else if (type === "content_block_stop") {
        expect(index).toBe(open);
        expect(open).not.toBe(-1);
        open = -1;
      } else expect(open).toBe(-1);
    }
    return blocks;
  }

  it("makes a valid stream: blocks in order, reason by content, texts and calls as they came", () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 12 }), anyRequest, reason, (events, request, finishReason) => {
        const streamed = stream(events, { request, end: { finishReason } });
        const blocks = gather(streamed);
        const textOf = (list: readonly JsonObject[]): string =>
          list.map((block) => (block["text"] as string | undefined) ?? "").join("");
        const texts = events.filter((event) => event.kind === "text");
        expect(textOf(blocks)).toBe(texts.map((event) => event.text).join(""));
        const calls = events.filter((event) => event.kind === "call");
        const tools = blocks.filter((block) => block["type"] === "tool_use");
        expect(tools.map((tool) => [tool["name"], JSON.parse(String(tool["json"]))])).toEqual(
          calls.map((event) => [event.name, JSON.parse(JSON.stringify(event.args))]),
        );
        const stop = streamed.at(-2)?.delta?.["stop_reason"];
        if (streamed.at(-1)?.type === "error") expect(calls.length + textOf(blocks).length).toBe(0);
        else {
          expect(streamed.at(-1)?.type).toBe("message_stop");
          if (finishReason === "STOP" || finishReason === null) expect(stop === "tool_use").toBe(calls.length > 0);
          if (stop === "tool_use") expect(tools.length).toBeGreaterThan(0);
        }
        // Bug 32: thinking is never the last of several kinds.
        const last = blocks.at(-1);
        if (last?.["type"] === "thinking") expect(blocks).toHaveLength(1);
      }),
    );
  });

  it("gives the same blocks in a stream and in one piece", () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 12 }), anyRequest, (events, request) => {
        const streamed = gather(stream(events, { request })).map(({ json, input, ...rest }) =>
          json === "" ? rest : { ...rest, input: JSON.parse(String(json)) as unknown, was: input },
        );
        const whole = unary(events, { request })["content"] as JsonObject[];
        const plain = (block: JsonObject): unknown[] => [
          block["type"],
          block["text"],
          block["thinking"],
          block["signature"],
          block["name"],
          block["input"],
        ];
        expect(streamed.map(plain)).toEqual(
          whole.map((block) => plain(JSON.parse(JSON.stringify(block)) as JsonObject)),
        );
      }),
    );
  });
});
