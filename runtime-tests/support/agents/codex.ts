/**
 * Codex, with a provider of its own and with the built-in one.
 * @module
 */
import type { Agent, AgentTask, Launch } from "./types.ts";

/** Arguments of a run that asks nobody. */
const exec = ["exec", "--skip-git-repo-check", "--json", "--dangerously-bypass-approvals-and-sandbox"];

/** Speaks OpenAI Responses, over HTTP from the start. */
export const codex: Agent = {
  name: "codex",
  program: "codex",
  dialect: "openai-responses",
  launch: (task) => codexLaunch(task),
  tools: {
    read: (path) => ({ name: "exec_command", args: { cmd: `cat ${path}` } }),
    // For models it does not know there is no tool but the shell, where it finds its own patches by their first word.
    edit: ({ path, from, to }) => ({
      name: "exec_command",
      args: {
        cmd: `apply_patch <<'EOF'\n*** Begin Patch\n*** Update File: ${path}\n@@\n-${from}\n+${to}\n*** End Patch\nEOF\n`,
      },
    }),
    run: (command) => ({ name: "exec_command", args: { cmd: command } }),
  },
  finalText: (stdout) =>
    stdout
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as { item?: { type: string; text?: string } })
      .filter(({ item }) => item?.type === "agent_message")
      .map(({ item }) => item?.text ?? "")
      .at(-1) ?? "",
};

/** The provider it is built for, at another address: tries a WebSocket first. */
export const codexBuiltIn: Agent = {
  ...codex,
  name: "codex, built-in provider",
  launch: ({ url, clientKey, model, prompt }) => ({
    arguments: [...exec, "--ephemeral", "-c", `openai_base_url="${url}/v1"`, "-m", model, prompt],
    environment: { CODEX_API_KEY: clientKey },
    files: {},
  }),
};

/**
 * How Codex is started with the gateway as a provider of its own.
 * @param options `before`, `after`: arguments around the settings; `keep`: the session may be resumed
 */
export function codexLaunch(
  { url, clientKey, model, prompt }: AgentTask,
  options: { command?: string[]; more?: string[]; keep?: boolean } = {},
): Launch {
  return {
    arguments: [
      ...exec,
      ...(options.keep === true ? [] : ["--ephemeral"]),
      "-c",
      `model="${model}"`,
      "-c",
      'model_provider="gateway"',
      "-c",
      `model_providers.gateway={name="gateway",base_url="${url}/v1",env_key="GATEWAY_KEY",wire_api="responses",supports_websockets=false}`,
      ...(options.more ?? []),
      ...(options.command ?? []),
      prompt,
    ],
    environment: { GATEWAY_KEY: clientKey },
    files: {},
  };
}
