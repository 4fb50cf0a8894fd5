/**
 * One contract of the translated dialects for every host: Anthropic Messages, OpenAI Responses and Chat in front of the
 * native API. Clients are plain HTTP here; the vendors' SDKs and programs have tests of their own.
 * @module
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ProjectConfig } from "../emulator/src/types.ts";
import { describeTranslatedAnswers } from "./support/translated-answers-suite.ts";
import { translatedDialects, type Json, type TranslatedDialect } from "./support/translated-dialects.ts";
import { describeTranslatedFaults } from "./support/translated-faults-suite.ts";
import { describeTranslatedMemory } from "./support/translated-memory-suite.ts";
import { useTranslatedWorld } from "./support/translated-use.ts";
import { expectAnswer, startTranslatedWorld, type TranslatedWorld } from "./support/translated-world.ts";

describe("on node24", () => {
  const world = useTranslatedWorld("node24");
  describeTranslatedAnswers(world);
  describeTranslatedFaults(world);
});

// The same code as on Node 24, on other engines.
describe("on bun", () => {
  describeTranslatedAnswers(useTranslatedWorld("bun"));
});

describe("with RESPONSES_STORE=off and keys that die", () => {
  // One dies in each dialect's conversation; one is left.
  const keys = Array.from({ length: translatedDialects.length + 1 }, (_, index) =>
    `AQ.Mortal_${index}`.padEnd(50, "0"),
  );
  const project = (key: string, state: "active" | "suspended"): ProjectConfig => ({
    id: `projects/300${keys.indexOf(key)}`,
    keys: [{ key, state }],
    tier: "unlimited",
  });
  let world: TranslatedWorld;

  beforeAll(async () => {
    world = await startTranslatedWorld("node24", {
      emulator: { projects: keys.map((key) => project(key, "active")) },
      environment: { GEMINI_API_KEYS: keys.join(","), RESPONSES_STORE: "off" },
    });
  }, 90_000);

  afterAll(async () => {
    await world?.stop();
  });

  it("previous_response_id is refused, and says that nothing is stored", async () => {
    const responses = translatedDialects.find(({ name }) => name === "openai-responses") as TranslatedDialect;
    const first = await world.ask(responses, responses.request([responses.user("Hi")]));
    expect(first.said).toMatchObject({ isWhole: true });
    const more = { previous_response_id: first.said.id };
    const { status, body } = await world.ask(responses, responses.request([responses.user("Go on")], more));
    expect(status).toBe(400);
    expect(JSON.parse(body)).toMatchObject({ error: { code: "previous_response_not_found" } });
    expect(body).toContain("RESPONSES_STORE");
  });

  it.each(translatedDialects)(
    "$name: when its key dies, a conversation goes on with another one, without what the dead one signed",
    async (dialect) => {
      const tools = [dialect.tool("weather")];
      const turns: Json[] = [dialect.user('call weather {"city":"Bern"}')];
      const first = await world.ask(dialect, dialect.request(turns, { tools }));
      expect(first.said.tools, first.body).toHaveLength(1);
      const used = world.emulator.record().at(-1)?.key as string;
      world.emulator.setProject(project(used, "suspended"));
      turns.push(...first.said.history);
      turns.push(...dialect.results(first.said.tools.map(({ id }) => ({ id, output: "sunny" }))));
      const second = await world.ask(dialect, dialect.request(turns, { tools, stream: true }));
      expectAnswer(second, { status: 200, said: { isWhole: true, error: null } });
      expect(second.said.text).toContain("sunny");
      const served = world.emulator.record().at(-1);
      expect(served?.status).toBe(200);
      expect(served?.key).not.toBe(used);
      expect(served?.body).toContain("skip_thought_signature_validator");
    },
  );
});

describeTranslatedMemory();
