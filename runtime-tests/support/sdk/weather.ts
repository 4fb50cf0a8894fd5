/**
 * A conversation with two calls of a tool at once, which every SDK must bring to its end; and what must then have come to
 * Google.
 * @module
 */
import { expect } from "vitest";
import type { ScriptedAnswer } from "../../../emulator/src/emulator.ts";
import { historyProblems, sentBody, sentResults } from "../agents/upstream-body.ts";
import type { AgentWorld } from "../agents/world.ts";

/** Its signatures must come back. */
export const model = "gemini-3.8-flash";
/** What is asked first. */
export const question = "Where is it warmer, Bern or Rome?";
/** What is told last. */
export const verdict = "It is warmer in Rome.";
/** The tool's argument. */
export const weatherSchema = {
  type: "object" as const,
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};

/** The tool's answers. @param city as the model wrote it */
export function weatherOf(city: unknown): string {
  return city === "Rome" ? "31 degrees" : "22 degrees";
}

/** The model's side: a thought, some text, two calls in events of their own; then the verdict. */
export function weatherScript(): ScriptedAnswer[] {
  const ask = (city: string): ScriptedAnswer["parts"] => [{ functionCall: { name: "weather", args: { city } } }];
  return [
    {
      when: { hasTool: "weather", toolResults: 0 },
      chunks: [
        { parts: [{ text: "**Comparing**\n\nI need both.", thought: true }] },
        { parts: [{ text: "Let me look. " }] },
        { parts: ask("Bern") ?? [] },
        { parts: ask("Rome") ?? [] },
      ],
    },
    { when: { toolResults: 2 }, parts: [{ text: "It is warmer " }, { text: "in Rome." }] },
  ];
}

/**
 * Two requests came to Google, both were good, the second with both results in order and real signatures; the ledger has
 * them with what Google billed.
 */
export async function expectWeather(world: AgentWorld, dialect: string): Promise<void> {
  const served = world.served();
  expect(served.map(({ status }) => status)).toEqual([200, 200]);
  const [first, last] = served;
  if (first === undefined || last === undefined) throw new Error("unreachable: two requests");
  expect(sentBody(first).tools?.flatMap(({ functionDeclarations = [] }) => functionDeclarations)).toMatchObject([
    { name: "weather" },
  ]);
  const results = sentResults(last);
  expect(results).toHaveLength(2);
  expect(results[0]).toContain("22 degrees");
  expect(results[1]).toContain("31 degrees");
  expect(historyProblems(last)).toEqual([]);
  const calls = await world.calls(2);
  expect(calls.map((call) => [call.dialect, call.status, call.usage?.["totalTokens"]])).toEqual(
    served.map(({ usage }) => [dialect, 200, usage?.total]),
  );
}

/** Puts the model of one SDK to rest: every project refuses it, so that the others' models stay awake. */
export function exhaust(world: AgentWorld, restingModel: string): void {
  world.emulator.fault({ match: { model: restingModel, count: "all" }, do: { error: "quota-minute" } });
}
