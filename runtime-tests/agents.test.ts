/**
 * Coding agents from npm, unmodified and asking nobody, do a task of several turns through the gateway: they read, edit and
 * run for themselves, and the emulator plays the model. Nothing but the gateway can be reached.
 * @module
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { claudeCode } from "./support/agents/claude-code.ts";
import { codex, codexBuiltIn } from "./support/agents/codex.ts";
import { claudeSuite } from "./support/agents/claude-suite.ts";
import { codexSuite } from "./support/agents/codex-suite.ts";
import { doColourTask } from "./support/agents/colour-task.ts";
import { geminiCli } from "./support/agents/gemini-cli.ts";
import { opencode } from "./support/agents/opencode.ts";
import { startAgentWorld, type AgentWorld } from "./support/agents/world.ts";

/** Its signatures must come back. */
const model = "gemini-3.8-flash";
/** Milliseconds; many times what a run takes on a quiet machine. */
const patience = 120_000;

describe("on keys", () => {
  let world: AgentWorld;
  beforeAll(async () => {
    world = await startAgentWorld({ credentials: "key", environment: { OPENAI_CHAT: "translate" } });
  }, patience);
  afterAll(() => world?.stop());

  it.each([
    geminiCli,
    codex,
    codexBuiltIn,
    claudeCode,
    // Its other two forms are those of SDKs (sdk.test.ts); each start of it takes its time.
    opencode("openai-chat"),
    opencode("anthropic"),
  ])("$name reads, edits, runs and tells", { timeout: patience }, async (agent) => {
    const { run } = await doColourTask({ world, agent, model });
    expect(run.code).toBe(0);
    // It asks for a WebSocket first, and goes on without one.
    if (agent === codexBuiltIn) expect(run.stderr).toContain("failed to connect to Responses WebSocket");
  });

  it.each([codex])(
    "$name does it with a model that need not have its signatures back",
    { timeout: patience },
    async (agent) => {
      const { calls } = await doColourTask({ world, agent, model: "gemini-2.5-pro" });
      expect(calls).toHaveLength(4);
    },
  );

  codexSuite({ world: () => world, model, patience });
  claudeSuite({ world: () => world, model, patience });

  it.each([
    { agent: codex, refused: [503] },
    { agent: claudeCode, refused: [503] },
  ])(
    "$agent.name does not notice that Google is overloaded once",
    { timeout: patience },
    async ({ agent, refused }) => {
      const prepare = (): number => world.emulator.fault({ match: { nth: 2 }, do: { error: "overloaded" } });
      const { calls } = await doColourTask({ world, agent, model, prepare, refused, otherProject: true });
      expect(calls[1]?.attempts.map(({ status }) => status)).toEqual([503, 200]);
    },
  );

  // The last one here: the key rests until midnight.
  it("Claude Code does not notice that a key is used up in the middle of its task", { timeout: patience }, async () => {
    const prepare = (): number => world.emulator.fault({ match: { nth: 2 }, do: { error: "quota-day" } });
    const { calls } = await doColourTask({
      world,
      agent: claudeCode,
      model,
      prepare,
      refused: [429],
      otherProject: true,
    });
    expect(calls.map(({ attempts }) => attempts.map(({ status }) => status))).toEqual([
      [200],
      [429, 200],
      [200],
      [200],
    ]);
  });
});

describe("on a Code Assist account", () => {
  let world: AgentWorld;
  beforeAll(async () => {
    world = await startAgentWorld({ credentials: "account" });
  }, patience);
  afterAll(() => world?.stop());

  it.each([geminiCli, codex, claudeCode])(
    "$name reads, edits, runs and tells",
    { timeout: patience },
    async (agent) => {
      await doColourTask({ world, agent, model });
      expect(new Set(world.served().map(({ surface }) => surface))).toEqual(new Set(["code-assist"]));
    },
  );
});
