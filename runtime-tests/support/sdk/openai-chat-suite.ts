/**
 * OpenAI's SDK on Chat Completions, translated.
 * @module
 */
import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { pictureFile, sentBody } from "../agents/upstream-body.ts";
import type { AgentWorld } from "../agents/world.ts";
import { clientKey } from "../targets.ts";
import {
  exhaust,
  expectWeather,
  model,
  question,
  verdict,
  weatherOf,
  weatherSchema,
  weatherScript,
} from "./weather.ts";

const weather = { name: "weather", description: "Weather of a city", parameters: weatherSchema, strict: true };

/** Declares the tests. */
export function openaiChatSuite(world: () => AgentWorld): void {
  describe("openai, chat", () => {
    const chat = (): OpenAI.Chat.Completions =>
      new OpenAI({ apiKey: clientKey, baseURL: `${world().gateway.url}/v1`, maxRetries: 0 }).chat.completions;
    const hello: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "Hello" }];

    it("streams text, with usage at the end", async () => {
      world().emulator.script({ parts: [{ text: "Good " }, { text: "day." }] });
      const stream = chat().stream({ model, messages: hello, stream_options: { include_usage: true } });
      const pieces: string[] = [];
      stream.on("content", (piece) => pieces.push(piece));
      const whole = await stream.finalChatCompletion();
      expect(pieces).toEqual(["Good ", "day."]);
      expect(whole.choices[0]).toMatchObject({ message: { content: "Good day." }, finish_reason: "stop" });
      const [served] = world().served();
      expect(whole.usage).toMatchObject({
        prompt_tokens: served?.usage?.prompt,
        completion_tokens: (served?.usage?.candidates ?? 0) + (served?.usage?.thoughts ?? 0),
        total_tokens: served?.usage?.total,
      });
    });

    it("calls two tools at once, and goes on with their results", async () => {
      world().emulator.script(...weatherScript());
      const asked: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: question }];
      const tools: OpenAI.ChatCompletionFunctionTool[] = [{ type: "function", function: weather }];
      const first = await chat().stream({ model, tools, messages: asked }).finalChatCompletion();
      const message = first.choices[0]?.message;
      expect(message?.content).toBe("Let me look. ");
      expect(first.choices[0]?.finish_reason).toBe("tool_calls");
      const calls = (message?.tool_calls ?? []).flatMap((call) => (call.type === "function" ? [call] : []));
      const parsed = calls.map((call) => JSON.parse(call.function.arguments) as { city: string });
      expect(parsed).toEqual([{ city: "Bern" }, { city: "Rome" }]);
      const second = await chat().create({
        model,
        tools,
        messages: [
          ...asked,
          // What nothing but the ids is left of, as most clients keep it.
          {
            role: "assistant",
            content: message?.content ?? null,
            tool_calls: calls.map(({ id, function: { name, arguments: args } }) => ({
              id,
              type: "function",
              function: { name, arguments: args },
            })),
          },
          ...calls.map((call, index): OpenAI.ChatCompletionToolMessageParam => ({
            role: "tool",
            tool_call_id: call.id,
            content: weatherOf(parsed[index]?.city),
          })),
        ],
      });
      expect(second.choices[0]?.message.content).toBe(verdict);
      await expectWeather(world(), "openai-chat");
    });

    it("shows a picture and gets an object of a schema", async () => {
      const shape = z.object({ colour: z.string(), sure: z.boolean() });
      world().emulator.script({ parts: [{ text: '{"colour":"blue",' }, { text: '"sure":true}' }] });
      const url = `data:image/png;base64,${pictureFile.toString("base64")}`;
      const answer = await chat().parse({
        model,
        response_format: zodResponseFormat(shape, "picture"),
        messages: [
          {
            role: "user",
            content: [
              { type: "text", text: "Which colour?" },
              { type: "image_url", image_url: { url } },
            ],
          },
        ],
      });
      expect(answer.choices[0]?.message.parsed).toEqual({ colour: "blue", sure: true });
      const [served] = world().served();
      const sent = served === undefined ? null : sentBody(served);
      expect(sent?.contents[0]?.parts[1]?.inlineData).toEqual({
        mimeType: "image/png",
        data: pictureFile.toString("base64"),
      });
      expect(sent?.generationConfig).toMatchObject({ responseMimeType: "application/json" });
      expect(JSON.stringify(sent?.generationConfig)).toContain('"sure"');
    });

    it("throws what was refused, with the field", async () => {
      const refused = await chat()
        .create({ model, messages: hello, temperature: "hot" as unknown as number })
        .catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(OpenAI.BadRequestError);
      expect(refused).toMatchObject({ status: 400, param: "temperature", type: "invalid_request_error" });
    });

    it("throws when every key rests, with the time to wait", async () => {
      exhaust(world(), "gemini-2.5-flash");
      const refused = await chat()
        .create({ model: "gemini-2.5-flash", messages: hello })
        .catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(OpenAI.RateLimitError);
      const { headers } = refused as { headers?: Headers };
      expect(Number(headers?.get("retry-after"))).toBeGreaterThan(0);
    });
  });
}
