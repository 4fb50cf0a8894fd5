import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { portableBytes as bytes } from "../../core/portable-bytes.ts";
import { createChatStreamRewriter, rewriteUnary } from "./rewrite-stream.ts";

type Call = Record<string, unknown>;

function event(delta: unknown, more: Record<string, unknown> = {}, end = "\n\n"): string {
  const choice = { delta, index: 0, ...more };
  return `data: ${JSON.stringify({ choices: [choice], created: 1, id: "48SHaPHpHKbG", model: "gemini-3.8-flash", object: "chat.completion.chunk" })}${end}`;
}

function toolCall(more: Record<string, unknown> = {}): Call {
  return { function: { arguments: '{"a":1}', name: "f" }, id: "function-call-1", type: "function", ...more };
}

function signed(signature: string): Record<string, unknown> {
  return { extra_content: { google: { thought_signature: signature } } };
}

/** Sends a stream through, cut at the given sizes. */
function relay(
  stream: string | Uint8Array,
  sizes: readonly number[] = [],
  maxEventBytes?: number,
): { text: string; signatures: string[]; oversized: number } {
  const whole = typeof stream === "string" ? bytes.encode(stream) : stream;
  const signatures: string[] = [];
  const rewriter = createChatStreamRewriter({
    bytes,
    onSignature: (id, signature) => signatures.push(`${id}=${signature}`),
    ...(maxEventBytes === undefined ? {} : { maxEventBytes }),
  });
  const out: Uint8Array[] = [];
  let at = 0;
  for (const size of [...sizes, whole.length]) {
    out.push(...rewriter.push(whole.slice(at, at + size)));
    at += size;
  }
  out.push(...rewriter.end());
  return { text: bytes.decode(bytes.concat(out)), signatures, oversized: rewriter.oversized };
}

/** All tool calls of a relayed stream, by event. */
function callsIn(text: string): Call[][] {
  return text
    .split(/\r?\n\r?\n/)
    .filter((part) => part.startsWith("data: {"))
    .map((part) => JSON.parse(part.slice(6)) as { choices: { delta?: { tool_calls?: Call[] } }[] })
    .map((chunk) => chunk.choices.flatMap((choice) => choice.delta?.tool_calls ?? []));
}

describe("createChatStreamRewriter", () => {
  it("passes a chunk of whole events without tool calls as the same object", () => {
    const rewriter = createChatStreamRewriter({ bytes, onSignature: () => {} });
    for (const end of ["\n\n", "\r\n\r\n"]) {
      const chunk = bytes.encode(
        event({ content: "a", role: "assistant" }, {}, end) + event({ content: "b" }, { finish_reason: "stop" }, end),
      );
      const out = rewriter.push(chunk);
      expect(out).toHaveLength(1);
      expect(out[0]).toBe(chunk);
    }
    expect(rewriter.end()).toStrictEqual([]);
  });

  it("sends every whole event at once and holds only the one that is cut", () => {
    const rewriter = createChatStreamRewriter({ bytes, onSignature: () => {} });
    const first = event({ content: "a" });
    const second = event({ content: "b" });
    const text = (pieces: readonly Uint8Array[]): string => bytes.decode(bytes.concat(pieces));
    expect(text(rewriter.push(bytes.encode(first + second.slice(0, 10))))).toBe(first);
    expect(rewriter.push(bytes.encode(second.slice(10, -1)))).toStrictEqual([]);
    expect(text(rewriter.push(bytes.encode("\n")))).toBe(second);
  });

  it("sends an event as soon as its blank line is there, wherever the cut was", () => {
    for (const end of ["\n\n", "\r\n\r\n"]) {
      const whole = bytes.encode(event({ content: "ü" }, {}, end));
      for (let cut = 1; cut < whole.length; cut++) {
        const rewriter = createChatStreamRewriter({ bytes, onSignature: () => {} });
        expect(rewriter.push(whole.slice(0, cut))).toStrictEqual([]);
        expect(bytes.concat(rewriter.push(whole.slice(cut)))).toStrictEqual(whole);
      }
    }
  });

  it("numbers tool calls over the whole stream, per choice", () => {
    const stream =
      event({ tool_calls: [toolCall(), toolCall({ id: "function-call-2" })] }) +
      event({ tool_calls: [toolCall({ id: "function-call-3" })] }) +
      event({ tool_calls: [toolCall({ id: "function-call-4" })] }, { index: 1 }) +
      event({ tool_calls: [toolCall({ id: "function-call-5" })] }, { finish_reason: "tool_calls" }) +
      "data: [DONE]\n\n";
    const { text } = relay(stream);
    expect(callsIn(text).map((calls) => calls.map((call) => [call["id"], call["index"]]))).toStrictEqual([
      [
        ["function-call-1", 0],
        ["function-call-2", 1],
      ],
      [["function-call-3", 2]],
      [["function-call-4", 0]],
      [["function-call-5", 3]],
    ]);
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
    expect(text.replaceAll(/"index":\d,"function"/g, '"function"')).toBe(stream);
  });

  it("makes unique ids where they are empty or missing, and adds a missing type", () => {
    const stream = event({
      tool_calls: [toolCall({ id: "" }), { function: { arguments: "{}", name: "g" } }, toolCall({ id: null })],
    });
    const calls = callsIn(relay(stream).text).flat();
    expect(calls.map((call) => call["id"])).toStrictEqual([
      "call_48SHaPHpHKbG_0_0",
      "call_48SHaPHpHKbG_0_1",
      "call_48SHaPHpHKbG_0_2",
    ]);
    expect(calls.map((call) => call["type"])).toStrictEqual(["function", "function", "function"]);
  });

  it("never lets arguments of a whole call be empty, null or missing", () => {
    const stream = event({
      tool_calls: [
        { arguments: "", name: "f" },
        { name: "f" },
        { arguments: null, name: "f" },
        { arguments: '{"x":1.0}', name: "f" },
      ].map((called) => toolCall({ function: called })),
    });
    const given = callsIn(relay(stream).text)
      .flat()
      .map((call) => (call["function"] as Call)["arguments"]);
    expect(given).toStrictEqual(["{}", "{}", "{}", '{"x":1.0}']);
  });

  it("leaves calls alone that come in pieces under an index of their own", () => {
    const stream =
      event({ tool_calls: [toolCall({ index: 0, function: { arguments: "", name: "f" } })] }) +
      event({ tool_calls: [{ index: 0, function: { arguments: '{"a"' } }] }) +
      event({ tool_calls: [{ index: 0, function: { arguments: ":1}" }, ...signed("late") }] });
    const { text, signatures } = relay(stream);
    expect(text).toBe(stream);
    expect(signatures).toStrictEqual(["function-call-1=late"]);
    const whole = event(
      { tool_calls: [toolCall({ index: 0, function: { arguments: "", name: "f" } })] },
      { finish_reason: "tool_calls" },
    );
    expect(callsIn(relay(whole).text)).toMatchObject([[{ index: 0, function: { arguments: "{}" } }]]);
  });

  it("reports signatures with the id that the client sees", () => {
    const stream =
      event({ tool_calls: [toolCall(signed("c2ln+/="))] }) +
      event({ tool_calls: [toolCall({ id: "", ...signed("b") })] });
    const { text, signatures } = relay(stream);
    expect(signatures).toStrictEqual(["function-call-1=c2ln+/=", "call_48SHaPHpHKbG_0_1=b"]);
    expect(text).toContain('"thought_signature":"c2ln+/="');
  });

  it("leaves events alone that only speak of tool calls", () => {
    const stream =
      event({ content: 'say "tool_calls": [{}]' }) +
      event({}, { finish_reason: "tool_calls" }) +
      event({ tool_calls: null }) +
      event({ tool_calls: [] });
    expect(relay(stream).text).toBe(stream);
  });

  it("passes events beyond the limit untouched and says so, whole or cut", () => {
    const long = event({
      tool_calls: [toolCall({ function: { arguments: JSON.stringify({ a: "x".repeat(500) }), name: "f" } })],
    });
    const short = event({ tool_calls: [toolCall()] });
    for (const sizes of [[], [100, 100, 100, 100], [450, 1, 1]]) {
      const { text, oversized } = relay(long + short, sizes, 400);
      expect(text.startsWith(long)).toBe(true);
      expect(callsIn(text)[1]?.[0]?.["index"]).toBe(0);
      expect(oversized).toBe(1);
    }
  });

  it("passes what is not JSON, what is not SSE and a tail without a blank line untouched", () => {
    for (const stream of [
      'data: {"choices":[{"delta":{"tool_calls":[{"id":""}\n\n',
      '{\n  "error": {\n    "message": "\\"tool_calls\\""\n  }\n}\n',
      `${event({ content: "a" })}data: {"cut":`,
      "data: [DONE]",
    ])
      expect(relay(stream).text).toBe(stream);
  });

  it("gives the same bytes for any cut into chunks", () => {
    const words = fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom('"tool_calls"', "\n\n", "data: {", "é😀"));
    const call = fc.record(
      {
        index: fc.integer({ min: 0, max: 3 }),
        id: fc.constantFrom("", "a", "b"),
        type: fc.constant("function"),
        function: fc.record(
          { name: words, arguments: fc.constantFrom("", "{}", '{"n":12345678901234567890}') },
          { requiredKeys: ["name"] },
        ),
        extra_content: fc.constantFrom({ google: { thought_signature: "sig" } }, {}, null),
      },
      { requiredKeys: [] },
    );
    const delta = fc.oneof(fc.record({ content: words }), fc.record({ tool_calls: fc.array(call, { maxLength: 3 }) }));
    const oneEvent = fc
      .tuple(
        delta,
        fc.constantFrom("\n\n", "\r\n\r\n"),
        fc.constantFrom({}, { finish_reason: "tool_calls" }, { index: 1 }),
      )
      .map(([content, end, more]) => event(content, more, end));
    const other = fc.constantFrom(": comment\n\n", "data: [DONE]\n\n", "event: x\r\ndata: {}\r\n\r\n");
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 4, arbitrary: oneEvent }, other), { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 40 }),
        fc.constantFrom(undefined, 300),
        (events, sizes, limit) => {
          const stream = events.join("");
          const whole = relay(stream, [], limit);
          const cut = relay(stream, sizes, limit);
          expect(cut.text).toBe(whole.text);
          expect(cut.signatures).toStrictEqual(whole.signatures);
          expect(
            relay(
              stream,
              Array.from({ length: stream.length * 2 }, () => 1),
              limit,
            ).text,
          ).toBe(whole.text);
          expect(stream.includes('"tool_calls":') || whole.text === stream).toBe(true);
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe("rewriteUnary", () => {
  const completion = (calls: unknown): string =>
    `${JSON.stringify({ choices: [{ finish_reason: "tool_calls", index: 0, message: { role: "assistant", tool_calls: calls } }], id: "r1", usage: { total_tokens: 1 } }, null, 2)}\n`;

  it("repairs ids, types and arguments, adds no index, reports signatures and keeps every other byte", () => {
    const text = completion([toolCall(signed("s")), { function: { name: "g", arguments: "" }, id: "" }]);
    const signatures: string[] = [];
    const rewritten = rewriteUnary(text, { onSignature: (id, signature) => signatures.push(`${id}=${signature}`) });
    const calls = (JSON.parse(rewritten) as { choices: { message: { tool_calls: Call[] } }[] }).choices[0]?.message
      .tool_calls;
    expect(calls).toStrictEqual([
      toolCall(signed("s")),
      { type: "function", function: { name: "g", arguments: "{}" }, id: "call_r1_0_1" },
    ]);
    expect(signatures).toStrictEqual(["function-call-1=s"]);
    expect(
      rewritten
        .replace('"type":"function",\n', "\n")
        .replace('"call_r1_0_1"', '""')
        .replace('"arguments": "{}"', '"arguments": ""'),
    ).toBe(text);
  });

  it("gives the same string back when there is nothing to repair", () => {
    for (const text of [
      "",
      "no json",
      completion([toolCall()]),
      '{"choices":[{"message":{"content":"\\"tool_calls\\""}}]}',
    ])
      expect(rewriteUnary(text, { onSignature: () => {} })).toBe(text);
  });
});
