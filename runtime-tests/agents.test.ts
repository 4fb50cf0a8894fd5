/**
 * Coding agents from npm, unmodified and asking nobody, do a task of several turns through the gateway: they read, edit and
 * run for themselves, and the emulator plays the model. Nothing but the gateway can be reached.
 * @module
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { claudeCode } from "./support/agents/claude-code.ts";
import { codex, codexBuiltIn } from "./support/agents/codex.ts";
import { doColourTask } from "./support/agents/colour-task.ts";
import { geminiCli } from "./support/agents/gemini-cli.ts";
import { opencode } from "./support/agents/opencode.ts";
import { startAgentWorld, type AgentWorld } from "./support/agents/world.ts";

/** Its signatures are asked back for. */
const model = "gemini-3.8-flash";
/** Many times what a run takes on a quiet machine. */
const patience = 120_000;

describe("on keys", () => {
  let world: AgentWorld;
  beforeAll(async () => {
    world = await startAgentWorld({ credentials: "key", environment: { OPENAI_CHAT: "translate" } });
  }, 120_000);
  afterAll(() => world?.stop());

  it.each([
    geminiCli,
    codex,
    codexBuiltIn,
    claudeCode,
    opencode("gemini"),
    opencode("openai-chat"),
    opencode("openai-responses"),
    opencode("anthropic"),
  ])(
    "$name does the task",
    async (agent) => {
      const { run } = await doColourTask({ world, agent, model });
      console.log(agent.name, Math.round(run.tookMs));
    },
    patience,
  );
});
