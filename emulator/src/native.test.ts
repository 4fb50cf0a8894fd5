/** @module Tests of the native surface over real HTTP: shapes, framings, rules. */

import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { DEFAULT_KEY, startEmulator } from "./emulator.ts";
import { at, call, dechunk, prompt, rawPost, sseEvents, to } from "./test-client.ts";

const emulator = await startEmulator({
  projects: [
    { id: "projects/1001", keys: [{ key: DEFAULT_KEY }], tier: "unlimited" },
    { id: "projects/2002", keys: [{ key: "AQ.other" }], tier: "unlimited" },
  ],
  models: [
    { name: "tunedModels/mine", onlyProjects: ["projects/1001"] },
    { name: "gemini-2.5-closed", closedTo: ["projects/1001"] },
  ],
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

const SSE = "?alt=sse";

describe("generateContent", () => {
  it("answers pretty JSON with Google's headers, and the same for the same prompt", async () => {
    const first = await call(emulator, { path: to("gemini-2.5-flash"), body: prompt("hi") });
    const text = await first.text();
    expect(first.status).toBe(200);
    expect(first.headers.get("content-type")).toBe("application/json; charset=UTF-8");
    expect(first.headers.get("server")).toBe("scaffolding on HTTPServer2");
    expect(text).toMatch(/^\{\n {2}"candidates": \[\n {4}\{\n/);
    const body: unknown = JSON.parse(text);
    expect(at(body, "candidates.0.content.parts.0.text")).toContain("“hi”");
    expect(at(body, "candidates.0.finishReason")).toBe("STOP");
    expect(at(body, "modelVersion")).toBe("gemini-2.5-flash");
    emulator.reset();
    expect(await (await call(emulator, { path: to("gemini-2.5-flash"), body: prompt("hi") })).text()).toBe(text);
  });

  it("adds up: total is prompt, candidates and thoughts; zero counts are left out", async () => {
    const thinking = { generationConfig: { thinkingConfig: { thinkingBudget: 0 } } };
    const silent: unknown = await (
      await call(emulator, { path: to("gemini-2.5-flash"), body: prompt("hi", thinking) })
    ).json();
    expect(at(silent, "usageMetadata")).not.toHaveProperty("thoughtsTokenCount");
    const loud: unknown = await (await call(emulator, { path: to("gemini-2.5-flash"), body: prompt("hi") })).json();
    const { promptTokenCount, candidatesTokenCount, thoughtsTokenCount, totalTokenCount } = at(
      loud,
      "usageMetadata",
    ) as Record<string, number>;
    expect(totalTokenCount).toBe((promptTokenCount ?? 0) + (candidatesTokenCount ?? 0) + (thoughtsTokenCount ?? 0));
    expect(thoughtsTokenCount).toBeGreaterThan(0);
  });

  it("takes single quotes, snake_case, any version and an encoded colon", async () => {
    const path = "/v1alpha/models/gemini-2.5-flash%3AgenerateContent";
    const body = "{'system_instruction': {'parts': {'text': 'x'}}, 'contents': {'parts': {'text': 'hi'}}}";
    expect((await call(emulator, { path, body })).status).toBe(200);
  });

  it("calls itself by the model that Google routes to", async () => {
    const body: unknown = await (await call(emulator, { path: to("gemini-3.7-flash"), body: prompt("hi") })).json();
    expect(at(body, "modelVersion")).toBe("gemini-3.8-flash");
  });

  it("answers JSON that fits the wanted schema", async () => {
    const responseSchema = { type: "OBJECT", properties: { name: { type: "STRING" } }, required: ["name"] };
    const config = { generationConfig: { responseMimeType: "application/json", responseSchema } };
    const body: unknown = await (
      await call(emulator, { path: to("gemini-3.8-flash"), body: prompt("hi", config) })
    ).json();
    expect(JSON.parse(String(at(body, "candidates.0.content.parts.0.text")))).toEqual({ name: "hi" });
  });

  it("answers image models with an image of 1290 tokens", async () => {
    const body: unknown = await (
      await call(emulator, { path: to("gemini-3-pro-image"), body: prompt("a cat") })
    ).json();
    expect(at(body, "candidates.0.content.parts.1.inlineData.mimeType")).toBe("image/png");
    expect(at(body, "usageMetadata.candidatesTokensDetails.0")).toEqual({ modality: "IMAGE", tokenCount: 1290 });
  });

  it("serves a tuned model to its own project only", async () => {
    const path = "/v1beta/tunedModels/mine:generateContent";
    expect((await call(emulator, { path, body: prompt("hi") })).status).toBe(200);
    expect((await call(emulator, { path, body: prompt("hi"), key: "AQ.other" })).status).toBe(403);
  });
});

describe("streamGenerateContent", () => {
  it("frames SSE byte for byte as recorded: one line, CRLF twice, no [DONE]", async () => {
    const raw = await rawPost(emulator, {
      path: to("gemini-2.5-flash", "streamGenerateContent", SSE),
      body: prompt("hi"),
    });
    const { head, body, whole } = dechunk(raw.bytes);
    expect(whole).toBe(true);
    expect(head).toContain("content-type: text/event-stream");
    expect(head).toContain("content-disposition: attachment");
    const text = body.toString();
    expect(text).toMatch(/^(?:data: \{"candidates": \[\{"content": [^\r\n]*\}\r\n\r\n)+$/);
    expect(sseEvents(text).length).toBeGreaterThan(2);
  });

  it("counts cumulatively, finishes in the last chunk, and joins to the unary answer", async () => {
    const path = to("gemini-3.8-flash", "streamGenerateContent", SSE);
    const events = sseEvents(await (await call(emulator, { path, body: prompt("hello") })).text());
    const totals = events.map((event) => Number(at(event, "usageMetadata.totalTokenCount")));
    expect(totals).toEqual([...totals].sort((left, right) => left - right));
    expect(events.map((event) => at(event, "candidates.0.finishReason")).filter(Boolean)).toEqual(["STOP"]);
    expect(at(events.at(-1), "candidates.0.finishReason")).toBe("STOP");
    const unary: unknown = await (await call(emulator, { path: to("gemini-3.8-flash"), body: prompt("hello") })).json();
    const text = events.map((event) => at(event, "candidates.0.content.parts.0.text")).join("");
    expect(text).toBe(at(unary, "candidates.0.content.parts.0.text"));
    expect(at(events.at(-1), "usageMetadata")).toEqual(at(unary, "usageMetadata"));
  });

  it("ends Gemini 3 text with an empty part that carries the signature", async () => {
    const path = to("gemini-3.8-flash", "streamGenerateContent", SSE);
    const events = sseEvents(await (await call(emulator, { path, body: prompt("hello") })).text());
    expect(at(events.at(-1), "candidates.0.content.parts.0")).toEqual({
      text: "",
      thoughtSignature: expect.any(String),
    });
  });

  it("shows thoughts first when asked", async () => {
    const path = to("gemini-2.5-flash", "streamGenerateContent", SSE);
    const config = { generationConfig: { thinkingConfig: { includeThoughts: true } } };
    const events = sseEvents(await (await call(emulator, { path, body: prompt("hello", config) })).text());
    expect(at(events[0], "candidates.0.content.parts.0.thought")).toBe(true);
    expect(at(events[0], "usageMetadata")).not.toHaveProperty("candidatesTokenCount");
    expect(at(events[1], "candidates.0.content.parts.0")).not.toHaveProperty("thought");
  });

  it("frames a pretty JSON list without alt=sse", async () => {
    const raw = await rawPost(emulator, { path: to("gemini-2.5-flash", "streamGenerateContent"), body: prompt("hi") });
    const { head, body } = dechunk(raw.bytes);
    const text = body.toString();
    expect(head).toContain("content-type: application/json; charset=UTF-8");
    expect(text).toMatch(/^\[\{\n {2}"candidates"/);
    expect(text).toContain("\n}\n,\r\n{\n");
    expect(text.endsWith("\n}\n]\n")).toBe(true);
    expect((JSON.parse(text) as unknown[]).length).toBeGreaterThan(2);
  });

  it("wraps an error before the stream in a list, but not with alt=sse", async () => {
    const list = await call(emulator, { path: to("nope", "streamGenerateContent"), body: prompt("hi") });
    const text = await list.text();
    expect(list.status).toBe(404);
    expect(text).toMatch(/^\[\{\n {2}"error": \{/);
    expect(text.endsWith("}\n]\n")).toBe(true);
    const sse = await call(emulator, { path: to("nope", "streamGenerateContent", SSE), body: prompt("hi") });
    expect(sse.headers.get("content-type")).toBe("text/event-stream");
    expect(at(JSON.parse(await sse.text()), "error.code")).toBe(404);
  });
});

describe("refusals of a request", () => {
  it.each([
    [
      "gemini-3.8-flash",
      { foo: 1, ...prompt("x") },
      'Invalid JSON payload received. Unknown name "foo": Cannot find field.',
    ],
    ["gemini-3.8-flash", {}, "* GenerateContentRequest.contents: contents is not specified\n"],
    [
      "gemini-3.8-flash",
      prompt("x", { generationConfig: { thinkingConfig: { thinkingLevel: "minimal" } } }),
      "Thinking level MINIMAL is not supported for this model. Please retry with other thinking level.",
    ],
    [
      "gemini-4-neon",
      prompt("x", { generationConfig: { thinkingConfig: { thinkingBudget: 5 } } }),
      "Thinking budget is not supported for this model. Use thinking level instead.",
    ],
    [
      "gemini-3.6-flash",
      prompt("x", { generationConfig: { thinkingConfig: { thinkingBudget: 5, thinkingLevel: "low" } } }),
      "You can only set only one of thinking budget and thinking level.",
    ],
    [
      "gemini-3.8-flash",
      prompt("x", { generationConfig: { presencePenalty: 1 } }),
      "Penalty is not enabled for models/gemini-3.8-flash",
    ],
    [
      "gemini-2.5-flash",
      prompt("x".repeat(4 * 1_048_576 + 1)),
      "The input token count exceeds the maximum number of tokens allowed (1048576).",
    ],
  ])("%s %#: 400 in Google's words", async (model, body, message) => {
    const response = await call(emulator, { path: to(model), body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 400, status: "INVALID_ARGUMENT", message } });
  });

  it("names malformed JSON with a violation", async () => {
    const response = await call(emulator, { path: to("gemini-2.5-flash"), body: '{"contents": [}' });
    const body: unknown = await response.json();
    expect(response.status).toBe(400);
    expect(at(body, "error.message")).toMatch(/^Invalid JSON payload received\. Expected a value\.\n/);
    expect(at(body, "error.details.0")).toMatchObject({
      "@type": "type.googleapis.com/google.rpc.BadRequest",
      fieldViolations: [{ description: at(body, "error.message") }],
    });
  });

  it("does not know models that are not, and tells of those that are gone for a project", async () => {
    const unknown: unknown = await (await call(emulator, { path: to("gemini-9"), body: prompt("x") })).json();
    expect(at(unknown, "error.message")).toBe(
      "models/gemini-9 is not found for API version v1beta, or is not supported for generateContent. Call ModelService.ListModels to see the list of available models and their supported methods.",
    );
    const closed = await call(emulator, { path: to("gemini-2.5-closed"), body: prompt("x") });
    expect(closed.status).toBe(404);
    expect(at(await closed.json(), "error.message")).toContain("is no longer available to new users");
    expect((await call(emulator, { path: to("gemini-embedding-001"), body: prompt("x") })).status).toBe(404);
  });

  it.each(["/", "/v1beta/nothing", "/v1beta/models/x:fly", "/upload/v1beta/nothing", "/v1beta/openai/responses"])(
    "answers %s with the front end's page",
    async (path) => {
      const response = await call(emulator, { path, body: {} });
      expect(response.status).toBe(404);
      expect(response.headers.get("content-type")).toBe("text/html; charset=UTF-8");
      expect(await response.text()).toContain("Error 404 (Not Found)!!1");
    },
  );
});

describe("models, tokens, embeddings", () => {
  it("pages through the models", async () => {
    const names: unknown[] = [];
    let token = "";
    do {
      const page: unknown = await (
        await call(emulator, { path: `/v1beta/models?pageSize=5&pageToken=${token}` })
      ).json();
      names.push(...(at(page, "models") as { name: string }[]).map(({ name }) => name));
      token = (at(page, "nextPageToken") as string | undefined) ?? "";
    } while (token !== "");
    const all: unknown = await (await call(emulator, { path: "/v1/models?pageSize=1000" })).json();
    expect(names).toEqual((at(all, "models") as { name: string }[]).map(({ name }) => name));
    expect(names).toContain("models/gemini-3.8-flash");
  });

  it("gives one model, or 404", async () => {
    const model: unknown = await (await call(emulator, { path: "/v1beta/models/gemini-3.1-pro-preview" })).json();
    expect(model).toMatchObject({ name: "models/gemini-3.1-pro-preview", inputTokenLimit: 1_048_576, thinking: true });
    expect((await call(emulator, { path: "/v1beta/models/nope" })).status).toBe(404);
  });

  it("counts the tokens that generateContent bills", async () => {
    const body = prompt("hello there", { systemInstruction: { parts: [{ text: "be brief" }] } });
    const counted: unknown = await (
      await call(emulator, {
        path: to("gemini-3.8-flash", "countTokens"),
        body: { generateContentRequest: { model: "models/gemini-3.8-flash", ...body } },
      })
    ).json();
    const billed: unknown = await (await call(emulator, { path: to("gemini-3.8-flash"), body })).json();
    expect(at(counted, "totalTokens")).toBe(at(billed, "usageMetadata.promptTokenCount"));
  });

  it("embeds one and many, at most 100", async () => {
    const request = (text: string): object => ({
      model: "models/gemini-embedding-001",
      content: { parts: [{ text }] },
      outputDimensionality: 8,
    });
    const one: unknown = await (
      await call(emulator, { path: to("gemini-embedding-001", "embedContent"), body: request("a") })
    ).json();
    const many: unknown = await (
      await call(emulator, {
        path: to("gemini-embedding-001", "batchEmbedContents"),
        body: { requests: [request("a"), request("b")] },
      })
    ).json();
    expect(at(many, "embeddings.0")).toEqual(at(one, "embedding"));
    expect(at(many, "embeddings.1.values")).toHaveLength(8);
    expect(at(many, "usageMetadata.promptTokenCount")).toBe(2);
    const requests = Array.from({ length: 101 }, () => request("a"));
    const refused = await call(emulator, {
      path: to("gemini-embedding-001", "batchEmbedContents"),
      body: { requests },
    });
    expect(refused.status).toBe(400);
    expect(at(await refused.json(), "error.message")).toContain("at most 100 requests can be in one batch");
  });
});
