import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addToAnswer, emptyAnswer, errorOf } from "./answer.ts";
import { shellQuote, toCurl } from "./curl.ts";
import { createKeyHolder } from "./key-holder.ts";
import { readPath, replayPath } from "./path.ts";
import { dialectOfPath, fromCapture, jsonFault } from "./replay.ts";
import { buildRequest, firstForm } from "./request.ts";
import type { PlaygroundDialect, PlaygroundForm, PlaygroundRequest } from "./request.ts";

const origin = "https://gw.example";
const everyDialect = ["gemini", "openai-chat", "openai-responses", "anthropic"] as const;
const build = (change: Partial<PlaygroundForm>): ReturnType<typeof buildRequest> =>
  buildRequest({ ...firstForm, turns: [{ role: "user", text: "Hi" }], ...change });
const built = (change: Partial<PlaygroundForm>): PlaygroundRequest & { json: unknown } => {
  const result = build(change);
  if (!result.ok) throw new Error(result.reason);
  return { ...result.request, json: JSON.parse(result.request.body ?? "null") };
};

describe("requests", () => {
  it("go to Gemini's streaming path and say nothing that was not filled in", () => {
    expect(built({})).toMatchObject({
      path: "/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse",
      authentication: "x-goog-api-key",
      json: { contents: [{ role: "user", parts: [{ text: "Hi" }] }] },
    });
    expect(built({ stream: false, model: "models/x" }).path).toBe("/v1beta/models/x:generateContent");
  });

  it("carry system text, temperature, tokens and thinking in Gemini's words", () => {
    const fields = {
      system: "Be brief",
      temperature: "0.5",
      maxTokens: "64",
      thinking: "off",
      showThoughts: true,
    } as const;
    expect(built(fields).json).toMatchObject({
      systemInstruction: { parts: [{ text: "Be brief" }] },
      generationConfig: {
        temperature: 0.5,
        maxOutputTokens: 64,
        thinkingConfig: { thinkingBudget: 0, includeThoughts: true },
      },
    });
    expect(built({ thinking: "high" }).json).toMatchObject({
      generationConfig: { thinkingConfig: { thinkingLevel: "high" } },
    });
  });

  it("say the same in OpenAI's words", () => {
    const turns = [
      { role: "user", text: "Hi" },
      { role: "model", text: "Hello" },
      { role: "user", text: "Bye" },
    ] as const;
    expect(
      built({ dialect: "openai-chat", system: "S", turns: [...turns], maxTokens: "8", thinking: "low" }),
    ).toMatchObject({
      path: "/v1/chat/completions",
      authentication: "bearer",
      json: {
        model: "gemini-3.8-flash",
        messages: [
          { role: "system", content: "S" },
          { role: "user", content: "Hi" },
          { role: "assistant", content: "Hello" },
          { role: "user", content: "Bye" },
        ],
        max_tokens: 8,
        reasoning_effort: "low",
        stream: true,
      },
    });
  });

  it("say the same in the words of the Responses API, and have nothing kept there", () => {
    const turns: PlaygroundForm["turns"] = [
      { role: "user", text: "Hi" },
      { role: "model", text: "Hello" },
    ];
    const fields: Partial<PlaygroundForm> = { turns, maxTokens: "8", temperature: "0.5", thinking: "off" };
    expect(built({ dialect: "openai-responses", system: "S", ...fields })).toMatchObject({
      path: "/v1/responses",
      authentication: "bearer",
      json: {
        model: "gemini-3.8-flash",
        instructions: "S",
        input: [
          { role: "user", content: "Hi" },
          { role: "assistant", content: "Hello" },
        ],
        max_output_tokens: 8,
        temperature: 0.5,
        reasoning: { effort: "none" },
        store: false,
        stream: true,
      },
    });
  });

  it("say the same in Anthropic's words", () => {
    expect(built({ dialect: "anthropic", system: "S", maxTokens: "8", thinking: "high", stream: false })).toMatchObject(
      {
        path: "/v1/messages",
        authentication: "x-api-key",
        json: {
          model: "gemini-3.8-flash",
          system: "S",
          messages: [{ role: "user", content: "Hi" }],
          max_tokens: 8,
          thinking: { type: "adaptive" },
          output_config: { effort: "high" },
        },
      },
    );
    expect(built({ dialect: "anthropic", thinking: "off" }).json).toMatchObject({ thinking: { type: "disabled" } });
  });

  it("are not built from fields that are wrong", () => {
    expect(build({ model: "../../admin" })).toMatchObject({ field: "model" });
    expect(build({ model: "a b" })).toMatchObject({ field: "model" });
    expect(build({ turns: [{ role: "user", text: " " }] })).toMatchObject({ field: "turns" });
    expect(build({ temperature: "3" })).toMatchObject({ field: "temperature" });
    expect(build({ maxTokens: "0" })).toMatchObject({ field: "maxTokens" });
  });
});

describe("paths of the raw mode", () => {
  it("are those below the served versions", () => {
    expect(readPath("/v1beta/models?pageSize=5", origin)).toEqual({ ok: true, path: "/v1beta/models?pageSize=5" });
    expect(readPath("/v1/chat/completions", origin).ok).toBe(true);
  });

  it("never lead to another host, the admin API or a key in the address", () => {
    for (const path of [
      "https://evil.example/v1/x",
      "//evil.example/v1/x",
      "/\\evil.example/v1/",
      "/\t/evil.example/v1/",
      "/v1/../admin/api/v1/clients",
      "/v1/%2e%2e/admin/api/v1/clients",
      "/v1/..%2fadmin/api",
      "/admin/api/v1/clients",
      "/ui/",
      "v1beta/models",
      "/v1beta/models?key=gp-x",
      "/v1beta/models#x",
      "javascript:alert(1)",
    ])
      expect(readPath(path, origin), path).toMatchObject({ ok: false });
  });

  it("stay at this origin and below a served version, whatever is typed", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `/v1/${text}`),
          fc.string().map((text) => `//${text}/v1/`),
        ),
        (text) => {
          const read = readPath(text, origin);
          if (!read.ok) return;
          const url = new URL(read.path, origin);
          expect(url.origin).toBe(origin);
          expect(url.pathname).toMatch(/^\/v1(beta|alpha)?\//);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("lose a key that was captured with them", () => {
    expect(replayPath("/v1beta/models/x:generateContent?key=AIza1&alt=sse")).toBe(
      "/v1beta/models/x:generateContent?alt=sse",
    );
    expect(replayPath("/v1/models?key=a")).toBe("/v1/models");
    expect(replayPath("/chat/completions")).toBe("/v1/chat/completions");
  });
});

describe("answers", () => {
  const read = (dialect: PlaygroundDialect, values: unknown[]): ReturnType<typeof emptyAnswer> =>
    values.reduce<ReturnType<typeof emptyAnswer>>(
      (answer, value) => addToAnswer(answer, { dialect, data: JSON.stringify(value) }),
      emptyAnswer(),
    );

  it("are joined from Gemini's events, thoughts apart from text", () => {
    const candidate = (parts: unknown[], more: object = {}): unknown => ({
      candidates: [{ content: { parts }, ...more }],
    });
    const answer = read("gemini", [
      candidate([{ text: "hm", thought: true }]),
      candidate([{ text: "Hel" }]),
      { ...(candidate([{ text: "lo" }], { finishReason: "STOP" }) as object), usageMetadata: { totalTokenCount: 7 } },
      candidate([{ functionCall: { name: "f", args: {} } }, { inlineData: { mimeType: "image/png" } }]),
    ]);
    expect(answer).toMatchObject({
      text: "Hello",
      thoughts: "hm",
      finishReason: "STOP",
      usage: { totalTokenCount: 7 },
    });
    expect(answer.calls[0]).toContain('"f"');
    expect(answer.other).toEqual(["inlineData"]);
  });

  it("are joined from OpenAI's chunks and whole messages", () => {
    const chunk = (delta: object, more: object = {}): unknown => ({ choices: [{ delta, ...more }] });
    expect(
      read("openai-chat", [
        chunk({ role: "assistant", content: "He" }),
        chunk({ content: "llo" }, { finish_reason: "stop" }),
        { choices: [], usage: { total_tokens: 9 } },
      ]),
    ).toMatchObject({ text: "Hello", finishReason: "stop", usage: { total_tokens: 9 } });
    expect(read("openai-chat", [{ choices: [{ message: { content: "Hi" } }] }]).text).toBe("Hi");
  });

  it("are joined from events of the Responses API, each text once, and from whole responses", () => {
    const call = { type: "function_call", call_id: "call_1", name: "f", arguments: "{}" };
    const message = { type: "message", content: [{ type: "output_text", text: "Hello" }] };
    const reasoning = { type: "reasoning", summary: [{ type: "summary_text", text: "hm" }] };
    const usage = { input_tokens: 3, total_tokens: 9 };
    const output = [reasoning, message, call];
    const said = { text: "Hello", thoughts: "hm", usage: { total_tokens: 9 }, finishReason: "completed" };
    const streamed = read("openai-responses", [
      { type: "response.created", response: { status: "in_progress", output: [], usage: null, error: null } },
      { type: "response.reasoning_summary_text.delta", delta: "hm" },
      { type: "response.output_item.done", item: reasoning },
      { type: "response.output_text.delta", delta: "Hel" },
      { type: "response.output_text.delta", delta: "lo" },
      { type: "response.output_item.done", item: message },
      { type: "response.output_item.done", item: call },
      { type: "response.output_item.done", item: { type: "web_search_call" } },
      { type: "response.completed", response: { status: "completed", output, usage, error: null } },
    ]);
    expect(streamed).toMatchObject({ ...said, error: null, other: ["web_search_call"] });
    expect(streamed.calls).toHaveLength(1);
    const whole = read("openai-responses", [{ object: "response", status: "completed", output, usage, error: null }]);
    expect(whole).toMatchObject(said);
    expect(whole.calls).toEqual(streamed.calls);
    const failed = { status: "failed", error: { code: "server_error", message: "no" }, output: [] };
    expect(read("openai-responses", [{ type: "response.failed", response: failed }]).error).toBe("server_error: no");
    const cut = { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } };
    expect(read("openai-responses", [{ type: "response.incomplete", response: cut }]).finishReason).toBe(
      "incomplete: max_output_tokens",
    );
  });

  it("are joined from Anthropic's events and whole messages", () => {
    const streamed = read("anthropic", [
      { type: "message_start", message: { content: [], stop_reason: null, usage: { input_tokens: 3 } } },
      { type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "", signature: "" } },
      { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "hm" } },
      { type: "content_block_start", index: 1, content_block: { type: "text", text: "" } },
      { type: "content_block_delta", index: 1, delta: { type: "text_delta", text: "Hello" } },
      { type: "content_block_start", index: 2, content_block: { type: "tool_use", id: "t", name: "f", input: {} } },
      { type: "content_block_delta", index: 2, delta: { type: "input_json_delta", partial_json: "" } },
      { type: "content_block_delta", index: 2, delta: { type: "input_json_delta", partial_json: '{"a":1}' } },
      { type: "message_delta", delta: { stop_reason: "tool_use" }, usage: { output_tokens: 5 } },
      { type: "message_stop" },
    ]);
    expect(streamed).toMatchObject({
      text: "Hello",
      thoughts: "hm",
      calls: ['f {"a":1}'],
      finishReason: "tool_use",
      usage: { input_tokens: 3, output_tokens: 5 },
    });
    const content = [
      { type: "thinking", thinking: "hm", signature: "s" },
      { type: "text", text: "Hello" },
      { type: "redacted_thinking", data: "x" },
    ];
    const whole = read("anthropic", [
      { type: "message", content, stop_reason: "end_turn", usage: { output_tokens: 5 } },
    ]);
    expect(whole).toMatchObject({
      text: "Hello",
      thoughts: "hm",
      finishReason: "end_turn",
      usage: { output_tokens: 5 },
    });
    expect(whole.other).toEqual(["redacted_thinking"]);
  });

  it("tell errors of every dialect and blocked prompts", () => {
    expect(errorOf([{ error: { code: 429, status: "RESOURCE_EXHAUSTED", message: "later" } }])).toBe(
      "RESOURCE_EXHAUSTED: later",
    );
    expect(errorOf({ error: { type: "invalid_request_error", message: "no" } })).toBe("invalid_request_error: no");
    expect(errorOf({ type: "error", error: { type: "overloaded_error", message: "busy" } })).toBe(
      "overloaded_error: busy",
    );
    expect(errorOf({ type: "error", code: "rate_limit_exceeded", message: "later", param: null })).toBe(
      "rate_limit_exceeded: later",
    );
    expect(errorOf({ candidates: [] })).toBeNull();
    expect(read("gemini", [{ promptFeedback: { blockReason: "SAFETY" } }]).finishReason).toContain("SAFETY");
  });

  it("do not break on anything that can come", () => {
    fc.assert(
      fc.property(fc.constantFrom(...everyDialect), fc.oneof(fc.string(), fc.json()), (dialect, data) => {
        expect(typeof addToAnswer(emptyAnswer(), { dialect, data }).text).toBe("string");
      }),
    );
  });
});

describe("curl", () => {
  it("quotes a body with quotes and line breaks for the shell, and holds no key", () => {
    const request = built({ turns: [{ role: "user", text: "it's `rm -rf` $HOME" }] });
    const command = toCurl(request, origin);
    expect(command).toContain(`it'\\''s \`rm -rf\` $HOME`);
    expect(command).toContain("x-goog-api-key: $GEMINI_PROXY_KEY");
    expect(command).not.toContain("gp-");
  });

  it("sends the key as the dialect's clients do", () => {
    expect(toCurl(built({ dialect: "openai-responses" }), origin)).toContain("Authorization: Bearer $GEMINI_PROXY_KEY");
    const command = toCurl(built({ dialect: "anthropic" }), origin);
    expect(command).toContain('"x-api-key: $GEMINI_PROXY_KEY"');
    expect(command).toContain("anthropic-version: 2023-06-01");
  });

  it("makes one word of any text", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        // What a POSIX shell does with '…' and \'.
        const read = shellQuote(text).replaceAll(
          /'([^']*)'|\\(.)/g,
          (_all, quoted?: string, escaped?: string) => quoted ?? escaped ?? "",
        );
        expect(read).toBe(text);
      }),
    );
  });
});

describe("the playground's key", () => {
  const holder = (): { now: { value: number }; made: string[]; keys: ReturnType<typeof createKeyHolder> } => {
    const now = { value: 0 };
    const made: string[] = [];
    const make = (id: string): Promise<{ key: string; expiresAt: number }> => {
      made.push(id);
      return Promise.resolve({ key: `gp-${id}-${made.length}`, expiresAt: now.value + 600_000 });
    };
    return { now, made, keys: createKeyHolder({ make, now: () => now.value }) };
  };

  it("is made once a client and again shortly before it ends", async () => {
    const { now, made, keys } = holder();
    expect(await keys.get("a")).toBe("gp-a-1");
    expect(await keys.get("a")).toBe("gp-a-1");
    expect(await keys.get("b")).toBe("gp-b-2");
    now.value = 590_000;
    expect(await Promise.all([keys.get("a"), keys.get("a")])).toEqual(["gp-a-3", "gp-a-3"]);
    expect(made).toEqual(["a", "b", "a"]);
  });

  it("is asked for again after a failure, and when it was refused", async () => {
    let fail = true;
    const keys = createKeyHolder({
      make: () => (fail ? Promise.reject(new Error("no")) : Promise.resolve({ key: "k", expiresAt: 1e6 })),
      now: () => 0,
    });
    await expect(keys.get("a")).rejects.toThrow("no");
    fail = false;
    expect(await keys.get("a")).toBe("k");
    keys.forget("a");
    fail = true;
    await expect(keys.get("a")).rejects.toThrow("no");
  });
});

describe("replay", () => {
  const message = { headers: [], body: '{"a":1}', bytes: 7, cut: false, base64: false };
  const capture = {
    callId: "c",
    method: "POST",
    path: "/v1beta/models/x:generateContent",
    expiresAt: 0,
    response: message,
  };

  it("brings path and body of a capture, indented", () => {
    expect(fromCapture({ ...capture, request: message })).toEqual({
      form: { method: "POST", path: capture.path, body: '{\n  "a": 1\n}' },
      warning: null,
    });
  });

  it("says what keeps it from being the same request", () => {
    expect(fromCapture({ ...capture, request: { ...message, cut: true } }).warning).toContain("first part");
    expect(fromCapture({ ...capture, request: { ...message, base64: true } }).warning).toContain("not text");
    expect(fromCapture({ ...capture, method: "DELETE", request: message }).warning).toContain("DELETE");
  });

  it("reads answers in the dialect of the path", () => {
    expect(dialectOfPath("/v1/chat/completions")).toBe("openai-chat");
    expect(dialectOfPath("/v1beta/openai/chat/completions")).toBe("openai-chat");
    expect(dialectOfPath("/v1beta/models/x:generateContent")).toBe("gemini");
    expect(dialectOfPath("/v1/responses")).toBe("openai-responses");
    expect(dialectOfPath(replayPath("/responses"))).toBe("openai-responses");
    expect(dialectOfPath("/v1/messages?beta=true")).toBe("anthropic");
    expect(dialectOfPath("/v1/messages/count_tokens")).toBe("anthropic");
    expect(dialectOfPath("/v1/models/messages")).toBe("gemini");
  });

  it("finds bodies that are no JSON", () => {
    expect(jsonFault("{}")).toBeNull();
    expect(jsonFault("")).toBeNull();
    expect(jsonFault("{a}")).not.toBeNull();
  });
});
