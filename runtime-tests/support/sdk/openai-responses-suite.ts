/**
 * OpenAI's SDK on Responses.
 * @module
 */
import OpenAI from "openai";
import { zodTextFormat } from "openai/helpers/zod";
import type { Responses } from "openai/resources/responses/responses";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { historyProblems, pictureFile, sentBody } from "../agents/upstream-body.ts";
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

const tools: Responses.FunctionTool[] = [
  { type: "function", name: "weather", description: "Weather of a city", parameters: weatherSchema, strict: true },
];

/** Declares the tests. */
export function openaiResponsesSuite(world: () => AgentWorld): void {
  describe("openai, responses", () => {
    const responses = (): Responses =>
      new OpenAI({ apiKey: clientKey, baseURL: `${world().gateway.url}/v1`, maxRetries: 0 }).responses;

    it("streams text, with usage at the end", async () => {
      world().emulator.script({ parts: [{ text: "Good " }, { text: "day." }] });
      const stream = responses().stream({ model, input: "Hello" });
      const pieces: string[] = [];
      stream.on("response.output_text.delta", ({ delta }) => pieces.push(delta));
      const whole = await stream.finalResponse();
      expect(pieces).toEqual(["Good ", "day."]);
      expect(whole).toMatchObject({ status: "completed", output_text: "Good day." });
      const [served] = world().served();
      expect(whole.usage).toMatchObject({ input_tokens: served?.usage?.prompt, total_tokens: served?.usage?.total });
    });

    it("calls two tools at once, and goes on with their results, replaying all", async () => {
      world().emulator.script(...weatherScript());
      const asked: Responses.ResponseInputItem[] = [{ role: "user", content: question }];
      const common = { model, tools, store: false, include: ["reasoning.encrypted_content" as const] };
      const first = await responses()
        .stream({ ...common, input: asked })
        .finalResponse();
      const second = await responses().create({
        ...common,
        input: [...asked, ...(first.output as Responses.ResponseInputItem[]), ...resultsOf(first)],
      });
      expect(second.output_text).toBe(verdict);
      await expectWeather(world(), "openai-responses");
    });

    it("goes on from a response that the gateway kept", async () => {
      world().emulator.script(...weatherScript(), { parts: [{ text: "By nine degrees." }] });
      const first = await responses().create({ model, tools, input: question });
      const second = await responses().create({
        model,
        tools,
        previous_response_id: first.id,
        input: resultsOf(first),
      });
      expect(second.output_text).toBe(verdict);
      await expectWeather(world(), "openai-responses");
      const third = await responses().create({ model, tools, previous_response_id: second.id, input: "By how much?" });
      expect(third.output_text).toBe("By nine degrees.");
      const last = world().served().at(-1);
      expect(last === undefined ? null : historyProblems(last)).toEqual([]);
      const roles = last === undefined ? [] : sentBody(last).contents.map(({ role }) => role);
      expect(roles).toEqual(["user", "model", "user", "model", "user"]);
    });

    it("shows a picture and gets an object of a schema", async () => {
      const shape = z.object({ colour: z.string(), sure: z.boolean() });
      world().emulator.script({ parts: [{ text: '{"colour":"blue",' }, { text: '"sure":true}' }] });
      const image_url = `data:image/png;base64,${pictureFile.toString("base64")}`;
      const answer = await responses().parse({
        model,
        text: { format: zodTextFormat(shape, "picture") },
        input: [
          {
            role: "user",
            content: [
              { type: "input_text", text: "Which colour?" },
              { type: "input_image", image_url, detail: "auto" },
            ],
          },
        ],
      });
      expect(answer.output_parsed).toEqual({ colour: "blue", sure: true });
      const [served] = world().served();
      const sent = served === undefined ? null : sentBody(served);
      expect(sent?.contents[0]?.parts[1]?.inlineData?.data).toBe(pictureFile.toString("base64"));
      expect(sent?.generationConfig).toMatchObject({ responseMimeType: "application/json" });
      expect(JSON.stringify(sent?.generationConfig)).toContain('"sure"');
    });

    it("throws what was refused, with the field", async () => {
      const refused = await responses()
        .create({ model, input: "Hello", temperature: "hot" as unknown as number })
        .catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(OpenAI.BadRequestError);
      expect(refused).toMatchObject({ status: 400, param: "temperature", type: "invalid_request_error" });
    });

    it("throws when every key rests, with the time to wait", async () => {
      exhaust(world(), "gemini-2.5-flash-lite");
      const refused = await responses()
        .create({ model: "gemini-2.5-flash-lite", input: "Hello" })
        .catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(OpenAI.RateLimitError);
      const { headers } = refused as { headers?: Headers };
      expect(Number(headers?.get("retry-after"))).toBeGreaterThan(0);
    });
  });
}

// --- helpers ---

function resultsOf(response: Responses.Response): Responses.ResponseInputItem[] {
  const calls = response.output.flatMap((item) => (item.type === "function_call" ? [item] : []));
  const cities = calls.map((call) => (JSON.parse(call.arguments) as { city: string }).city);
  expect(cities).toEqual(["Bern", "Rome"]);
  return calls.map(({ call_id }, index) => ({
    type: "function_call_output",
    call_id,
    output: weatherOf(cities[index]),
  }));
}
