/**
 * Settings as the CLI sees them: flags, the environment, a `.env` file, in this order.
 * @module
 */
import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { parseSettings } from "../settings/parse.ts";
import type { ParsedSettings } from "../settings/parse.ts";
import { settingsTable } from "../settings/table.ts";
import { CliFailure } from "./failure.ts";

/** Parsed settings with what the CLI knows beside them. */
export interface Configuration extends ParsedSettings {
  /** Variables that came from the `.env` file. */
  fileVariables: ReadonlySet<string>;
  /** The `.env` file that was read; null: there is none. */
  envFile: string | null;
}

/**
 * Loads settings. Problems are left in the result: each command decides which of them it minds.
 * @param options `overrides`: from flags, by setting name; `envFile`: a file with variables; null: none is read
 * @throws CliFailure (exit code 2) when a named file cannot be read
 */
export function loadConfiguration(options: {
  overrides?: Readonly<Record<string, string | undefined>>;
  envFile?: string | null | undefined;
}): Configuration {
  const named = options.envFile ?? null;
  const path = named ?? (options.envFile === null ? null : defaultEnvFile);
  const text = path === null ? null : readText(path);
  if (named !== null && text === null)
    throw new CliFailure(`The file ${named} cannot be read.`, {
      place: "--dotenv",
      next: "Check the path.",
      exitCode: 2,
    });
  const fromFile = text === null ? {} : parseEnv(text);
  const fileVariables = new Set(Object.keys(fromFile).filter((name) => (process.env[name] ?? "").trim() === ""));
  const environment: Record<string, string | undefined> = { ...process.env };
  for (const name of fileVariables) environment[name] = fromFile[name];
  const parsed = parseSettings(environment, { overrides: options.overrides ?? {}, readFile: readText });
  return { ...parsed, fileVariables, envFile: text === null ? null : path };
}

/**
 * Throws when a setting that a command needs is wrong. A command that reads the ledger does not mind a wrong PORT.
 * @param configuration from `loadConfiguration`
 * @param needed setting names; null: all
 * @throws CliFailure (exit code 2) with every problem at once
 */
export function requireSettings(configuration: Configuration, needed: readonly string[] | null): void {
  const variables = needed === null ? null : new Set(needed.flatMap(variablesOf));
  const problems = configuration.problems.filter(({ variable }) => variables === null || variables.has(variable));
  if (problems.length === 0) return;
  const [first] = problems;
  throw new CliFailure(
    problems.length === 1
      ? (first?.message as string)
      : `${problems.length} settings are wrong:\n${problems.map(({ message }) => `  - ${message}`).join("\n")}`,
    { next: "'gemini-proxy config' shows all settings and where each came from.", exitCode: 2 },
  );
}

// --- helpers ---

/** Read in the working directory when no other file is named. */
const defaultEnvFile = ".env";

function variablesOf(name: string): string[] {
  const aliases = settingsTable.find((row) => row.name === name)?.aliases ?? [];
  return [name, ...aliases, `${name}_FILE`];
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
