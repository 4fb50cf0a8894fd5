import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { portableBytes as bytes } from "../portable-bytes.ts";
import { conversationText } from "./conversation-key.ts";

function keyOf(body: unknown, headers: readonly string[] = []): string | null {
  return conversationText({ headers, body: bytes.encode(JSON.stringify(body)), bytes });
}

const words = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.constantFrom("hi", '"}],"role":"user"', "\\", ""),
  fc.string({ minLength: 70_000, maxLength: 70_100 }),
);
const shortWords = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.constantFrom('{"role":"user","content":"x"}', '\\"', "]"),
);
const laterTurns = fc.array(fc.tuple(fc.constantFrom("assistant", "user", "tool"), shortWords), { maxLength: 6 });

describe("conversationText", () => {
  it("stays the same as turns are appended to an OpenAI conversation", () => {
    fc.assert(
      fc.property(shortWords, words, laterTurns, fc.boolean(), (system, first, turns, modelFirst) => {
        const opening = [
          { role: "system", content: system },
          { role: "user", content: first },
        ];
        const body = (count: number): unknown => {
          const messages = [...opening, ...turns.slice(0, count).map(([role, content]) => ({ role, content }))];
          return modelFirst ? { model: "m", messages, stream: true } : { messages, model: "m", stream: true };
        };
        const key = keyOf(body(0));
        expect(key).not.toBe(null);
        for (let count = 1; count <= turns.length; count++) expect(keyOf(body(count))).toBe(key);
      }),
      { numRuns: 120 },
    );
  });

  it("stays the same as turns are appended to a Gemini conversation, with the system instruction before or after it", () => {
    fc.assert(
      fc.property(shortWords, words, laterTurns, fc.boolean(), (system, first, turns, systemFirst) => {
        const body = (count: number): unknown => {
          const contents = [["user", first] as const, ...turns.slice(0, count)].map(([role, text]) => ({
            role: role === "assistant" ? "model" : "user",
            parts: [{ text }],
          }));
          const systemInstruction = { parts: [{ text: system }] };
          return systemFirst ? { systemInstruction, contents } : { contents, systemInstruction };
        };
        const key = keyOf(body(0));
        expect(key).not.toBe(null);
        for (let count = 1; count <= turns.length; count++) expect(keyOf(body(count))).toBe(key);
      }),
      { numRuns: 120 },
    );
  });

  it("differs for different first user turns under the same system prompt, and for different system prompts", () => {
    fc.assert(
      fc.property(shortWords, shortWords, shortWords, (system, left, right) => {
        fc.pre(left !== right);
        const openai = (content: string): unknown => ({
          messages: [
            { role: "system", content: system },
            { role: "user", content },
          ],
        });
        const gemini = (text: string): unknown => ({ contents: [{ role: "user", parts: [{ text }] }] });
        expect(keyOf(openai(left))).not.toBe(keyOf(openai(right)));
        expect(keyOf(gemini(left))).not.toBe(keyOf(gemini(right)));
        const systems = (content: string): unknown => ({
          messages: [
            { role: "system", content },
            { role: "user", content: "hi" },
          ],
        });
        expect(keyOf(systems(left))).not.toBe(keyOf(systems(right)));
      }),
    );
  });

  it("does not depend on how the body was cut into chunks", () => {
    const body = bytes.encode(JSON.stringify({ messages: [{ role: "user", content: "grüße ".repeat(20_000) }] }));
    const whole = conversationText({ headers: [], body, bytes });
    for (const size of [1, 7, 1000, 65_535]) {
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < body.length; at += size) chunks.push(body.subarray(at, at + size));
      expect(conversationText({ headers: [], body: chunks, bytes })).toBe(whole);
    }
  });

  it("stays the same when a client turns the first message into parts and marks it for caching", () => {
    const plain = { messages: [{ role: "user", content: "hello" }] };
    const marked = {
      messages: [{ role: "user", content: [{ type: "text", text: "hello", cache_control: { type: "ephemeral" } }] }],
    };
    expect(keyOf(plain)).toBe(keyOf(marked));
  });

  it("tells first turns apart that hold only media", () => {
    const picture = (url: string): unknown => ({
      messages: [{ role: "user", content: [{ type: "image_url", image_url: { url } }] }],
    });
    expect(keyOf(picture("data:image/png;base64,AAAA"))).not.toBe(keyOf(picture("data:image/png;base64,BBBB")));
  });

  it("does not depend on other fields before the history", () => {
    const contents = [{ role: "user", parts: [{ text: "a" }] }];
    const config = (temperature: number): unknown => ({
      model: `m${temperature}`,
      content: "x".repeat(temperature),
      generationConfig: { temperature },
      contents,
    });
    expect(keyOf(config(1))).toBe(keyOf(config(2)));
  });

  it("takes a session header first, then prompt_cache_key, then user", () => {
    const options = { body: null, bytes, fields: { promptCacheKey: "p", user: "u" } };
    expect(conversationText({ ...options, headers: ["Session-Id", "s", "x-gproxy-session", "g"] })).toBe(
      "header x-gproxy-session g",
    );
    expect(conversationText({ ...options, headers: ["X-Claude-Code-Session-Id", "c"] })).toBe(
      "header x-claude-code-session-id c",
    );
    expect(conversationText({ ...options, headers: ["session-id", ""] })).toBe("prompt_cache_key p");
    expect(conversationText({ ...options, headers: [], fields: { promptCacheKey: null, user: "u" } })).toBe("user u");
    expect(conversationText({ ...options, headers: [], fields: {} })).toBe(null);
  });

  it("takes what it has of a system prompt of more than 64 KB", () => {
    const system = "rules ".repeat(20_000);
    const openai = (content: string): unknown => ({
      messages: [
        { role: "system", content: system },
        { role: "user", content },
      ],
    });
    expect(keyOf(openai("a"))).toContain("rules rules");
    expect(keyOf({ systemInstruction: { parts: [{ text: system }] }, contents: [] })).toContain("rules rules");
  });

  it("takes nesting without end in its stride", () => {
    for (const unit of ["[", '{"content":', '{"parts":[']) {
      const body = bytes.encode(`{"contents":[{"parts":${unit.repeat(60_000)}`);
      expect(conversationText({ headers: [], body, bytes })).toBe("user");
    }
  });

  it("is null where no user has said anything, and for what is no JSON", () => {
    expect(keyOf({ messages: [{ role: "system", content: "s" }] })).toBe(null);
    expect(keyOf({ messages: [] })).toBe(null);
    expect(keyOf({ input: "text" })).toBe(null);
    expect(conversationText({ headers: [], body: bytes.encode("no json"), bytes })).toBe(null);
  });

  it("reads one turn without an array, turns without a role, and single quotes, as Google does", () => {
    expect(keyOf({ contents: { parts: [{ text: "a" }] } })).toBe(
      keyOf({ contents: [{ role: "user", parts: [{ text: "a" }] }] }),
    );
    const quoted = bytes.encode("{'contents':[{'parts':[{'text':'a'}]}]}");
    expect(conversationText({ headers: [], body: quoted, bytes })).toBe(
      keyOf({ contents: [{ parts: [{ text: "a" }] }] }),
    );
  });
});
