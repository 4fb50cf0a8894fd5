/** @module */
import { describe, expect, it } from "vitest";
import { portableBytes } from "../../core/portable-bytes.ts";
import { toCodeAssistRequest } from "./request.ts";
import type { CodeAssistQuestion } from "./types.ts";

const bytes = portableBytes;
const digest = { sha256: (text: string): string => text.padEnd(64, "0").replaceAll(/[^0-9a-f]/g, "a") };

interface Made {
  request: { contents?: unknown; session_id?: string };
  [name: string]: unknown;
}

function ask(body: unknown, change: Partial<CodeAssistQuestion> = {}): { target: string; body: Made } {
  const chunk = bytes.encode(JSON.stringify(body));
  const { target, body: made } = toCodeAssistRequest({
    operation: "generate",
    model: "gemini-2.5-pro",
    project: "my-project",
    body: { chunks: [chunk], length: chunk.length },
    isOwn: false,
    callId: "call",
    sessionKey: "conversation",
    lowerTools: (one) => one,
    bytes,
    digest,
    ...change,
  });
  const whole = bytes.concat(made.chunks);
  expect(whole.length).toBe(made.length);
  return { target, body: JSON.parse(bytes.decode(whole)) as Made };
}

const contents = [{ role: "user", parts: [{ text: "hi" }] }];

describe("a request to Code Assist", () => {
  it("names model, project and prompt beside the request", () => {
    const { target, body } = ask({ contents });
    expect(target).toBe("/v1internal:generateContent");
    expect(body).toEqual({
      model: "gemini-2.5-pro",
      project: "my-project",
      user_prompt_id: "call########0",
      request: {
        contents,
        session_id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/),
      },
    });
  });

  it("that was written for it goes in untouched", () => {
    const { body } = ask({ contents, generationConfig: { topK: 1 } }, { isOwn: true });
    expect(body.request).toEqual({ contents, generationConfig: { topK: 1 }, session_id: expect.any(String) });
  });

  it("streams as events whatever the client reads", () => {
    expect(ask({ contents }, { operation: "stream-generate" }).target).toBe(
      "/v1internal:streamGenerateContent?alt=sse",
    );
  });

  it("has the same session for the same conversation only", () => {
    const session = (sessionKey: string): unknown => ask({ contents }, { sessionKey }).body.request.session_id;
    expect(session("aaaa")).toBe(session("aaaa"));
    expect(session("aaaa")).not.toBe(session("bbbb"));
  });

  it("leaves out what only the Gemini API knows, in either spelling, and keeps the rest", () => {
    const { body } = ask({
      contents,
      store: false,
      service_tier: "flex",
      model: "models/x",
      system_instruction: { parts: [] },
    });
    expect(Object.keys(body.request)).toEqual(["contents", "systemInstruction", "session_id"]);
  });

  it("gives each content a role, and writes thoughts as the Gemini CLI does", () => {
    const { body } = ask({
      contents: [
        { parts: { text: "hi" } },
        { role: "model", parts: [{ text: "hm", thought: true, thoughtSignature: "s" }] },
      ],
    });
    expect(body.request.contents).toEqual([
      { role: "user", parts: [{ text: "hi" }] },
      { role: "model", parts: [{ text: "[Thought: hm]", thoughtSignature: "s" }] },
    ]);
  });

  it("counts contents alone, with the model's whole name", () => {
    const { target, body } = ask(
      { generateContentRequest: { model: "models/x", contents, tools: [{}] } },
      { operation: "count-tokens" },
    );
    expect(target).toBe("/v1internal:countTokens");
    expect(body).toEqual({ request: { model: "models/gemini-2.5-pro", contents } });
  });

  it("that is no JSON goes up without contents: the upstream says so in its own words", () => {
    const chunk = bytes.encode("not json");
    expect(ask(null, { body: { chunks: [chunk], length: chunk.length } }).body.request).toEqual({
      session_id: expect.any(String),
    });
  });
});
