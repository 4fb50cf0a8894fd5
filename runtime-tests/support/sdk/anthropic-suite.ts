/**
 * Anthropic's SDK on Messages.
 * @module
 */
import Anthropic from "@anthropic-ai/sdk";
import { zodOutputFormat } from "@anthropic-ai/sdk/helpers/zod";
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

const tools: Anthropic.Tool[] = [{ name: "weather", description: "Weather of a city", input_schema: weatherSchema }];

/** Declares the tests. */
export function anthropicSuite(world: () => AgentWorld): void {
  describe("@anthropic-ai/sdk", () => {
    const messages = (): Anthropic.Messages =>
      new Anthropic({ apiKey: clientKey, baseURL: world().gateway.url, maxRetries: 0 }).messages;
    const hello: Anthropic.MessageParam[] = [{ role: "user", content: "Hello" }];

    it("streams text, with usage", async () => {
      world().emulator.script({ parts: [{ text: "Good " }, { text: "day." }] });
      const stream = messages().stream({ model, max_tokens: 1_000, messages: hello });
      const pieces: string[] = [];
      stream.on("text", (piece) => pieces.push(piece));
      const whole = await stream.finalMessage();
      expect(pieces).toEqual(["Good ", "day."]);
      expect(whole).toMatchObject({ stop_reason: "end_turn", content: [{ type: "text", text: "Good day." }] });
      const [served] = world().served();
      expect(whole.usage).toMatchObject({
        input_tokens: (served?.usage?.prompt ?? 0) - (served?.usage?.cached ?? 0),
        output_tokens: (served?.usage?.candidates ?? 0) + (served?.usage?.thoughts ?? 0),
      });
    });

    it("calls two tools at once, and goes on with their results", async () => {
      world().emulator.script(...weatherScript());
      const asked: Anthropic.MessageParam[] = [{ role: "user", content: question }];
      const thinking: Anthropic.ThinkingConfigParam = { type: "enabled", budget_tokens: 2_000 };
      const common = { model, tools, thinking, max_tokens: 4_000 };
      const first = await messages()
        .stream({ ...common, messages: asked })
        .finalMessage();
      expect(first.stop_reason).toBe("tool_use");
      const types = first.content.map(({ type }) => type).filter((type) => type !== "thinking");
      expect(types).toEqual(["text", "tool_use", "tool_use"]);
      const uses = first.content.flatMap((block) => (block.type === "tool_use" ? [block] : []));
      expect(uses.map(({ input }) => input)).toEqual([{ city: "Bern" }, { city: "Rome" }]);
      const second = await messages().create({
        ...common,
        messages: [
          ...asked,
          { role: "assistant", content: first.content as Anthropic.ContentBlockParam[] },
          {
            role: "user",
            content: uses.map(({ id, input }) => ({
              type: "tool_result",
              tool_use_id: id,
              content: weatherOf((input as { city: string }).city),
            })),
          },
        ],
      });
      expect(second.content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("")).toBe(verdict);
      await expectWeather(world(), "anthropic");
    });

    it("shows a picture and gets an object of a schema", async () => {
      const shape = z.object({ colour: z.string(), sure: z.boolean() });
      world().emulator.script({ parts: [{ text: '{"colour":"blue",' }, { text: '"sure":true}' }] });
      const data = pictureFile.toString("base64");
      const answer = await messages().parse({
        model,
        max_tokens: 1_000,
        output_config: { format: zodOutputFormat(shape) },
        messages: [
          {
            role: "user",
            content: [
              { type: "text", text: "Which colour?" },
              { type: "image", source: { type: "base64", media_type: "image/png", data } },
            ],
          },
        ],
      });
      expect(answer.parsed_output).toEqual({ colour: "blue", sure: true });
      const [served] = world().served();
      const sent = served === undefined ? null : sentBody(served);
      expect(sent?.contents[0]?.parts[1]?.inlineData?.data).toBe(data);
      expect(sent?.generationConfig).toMatchObject({ responseMimeType: "application/json" });
      expect(JSON.stringify(sent?.generationConfig)).toContain('"sure"');
    });

    it("counts tokens, tools included", async () => {
      const short = await messages().countTokens({ model, messages: hello });
      const long = await messages().countTokens({ model, messages: hello, tools });
      expect(short.input_tokens).toBeGreaterThan(0);
      expect(long.input_tokens).toBeGreaterThan(short.input_tokens);
    });

    it("throws what was refused, with the field", async () => {
      // Newer versions of the SDK have no such field; what older ones send is still read.
      const hot = { model, max_tokens: 100, messages: hello, temperature: "hot" };
      const refused = await messages()
        .create(hot as Anthropic.MessageCreateParamsNonStreaming)
        .catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(Anthropic.BadRequestError);
      expect((refused as Error).message).toContain("temperature: ");
    });

    it("throws when every key rests, with the time to wait", async () => {
      exhaust(world(), "gemini-3-flash-preview");
      const refused = await messages()
        .create({ model: "gemini-3-flash-preview", max_tokens: 100, messages: hello })
        .catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(Anthropic.RateLimitError);
      const { headers } = refused as { headers?: Headers };
      expect(Number(headers?.get("retry-after"))).toBeGreaterThan(0);
    });
  });
}
