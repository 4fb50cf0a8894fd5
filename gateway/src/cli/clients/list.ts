/**
 * `gemini-proxy clients list`
 * @module
 */
import { defineCliCommand } from "../command.ts";
import type { CliCommand } from "../command.ts";
import { toLocalTime } from "../moments.ts";
import { withWorkspace } from "../workspace.ts";
import { clientViewShape, environmentClientKeys, toClientView, toLimitWords } from "./client-views.ts";

/** Lists client keys. */
export const command: CliCommand = defineCliCommand({
  name: "clients list",
  description: "List the client keys",
  args: {},
  notes: [`JSON: [${clientViewShape}]`],
  async run({ output, configuration, now }) {
    const stored = await withWorkspace(configuration, { write: false }, ({ store }) => store.clients.list());
    const rows = [...environmentClientKeys(configuration), ...stored].map((client) => toClientView(client, now));
    if (output.json(rows)) return;
    if (configuration.settings.openMode) output.note("OPEN_MODE is on: calls without a client key are served, too.");
    if (rows.length === 0) return output.note("There are no client keys. Make one with 'gemini-proxy clients create'.");
    output.table(rows, [
      { title: "ID", of: (row) => row.id },
      { title: "NAME", of: (row) => row.name, limit: 32 },
      { title: "KEY", of: (row) => (row.source === "env" ? "PROXY_API_KEY" : `${row.prefix}…`) },
      { title: "SOURCE", of: (row) => row.source },
      { title: "STATE", of: (row) => row.state, style: (row) => (row.state === "active" ? "green" : "red") },
      { title: "MODELS", of: (row) => row.models?.join(", ") ?? "all", limit: 50 },
      { title: "LIMITS", of: (row) => toLimitWords(row.limits) ?? "none", limit: 60 },
      { title: "ENDS", of: (row) => (row.expiresAt === null ? "never" : toLocalTime(row.expiresAt)) },
      { title: "MADE", of: (row) => (row.createdAt === null ? null : toLocalTime(row.createdAt)) },
    ]);
  },
});
