/**
 * opencode, by each of the four providers of the AI SDK that it brings.
 * @module
 */
import { join } from "node:path";
import type { Agent } from "./types.ts";

const providers = {
  gemini: { npm: "@ai-sdk/google", path: "/v1beta" },
  "openai-chat": { npm: "@ai-sdk/openai-compatible", path: "/v1" },
  "openai-responses": { npm: "@ai-sdk/openai", path: "/v1" },
  anthropic: { npm: "@ai-sdk/anthropic", path: "/v1" },
};

/** opencode, speaking a dialect. */
export function opencode(dialect: Agent["dialect"]): Agent {
  const { npm, path } = providers[dialect];
  return {
    name: `opencode, ${npm}`,
    program: "opencode",
    dialect,
    launch: ({ url, clientKey, model, prompt, project }) => ({
      arguments: ["run", "-m", `gateway/${model}`, "--format", "json", prompt],
      environment: {
        OPENCODE_DISABLE_AUTOUPDATE: "1",
        OPENCODE_DISABLE_MODELS_FETCH: "1",
        OPENCODE_DISABLE_LSP_DOWNLOAD: "1",
      },
      files: {
        [join(project, "opencode.json")]: JSON.stringify({
          share: "disabled",
          permission: { "*": "allow" },
          provider: {
            gateway: {
              npm,
              options: { baseURL: url + path, apiKey: clientKey },
              models: { [model]: { name: model, tool_call: true } },
            },
          },
        }),
      },
    }),
    tools: {
      read: (filePath) => ({ name: "read", args: { filePath } }),
      edit: ({ path: filePath, from, to }) => ({
        name: "edit",
        args: { filePath, oldString: from, newString: to },
      }),
      run: (command) => ({ name: "bash", args: { command, description: "Look at it" } }),
    },
    finalText: (stdout) =>
      stdout
        .split("\n")
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line) as { type: string; part?: { text?: string } })
        .filter(({ type }) => type === "text")
        .map(({ part }) => part?.text ?? "")
        .at(-1) ?? "",
  };
}
