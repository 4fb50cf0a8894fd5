/**
 * What only Claude Code does: it searches by a request of its own, looks at pictures, counts tokens.
 * @module
 */
import { expect, it } from "vitest";
import { clientKey } from "../targets.ts";
import { claudeCode } from "./claude-code.ts";
import { goodEnd } from "./colour-task.ts";
import { inWorkspace, runAgent } from "./run-agent.ts";
import type { Agent } from "./types.ts";
import { historyProblems, pictureFile, sentBody, sentPictures, sentResults } from "./upstream-body.ts";
import type { AgentWorld } from "./world.ts";

/**
 * Declares the tests.
 * @param options `patience`: milliseconds for one
 */
export function claudeSuite(options: { world: () => AgentWorld; model: string; patience: number }): void {
  const { world, model, patience } = options;

  it("Claude Code searches the web through Google, and shows the model a picture", { timeout: patience }, async () => {
    const query = "why is the sky blue";
    await world().begin();
    await inWorkspace({
      name: claudeCode.program,
      files: { "sky.png": pictureFile },
      async use({ home, project }) {
        world().emulator.script(
          { when: { hasTool: "WebSearch", toolResults: 0 }, parts: [call("WebSearch", { query })] },
          {
            when: { hasTool: false },
            parts: [{ text: "The sky is blue by scattering." }],
            candidate: {
              groundingMetadata: {
                webSearchQueries: [query],
                groundingChunks: [{ web: { uri: "https://example.com/sky", title: "About the sky" } }],
                groundingSupports: [{ segment: { startIndex: 0, endIndex: 15 }, groundingChunkIndices: [0] }],
              },
            },
          },
          {
            when: { hasToolResult: "WebSearch" },
            parts: [call("Read", { file_path: `${project}/sky.png` })],
          },
          { when: { hasToolResult: "Read" }, parts: [{ text: "Blue, and so is the picture." }] },
        );
        const agent = withArguments(["--tools", "WebSearch,Read"]);
        const task = { url: world().gateway.url, clientKey, model, prompt: "Why is the sky blue?", home, project };
        const run = await runAgent(agent, task);
        expect(goodEnd({ world: world(), agent, run })).toContain("so is the picture");
      },
    });
    const served = world().served();
    expect(served.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const [, search, , last] = served;
    if (search === undefined || last === undefined) throw new Error("unreachable: four requests");
    expect(sentBody(search).tools).toEqual([{ googleSearch: {} }]);
    const [found] = sentResults(last);
    expect(found).toContain("https://example.com/sky");
    expect(found).toContain("The sky is blue by scattering.");
    expect(sentPictures(last)).toEqual([pictureFile.toString("base64")]);
    expect(historyProblems(last)).toEqual([]);
  });

  it("Claude Code counts the tokens of its context", { timeout: patience }, async () => {
    await world().begin();
    await inWorkspace({
      name: claudeCode.program,
      async use({ home, project }) {
        const task = { url: world().gateway.url, clientKey, model, prompt: "/context", home, project };
        const run = await runAgent(claudeCode, task);
        // Of its own accord it guesses where counting fails.
        expect(goodEnd({ world: world(), agent: claudeCode, run })).toMatch(/System tools \| [1-9]/);
      },
    });
    const served = world().served();
    expect(served.length).toBeGreaterThan(1);
    for (const { status, operation } of served) {
      expect({ status, operation }).toEqual({ status: 200, operation: "countTokens" });
    }
    const calls = await world().calls(served.length);
    expect(new Set(calls.map(({ dialect, status }) => `${dialect} ${status}`))).toEqual(new Set(["anthropic 200"]));
  });
}

// --- helpers ---

function call(
  name: string,
  args: Record<string, unknown>,
): { functionCall: Record<string, unknown> & { name: string } } {
  return { functionCall: { name, args } };
}

function withArguments(more: readonly string[]): Agent {
  return {
    ...claudeCode,
    launch(task) {
      const launch = claudeCode.launch(task);
      return { ...launch, arguments: [...launch.arguments, ...more] };
    },
  };
}
