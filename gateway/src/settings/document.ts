/**
 * docs/configuration.md, made from the table so that the two cannot differ.
 * @module
 */
import { retiredVariables, settingsTable } from "./table.ts";
import type { SettingDefinition, SettingGroup } from "./table.ts";

/**
 * The page on all settings.
 * @returns Markdown, ending with a new line
 */
export function toConfigurationPage(): string {
  const groups = [...new Set(settingsTable.map((row) => row.group))];
  return `${[
    "# Configuration",
    "",
    "<!-- Made from gateway/src/settings by `node gateway/src/cli/write-docs.ts`. Do not edit by hand. -->",
    "",
    "Settings are environment variables. `gemini-proxy config` prints the ones in force with where each came from; " +
      "`gemini-proxy start` names every wrong value at once and does not start with one.",
    "",
    "- The CLI also reads a `.env` file in the working directory (or the one named by `--dotenv`); variables of the environment outrank it, options of `start` outrank both (RETENTION_DAYS is `--retention-days`).",
    "- Times are milliseconds, or durations such as `500ms`, `30s`, `5m`, `2h`.",
    "- Sizes are bytes, or sizes such as `64KB`, `100MB`, `2GB` (powers of 1024).",
    "- Switches are `on` or `off`.",
    "- Secrets (🔒) can also be given as a file: `ADMIN_TOKEN_FILE=/run/secrets/admin` reads ADMIN_TOKEN from that file.",
    "- Settings with something in the column Change can also be stored, with the dashboard or `gemini-proxy config set`; flags and the environment outrank what is stored. `at once`: a change holds from the next call on; `restart`: from the next start on. The others are secrets, say where calls and keys go, or are needed before the store is open: only the environment sets them.",
    '- Names after "also" are those of earlier proxies; they are read when the first name is not set.',
    "",
    ...groups.flatMap(sectionOf),
    "## Forms of key lists",
    "",
    ...keyForms,
    "",
    "## Variables of earlier proxies without effect",
    "",
    "| Variable | Instead |",
    "| --- | --- |",
    ...Object.entries(retiredVariables).map(([name, advice]) => `| \`${name}\` | ${advice} |`),
  ].join("\n")}\n`;
}

// --- helpers ---

const keyForms = [
  "GEMINI_API_KEY, GEMINI_API_KEYS, API_KEYS, the key file and `gemini-proxy keys import` read the same forms:",
  "",
  "- keys separated by commas, new lines, `;`, `|` or tabs, with or without quotes;",
  "- one key a line with `#` comments; `label=key` gives the key a name, `VARIABLE=key` (an env file) does not;",
  '- JSON: `["key", …]`, `[{"name": "work", "key": "…"}, …]`, `{"work": "key", …}`, `{"keys": […]}`;',
  '- entries of a key-value store: `[{"key": "key_0", "value": "…"}, …]`: here the value is the key;',
  "- CSV with a head line that names the columns: `name,api_key`, also `project`, `weight`, `tier`, `is_active`;",
  '- export files: `{"api_keys": [{"name": "work", "api_key_value": "…", "is_active": true}, …]}`.',
  "",
  "Entries of JSON and CSV lists may also carry:",
  "",
  "| field | also | what it does |",
  "| --- | --- | --- |",
  "| `project` | `projectId`, `project_id` | Google project: keys of one project share its quota and its files |",
  "| `tier` | | whole number, 0 when not given: lower tiers are used first |",
  "| `quotaTier` | `quota_tier`, `plan` | `free`, `paid1`, …: which limits of QUOTA_LIMITS hold until Google names others |",
  "| `weight` | | share under the `weighted` strategy, 1 when not given |",
  "| `baseUrl` | `base_url` | base of the native API for this key alone, by the rules of GOOGLE_GEMINI_API_BASE_URL |",
  "| `proxy` | `proxyUrl`, `proxy_url` | outbound proxy for this key alone, by the rules of OUTBOUND_PROXY |",
  "| `enabled` | `is_active` | `false`: the key is left out |",
  "",
  "A key is not recognised by how it begins. Refused is only what cannot be one: texts below 10 characters or with " +
    "blanks, OAuth tokens, JSON web tokens, and this gateway's own client keys.",
];

function sectionOf(group: SettingGroup): string[] {
  return [
    `## ${group}`,
    "",
    "| Variable | Default | Change | What it does |",
    "| --- | --- | --- | --- |",
    ...settingsTable.filter((row) => row.group === group).map(lineOf),
    "",
  ];
}

/** How it can be changed while the gateway is there. */
function changeOf(row: SettingDefinition): string {
  return row.readOnly ? "" : row.hot ? "at once" : "restart";
}

function lineOf(row: SettingDefinition): string {
  const name = `\`${row.name}\`${row.secret ? " 🔒" : ""}`;
  const also = row.aliases.length === 0 ? "" : `<br>also ${row.aliases.map((alias) => `\`${alias}\``).join(", ")}`;
  const choices =
    row.choices === undefined ? "" : ` One of ${row.choices.map((choice) => `\`${choice}\``).join(", ")}.`;
  const cells = [name + also, row.default === null ? "" : `\`${row.default}\``, changeOf(row), row.help + choices];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}
