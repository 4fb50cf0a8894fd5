/**
 * `gemini-proxy clients revoke`
 * @module
 */
import { defineCliCommand } from "../command.ts";
import type { CliCommand } from "../command.ts";
import { requireYes } from "../input.ts";
import { withWorkspace } from "../workspace.ts";
import { findClient, refuseEnvironment } from "./find-client.ts";

/** Ends client keys. Their rows stay, so that the record of calls keeps their names. */
export const command: CliCommand = defineCliCommand({
  name: "clients revoke",
  description: "End client keys at once",
  args: {
    id: {
      type: "positional",
      required: true,
      valueHint: "id|name",
      description: "One or more client keys, by id, name or first characters",
    },
    yes: { type: "boolean", description: "Do not ask" },
  },
  variadic: true,
  notes: [
    "A revoked key stays in the list and in the record of calls. It cannot be brought back.",
    "",
    "JSON: [{id, name, changed}]",
  ],
  async run({ args, positionals, output, configuration }) {
    const results = await withWorkspace(configuration, { write: false }, async ({ store }) => {
      const clients = await store.clients.list();
      refuseEnvironment(clients, positionals);
      const chosen = [...new Set(positionals.map((word) => findClient(clients, word)))];
      if (args.yes !== true && chosen.some(({ enabled }) => enabled))
        await requireYes(`Revoke ${chosen.map(({ name, id }) => `'${name}' (${id})`).join(", ")}?`, "--yes");
      for (const { id } of chosen) await store.clients.update(id, { enabled: false });
      await store.revision.raise();
      return chosen.map(({ id, name, enabled }) => ({ id, name, changed: enabled }));
    });
    if (output.json(results)) return;
    for (const { id, name, changed } of results)
      output.line(
        changed ? `Revoked client key '${name}' (${id}).` : `Client key '${name}' (${id}) was revoked already.`,
      );
  },
});
