/**
 * The AI SDK, by each of its providers.
 * @module
 */
import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import {
  APICallError,
  generateText,
  Output,
  stepCountIs,
  streamText,
  tool,
  type LanguageModel,
  type ToolSet,
} from "ai";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { pictureFile, sentBody } from "../agents/upstream-body.ts";
import type { AgentWorld } from "../agents/world.ts";
import { clientKey } from "../targets.ts";
import { exhaust, expectWeather, model, question, verdict, weatherOf, weatherScript } from "./weather.ts";

interface Provider {
  name: string;
  dialect: string;
  /** Put to rest for this provider alone. */
  restingModel: string;
  languageModel(id: string, url: string): LanguageModel;
}

const apiKey = clientKey;
const providers: Provider[] = [
  {
    name: "@ai-sdk/openai, responses",
    dialect: "openai-responses",
    restingModel: "gemini-3.1-pro-preview",
    languageModel: (id, url) => createOpenAI({ apiKey, baseURL: `${url}/v1` }).responses(id),
  },
  {
    name: "@ai-sdk/openai, chat",
    dialect: "openai-chat",
    restingModel: "gemini-3.1-flash-lite",
    languageModel: (id, url) => createOpenAI({ apiKey, baseURL: `${url}/v1` }).chat(id),
  },
  {
    name: "@ai-sdk/openai-compatible",
    dialect: "openai-chat",
    restingModel: "gemini-3.5-flash-lite",
    languageModel: (id, url) =>
      createOpenAICompatible({
        name: "gateway",
        apiKey,
        baseURL: `${url}/v1`,
        includeUsage: true,
        supportsStructuredOutputs: true,
      })(id),
  },
  {
    name: "@ai-sdk/anthropic",
    dialect: "anthropic",
    restingModel: "gemini-3.6-flash",
    languageModel: (id, url) => createAnthropic({ apiKey, baseURL: `${url}/v1` })(id),
  },
  {
    name: "@ai-sdk/google",
    dialect: "gemini",
    restingModel: "gemini-2.5-pro",
    languageModel: (id, url) => createGoogleGenerativeAI({ apiKey, baseURL: `${url}/v1beta` })(id),
  },
];

/** Declares the tests. */
export function aiSdkSuite(world: () => AgentWorld): void {
  describe.each(providers)("$name", (provider) => {
    const language = (id = model): LanguageModel => provider.languageModel(id, world().gateway.url);

    it("streams text, with usage at the end", async () => {
      world().emulator.script({ parts: [{ text: "Good " }, { text: "day." }] });
      const stream = streamText({ model: language(), prompt: "Hello", maxRetries: 0 });
      const pieces: string[] = [];
      for await (const piece of stream.textStream) pieces.push(piece);
      expect(pieces.join("")).toBe("Good day.");
      expect(await stream.finishReason).toBe("stop");
      const [served] = world().served();
      expect(await stream.usage).toMatchObject({
        inputTokens: served?.usage?.prompt,
        outputTokens: (served?.usage?.candidates ?? 0) + (served?.usage?.thoughts ?? 0),
      });
    });

    it("calls two tools at once, and goes on with their results", async () => {
      world().emulator.script(...weatherScript());
      const weather = tool({
        description: "Weather of a city",
        inputSchema: z.object({ city: z.string() }),
        execute: async ({ city }) => weatherOf(city),
      });
      const stream = streamText({
        model: language(),
        // The package's own types are not made for exactOptionalPropertyTypes.
        tools: { weather } as unknown as ToolSet,
        stopWhen: stepCountIs(4),
        prompt: question,
        maxRetries: 0,
      });
      await stream.consumeStream();
      const steps = await stream.steps;
      expect(steps.map(({ text }) => text)).toEqual(["Let me look. ", verdict]);
      expect(steps[0]?.finishReason).toBe("tool-calls");
      expect(steps[0]?.toolCalls.map(({ input }) => input as unknown)).toEqual([{ city: "Bern" }, { city: "Rome" }]);
      await expectWeather(world(), provider.dialect);
    });

    it("shows a picture and gets an object of a schema", async () => {
      const object = { colour: "blue", sure: true };
      world().emulator.script(
        // How the provider for Anthropic asks for objects of models that it does not know.
        { when: { hasTool: "json" }, parts: [{ functionCall: { name: "json", args: object } }] },
        { parts: [{ text: '{"colour":"blue",' }, { text: '"sure":true}' }] },
      );
      const answer = await generateText({
        model: language(),
        output: Output.object({ schema: z.object({ colour: z.string(), sure: z.boolean() }) }),
        maxRetries: 0,
        messages: [
          {
            role: "user",
            content: [
              { type: "text", text: "Which colour?" },
              { type: "file", data: pictureFile, mediaType: "image/png" },
            ],
          },
        ],
      });
      expect(answer.output).toEqual(object);
      const [served] = world().served();
      const sent = served === undefined ? null : sentBody(served);
      expect(sent?.contents[0]?.parts[1]?.inlineData?.data).toBe(pictureFile.toString("base64"));
      expect(JSON.stringify([sent?.generationConfig, sent?.tools])).toContain('"sure"');
    });

    it("throws what Google refused, in Google's words", async () => {
      world().emulator.fault({ match: {}, do: { error: "too-many-tokens" } });
      const refused = await generateText({ model: language(), prompt: "Hello", maxRetries: 0 }).catch(
        (error: unknown) => error,
      );
      expect(APICallError.isInstance(refused)).toBe(true);
      const { statusCode, message, isRetryable } = refused as APICallError;
      expect({ statusCode, isRetryable }).toEqual({ statusCode: 400, isRetryable: false });
      expect(message).toMatch(/token/);
    });

    it("throws for a model that there is not", async () => {
      const refused = await generateText({ model: language("gemini-0"), prompt: "Hello", maxRetries: 0 }).catch(
        (error: unknown) => error,
      );
      expect(APICallError.isInstance(refused)).toBe(true);
      expect((refused as APICallError).statusCode).toBe(404);
      expect((refused as APICallError).message).toMatch(/gemini-0|not found/);
    });

    it("throws when every key rests, with the time to wait", async () => {
      exhaust(world(), provider.restingModel);
      const refused = await generateText({
        model: language(provider.restingModel),
        prompt: "Hello",
        maxRetries: 0,
      }).catch((error: unknown) => error);
      expect(APICallError.isInstance(refused)).toBe(true);
      const { statusCode, responseHeaders, isRetryable } = refused as APICallError;
      expect({ statusCode, isRetryable }).toEqual({ statusCode: 429, isRetryable: true });
      expect(Number(responseHeaders?.["retry-after"])).toBeGreaterThan(0);
    });
  });
}
