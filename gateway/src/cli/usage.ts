/**
 * The text of `--help`, for every command of the tree.
 * @module
 */
import type { ArgsDef, CommandDef, CommandMeta, SubCommandsDef } from "citty";
import type { CliCommand } from "./command.ts";
import { toTable } from "./output.ts";

const exitCodes = [
  "Exit codes",
  "  0  done",
  "  1  it did not work, or what was checked is not in order",
  "  2  the command line or a setting is wrong; nothing was done",
];

/**
 * The help of a command.
 * @param command any command of the tree
 * @returns lines, without colours
 */
export async function renderUsage(command: CommandDef): Promise<string> {
  const meta = await resolve<CommandMeta>(command.meta);
  const args = (await resolve<ArgsDef>(command.args)) ?? {};
  const subCommands = await resolve<SubCommandsDef>(command.subCommands);
  const { notes = [], unlisted } = command as CliCommand;
  const name = meta?.name === "gemini-proxy" ? "gemini-proxy" : `gemini-proxy ${meta?.name ?? ""}`;
  const lines = [meta?.description ?? "", ""];

  if (subCommands !== undefined) {
    lines.push(`Usage: ${name} <command> [options]`, "", "Commands");
    const rows = await Promise.all(
      Object.entries(subCommands).map(async ([word, lazy]) => {
        const inner = await resolve<CommandMeta>((await resolve<CommandDef>(lazy as CommandDef))?.meta);
        return { word, description: inner?.description ?? "" };
      }),
    );
    lines.push(...columns(rows.map((row) => [row.word, row.description])));
    lines.push("", `'${name} <command> --help' tells more about a command.`);
  } else {
    const entries = Object.entries(args);
    const positionals = entries.filter(([, argument]) => argument.type === "positional");
    const words = positionals.map(([word, argument]) =>
      argument.required === false ? `[${hintOf(word, argument)}]` : `<${hintOf(word, argument)}>`,
    );
    lines.push(`Usage: ${[name, ...words].join(" ")} [options]`);
    if (positionals.length > 0)
      lines.push(
        "",
        "Arguments",
        ...columns(positionals.map(([word, argument]) => [hintOf(word, argument), argument.description ?? ""])),
      );
    const options = entries.filter(
      ([word, argument]) => argument.type !== "positional" && unlisted?.has(word) !== true,
    );
    lines.push(
      "",
      "Options",
      ...columns(options.map(([word, argument]) => [optionOf(word, argument), argument.description ?? ""])),
    );
  }
  if (notes.length > 0) lines.push("", ...notes);
  return [...lines, "", ...exitCodes].join("\n");
}

// --- helpers ---

function hintOf(word: string, argument: { valueHint?: string }): string {
  return argument.valueHint ?? word;
}

function optionOf(word: string, argument: ArgsDef[string]): string {
  const value =
    argument.type === "string"
      ? ` <${argument.valueHint ?? word}>`
      : argument.type === "enum"
        ? ` <${argument.options?.join("|")}>`
        : "";
  return `--${word}${value}`;
}

function columns(rows: readonly (readonly [string, string] | readonly string[])[]): string[] {
  const titles = [
    { title: "", of: (row: readonly string[]) => `  ${row[0]}` },
    { title: "", of: (row: readonly string[]) => row[1] || " " },
  ];
  // toTable cleans control characters and would trim nothing else; its empty head line is left out.
  return toTable(rows, titles).slice(1);
}

async function resolve<Value>(lazy: unknown): Promise<Value | undefined> {
  return (typeof lazy === "function" ? await (lazy as () => Value | Promise<Value>)() : await lazy) as
    | Value
    | undefined;
}
