/**
 * Settings out of a Worker's variables and secrets.
 * @module
 */
import { parseSettings, type ParsedSettings } from "../../settings/parse.ts";
import { parseMasterKeyText } from "../../vault/master-key.ts";
import type { WorkerEnvironment } from "./runtime.ts";

/** Settings that cannot be used. The message names them and may be shown to anybody. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  /** What is wrong with each, for the log: it may quote what was given. */
  readonly details: string;

  constructor(problems: readonly { variable: string; message: string }[]) {
    const names = [...new Set(problems.map(({ variable }) => variable))].join(", ");
    super(`Settings of this gateway cannot be used: ${names}. Its log says what is expected.`);
    this.details = problems.map(({ message }) => message).join(" ");
  }
}

/**
 * @param env bindings; everything that is text is looked at
 * @returns settings, which of them were given, and oddities that do not stop a start
 * @throws SettingsError
 */
export function toSettings(env: WorkerEnvironment): Omit<ParsedSettings, "problems"> {
  const texts: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(env)) if (typeof value === "string") texts[name] = value;
  const { settings, sources, warnings, problems } = parseSettings(texts);
  const all = [...problems, ...problemsOfMasterKey(settings.encryptionKey)];
  if (all.length > 0) throw new SettingsError(all);
  return { settings, sources, warnings };
}

// --- helpers ---

/** Node reads it from a file too, so the settings do not look into it. */
function problemsOfMasterKey(text: string | null): { variable: string; message: string }[] {
  if (text === null) return [];
  try {
    parseMasterKeyText(text);
    return [];
  } catch (error) {
    return [{ variable: "ENCRYPTION_KEY", message: error instanceof Error ? error.message : String(error) }];
  }
}
