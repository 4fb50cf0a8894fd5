/**
 * `gemini-proxy clients show`
 * @module
 */
import { dataSettings, defineCliCommand } from "../command.ts";
import type { CliCommand } from "../command.ts";
import { withWorkspace } from "../workspace.ts";
import { clientViewShape, environmentClientKeys, printClient, toClientView } from "./client-views.ts";
import { findClient } from "./find-client.ts";
import { printUsage, toUsageViews, usageShape } from "./usage-views.ts";

/** Shows one client key with its limits and what it has used of them. */
export const command: CliCommand = defineCliCommand({
  name: "clients show",
  description: "Show a client key, its limits and what it has used of them",
  args: {
    id: {
      type: "positional",
      required: true,
      valueHint: "id|name",
      description: "The client key, by id, name or first characters",
    },
  },
  needs: [...dataSettings, "LIMIT_TIME_ZONE"],
  notes: [`JSON: ${clientViewShape.slice(0, -1)}, usage: ${usageShape}}`],
  async run({ args, output, configuration, now }) {
    const { client, kept } = await withWorkspace(configuration, { write: false }, async ({ store }) => ({
      client: findClient([...environmentClientKeys(configuration), ...(await store.clients.list())], args.id),
      kept: await store.clientUsage.list(),
    }));
    const view = toClientView(client, now);
    const usage = toUsageViews({ client, kept, timeZone: configuration.settings.limitTimeZone, now });
    if (output.json({ ...view, usage })) return;
    printClient(view, output);
    if (usage.length === 0) return;
    output.line("");
    printUsage(usage, output, now);
  },
});
