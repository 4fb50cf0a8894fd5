/**
 * `gemini-proxy clients create`
 * @module
 */
import { generateClientKey } from "../../clients/generate.ts";
import { toClientKey } from "../../hosts/node/first-start.ts";
import { nodeDigest, nodeRandom } from "../../hosts/node/ports.ts";
import { parseList } from "../../settings/values.ts";
import { defineCliCommand } from "../command.ts";
import type { CliCommand } from "../command.ts";
import { usageFailure } from "../failure.ts";
import { parseExpiry, toLocalTime } from "../moments.ts";
import { toCurl } from "../curl.ts";
import { withWorkspace } from "../workspace.ts";

/** Makes a client key and shows it once. */
export const command: CliCommand = defineCliCommand({
  name: "clients create",
  description: "Make a client key; it is shown once",
  args: {
    name: { type: "string", description: "Name for lists and logs (otherwise client-1, client-2, …)" },
    models: {
      type: "string",
      valueHint: "a,b*",
      description: "Models that it may use, comma separated, * at the end for any ending (otherwise all)",
    },
    expires: {
      type: "string",
      valueHint: "30d",
      description: "When it ends: a duration, a date, or never (otherwise never)",
    },
  },
  notes: ["JSON: {id, name, key, prefix, models, expiresAt}: the only time that the key is shown"],
  async run({ args, output, configuration, now }) {
    const expiresAt = args.expires === undefined ? null : parseExpiry(args.expires, "--expires", now);
    const models = args.models === undefined ? null : readModels(args.models);
    const made = generateClientKey(nodeRandom);
    const client = await withWorkspace(configuration, { write: true }, async ({ store }) => {
      const taken = new Set((await store.clients.list()).map(({ name }) => name));
      const wanted = args.name?.trim();
      if (wanted !== undefined && taken.has(wanted))
        throw usageFailure(`The name '${wanted}' is taken.`, "Choose another --name.");
      let number = taken.size + 1;
      while (taken.has(`client-${number}`)) number++;
      const base = toClientKey({
        name: wanted ?? `client-${number}`,
        key: made.key,
        prefix: made.prefix,
        digest: nodeDigest,
        random: nodeRandom,
        now,
      });
      const row = { ...base, expiresAt, allowedModels: models };
      await store.clients.add(row);
      await store.revision.raise();
      return row;
    });
    const shown = { id: client.id, name: client.name, key: made.key, prefix: made.prefix, models, expiresAt };
    if (output.json(shown)) return;
    output.line(`Client key '${client.name}' (${client.id}):`);
    output.line("");
    output.line(`  ${made.key}`);
    output.line("");
    output.line("It is shown this once; only a digest of it is kept.");
    output.line(
      `Models: ${models === null ? "all" : models.join(", ")}. Ends: ${expiresAt === null ? "never" : toLocalTime(expiresAt)}.`,
    );
    output.line("");
    output.line("Try it:");
    output.line(toCurl(configuration.settings, made.key));
  },
});

// --- helpers ---

function readModels(text: string): string[] {
  const models = parseList(text).map((model) => model.replace(/^models\//, ""));
  const wrong = models.find((model) => !/^[\w.:@/-]+\*?$|^\*$/.test(model));
  if (models.length === 0 || wrong !== undefined)
    throw usageFailure(
      `--models: ${wrong === undefined ? "names no model" : `'${wrong}' is not a model's name`}.`,
      "Write names such as gemini-3.8-flash,gemini-4-*.",
    );
  return models;
}
