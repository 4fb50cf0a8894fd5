/**
 * `gemini-proxy clients list`
 * @module
 */
import type { ClientKey } from "../../clients/types.ts";
import { nodeDigest } from "../../hosts/node/ports.ts";
import { defineCliCommand } from "../command.ts";
import type { CliCommand } from "../command.ts";
import { toLocalTime } from "../moments.ts";
import { withWorkspace } from "../workspace.ts";

/** Lists client keys. */
export const command: CliCommand = defineCliCommand({
  name: "clients list",
  description: "List the client keys",
  args: {},
  notes: [
    "JSON: [{id, name, prefix, source: env|stored, state: active|revoked|expired, models, expiresAt, createdAt}]",
  ],
  async run({ output, configuration, now }) {
    const stored = await withWorkspace(configuration, { write: false }, ({ store }) => store.clients.list());
    const fromEnvironment = configuration.settings.proxyApiKeys.map((key, index): ClientKey => ({
      id: `client_env_${index + 1}`,
      name: `env-${index + 1}`,
      digest: nodeDigest.sha256(key),
      prefix: "env",
      source: "env",
      enabled: true,
      expiresAt: null,
      allowedModels: null,
      createdAt: 0,
    }));
    const rows = [...fromEnvironment, ...stored].map((client) => ({
      id: client.id,
      name: client.name,
      prefix: client.prefix,
      source: client.source,
      state: stateOf(client, now),
      models: client.allowedModels,
      expiresAt: client.expiresAt,
      createdAt: client.source === "env" ? null : client.createdAt,
    }));
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
      { title: "ENDS", of: (row) => (row.expiresAt === null ? "never" : toLocalTime(row.expiresAt)) },
      { title: "MADE", of: (row) => (row.createdAt === null ? null : toLocalTime(row.createdAt)) },
    ]);
  },
});

// --- helpers ---

function stateOf(client: ClientKey, now: number): "active" | "revoked" | "expired" {
  if (!client.enabled) return "revoked";
  return client.expiresAt !== null && client.expiresAt <= now ? "expired" : "active";
}
