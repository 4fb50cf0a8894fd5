/**
 * The Gemini CLI with an API key.
 * @module
 */
import { join } from "node:path";
import type { Agent } from "./types.ts";

/** Speaks Gemini's own dialect. */
export const geminiCli: Agent = {
  name: "gemini-cli",
  program: "gemini",
  dialect: "gemini",
  launch: ({ url, clientKey, model, prompt, home }) => ({
    arguments: ["-p", prompt, "--yolo", "-m", model, "--output-format", "json"],
    environment: { GEMINI_API_KEY: clientKey, GOOGLE_GEMINI_BASE_URL: url, GEMINI_CLI_TRUST_WORKSPACE: "true" },
    files: {
      // Without it the base URL alone selects another kind of log-in, and `-p` ends with 41.
      [join(home, ".gemini/settings.json")]: JSON.stringify({
        security: { auth: { selectedType: "gemini-api-key" } },
        privacy: { usageStatisticsEnabled: false },
        general: { enableAutoUpdate: false },
        telemetry: { enabled: false },
      }),
    },
  }),
  tools: {
    read: (path) => ({ name: "read_file", args: { file_path: path } }),
    edit: ({ path, from, to }) => ({
      name: "replace",
      args: { file_path: path, instruction: "Change it", old_string: from, new_string: to },
    }),
    run: (command) => ({ name: "run_shell_command", args: { command } }),
  },
  finalText: (stdout) => (JSON.parse(stdout) as { response: string }).response,
};
