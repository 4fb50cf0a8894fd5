/**
 * What only Codex does: answers by a schema, pictures from tools, sessions that are taken up again.
 * @module
 */
import { expect, it } from "vitest";
import { clientKey } from "../targets.ts";
import { codex, codexLaunch } from "./codex.ts";
import { goodEnd } from "./colour-task.ts";
import { inWorkspace, runAgent } from "./run-agent.ts";
import { historyProblems, pictureFile, sentBody, sentPictures } from "./upstream-body.ts";
import type { AgentWorld } from "./world.ts";

const schema = {
  type: "object",
  properties: { colour: { type: "string" } },
  required: ["colour"],
  additionalProperties: false,
};

/**
 * Declares the tests.
 * @param options `patience`: milliseconds for one
 */
export function codexSuite(options: { world: () => AgentWorld; model: string; patience: number }): void {
  const { world, model, patience } = options;

  it(
    "Codex looks at a picture, answers by a schema, and takes the session up again",
    { timeout: patience },
    async () => {
      await world().begin();
      await inWorkspace({
        name: codex.program,
        files: { "sky.png": pictureFile, "schema.json": JSON.stringify(schema) },
        async use({ home, project }) {
          world().emulator.script(
            {
              when: { toolResults: 0 },
              parts: [{ functionCall: { name: "view_image", args: { path: `${project}/sky.png` } } }],
            },
            { when: { toolResults: 1, lastUserText: "Which colour" }, parts: [{ text: '{"colour":"blue"}' }] },
            { when: { lastUserText: "Are you sure" }, parts: [{ text: "It is blue indeed." }] },
          );
          const task = { url: world().gateway.url, clientKey, model, prompt: "Which colour is it?", home, project };
          const first = await runAgent(
            { ...codex, launch: (it) => codexLaunch(it, { keep: true, more: ["--output-schema", "schema.json"] }) },
            task,
          );
          expect(JSON.parse(goodEnd({ world: world(), agent: codex, run: first }))).toEqual({ colour: "blue" });
          const second = await runAgent(
            { ...codex, launch: (it) => codexLaunch(it, { keep: true, command: ["resume", "--last"] }) },
            { ...task, prompt: "Are you sure?" },
          );
          expect(goodEnd({ world: world(), agent: codex, run: second })).toBe("It is blue indeed.");
        },
      });
      const served = world().served();
      expect(served.map(({ status }) => status)).toEqual([200, 200, 200]);
      const [first, , last] = served;
      if (first === undefined || last === undefined) throw new Error("unreachable: three requests");
      expect(sentBody(first).generationConfig).toMatchObject({
        responseMimeType: "application/json",
        responseJsonSchema: schema,
      });
      expect(sentPictures(last)).toEqual([pictureFile.toString("base64")]);
      expect(historyProblems(last)).toEqual([]);
      const roles = sentBody(last).contents.map(({ role }) => role);
      expect(roles).toEqual(["user", "model", "user", "model", "user"]);
    },
  );
}
