/** @module */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { portableBytes } from "../../core/portable-bytes.ts";
import { createUnwrapper } from "./unwrap.ts";

const bytes = portableBytes;
type Framing = "sse" | "json-array" | "unary";

function unwrapAll(text: string, framing: Framing, cuts: readonly number[] = []): string {
  const whole = bytes.encode(text);
  const unwrapper = createUnwrapper({ framing, bytes });
  const edges = [0, ...cuts.map((cut) => cut % (whole.length + 1)).toSorted((a, b) => a - b), whole.length];
  const out: Uint8Array[] = [];
  for (let index = 1; index < edges.length; index++)
    out.push(...unwrapper.push(whole.slice(edges[index - 1], edges[index])));
  out.push(...unwrapper.end());
  if (unwrapper.close !== undefined) out.push(unwrapper.close());
  return out.map((piece) => bytes.decode(piece)).join("");
}

const part = (text: string): object => ({ candidates: [{ content: { parts: [{ text }] } }] });
const envelope = (text: string): string => JSON.stringify({ response: part(text), traceId: "trace" });
const event = (text: string): string => `data: ${envelope(text)}\r\n\r\n`;
const inner = (text: string): object => ({ ...part(text), responseId: "trace" });

describe("an answer of Code Assist", () => {
  it("comes out as Gemini's events, with the trace as its response id", () => {
    expect(unwrapAll(event("a") + event("b"), "sse")).toBe(
      `data: ${JSON.stringify(inner("a"))}\r\n\r\ndata: ${JSON.stringify(inner("b"))}\r\n\r\n`,
    );
  });

  it("keeps a response id of its own", () => {
    const text = `data: ${JSON.stringify({ response: { responseId: "r" }, traceId: "t" })}\n\n`;
    expect(unwrapAll(text, "sse")).toBe('data: {"responseId":"r"}\r\n\r\n');
  });

  it("becomes a list for a client that asked without alt=sse", () => {
    expect(JSON.parse(unwrapAll(event("a") + event("b"), "json-array"))).toEqual([inner("a"), inner("b")]);
    expect(JSON.parse(unwrapAll("", "json-array"))).toEqual([]);
  });

  it("is one object when it was not streamed", () => {
    expect(JSON.parse(unwrapAll(envelope("a"), "unary"))).toEqual(inner("a"));
  });

  it("joins the lines of one event", () => {
    const [first, second] = [envelope("a").slice(0, 20), envelope("a").slice(20)];
    // A line break inside a JSON text may stand between its tokens only.
    expect(unwrapAll(`data: {"response":\ndata: ${JSON.stringify(part("a"))}}\n\n`, "sse")).toContain('"text":"a"');
    expect(first + second).toBe(envelope("a"));
  });

  it("without a response has no candidates", () => {
    expect(unwrapAll('{"traceId":"t"}', "unary")).toBe('{"responseId":"t"}');
  });

  it("lets errors pass, so that they can be judged", () => {
    const error = '{"error":{"code":429}}';
    expect(unwrapAll(`data: ${error}\n\n`, "sse")).toBe(`data: ${error}\r\n\r\n`);
    expect(unwrapAll(`[${error}]`, "unary")).toBe(`[${error}]`);
  });

  it("is the same however it was cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "grapheme", maxLength: 12 }), { maxLength: 5 }),
        fc.constantFrom<Framing>("sse", "json-array"),
        fc.constantFrom("\r\n", "\n"),
        fc.array(fc.nat(600), { maxLength: 12 }),
        (texts, framing, newline, cuts) => {
          const stream = texts.map((text) => `data: ${envelope(text)}${newline}${newline}`).join("");
          expect(unwrapAll(stream, framing, cuts)).toBe(unwrapAll(stream, framing));
        },
      ),
    );
  });

  it.each(["unary", "sse"] as const)(
    "(%s) holds no more than its bound, and loses nothing of what is longer",
    (framing) => {
      const unwrapper = createUnwrapper({ framing, bytes, longest: 10 });
      const pieces = ['data: {"response":', '{"a":1}', "x".repeat(20)];
      const out = pieces.flatMap((piece) => [...unwrapper.push(bytes.encode(piece))]);
      expect(out.map((piece) => bytes.decode(piece)).join("")).toContain("x".repeat(20));
      expect(unwrapper.end()).toEqual([]);
    },
  );

  it("closes its list only when it is told that the answer is whole", () => {
    const unwrapper = createUnwrapper({ framing: "json-array", bytes });
    const out = [...unwrapper.push(bytes.encode(event("a"))), ...unwrapper.end()];
    expect(() => JSON.parse(out.map((piece) => bytes.decode(piece)).join(""))).toThrow(SyntaxError);
  });

  it("ends with what came when the last event has no blank line", () => {
    expect(unwrapAll(`data: ${envelope("a")}`, "sse")).toBe(`data: ${JSON.stringify(inner("a"))}\r\n\r\n`);
  });
});
