import { describe, expect, it } from "vitest";
import { nodeBytes } from "../../hosts/node/bytes.ts";
import type { Framing, Surface } from "../tap-types.ts";
import { createTap } from "./tap.ts";

/** `¦` stands behind the byte that commits; where there is none, nothing does. */
const gemini: [string, Framing, string][] = [
  ["the first letter of a text", "sse", 'data: {"candidates": [{"content": {"parts": [{"text": "H¦i"}]}}]}\r\n\r\n'],
  ["an escaped letter", "sse", String.raw`data: {"candidates":[{"content":{"parts":[{"text":"\¦n"}]}}]}`],
  ["a thought", "sse", 'data: {"candidates":[{"content":{"parts":[{"thought":true,"text":"h¦m"}]}}]}'],
  [
    "a function call, before its name",
    "sse",
    'data: {"candidates":[{"content":{"parts":[{"functionCall": {¦"name":"f"}}]}}]}',
  ],
  [
    "an image, before its data",
    "unary",
    '{\n "candidates": [\n {"content": {"parts": [ {"inlineData": {¦"mimeType": "x"',
  ],
  [
    "a text after empty events",
    "sse",
    'data: {"candidates":[{"content":{"parts":[{"text":""}]}}]}\n\ndata: {"candidates":[{"content":{"parts":[{"text":"a¦"}]}}]}\n\n',
  ],
  ["a block reason", "sse", 'data: {"promptFeedback": {"blockReason": "SAFETY"¦}}'],
  ["a finish reason other than STOP", "unary", '{"candidates":[{"content":{},"finishReason":"MAX_TOKENS"¦}]}'],
  ["a text in an array answer", "json-array", '[{\n  "candidates": [{"content": {"parts": [{"text": "a¦"'],
  ["a value of an unknown answer", "unary", '{"embedding": {¦"values":[1]}}'],
  ["a number of an unknown answer", "unary", '{"totalTokens": 1¦837}'],
  ["an element of an unknown list", "unary", '{"models": [ \n {¦}]}'],
  [
    "nothing in an empty STOP",
    "unary",
    '{"candidates":[{"content":{"parts":[{"text":""}]},"finishReason":"STOP"}],"usageMetadata":{"totalTokenCount":5}}',
  ],
  [
    "nothing in a signature alone",
    "sse",
    'data: {"candidates":[{"content":{"parts":[{"text":"","thoughtSignature":"abc"}]}}]}\n\n',
  ],
  ["nothing in an error", "sse", 'data: {"error": {"code": 503, "message": "text"}}\n\n'],
  ["nothing in comments", "sse", ": text\n\nevent: text\n\n"],
  ["nothing in null, false and empty values", "unary", '{"models": [ ], "a": null, "b": false, "c": ""}'],
];
const openai: [string, Framing, string][] = [
  ["the first letter of a content", "sse", 'data: {"choices":[{"delta":{"role":"assistant","content":"H¦i"}}]}\n\n'],
  ["a tool call", "sse", 'data: {"choices":[{"delta":{"tool_calls":[{¦"id":"x"}]}}]}\n\n'],
  ["a refusal", "unary", '{"choices":[{"message":{"content":null,"refusal":"N¦o"}}]}'],
  ["the reason length", "sse", 'data: {"choices":[{"delta":{},"finish_reason":"length"¦}]}\n\n'],
  [
    "nothing in role, id and a plain stop",
    "sse",
    'data: {"id":"x","created":1,"model":"m","choices":[{"delta":{"role":"assistant","content":""},"finish_reason":"stop"}],"usage":{"total_tokens":1}}\n\ndata: [DONE]\n\n',
  ],
];

describe.each<[Surface, [string, Framing, string][]]>([
  ["gemini", gemini],
  ["openai", openai],
])("an answer in the shape of %s commits", (surface, cases) => {
  it.each(cases)("at %s (%s)", (_name, framing, marked) => {
    const place = marked.indexOf("¦");
    const body = nodeBytes.encode(marked.replace("¦", ""));
    const tap = createTap({ framing, surface, bytes: nodeBytes });
    // A short marker has one more byte in front when it stands in the middle of a word: bytes before it are ASCII.
    let committedAt = -1;
    for (const [index, byte] of body.entries()) {
      tap.push(Uint8Array.of(byte));
      if (tap.committed && committedAt < 0) committedAt = index + 1;
    }
    expect(committedAt).toBe(place);
  });
});
