/**
 * `gemini-proxy clients usage`
 * @module
 */
import { isLimited } from "../../clients/limits/checked-limits.ts";
import { dataSettings, defineCliCommand } from "../command.ts";
import type { CliCommand } from "../command.ts";
import { withWorkspace } from "../workspace.ts";
import { findClient, refuseEnvironment } from "./find-client.ts";
import { printUsage, toUsageViews, usageShape } from "./usage-views.ts";

/** Shows what clients with limits have used. */
export const command: CliCommand = defineCliCommand({
  name: "clients usage",
  description: "Show what client keys have used of their limits",
  args: {
    id: {
      type: "positional",
      required: false,
      valueHint: "id|name",
      description: "One client key, by id, name or first characters (otherwise all that have limits)",
    },
  },
  needs: [...dataSettings, "LIMIT_TIME_ZONE"],
  notes: [
    "Days, weeks and months are those of LIMIT_TIME_ZONE. A running gateway writes its counts every few seconds.",
    "Calls of client keys without limits are in 'gemini-proxy stats'.",
    "",
    `JSON: [{id, name, usage: ${usageShape}}]`,
  ],
  async run({ args, output, configuration, now }) {
    const word = args.id;
    const { clients, kept } = await withWorkspace(configuration, { write: false }, async ({ store }) => {
      const all = await store.clients.list();
      if (word !== undefined) refuseEnvironment(all, [word]);
      return {
        clients: word === undefined ? all.filter((client) => isLimited(client)) : [findClient(all, word)],
        kept: await store.clientUsage.list(),
      };
    });
    const { limitTimeZone: timeZone } = configuration.settings;
    const rows = clients.map((client) => ({
      id: client.id,
      name: client.name,
      usage: toUsageViews({ client, kept, timeZone, now }),
    }));
    if (output.json(rows)) return;
    if (rows.length === 0)
      return output.note("No client key has limits. Set some with 'gemini-proxy clients update <id> --budget-day $5'.");
    for (const [index, { id, name, usage }] of rows.entries()) {
      if (index > 0) output.line("");
      output.line(`${output.style("bold", name)} (${id})`);
      if (usage.length === 0) output.line("has no limits; 'gemini-proxy stats' counts its calls.");
      else printUsage(usage, output, now);
    }
  },
});
