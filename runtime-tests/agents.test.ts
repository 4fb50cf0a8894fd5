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
const everyAgent = [
  geminiCli,
  codex,
  claudeCode,
  opencode("gemini"),
  opencode("openai-chat"),
  opencode("openai-responses"),
  opencode("anthropic"),
];


describe("on keys", () => {
  let world: AgentWorld;
  beforeAll(async () => {
    world = await startAgentWorld({ credentials: "key", environment: { OPENAI_CHAT: "translate" } });
  }, 120_000);
  afterAll(() => world?.stop());

  it.each(everyAgent)(
    "$name reads, edits, runs and tells",
    async (agent) => {
      await doColourTask({ world, agent, model });
    },
    patience,
  );

  it.each([geminiCli, codex, claudeCode])(
    "$name does it with a model that signs nothing",
    async (agent) => {
      await doColourTask({ world, agent, model: "gemini-2.5-pro" });
    },
    patience,
  );

  it("Codex with its built-in provider asks for a WebSocket, is refused, and goes on", async () => {
    const { run } = await doColourTask({ world, agent: codexBuiltIn, model });
    console.log(run.stderr);
  }, patience);

  it.each([codex, claudeCode, geminiCli])(
    "$name does not notice that Google is overloaded once",
    async (agent) => {
      const prepare = (): number => world.emulator.fault({ match: { nth: 2 }, do: { error: "overloaded" } });
      const { calls } = await doColourTask({ world, agent, model, prepare, refused: [503] });
      console.log(calls.map((c) => c.attempts.map((a) => [a.status, a.rule])));
    },
    patience,
  );

  it("Claude Code does not notice that a key is used up in the middle of its task", async () => {
    const prepare = (): number => world.emulator.fault({ match: { nth: 2 }, do: { error: "quota-day" } });
    const { calls } = await doColourTask({
      world,
      agent: claudeCode,
      model,
      prepare,
      refused: [429],
      replacedSignatures: true,
    });
    console.log(calls.map((c) => c.attempts.map((a) => [a.status, a.rule])));
  }, patience);
});

describe("on keys, chat by Google's own surface", () => {
  let world: AgentWorld;
  beforeAll(async () => {
    world = await startAgentWorld({ credentials: "key" });
  }, 120_000);
  afterAll(() => world?.stop());

  it("opencode reads, edits, runs and tells", async () => {
    await doColourTask({ world, agent: opencode("openai-chat"), model });
    expect(world.served().map(({ surface }) => surface)).not.toContain("native");
  }, patience);
});

describe("on an account", () => {
  let world: AgentWorld;
  beforeAll(async () => {
    world = await startAgentWorld({ credentials: "account" });
  }, 120_000);
  afterAll(() => world?.stop());

  it.each(everyAgent)(
    "$name reads, edits, runs and tells",
    async (agent) => {
      await doColourTask({ world, agent, model });
    },
    patience,
  );
});
