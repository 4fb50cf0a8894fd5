/**
 * The task that every agent gets: read two files at once, edit one, run a command, tell. What the model says is scripted;
 * what the agent does is real.
 * @module
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { ScriptedAnswer } from "../../../emulator/src/emulator.ts";
import { clientKey } from "../targets.ts";
import { inWorkspace, runAgent } from "./run-agent.ts";
import type { Agent, AgentRun } from "./types.ts";
import { historyProblems, sentResults } from "./upstream-body.ts";
import type { AgentCall, AgentWorld } from "./world.ts";

/** What the agent is asked. */
const prompt = "Change the colour in notes.txt from red to blue, as rules.txt says, then look at it.";
/** The result of the command is not in any request before: only who ran it can know it. */
const command = "tr a-z A-Z < notes.txt";
const outcome = "COLOUR: BLUE";

/** A task that came to its end. */
export interface FinishedTask {
  run: AgentRun;
  calls: AgentCall[];
}

/** The model's side; calls without tools, as those for titles, get a title. */
function colourScript({ tools }: Agent, project: string): ScriptedAnswer[] {
  const notes = join(project, "notes.txt");
  const thought = { text: "**Reading**\n\nFirst I look at both files.", thought: true };
  const reads = [tools.read(notes), tools.read(join(project, "rules.txt"))];
  const edit = tools.edit({ path: notes, from: "colour: red", to: "colour: blue" });
  return [
    { when: { hasTool: false }, repeat: true, parts: [{ text: "A change of colour" }] },
    {
      when: { toolResults: 0 },
      parts: [thought, { text: "I read both files. " }, ...reads.map((functionCall) => ({ functionCall }))],
    },
    { when: { toolResults: 2 }, parts: [{ functionCall: edit }] },
    { when: { toolResults: 3 }, parts: [{ functionCall: tools.run(command) }] },
    { when: { toolResults: 4 }, parts: [{ text: "It is done: " }, { text: `the file says ${outcome}.` }] },
  ];
}

/**
 * Lets an agent do the task, and proves that it did: file, command, text; every request accepted; every call in the
 * ledger, with what Google billed.
 * @param options `prepare`: after the script is set; `refused`: statuses that Google is to answer beside 200, in order;
 * `otherProject`: another one
 * goes on in the middle, which cannot read the signatures of the first
 */
export async function doColourTask(options: {
  world: AgentWorld;
  agent: Agent;
  model: string;
  prepare?: () => void;
  refused?: readonly number[];
  otherProject?: boolean;
}): Promise<FinishedTask> {
  const { world, agent, model, refused = [] } = options;
  await world.begin();
  return inWorkspace({
    name: agent.program,
    files: { "notes.txt": "colour: red\nsize: 3\n", "rules.txt": "Blue is the rule of 42.\n" },
    async use({ home, project }) {
      world.emulator.script(...colourScript(agent, project));
      options.prepare?.();
      const run = await runAgent(agent, { url: world.gateway.url, clientKey, model, prompt, home, project });
      expect(goodEnd({ world, agent, run })).toContain(outcome);
      expect(await readFile(join(project, "notes.txt"), "utf8")).toBe("colour: blue\nsize: 3\n");
      expectUpstream();
      return { run, calls: await expectLedger() };
    },
  });

  function expectUpstream(): void {
    const served = world.served();
    expect(served.map(({ status }) => status).filter((status) => status !== 200)).toEqual(refused);
    const last = served.findLast((record) => sentResults(record).length > 0);
    const results = last === undefined ? [] : sentResults(last);
    expect(results).toHaveLength(4);
    expect(results[0]).toContain("colour: red");
    expect(results[1]).toContain("rule of 42");
    expect(results[3]).toContain(outcome);
    const problems = served.filter(({ surface }) => surface !== "openai").flatMap(historyProblems);
    if (options.otherProject !== true) expect(problems).toEqual([]);
    else expect(problems.filter((problem) => !problem.includes("signature"))).toEqual([]);
  }

  async function expectLedger(): Promise<AgentCall[]> {
    const served = world.served();
    const calls = await world.calls(served.length - refused.length);
    expect(calls).toHaveLength(served.length - refused.length);
    for (const call of calls) {
      expect(call).toMatchObject({ dialect: agent.dialect, status: 200, outcome: "ok" });
      expect(call.finishReason).toMatch(/^stop|tool_calls$/i);
      // An account's calls are paid by its licence.
      if (world.credentials === "key") expect(call.costUsd).toBeGreaterThan(0);
      else expect(call.costUsd).toBe(0);
    }
    const billed = served.flatMap(({ usage }) => (usage === null ? [] : [usage]));
    expect(sums(calls.map(({ usage }) => [usage?.["promptTokens"], usage?.["totalTokens"]]))).toEqual(
      sums(billed.map(({ prompt: promptTokens, total }) => [promptTokens, total])),
    );
    return calls;
  }
}

/**
 * What the agent told at the end.
 * @throws when it failed, with all that is known of the run
 */
export function goodEnd({ world, agent, run }: { world: AgentWorld; agent: Agent; run: AgentRun }): string {
  if (run.code === 0) return agent.finalText(run.stdout);
  const upstream = world.served().map(({ status, path, errorStatus }) => `${status} ${path} ${errorStatus ?? ""}`);
  const told = [...upstream, run.stdout, run.stderr].join("\n").slice(0, 4_000);
  throw new Error(`${agent.name} ended with ${run.code} after ${Math.round(run.tookMs)} ms:\n${told}`);
}

// --- helpers ---

function sums(rows: (number | undefined)[][]): number[] {
  return [0, 1].map((column) => rows.reduce((sum, row) => sum + (row[column] ?? Number.NaN), 0));
}
