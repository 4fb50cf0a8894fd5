/**
 * `gemini-proxy clients create`
 * @module
 */
import { generateClientKey } from "../../clients/generate.ts";
import { toClientKey } from "../../hosts/node/first-start.ts";
import { nodeDigest, nodeRandom } from "../../hosts/node/ports.ts";
import { defineCliCommand } from "../command.ts";
import type { CliCommand } from "../command.ts";
import { usageFailure } from "../failure.ts";
import { toLocalTime } from "../moments.ts";
import { toCurl } from "../curl.ts";
import { withWorkspace } from "../workspace.ts";
import { toClientView, toLimitWords } from "./client-views.ts";
import { limitNotes, limitOptions, readLimitOptions } from "./limit-options.ts";

/** Makes a client key and shows it once. */
export const command: CliCommand = defineCliCommand({
  name: "clients create",
  description: "Make a client key; it is shown once",
  args: limitOptions,
  notes: [
    ...limitNotes,
    "Without --name it is called client-1, client-2, …; without other options it may do everything.",
    "",
    "JSON: {id, name, key, prefix, models, expiresAt, limits, ipRanges, aliases, resourceScope}: the only time that the key is shown",
  ],
  async run({ args, words, output, configuration, now }) {
    const { name: wanted, ...rest } = readLimitOptions(args, { words, current: null, now });
    const made = generateClientKey(nodeRandom);
    const client = await withWorkspace(configuration, { write: true }, async ({ store }) => {
      const taken = new Set((await store.clients.list()).map(({ name }) => name));
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
      const row = { ...base, ...rest };
      await store.clients.add(row);
      await store.revision.raise();
      return row;
    });
    const { id, name, prefix, models, expiresAt, limits, ipRanges, aliases, resourceScope } = toClientView(client, now);
    const shown = { id, name, key: made.key, prefix, models, expiresAt, limits, ipRanges, aliases, resourceScope };
    if (output.json(shown)) return;
    output.line(`Client key '${client.name}' (${client.id}):`);
    output.line("");
    output.line(`  ${made.key}`);
    output.line("");
    output.line("It is shown this once; only a digest of it is kept.");
    output.line(
      `Models: ${models === null ? "all" : models.join(", ")}. Ends: ${expiresAt === null ? "never" : toLocalTime(expiresAt)}.`,
    );
    output.line(
      `Limits: ${toLimitWords(limits) ?? "none"}. Addresses: ${ipRanges === null ? "any" : ipRanges.join(", ")}.`,
    );
    output.line("");
    output.line("Try it:");
    output.line(toCurl(configuration.settings, made.key));
  },
});
