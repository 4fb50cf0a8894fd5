/**
 * `gemini-proxy clients update`
 * @module
 */
import { defineCliCommand } from "../command.ts";
import type { CliCommand } from "../command.ts";
import { CliFailure, usageFailure } from "../failure.ts";
import { withWorkspace } from "../workspace.ts";
import { clientViewShape, printClient, toClientView } from "./client-views.ts";
import { findClient, refuseEnvironment } from "./find-client.ts";
import { limitNotes, limitOptions, readLimitOptions } from "./limit-options.ts";

/** Changes what a client key may do. What is not named stays; what it has used goes on counting. */
export const command: CliCommand = defineCliCommand({
  name: "clients update",
  description: "Change the limits, models, addresses or name of a client key",
  args: {
    id: {
      type: "positional",
      required: true,
      valueHint: "id|name",
      description: "The client key, by id, name or first characters",
    },
    ...limitOptions,
  },
  notes: [
    ...limitNotes,
    "A running gateway takes the change within a second; what was used keeps counting.",
    "",
    `JSON: ${clientViewShape}`,
  ],
  async run({ args, words, output, configuration, now }) {
    const changed = await withWorkspace(configuration, { write: false }, async ({ store }) => {
      const clients = await store.clients.list();
      refuseEnvironment(clients, [args.id]);
      const client = findClient(clients, args.id);
      const change = readLimitOptions(args, { words, current: client.limits ?? null, now });
      if (Object.keys(change).length === 0)
        throw usageFailure("There is nothing to change.", "Name a limit, such as --rpm 60 or --budget-day $5.");
      if (change.name !== undefined && clients.some(({ id, name }) => id !== client.id && name === change.name))
        throw usageFailure(`The name '${change.name}' is taken.`, "Choose another --name.");
      if (!client.enabled)
        throw new CliFailure(`Client key '${client.name}' is revoked.`, {
          next: "Make a new one with 'gemini-proxy clients create'.",
          exitCode: 2,
        });
      await store.clients.update(client.id, change);
      await store.revision.raise();
      return { ...client, ...change };
    });
    const view = toClientView(changed, now);
    if (output.json(view)) return;
    output.line(`Changed client key '${view.name}':`);
    output.line("");
    printClient(view, output);
  },
});
