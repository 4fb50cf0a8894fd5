/**
 * The command `gemini-proxy`. Commands are loaded when they are used, so that `--help` and `keys list` do not pay for
 * the server.
 * @module
 */
import { readFileSync } from "node:fs";
import { runCommand } from "citty";
import type { CommandDef } from "citty";
import { CliFailure, wordsOf } from "./failure.ts";
import { hasColour, toPlainLine } from "./output.ts";
import { completeSwitches } from "./setting-flags.ts";
import { renderUsage } from "./usage.ts";
import { redact } from "../vault/redact.ts";
import { styleText } from "node:util";

const root: CommandDef = {
  meta: { name: "gemini-proxy", description: "One endpoint in front of a pool of Gemini API keys" },
  subCommands: {
    start: () => import("./start.ts").then((module) => module.command),
    keys: group("keys", "The Gemini API keys of the pool", {
      add: () => import("./keys/add.ts").then((module) => module.command),
      import: () => import("./keys/import.ts").then((module) => module.command),
      list: () => import("./keys/list.ts").then((module) => module.command),
      show: () => import("./keys/show.ts").then((module) => module.command),
      update: () => import("./keys/update.ts").then((module) => module.command),
      group: () => import("./keys/group.ts").then((module) => module.groupCommand),
      ungroup: () => import("./keys/group.ts").then((module) => module.ungroupCommand),
      quotas: () => import("./keys/quotas.ts").then((module) => module.command),
      check: () => import("./keys/check.ts").then((module) => module.command),
      enable: () => import("./keys/switch.ts").then((module) => module.enableCommand),
      disable: () => import("./keys/switch.ts").then((module) => module.disableCommand),
      remove: () => import("./keys/remove.ts").then((module) => module.command),
      export: () => import("./keys/export.ts").then((module) => module.command),
    }),
    accounts: group("accounts", "Code Assist accounts (licence holders) in the pool beside keys", {
      add: () => import("./accounts/add.ts").then((module) => module.command),
      login: () => import("./accounts/login.ts").then((module) => module.command),
      list: () => import("./accounts/list.ts").then((module) => module.command),
      check: () => import("./accounts/check.ts").then((module) => module.command),
      remove: () => import("./accounts/remove.ts").then((module) => module.command),
    }),
    clients: group("clients", "The client keys that may call this gateway", {
      create: () => import("./clients/create.ts").then((module) => module.command),
      update: () => import("./clients/update.ts").then((module) => module.command),
      list: () => import("./clients/list.ts").then((module) => module.command),
      show: () => import("./clients/show.ts").then((module) => module.command),
      usage: () => import("./clients/usage.ts").then((module) => module.command),
      revoke: () => import("./clients/revoke.ts").then((module) => module.command),
    }),
    logs: group("logs", "The record of calls and their attempts", {
      list: () => import("./logs/list.ts").then((module) => module.command),
      show: () => import("./logs/show.ts").then((module) => module.command),
      tail: () => import("./logs/tail.ts").then((module) => module.command),
    }),
    stats: () => import("./stats.ts").then((module) => module.command),
    doctor: () => import("./doctor/doctor.ts").then((module) => module.command),
    config: () => import("./config.ts").then((module) => module.command),
  },
};

// A reader that has seen enough (`| head`) closes the pipe; that is no failure.
process.stdout.on("error", (error: Error & { code?: string }) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

await main(completeSwitches(process.argv.slice(2)));

// --- helpers ---

async function main(words: readonly string[]): Promise<void> {
  try {
    const options = words.includes("--") ? words.slice(0, words.indexOf("--")) : words;
    if (options.includes("--version") || (options.length === 1 && options[0] === "-v"))
      return void process.stdout.write(`${version()}\n`);
    const { command, isWhole } = await find(words);
    if (
      words.length === 0 ||
      options.includes("--help") ||
      options.includes("-h") ||
      (isWhole && command.subCommands !== undefined)
    ) {
      process.stdout.write(`${await renderUsage(command)}\n`);
      return;
    }
    await runCommand(root, { rawArgs: [...words] });
  } catch (error) {
    report(error, words);
  }
}

/** The command that the words name, as far as they do; `isWhole`: they name nothing else. */
async function find(words: readonly string[]): Promise<{ command: CommandDef; isWhole: boolean }> {
  let command = root;
  const names = words.filter((word) => !word.startsWith("-"));
  let depth = 0;
  for (const name of names) {
    const subCommands = command.subCommands as Record<string, CommandDef | (() => Promise<CommandDef>)> | undefined;
    if (subCommands === undefined || !Object.hasOwn(subCommands, name)) break;
    const next = subCommands[name];
    command = typeof next === "function" ? await next() : (next as CommandDef);
    depth++;
  }
  return { command, isWhole: depth === names.length };
}

function group(name: string, description: string, subCommands: Record<string, () => Promise<CommandDef>>): CommandDef {
  return { meta: { name, description }, subCommands };
}

function report(error: unknown, words: readonly string[]): void {
  // citty's own refusals (unknown command, missing argument) are wrong command lines.
  const isUsage = error instanceof Error && error.name === "CLIError";
  const failure = error instanceof CliFailure ? error : null;
  const message = redact(toPlain(wordsOf(error)));
  const place = failure?.place ?? null;
  const next = failure?.next ?? (isUsage ? "See 'gemini-proxy --help'." : null);
  if (words.includes("--json")) process.stderr.write(`${JSON.stringify({ error: { message, place, next } })}\n`);
  else {
    const label = hasColour(process.stderr) ? styleText("red", "error:", { validateStream: false }) : "error:";
    process.stderr.write(`${label} ${message}\n`);
    if (place !== null) process.stderr.write(`  where: ${redact(place)}\n`);
    if (next !== null) process.stderr.write(`  next:  ${next}\n`);
    if (/^(?:1|on|true)$/i.test(process.env["DEBUG"] ?? "") && error instanceof Error && failure === null)
      process.stderr.write(`${redact(error.stack ?? "")}\n`);
  }
  process.exitCode = failure?.exitCode ?? (isUsage ? 2 : 1);
}

/** Line by line, so that lists of problems keep their lines. */
function toPlain(text: string): string {
  return text.split("\n").map(toPlainLine).join("\n");
}

/** From the package.json of the package: beside `dist`, or two folders above the sources. */
function version(): string {
  for (const place of ["../../package.json", "../package.json"]) {
    try {
      const found = JSON.parse(readFileSync(new URL(place, import.meta.url), "utf8")) as {
        name?: string;
        version?: string;
      };
      if (found.name === "gemini-proxy" && found.version !== undefined) return found.version;
    } catch {
      // Not there: the other place.
    }
  }
  return "unknown";
}
