import { describe, expect, it } from "vitest";
import type { Conversation } from "../../translation/types.ts";
import { estimateTokens } from "./estimate-tokens.ts";
import { translateCountRequest } from "./translate-request.ts";

function read(body: Record<string, unknown>): Conversation {
  const translated = translateCountRequest({ model: "m", ...body }, { includeThoughts: true });
  if (!translated.ok) throw new Error(translated.problem.message);
  return translated.conversation;
}

const user = (content: unknown): unknown => ({ role: "user", content });

describe("estimateTokens", () => {
  it("bug 35: counts system, tools, calls and results, not only texts", () => {
    const input_schema = { type: "object", properties: { path: { type: "string" } } };
    const full = estimateTokens(
      read({
        system: "12345678",
        tools: [{ name: "Read", description: "Reads.", input_schema }],
        messages: [
          user("1234"),
          { role: "assistant", content: [{ type: "tool_use", id: "a", name: "Read", input: { path: "/a" } }] },
          user([{ type: "tool_result", tool_use_id: "a", content: "x".repeat(400) }]),
        ],
      }),
    );
    const tool = Math.ceil(("ReadReads.".length + JSON.stringify(input_schema).length) / 4);
    expect(full).toBe(2 + tool + 1 + Math.ceil('Read{"path":"/a"}'.length / 4) + 100);
  });

  it("counts a picture as 258, a PDF and sound by their size", () => {
    const media = (type: string, media_type: string, bytes: number): number =>
      estimateTokens(
        read({
          messages: [user([{ type, source: { type: "base64", media_type, data: "A".repeat((bytes * 4) / 3) } }])],
        }),
      );
    expect(media("image", "image/png", 30_000)).toBe(258);
    expect(media("document", "application/pdf", 30_000)).toBe(258);
    expect(media("document", "application/pdf", 150_000)).toBe(516);
    expect(media("document", "audio/wav", 30_000)).toBe(30);
    expect(media("document", "text/plain", 3_000)).toBe(750);
    const linked = [{ type: "image", source: { type: "url", url: "https://x/a.png" } }];
    expect(estimateTokens(read({ messages: [user(linked)] }))).toBe(258);
    const result = [{ type: "tool_result", tool_use_id: "a", content: linked }];
    expect(estimateTokens(read({ messages: [user(result)] }))).toBe(258);
  });
});
