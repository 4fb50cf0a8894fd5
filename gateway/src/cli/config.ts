/**
 * `gemini-proxy config`
 * @module
 */
import { applyStoredSettings } from "../hosts/settings-control.ts";
import { describeProxy } from "../settings/structured-values.ts";
import { settingsTable } from "../settings/table.ts";
import type { SettingDefinition } from "../settings/table.ts";
import { mask } from "../vault/redact.ts";
import { dataSettings, defineCliCommand } from "./command.ts";
import type { CliCommand } from "./command.ts";
import { changeStored } from "./config-change.ts";
import { requireSettings } from "./configuration.ts";
import type { Configuration } from "./configuration.ts";
import { usageFailure, wordsOf } from "./failure.ts";
import { withWorkspace } from "./workspace.ts";

/** Prints all settings in force; stores some. */
export const command: CliCommand = defineCliCommand({
  name: "config",
  description: "Print all settings with where each came from, or store some",
  args: {
    action: {
      type: "positional",
      required: false,
      valueHint: "set NAME=VALUE… | unset NAME…",
      description: "Store settings, or forget stored ones",
    },
  },
  variadic: true,
  settingFlags: true,
  needs: [],
  notes: [
    "Secrets are masked. Exit code 1 when a setting is wrong.",
    "Settings are environment variables; a .env file in the working directory is read, too, and variables outrank it.",
    "Every setting that is no secret is also an option of 'start' (RETENTION_DAYS is --retention-days).",
    "'config set OWNER_WAIT_MS=5s' stores a setting, as the dashboard does; the environment and flags outrank it. A running gateway",
    "takes it up within a second where docs/configuration.md says 'at once'. 'config unset OWNER_WAIT_MS' takes it back.",
    "",
    "JSON of set and unset: {changed: [name], afterRestart: [name], outranked: [name]}",
    "JSON: {settings: [{name, value, source, stored, hot, readOnly, secret, default, aliases, help}], warnings: […], problems: [{variable, message}]}",
  ],
  async run({ output, configuration: given, positionals }) {
    const [action, ...words] = positionals;
    if (action === "set" || action === "unset") {
      requireSettings(given, dataSettings);
      return changeStored({ action, words, configuration: given, output });
    }
    if (action !== undefined)
      throw usageFailure(`'${action}' is not known here.`, "Write 'config set' or 'config unset'.");
    const configuration = await withStored(given);
    const rows = settingsTable.map((row) => ({
      ...row,
      value: valueOf(row, configuration),
      source: sourceOf(row, configuration),
      stored: configuration.stored[row.name] ?? null,
    }));
    const { warnings, problems } = configuration;
    const exitCode = problems.length > 0 ? 1 : 0;
    const settings = rows.map(({ name, value, source, stored, hot, readOnly, secret, ...row }) => ({
      name,
      value,
      source,
      stored,
      hot,
      readOnly,
      secret,
      default: row.default,
      aliases: row.aliases,
      help: row.help,
    }));
    if (output.json({ settings, warnings, problems })) return exitCode;
    output.table(rows, [
      { title: "SETTING", of: (row) => row.name },
      { title: "VALUE", of: (row) => row.value, limit: 60 },
      { title: "SOURCE", of: (row) => row.source, style: (row) => (row.source === "default" ? "dim" : "reset") },
    ]);
    for (const warning of warnings) output.warn(warning);
    for (const { message } of problems) process.stderr.write(`wrong: ${message}\n`);
    return exitCode;
  },
});

// --- helpers ---

/** Settings with what is stored, as a gateway that starts now would have them. */
interface WithStored extends Configuration {
  stored: Readonly<Record<string, string>>;
  /** Names whose stored value cannot be used. */
  ignored: ReadonlySet<string>;
}

/** The database need not be there, nor be readable: the other settings are shown all the same. */
async function withStored(configuration: Configuration): Promise<WithStored> {
  const warnings = [...configuration.warnings];
  const settings = { ...configuration.settings };
  let stored: Record<string, string> = {};
  try {
    stored = await withWorkspace(configuration, { write: false }, ({ store }) => store.administration.settings.list());
  } catch (error) {
    warnings.push(`Stored settings cannot be read: ${wordsOf(error)}`);
  }
  const problems = applyStoredSettings({ settings, sources: configuration.sources, stored });
  for (const { message } of problems) warnings.push(`Stored, but ignored: ${message}`);
  return { ...configuration, settings, warnings, stored, ignored: new Set(problems.map(({ name }) => name)) };
}

/** `default`, `stored`, `flag --port`, `environment`, `environment API_PORT`, `.env`, `file gemini.keys`, … */
function sourceOf(row: SettingDefinition, configuration: WithStored): string {
  const source = configuration.sources.get(row.name);
  const isStored = configuration.stored[row.name] !== undefined && !configuration.ignored.has(row.name);
  if (source === undefined && isStored) return "stored";
  if (source === undefined) return row.default === null ? "not set" : "default";
  if (source.kind === "flag") return "flag";
  if (source.kind === "file") return `file ${source.variable}`;
  const place = configuration.fileVariables.has(source.variable) ? (configuration.envFile ?? ".env") : "environment";
  return source.variable === row.name ? place : `${place} ${source.variable}`;
}

/** The value in force as text; secrets masked, keys counted. */
function valueOf(row: SettingDefinition, configuration: Configuration): string | null {
  const { settings, sources } = configuration;
  const isSet = sources.has(row.name);
  if (row.field === null) return isSet ? "on" : row.default;
  if (row.kind === "keys") return isSet ? "set" : null;
  if (row.field === "credentials") return isSet ? `${settings.credentials.length} keys in all` : null;
  if (row.field === "proxyApiKeys")
    return settings.proxyApiKeys.length === 0 ? null : settings.proxyApiKeys.map(mask).join(", ");
  const value = settings[row.field];
  if (value === null) return null;
  // A passphrase is not shown in parts: four known characters of sixteen are too many.
  if (row.name === "ENCRYPTION_KEY") return "set";
  if (row.kind === "proxy") return describeProxy(String(settings.outboundProxy));
  if (typeof value === "boolean") return value ? "on" : "off";
  if (Array.isArray(value)) return value.join(", ") || "none";
  if (typeof value === "object") return Object.keys(value).length === 0 ? null : JSON.stringify(value);
  return row.secret ? mask(String(value)) : String(value);
}
