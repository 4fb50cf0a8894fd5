import { describe, expect, it } from "vitest";
import type { Conversation, JsonObject, RequestProblem } from "../../../translation/types.ts";
import { translateChatRequest } from "./translate-request.ts";

const messages = [{ role: "user", content: "Hi" }];
const weather = { type: "function", function: { name: "weather", parameters: { type: "object", properties: {} } } };

function read(more: JsonObject, includeThoughts = true): Conversation {
  const translation = translateChatRequest({ model: "gemini-3.8-flash", messages, ...more }, { includeThoughts });
  if (!translation.ok) throw new Error(JSON.stringify(translation.problem));
  return translation.conversation;
}

function problemOf(more: JsonObject): Pick<RequestProblem, "code" | "field"> | null {
  const translation = translateChatRequest({ model: "m", messages, ...more }, { includeThoughts: true });
  return translation.ok ? null : { code: translation.problem.code, field: translation.problem.field };
}

describe("plain fields", () => {
  it("are all optional but the model and the messages", () => {
    expect(read({})).toEqual({
      model: "gemini-3.8-flash",
      stream: false,
      system: [],
      turns: [{ role: "user", parts: [{ kind: "text", text: "Hi" }] }],
      tools: [],
      serverTools: [],
      toolChoice: { mode: "auto", names: null },
      sampling: {
        temperature: null,
        topP: null,
        topK: null,
        seed: null,
        presencePenalty: null,
        frequencyPenalty: null,
      },
      maxOutputTokens: null,
      stop: [],
      thinking: { effort: null, budget: null, level: null, includeThoughts: null },
      format: { kind: "text" },
      modalities: [],
      voice: null,
      google: {},
      carriers: [],
      conversationKey: null,
    });
  });

  it("may all be null, as SDKs send them, and unknown ones are ignored", () => {
    const names = [
      ..."audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens".split(
        " ",
      ),
      ..."metadata modalities moderation n parallel_tool_calls prediction presence_penalty prompt_cache_key".split(" "),
      ..."reasoning_effort response_format seed service_tier stop store stream stream_options temperature".split(" "),
      ..."tool_choice tools top_logprobs top_p user verbosity web_search_options extra_body google".split(" "),
    ];
    expect(read(Object.fromEntries(names.map((name) => [name, null])))).toEqual(read({}));
    expect(read({ logit_bias: { 1: 2 }, logprobs: true, store: true, safety_identifier: "x", nonsense: [1] })).toEqual(
      read({}),
    );
  });

  it.each(["models/", "google/", "gemini/"])("take the prefix %s from the model", (prefix) => {
    expect(read({ model: `${prefix}gemini-2.5-pro` }).model).toBe("gemini-2.5-pro");
  });

  it("are read as sampling", () => {
    const more = { temperature: 3, top_p: 0.5, top_k: 40, seed: 5, presence_penalty: 0.1, frequency_penalty: 0 };
    expect(read(more).sampling).toEqual({
      temperature: 2,
      topP: 0.5,
      topK: 40,
      seed: 5,
      presencePenalty: 0.1,
      frequencyPenalty: null,
    });
  });

  it("make every seed an int32, the same one the same", () => {
    const seed = 2 ** 53 - 1;
    const { sampling } = read({ seed });
    expect(sampling.seed).toBe(read({ seed }).sampling.seed);
    expect(Math.abs(sampling.seed as number)).toBeLessThanOrEqual(2 ** 31);
  });

  it("prefer max_completion_tokens, and drop what is not above 0", () => {
    expect(read({ max_completion_tokens: 5, max_tokens: 9 }).maxOutputTokens).toBe(5);
    expect(read({ max_completion_tokens: 0, max_tokens: 9 }).maxOutputTokens).toBe(9);
    expect(read({ max_tokens: -1 }).maxOutputTokens).toBeNull();
  });

  it("make stop an array of at most five, without empty strings", () => {
    expect(read({ stop: "END" }).stop).toEqual(["END"]);
    expect(read({ stop: ["", "a", "b", "c", "d", "e", "f"] }).stop).toEqual(["a", "b", "c", "d", "e"]);
  });

  it("name the conversation by prompt_cache_key, then the session, then the user", () => {
    const metadata = { session_id: "s" };
    expect(read({ prompt_cache_key: "k", metadata, user: "u" }).conversationKey).toBe("k");
    expect(read({ metadata, user: "u" }).conversationKey).toBe("s");
    expect(read({ user: "u" }).conversationKey).toBe("u");
    expect(read({ user: "u".repeat(10_000) }).conversationKey?.length).toBe(256);
  });

  it("ask for pictures and speech", () => {
    expect(read({ modalities: ["text"] }).modalities).toEqual([]);
    expect(read({ modalities: ["text", "image"] }).modalities).toEqual(["TEXT", "IMAGE"]);
    const spoken = read({ modalities: ["text", "audio"], audio: { voice: "Kore", format: "wav" } });
    expect([spoken.modalities, spoken.voice]).toEqual([["AUDIO"], "Kore"]);
    expect(read({ modalities: ["audio"], audio: { voice: { id: "Puck" } } }).voice).toBe("Puck");
  });

  it("pass Google's own on, from extra_body and from the root", () => {
    const safety = [{ category: "HARM_CATEGORY_HATE_SPEECH", threshold: "BLOCK_NONE" }];
    const extra_body = { google: { cached_content: "cachedContents/a", safety_settings: safety } };
    const expected = { cachedContent: "cachedContents/a", safetySettings: safety };
    expect(read({ extra_body }).google).toEqual(expected);
    expect(read({ google: extra_body.google }).google).toEqual(expected);
    expect(read({ cached_content: "cachedContents/a", safetySettings: safety }).google).toEqual(expected);
    expect(read({ service_tier: "flex" }).google).toEqual({ serviceTier: "flex" });
    expect(read({ service_tier: "auto" }).google).toEqual({});
  });
});

describe("what Gemini cannot do", () => {
  it.each<[JsonObject, string]>([
    [{ n: 2 }, "n"],
    [{ modalities: ["text", "video"] }, "modalities[1]"],
    [{ modalities: ["audio"], audio: { voice: "Kore", format: "mp3" } }, "audio.format"],
    [{ response_format: { type: "grammar" } }, "response_format.type"],
    [{ tools: [weather, { type: "computer_use" }] }, "tools[1].type"],
    [{ messages: [{ role: "user", content: [{ type: "hologram" }] }] }, "messages[0].content[0].type"],
  ])("is a problem that names the field: %j", (more, field) => {
    expect(problemOf(more)).toEqual({ code: "field_unsupported", field });
  });

  it.each<[JsonObject, string]>([
    [{ model: "" }, "model"],
    [{ model: 5 }, "model"],
    [{ messages: [] }, "messages"],
    [{ messages: "Hi" }, "messages"],
    [{ messages: [5] }, "messages[0]"],
    [{ messages: [{ role: "robot", content: "x" }] }, "messages[0].role"],
    [{ messages: [{ role: "user", content: 5 }] }, "messages[0].content"],
    [{ messages: [{ role: "user", content: [5] }] }, "messages[0].content[0]"],
    [{ n: 0 }, "n"],
    [{ temperature: "hot" }, "temperature"],
    [{ stream: "yes" }, "stream"],
    [{ stop: [5] }, "stop"],
    [{ tools: {} }, "tools"],
    [{ tools: [{ type: "function", function: {} }] }, "tools[0].function.name"],
    [{ tools: [{ type: "function", function: { name: "f", parameters: "x" } }] }, "tools[0].function.parameters"],
    [{ tools: [weather], tool_choice: { type: "function", function: { name: "gone" } } }, "tool_choice"],
    [{ reasoning_effort: "enormous" }, "reasoning_effort"],
    [{ response_format: { type: "json_schema" } }, "response_format.json_schema"],
    [{ response_format: { type: "json_schema", json_schema: { schema: 5 } } }, "response_format.json_schema.schema"],
    [{ safety_settings: {} }, "safety_settings"],
  ])("differs from what nobody could: %j", (more, field) => {
    expect(problemOf(more)).toEqual({ code: "field_invalid", field });
  });

  it("is found in a body of any shape without a throw", () => {
    for (const body of [null, undefined, 5, "x", [], {}])
      expect(translateChatRequest(body, { includeThoughts: true }).ok).toBe(false);
  });
});

describe("thinking", () => {
  const wish = (more: JsonObject): unknown => read(more).thinking;
  const nothing = { effort: null, budget: null, level: null, includeThoughts: null };

  it.each(["minimal", "low", "medium", "high", "xhigh", "max"])("reads the effort %s", (effort) => {
    expect(wish({ reasoning_effort: effort })).toEqual({ ...nothing, effort });
    expect(wish({ reasoning: { effort } })).toEqual({ ...nothing, effort });
  });

  it("asks for no thoughts where none are to be had or wanted (bug 40)", () => {
    const none = { ...nothing, effort: "none", includeThoughts: false };
    expect(wish({ reasoning_effort: "none" })).toEqual(none);
    expect(wish({ thinking: { type: "disabled" } })).toEqual(none);
    expect(wish({ enable_thinking: false })).toEqual(none);
    expect(wish({ reasoning: { enabled: false } })).toEqual(none);
    expect(wish({ reasoning: { effort: "low", exclude: true } })).toMatchObject({ includeThoughts: false });
    expect(read({}, false).thinking.includeThoughts).toBe(false);
  });

  it("reads budgets", () => {
    expect(wish({ reasoning: { max_tokens: 2000 } })).toEqual({ ...nothing, budget: 2000 });
    expect(wish({ thinking: { type: "enabled", budget_tokens: 4096 } })).toEqual({ ...nothing, budget: 4096 });
    expect(wish({ enable_thinking: true, thinking_budget: 99 })).toEqual({ ...nothing, budget: 99 });
  });

  it("lets Google's own thinking_config win over reasoning_effort: both at once are refused (bug 40)", () => {
    const google = { thinking_config: { thinking_level: "low", include_thoughts: false } };
    expect(wish({ reasoning_effort: "high", extra_body: { google } })).toEqual({
      ...nothing,
      level: "LOW",
      includeThoughts: false,
    });
    expect(wish({ reasoning_effort: "high", google: { thinking_config: { thinking_budget: -1 } } })).toEqual({
      ...nothing,
      budget: -1,
    });
    expect(read({ google: { thinkingConfig: { includeThoughts: true } } }, false).thinking.includeThoughts).toBe(true);
  });

  it("reads words for 'as the model does it' as nothing asked", () => {
    expect(wish({ reasoning_effort: "auto", thinking: { type: "adaptive" }, enable_thinking: true })).toEqual(nothing);
  });
});

describe("response_format", () => {
  it("is text, JSON, or JSON by a schema", () => {
    const schema = { type: "object", properties: { a: { type: "string" } } };
    expect(read({ response_format: { type: "text" } }).format).toEqual({ kind: "text" });
    expect(read({ response_format: { type: "json_object" } }).format).toEqual({ kind: "json-object" });
    expect(read({ response_format: { type: "json_schema", json_schema: { name: "n", schema } } }).format).toEqual({
      kind: "json-schema",
      name: "n",
      schema,
    });
    expect(read({ response_format: { type: "json_schema", json_schema: { name: "n" } } }).format.kind).toBe(
      "json-object",
    );
  });
});

describe("tools", () => {
  it("keep the first of equal names, and have no schema where there are no parameters", () => {
    const tools = [
      { type: "function", function: { name: "a", description: "A", strict: true } },
      { type: "function", function: { name: "a", description: "again" } },
      { type: "function", function: { name: "b", parameters: {} } },
      { type: "function", function: { name: "c", parameters: { type: "object" } } },
      { type: "function", name: "flat", parameters: { type: "object" } },
    ];
    expect(read({ tools }).tools).toEqual([
      { name: "a", description: "A", schema: null, strict: true },
      { name: "b", description: "", schema: null, strict: false },
      { name: "c", description: "", schema: { type: "object" }, strict: false },
      { name: "flat", description: "", schema: { type: "object" }, strict: false },
    ]);
  });

  it("of free text become functions of one string, with their grammar in words", () => {
    const grammar = { syntax: "lark", definition: "start: WORD" };
    const custom = { name: "patch", description: "Patches.", format: { type: "grammar", grammar } };
    const [tool] = read({ tools: [{ type: "custom", custom }] }).tools;
    expect(tool).toMatchObject({ name: "patch", schema: { required: ["input"] } });
    expect(tool?.description).toBe("Patches.\n\nThe input must match this grammar (lark):\nstart: WORD");
  });

  it("of the older form are functions too", () => {
    const functions = [{ name: "f", parameters: { type: "object" } }];
    expect(read({ functions, function_call: { name: "f" } })).toMatchObject({
      tools: [{ name: "f" }],
      toolChoice: { mode: "any", names: ["f"] },
    });
  });

  it("that search are Google's own, and are dropped with 'none'", () => {
    expect(read({ web_search_options: {} }).serverTools).toEqual(["web-search"]);
    expect(read({ tools: [{ type: "web_search" }, { type: "code_interpreter" }] }).serverTools).toEqual([
      "web-search",
      "code-execution",
    ]);
    expect(read({ web_search_options: {}, tool_choice: "none" }).serverTools).toEqual([]);
  });

  it.each<[unknown, Conversation["toolChoice"]]>([
    ["auto", { mode: "auto", names: null }],
    ["none", { mode: "none", names: null }],
    ["required", { mode: "any", names: null }],
    ["validated", { mode: "validated", names: null }],
    ["something new", { mode: "auto", names: null }],
    [
      { type: "function", function: { name: "weather" } },
      { mode: "any", names: ["weather"] },
    ],
    [
      { type: "allowed_tools", allowed_tools: { mode: "auto", tools: [weather] } },
      { mode: "validated", names: ["weather"] },
    ],
    [
      { type: "allowed_tools", allowed_tools: { mode: "required", tools: [weather, { function: { name: "gone" } }] } },
      { mode: "any", names: ["weather"] },
    ],
  ])("are chosen by %j", (tool_choice, expected) => {
    expect(read({ tools: [weather], tool_choice }).toolChoice).toEqual(expected);
  });

  it("are not forced by parallel_tool_calls (bug 40), nor chosen where there are none", () => {
    expect(read({ tools: [weather], parallel_tool_calls: true }).toolChoice.mode).toBe("auto");
    expect(read({ tool_choice: "required" }).toolChoice.mode).toBe("auto");
  });
});
