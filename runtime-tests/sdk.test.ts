/**
 * SDKs from npm, unmodified, through the gateway on the emulator: text as it comes, tools over several turns, pictures,
 * objects of a schema, refusals. Everything is translated that can be.
 * @module
 */
import { afterAll, beforeAll, beforeEach, describe } from "vitest";
import { startAgentWorld, type AgentWorld } from "./support/agents/world.ts";
import { aiSdkSuite } from "./support/sdk/ai-sdk-suite.ts";
import { anthropicSuite } from "./support/sdk/anthropic-suite.ts";
import { openaiChatSuite } from "./support/sdk/openai-chat-suite.ts";
import { openaiResponsesSuite } from "./support/sdk/openai-responses-suite.ts";

// Some parts of requests have newer names; the old ones still work, and are what people have.
Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });

describe.each(["key", "account"] as const)("with an upstream %s", (credentials) => {
  let started: AgentWorld | undefined;
  const world = (): AgentWorld => started as AgentWorld;

  beforeAll(async () => {
    started = await startAgentWorld({ credentials, environment: { OPENAI_CHAT: "translate" } });
  }, 120_000);
  beforeEach(() => world().begin());
  afterAll(() => started?.stop());

  openaiChatSuite(world);
  openaiResponsesSuite(world);
  anthropicSuite(world);
  aiSdkSuite(world);
});
