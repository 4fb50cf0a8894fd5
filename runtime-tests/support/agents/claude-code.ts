/**
 * Claude Code with a gateway's address.
 * @module
 */
import type { Agent } from "./types.ts";

/** Speaks Anthropic Messages. */
export const claudeCode: Agent = {
  name: "claude-code",
  program: "claude",
  dialect: "anthropic",
  launch: ({ url, clientKey, model, prompt }) => ({
    arguments: ["-p", prompt, "--output-format", "json", "--dangerously-skip-permissions"],
    environment: {
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_AUTH_TOKEN: clientKey,
      ANTHROPIC_MODEL: model,
      ANTHROPIC_SMALL_FAST_MODEL: "gemini-2.5-flash",
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      DISABLE_TELEMETRY: "1",
      DISABLE_AUTOUPDATER: "1",
      // It refuses to skip permissions as root otherwise.
      IS_SANDBOX: "1",
    },
    files: {},
  }),
  tools: {
    read: (path) => ({ name: "Read", args: { file_path: path } }),
    edit: ({ path, from, to }) => ({ name: "Edit", args: { file_path: path, old_string: from, new_string: to } }),
    run: (command) => ({ name: "Bash", args: { command, description: "Look at it" } }),
  },
  finalText: (stdout) => (JSON.parse(stdout) as { result: string }).result,
};
