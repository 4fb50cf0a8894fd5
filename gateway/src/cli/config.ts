/**
 * `gemini-proxy config`
 * @module
 */
import { describeProxy } from "../settings/structured-values.ts";
import { settingsTable } from "../settings/table.ts";
import type { SettingDefinition } from "../settings/table.ts";
import { mask } from "../vault/redact.ts";
import { defineCliCommand } from "./command.ts";
import type { CliCommand } from "./command.ts";
import type { Configuration } from "./configuration.ts";

/** Prints all settings in force. */
export const command: CliCommand = defineCliCommand({
  name: "config",
  description: "Print all settings with where each came from",
  args: {},
  settingFlags: true,
  needs: [],
  notes: [
    "Secrets are masked. Exit code 1 when a setting is wrong.",
    "Settings are environment variables; a .env file in the working directory is read, too, and variables outrank it.",
    "Every setting that is no secret is also an option of 'start' (RETENTION_DAYS is --retention-days).",
    "",
    "JSON: {settings: [{name, value, source, secret, default, aliases, help}], warnings: […], problems: [{variable, message}]}",
  ],
  async run({ output, configuration }) {
    const rows = settingsTable.map((row) => ({
      ...row,
      value: valueOf(row, configuration),
      source: sourceOf(row, configuration),
    }));
    const { warnings, problems } = configuration;
    const exitCode = problems.length > 0 ? 1 : 0;
    const settings = rows.map(({ name, value, source, secret, default: fallback, aliases, help }) => ({
      name,
      value,
      source,
      secret,
      default: fallback,
      aliases,
      help,
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

/** `default`, `flag --port`, `environment`, `environment API_PORT`, `.env`, `file gemini.keys`, … */
function sourceOf(row: SettingDefinition, configuration: Configuration): string {
  const source = configuration.sources.get(row.name);
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
