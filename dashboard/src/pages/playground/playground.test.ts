import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addToAnswer, emptyAnswer, errorOf } from "./answer.ts";
import { shellQuote, toCurl } from "./curl.ts";
import { createKeyHolder } from "./key-holder.ts";
import { readPath, replayPath } from "./path.ts";
import { dialectOfPath, fromCapture, jsonFault } from "./replay.ts";
import { buildRequest, firstForm } from "./request.ts";
import type { PlaygroundForm, PlaygroundRequest } from "./request.ts";

const origin = "https://gw.example";
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
  const read = (dialect: "gemini" | "openai-chat", values: unknown[]): ReturnType<typeof emptyAnswer> =>
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

  it("tell errors of both dialects and blocked prompts", () => {
    expect(errorOf([{ error: { code: 429, status: "RESOURCE_EXHAUSTED", message: "later" } }])).toBe(
      "RESOURCE_EXHAUSTED: later",
    );
    expect(errorOf({ error: { type: "invalid_request_error", message: "no" } })).toBe("invalid_request_error: no");
    expect(errorOf({ candidates: [] })).toBeNull();
    expect(read("gemini", [{ promptFeedback: { blockReason: "SAFETY" } }]).finishReason).toContain("SAFETY");
  });

  it("do not break on anything that can come", () => {
    fc.assert(
      fc.property(fc.constantFrom("gemini", "openai-chat"), fc.oneof(fc.string(), fc.json()), (dialect, data) => {
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
  });

  it("finds bodies that are no JSON", () => {
    expect(jsonFault("{}")).toBeNull();
    expect(jsonFault("")).toBeNull();
    expect(jsonFault("{a}")).not.toBeNull();
  });
});
