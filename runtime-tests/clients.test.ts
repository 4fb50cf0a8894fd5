/**
 * Unmodified clients from npm against the gateway: what users run, not what we think they send.
 * @module
 */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { type ApiError, GoogleGenAI } from "@google/genai";
import { embed, generateText, stepCountIs, streamText, tool } from "ai";
import { GoogleGenAI as GoogleGenAIv2 } from "genai-v2";
import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { startEmulator, type Emulator } from "../emulator/src/emulator.ts";
import { clientKey, startGateway, type GatewayUnderTest } from "./support/targets.ts";
import { until } from "./support/until.ts";

const model = "gemini-3.8-flash";
const embeddingModel = "gemini-embedding-001";
let emulator: Emulator;
let gateway: GatewayUnderTest;

beforeAll(async () => {
  emulator = await startEmulator({
    projects: ["1", "2", "3"].map((digit) => ({
      id: `projects/100${digit}`,
      keys: [{ key: `AIzaSyClientsKey-000000000000000000000${digit}` }],
      tier: "unlimited" as const,
    })),
  });
  gateway = await startGateway("node24", {
    environment: {
      GEMINI_API_KEYS: ["1", "2", "3"].map((digit) => `AIzaSyClientsKey-000000000000000000000${digit}`).join(","),
      GOOGLE_GEMINI_API_BASE_URL: emulator.url,
      // Signatures belong to a project: a conversation stays with one.
      PROXY_LOADBALANCE_STRATEGY: "sticky",
    },
  });
}, 60_000);

afterEach(() => emulator.clearFaults());

afterAll(async () => {
  await gateway?.stop();
  await emulator?.close();
});

const weather = {
  name: "weather",
  description: "The weather of a city",
  parametersJsonSchema: { type: "object", properties: { city: { type: "string" } } },
};

describe.each([
  ["@google/genai 3 (v1)", GoogleGenAI],
  ["@google/genai 2 (v1beta)", GoogleGenAIv2 as unknown as typeof GoogleGenAI],
])("%s", (_name, Client) => {
  const client = (): GoogleGenAI => new Client({ apiKey: clientKey, httpOptions: { baseUrl: gateway.url } });

  it("writes text", async () => {
    const answer = await client().models.generateContent({ model, contents: "Say hello" });
    expect(answer.text?.length).toBeGreaterThan(0);
    expect(answer.usageMetadata?.totalTokenCount).toBeGreaterThan(0);
  });

  it("streams", async () => {
    const pieces: string[] = [];
    let finished: string | undefined;
    for await (const chunk of await client().models.generateContentStream({
      model,
      contents: "Count the rivers of Europe",
    })) {
      pieces.push(chunk.text ?? "");
      finished = chunk.candidates?.[0]?.finishReason ?? finished;
    }
    expect(pieces.length).toBeGreaterThan(1);
    expect(finished).toBe("STOP");
  });

  it("calls a tool and uses its result", async () => {
    const ai = client();
    const chat = ai.chats.create({ model, config: { tools: [{ functionDeclarations: [weather] }] } });
    const asked = await chat.sendMessage({ message: 'call weather {"city":"Bern"}' });
    const called = asked.functionCalls?.[0];
    expect(called).toMatchObject({ name: "weather", args: { city: "Bern" } });
    const answered = await chat.sendMessage({
      message: [{ functionResponse: { id: called?.id as string, name: "weather", response: { sky: "sunny" } } }],
    });
    expect(answered.text).toContain("sunny");
  });

  it("embeds and counts tokens", async () => {
    const embedded = await client().models.embedContent({ model: embeddingModel, contents: ["one", "two"] });
    expect(embedded.embeddings).toHaveLength(2);
    expect((await client().models.countTokens({ model, contents: "Hello there" })).totalTokens).toBeGreaterThan(0);
  });

  it("lists models", async () => {
    const names: string[] = [];
    for await (const one of await client().models.list({ config: { pageSize: 3 } })) names.push(one.name ?? "");
    expect(names).toContain(`models/${model}`);
  });

  it("gets Google's own error", async () => {
    await expect(client().models.generateContent({ model: "gemini-0-none", contents: "x" })).rejects.toMatchObject({
      status: 404,
    });
  });

  it("gets 401 for a wrong key", async () => {
    const wrong = new Client({ apiKey: "gp-wrong", httpOptions: { baseUrl: gateway.url } });
    const refused = await wrong.models.generateContent({ model, contents: "x" }).catch((error: unknown) => error);
    expect((refused as ApiError).status).toBe(401);
  });

  it("aborts up to the upstream", async () => {
    const before = emulator.record().length;
    emulator.fault({ do: { stall: { afterChunks: 1, forMs: 5_000 } } });
    const abort = new AbortController();
    const stream = await client().models.generateContentStream({
      model,
      contents: "Long story",
      config: { abortSignal: abort.signal },
    });
    const reading = (async () => {
      for await (const _chunk of stream) abort.abort();
    })();
    await expect(reading).rejects.toThrow();
    const record = await until(async () => {
      const found = emulator.record()[before];
      return found?.outcome === "client-gone" ? found : undefined;
    }, "the emulator to see the abort");
    expect(record.stream).toBe(true);
  });

  it("throws, not ends, when the stream is cut", async () => {
    emulator.fault({ do: { cut: { afterBytes: 700 } } });
    const reading = (async () => {
      for await (const _chunk of await client().models.generateContentStream({ model, contents: "Cut me" }));
    })();
    await expect(reading).rejects.toThrow();
  });
});

describe("openai", () => {
  const client = (): OpenAI => new OpenAI({ apiKey: clientKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
  const tools = [
    { type: "function" as const, function: { name: "weather", parameters: weather.parametersJsonSchema } },
  ];

  it("writes text", async () => {
    const answer = await client().chat.completions.create({
      model,
      messages: [{ role: "user", content: "Say hello" }],
    });
    expect(answer.choices[0]?.message.content?.length).toBeGreaterThan(0);
    expect(answer.usage?.total_tokens).toBeGreaterThan(0);
  });

  it("streams text and tool calls", async () => {
    const stream = client().chat.completions.stream({
      model,
      messages: [{ role: "user", content: 'call weather {"city":"Bern"}' }],
      tools,
    });
    const final = await stream.finalChatCompletion();
    const called = final.choices[0]?.message.tool_calls?.[0];
    expect(called).toMatchObject({ type: "function", function: { name: "weather" } });
    expect(final.choices[0]?.finish_reason).toBe("tool_calls");
  });

  it("goes on after a tool's result although the SDK drops signatures", async () => {
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: 'call weather {"city":"Bern"}' }];
    const first = await client().chat.completions.stream({ model, messages, tools }).finalChatCompletion();
    const called = first.choices[0]?.message.tool_calls?.[0] as OpenAI.ChatCompletionMessageFunctionToolCall;
    const { id, type, function: named } = called;
    messages.push({
      role: "assistant",
      tool_calls: [{ id, type, function: { name: named.name, arguments: named.arguments } }],
    });
    messages.push({ role: "tool", tool_call_id: id, content: "sunny" });
    const second = await client().chat.completions.create({ model, messages, tools });
    expect(second.choices[0]?.message.content).toContain("sunny");
  });

  it("embeds and lists models", async () => {
    const embedded = await client().embeddings.create({
      model: embeddingModel,
      input: ["one", "two"],
      encoding_format: "float",
    });
    expect(embedded.data).toHaveLength(2);
    const listed = await client().models.list();
    expect(listed.data.map((one) => one.id)).toContain(`models/${model}`);
  });

  it("gets typed errors with a text", async () => {
    await expect(client().chat.completions.create({ model: "gemini-0-none", messages: [] })).rejects.toThrow(
      /not found|contents/i,
    );
    const wrong = new OpenAI({ apiKey: "gp-wrong", baseURL: `${gateway.url}/v1`, maxRetries: 0 });
    await expect(wrong.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
  });

  it("aborts up to the upstream", async () => {
    const before = emulator.record().length;
    emulator.fault({ do: { stall: { afterChunks: 1, forMs: 5_000 } } });
    const stream = await client().chat.completions.create({
      model,
      messages: [{ role: "user", content: "Long story" }],
      stream: true,
    });
    for await (const _chunk of stream) stream.controller.abort();
    await until(
      async () => (emulator.record()[before]?.outcome === "client-gone" ? true : undefined),
      "the emulator to see the abort",
    );
    expect(emulator.record()[before]?.outcome).toBe("client-gone");
  });
});

describe("@ai-sdk/google", () => {
  const google = (): ReturnType<typeof createGoogleGenerativeAI> =>
    createGoogleGenerativeAI({ apiKey: clientKey, baseURL: `${gateway.url}/v1beta` });

  it("writes text", async () => {
    const { text, usage } = await generateText({ model: google()(model), prompt: "Say hello" });
    expect(text.length).toBeGreaterThan(0);
    expect(usage.totalTokens).toBeGreaterThan(0);
  });

  it("streams", async () => {
    const { textStream, finishReason } = streamText({ model: google()(model), prompt: "Count the rivers of Europe" });
    const pieces: string[] = [];
    for await (const piece of textStream) pieces.push(piece);
    expect(pieces.length).toBeGreaterThan(1);
    expect(await finishReason).toBe("stop");
  });

  it("runs a tool to the end", async () => {
    const { text } = await generateText({
      model: google()(model),
      prompt: 'call weather {"city":"Bern"}',
      tools: {
        weather: tool({ inputSchema: z.object({ city: z.string() }), execute: async () => ({ sky: "sunny" }) }),
      },
      stopWhen: stepCountIs(3),
    });
    expect(text).toContain("sunny");
  });

  it("embeds", async () => {
    const { embedding } = await embed({ model: google().embeddingModel(embeddingModel), value: "one" });
    expect(embedding.length).toBeGreaterThan(0);
  });

  it("gets Google's own error", async () => {
    await expect(generateText({ model: google()("gemini-0-none"), prompt: "x", maxRetries: 0 })).rejects.toThrow(
      /not found/,
    );
  });

  it("aborts up to the upstream", async () => {
    const before = emulator.record().length;
    emulator.fault({ do: { stall: { afterChunks: 1, forMs: 5_000 } } });
    const abort = new AbortController();
    const { textStream } = streamText({
      model: google()(model),
      prompt: "Long story",
      abortSignal: abort.signal,
      onError: () => undefined,
    });
    try {
      for await (const _piece of textStream) abort.abort();
    } catch {
      // Whether the SDK throws or ends here is its own business.
    }
    await until(
      async () => (emulator.record()[before]?.outcome === "client-gone" ? true : undefined),
      "the emulator to see the abort",
    );
    expect(emulator.record()[before]?.outcome).toBe("client-gone");
  });
});

describe("Gemini CLI", () => {
  it("answers a prompt", async () => {
    const home = await mkdtemp(join(tmpdir(), "gemini-cli-"));
    await mkdir(join(home, ".gemini"));
    await writeFile(
      join(home, ".gemini/settings.json"),
      JSON.stringify({
        security: { auth: { selectedType: "gemini-api-key" } },
        privacy: { usageStatisticsEnabled: false },
        general: { enableAutoUpdate: false },
        telemetry: { enabled: false },
      }),
    );
    const before = emulator.record().length;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [geminiCli, "-p", "Say hello", "--yolo", "-m", "gemini-2.5-pro", "--output-format", "json"],
      {
        cwd: home,
        timeout: 60_000,
        env: {
          PATH: process.env["PATH"],
          HOME: home,
          GEMINI_API_KEY: clientKey,
          GOOGLE_GEMINI_BASE_URL: gateway.url,
          GEMINI_CLI_TRUST_WORKSPACE: "true",
        },
      },
    );
    expect((JSON.parse(stdout) as { response: string }).response.length).toBeGreaterThan(0);
    const streamed = emulator
      .record()
      .slice(before)
      .filter((record) => record.stream);
    expect(streamed.length).toBeGreaterThan(0);
    expect(streamed.every((record) => record.outcome === "complete")).toBe(true);
    await rm(home, { recursive: true, force: true });
  }, 90_000);
});

const geminiCli = new URL("./node_modules/@google/gemini-cli/bundle/gemini.js", import.meta.url).pathname;
