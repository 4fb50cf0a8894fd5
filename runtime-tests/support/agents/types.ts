/**
 * What a coding agent from npm is to the tests: a program, the files and variables that point it at a gateway, and the
 * names of the tools it gives the model.
 * @module
 */

/** A call of a tool, as the model would write it. */
export interface ToolCall {
  name: string;
  args: Record<string, unknown>;
}

/** What one run of an agent is to do, and where. */
export interface AgentTask {
  /** Of the gateway, without a final slash. */
  url: string;
  clientKey: string;
  model: string;
  prompt: string;
  /** The agent's HOME: made for the test. */
  home: string;
  /** Its working directory: made for the test. */
  project: string;
}

/** How a run is started. */
export interface Launch {
  arguments: string[];
  /** Beside PATH and HOME there is nothing else. */
  environment: Record<string, string>;
  /** Written first: absolute path to content. */
  files: Record<string, string>;
}

/** An agent. */
export interface Agent {
  name: string;
  /** Of node_modules/.bin. */
  program: string;
  /** As the ledger calls what it speaks. */
  dialect: "gemini" | "openai-chat" | "openai-responses" | "anthropic";
  launch(task: AgentTask): Launch;
  /** Its tools, as it declares them. */
  tools: {
    read(path: string): ToolCall;
    edit(change: { path: string; from: string; to: string }): ToolCall;
    run(command: string): ToolCall;
  };
  /** What it told the user at the end. @param stdout all that it printed */
  finalText(stdout: string): string;
}

/** How a run ended. */
export interface AgentRun {
  /** Null: it was killed. */
  code: number | null;
  stdout: string;
  stderr: string;
  tookMs: number;
}
