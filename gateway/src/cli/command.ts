/**
 * What every command has in common: `--json`, `--data-dir`, `--dotenv`, refusal of unknown options, and exit codes.
 * @module
 */
import type { ArgsDef, CommandDef, ParsedArgs } from "citty";
import { loadConfiguration, requireSettings } from "./configuration.ts";
import type { Configuration } from "./configuration.ts";
import { usageFailure } from "./failure.ts";
import type { ExitCode } from "./failure.ts";
import { createOutput } from "./output.ts";
import type { Output } from "./output.ts";
import { settingFlags } from "./setting-flags.ts";

/** Options of every command. */
export type CommonArgs = {
  json: { type: "boolean"; description: string };
  "data-dir": { type: "string"; valueHint: string; description: string };
  dotenv: { type: "string"; valueHint: string; description: string };
};

/** What a command is given when it runs. */
export interface Invocation<Args extends ArgsDef> {
  args: ParsedArgs<Args & CommonArgs>;
  /** All positional arguments, also those that have no name. */
  positionals: readonly string[];
  /** The words after the command's name, for options that may be given more than once. */
  words: readonly string[];
  output: Output;
  configuration: Configuration;
  /** Epoch milliseconds at the start of the command. */
  now: number;
}

/** A command as it is written down. */
export interface CommandDefinition<Args extends ArgsDef> {
  /** Whole name, such as `keys add`. */
  name: string;
  /** One line. */
  description: string;
  args: Args;
  /** Further lines of `--help`: the shape of `--json`, examples. */
  notes?: readonly string[];
  /** Takes more positional arguments than are named. @default false */
  variadic?: boolean;
  /** Settings that must be in order; null: all. @default DATA_DIR, ENCRYPTION_KEY */
  needs?: readonly string[] | null;
  /** Takes every setting that is no secret as an option. @default false */
  settingFlags?: boolean;
  /** @returns the exit code; nothing: 0 */
  run(invocation: Invocation<Args>): Promise<ExitCode | void>;
}

/** A citty command with what `--help` needs beside citty's own fields. */
export type CliCommand = CommandDef & {
  notes?: readonly string[];
  /** Options that `--help` leaves out, since there are too many of them. */
  unlisted?: ReadonlySet<string>;
};

/** Settings that every command needs to find its data. */
export const dataSettings: readonly string[] = ["DATA_DIR", "ENCRYPTION_KEY"];

/**
 * Makes a command.
 * @param definition what it is and does
 */
export function defineCliCommand<const Args extends ArgsDef>(definition: CommandDefinition<Args>): CliCommand {
  const unlisted = new Set(definition.settingFlags === true ? Object.keys(settingFlags) : []);
  for (const name of [...Object.keys(definition.args), ...Object.keys(commonArgs)]) unlisted.delete(name);
  // A text option each: citty takes `--ledger=off` of a boolean option for "on".
  const flags = Object.fromEntries([...unlisted].map((name) => [name, { type: "string" } as const]));
  const args = { ...flags, ...definition.args, ...commonArgs };
  const command: CommandDef<typeof args> & Pick<CliCommand, "notes" | "unlisted"> = {
    meta: { name: definition.name, description: definition.description },
    args,
    notes: definition.notes ?? [],
    unlisted,
    async run(context) {
      const given = context.args as unknown as ParsedArgs<Args & CommonArgs>;
      refuseUnknown(given, definition);
      const configuration = loadConfiguration({ overrides: overridesOf(given, definition), envFile: dotenvOf(given) });
      const output = createOutput({ json: given["json"] === true });
      requireSettings(configuration, definition.needs === undefined ? dataSettings : definition.needs);
      const positionals = given._;
      process.exitCode =
        (await definition.run({
          args: given,
          positionals,
          words: context.rawArgs,
          output,
          configuration,
          now: Date.now(),
        })) ?? 0;
    },
  };
  return command as unknown as CliCommand;
}

// --- helpers ---

const commonArgs: CommonArgs = {
  json: { type: "boolean", description: "Print the result as JSON" },
  "data-dir": { type: "string", valueHint: "folder", description: "Folder of the database (DATA_DIR)" },
  dotenv: {
    type: "string",
    valueHint: "file",
    description: "File with settings (otherwise .env, when it is there); none: no file",
  },
};

function dotenvOf(args: Record<string, unknown>): string | null | undefined {
  const name = args["dotenv"];
  if (typeof name !== "string" || name === "") return undefined;
  return name === "none" ? null : name;
}

function overridesOf<Args extends ArgsDef>(
  args: Record<string, unknown>,
  definition: CommandDefinition<Args>,
): Record<string, string> {
  const overrides: Record<string, string> = {};
  const flags = definition.settingFlags === true ? settingFlags : { "data-dir": "DATA_DIR" };
  for (const [flag, name] of Object.entries(flags)) {
    const value = args[flag];
    if (typeof value === "string" && value !== "") overrides[name] = value;
  }
  return overrides;
}

/** citty takes any option; a mistyped one must not be ignored. */
function refuseUnknown<Args extends ArgsDef>(
  args: Record<string, unknown> & { _: string[] },
  definition: CommandDefinition<Args>,
): void {
  const help = `See 'gemini-proxy ${definition.name} --help'.`;
  const named: ArgsDef = { ...definition.args, ...commonArgs };
  const names = [...Object.keys(named), ...Object.keys(definition.settingFlags === true ? settingFlags : {})];
  const known = new Set(["_", ...names, ...names.map(toCamel)]);
  for (const name of Object.keys(args))
    if (!known.has(name)) throw usageFailure(`Unknown option ${name.length === 1 ? "-" : "--"}${name}.`, help);
  const valueless = names.find((name) => args[name] === "" && named[name]?.type !== "positional");
  if (valueless !== undefined) throw usageFailure(`--${valueless} needs a value.`, `Write --${valueless}=…`);
  const places = Object.values(named).filter((argument) => argument.type === "positional").length;
  const extra = args._[places];
  if (definition.variadic !== true && extra !== undefined)
    throw usageFailure(`'${extra}' is one argument too many.`, help);
}

function toCamel(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
