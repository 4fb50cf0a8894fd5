import { describe, expect, it } from "vitest";
import type { AnswerEvent, JsonObject } from "../../translation/types.ts";
import { parse, stopped, text, thought, unary, usage, writerOf } from "./writer-fixture.ts";

describe("an answer of the web search tool", () => {
  const request = { tools: [{ type: "web_search_20250305", name: "web_search" }] };
  // ü and 😀 tell bytes from characters.
  const answer = "Über 😀: Rust is fast. And safe.";
  const bytes = (part: string): number => new TextEncoder().encode(answer.slice(0, answer.indexOf(part))).length;
  const grounding: AnswerEvent = {
    kind: "grounding",
    grounding: {
      queries: ["rust speed", "rust safety"],
      sources: [
        { title: "A", url: "https://a" },
        { title: "B", url: "https://b" },
      ],
      supports: [
        { start: bytes("Rust"), end: bytes("Rust") + 13, text: "Rust is fast.", sources: [0, 1, 7] },
        // Offsets that do not fit: the words are found all the same.
        { start: 1, end: 3, text: "And safe.", sources: [1] },
        { start: 0, end: 900, text: "nowhere", sources: [1] },
      ],
    },
  };

  it("comes as search, results, then text with its sources, though Google tells them last", () => {
    const message = unary([thought("hm"), text(answer.slice(0, 12)), text(answer.slice(12)), grounding], { request });
    const citation = (title: string, url: string, cited: string): JsonObject => ({
      type: "web_search_result_location",
      url,
      title,
      cited_text: cited,
      encrypted_index: "",
    });
    const result = (title: string, url: string): JsonObject => ({
      type: "web_search_result",
      title,
      url,
      encrypted_content: "",
      page_age: null,
    });
    expect(message["content"]).toStrictEqual([
      { type: "thinking", thinking: "hm", signature: "unsigned" },
      { type: "server_tool_use", id: "srvtoolu_id2", name: "web_search", input: { query: "rust speed; rust safety" } },
      {
        type: "web_search_tool_result",
        tool_use_id: "srvtoolu_id2",
        content: [result("A", "https://a"), result("B", "https://b")],
      },
      { type: "text", text: "Über 😀: " },
      {
        type: "text",
        text: "Rust is fast.",
        citations: [citation("A", "https://a", "Rust is fast."), citation("B", "https://b", "Rust is fast.")],
      },
      { type: "text", text: " " },
      { type: "text", text: "And safe.", citations: [citation("B", "https://b", "And safe.")] },
    ]);
    expect(message["usage"]).toMatchObject({ server_tool_use: { web_search_requests: 2, web_fetch_requests: 0 } });
    expect(message["stop_reason"]).toBe("end_turn");
  });

  it("streams the same blocks at the end, and pings meanwhile", () => {
    const writer = writerOf({ stream: true, ...request });
    expect(parse(writer.begin({ responseId: null, usage }))).toHaveLength(1);
    expect(writer.event(text(answer)) + writer.event(grounding)).toBe("");
    expect(writer.ping()).not.toBe("");
    const events = parse(writer.end(stopped));
    expect(
      events.filter((event) => event.type === "content_block_start").map((event) => event.content_block?.["type"]),
    ).toStrictEqual(["server_tool_use", "web_search_tool_result", "text", "text", "text", "text"]);
    expect(events.filter((event) => event.delta?.["type"] === "citations_delta")).toHaveLength(3);
  });

  it("is a plain answer when nothing was searched", () => {
    expect(unary([text("a")], { request })["content"]).toStrictEqual([{ type: "text", text: "a" }]);
  });

  it("goes on as any other when it grows beyond what is held", () => {
    const writer = writerOf({ stream: true, ...request });
    const piece = text("x".repeat(1_048_576));
    const out = [piece, piece, piece, piece, piece].map((event) => writer.event(event).length > 0);
    expect(out).toStrictEqual([false, false, false, false, true]);
    expect(writer.event(text("more"))).toContain("more");
  });
});
