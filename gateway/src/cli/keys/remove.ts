/**
 * `gemini-proxy keys remove`
 * @module
 */
import { defineCliCommand } from "../command.ts";
import type { CliCommand } from "../command.ts";
import { usageFailure } from "../failure.ts";
import { requireYes } from "../input.ts";
import { findKey, isOfEnvironment, loadKeyViews } from "../key-views.ts";
import { withWorkspace } from "../workspace.ts";

/** Deletes stored keys. */
export const command: CliCommand = defineCliCommand({
  name: "keys remove",
  description: "Delete keys from the store",
  args: {
    id: { type: "positional", required: true, valueHint: "id|name", description: "One or more keys, by id or name" },
    yes: { type: "boolean", description: "Do not ask" },
    "dry-run": { type: "boolean", description: "Only say what would be removed" },
  },
  variadic: true,
  notes: [
    "The record of calls keeps the ids of removed keys.",
    "",
    "JSON: {dryRun, removed: [{id, name, key (masked), inEnvironment}]}",
  ],
  async run({ args, positionals, output, configuration, now }) {
    const dryRun = args["dry-run"] === true;
    const removed = await withWorkspace(configuration, { write: false }, async (workspace) => {
      const views = await loadKeyViews(workspace, configuration, now);
      const chosen = [...new Set(positionals.map((word) => findKey(views, word)))];
      const foreign = chosen.find((view) => isOfEnvironment(view));
      if (foreign !== undefined)
        throw usageFailure(
          `The key '${foreign.name}' comes from the environment and cannot be removed here.`,
          `Take it out of GEMINI_API_KEY, GEMINI_API_KEYS, API_KEYS or the key file, or switch it off with 'gemini-proxy keys disable ${foreign.id}'.`,
        );
      if (!dryRun && args.yes !== true)
        await requireYes(`Remove ${chosen.map((view) => `'${view.name}' (${view.id})`).join(", ")}?`, "--yes");
      for (const view of dryRun ? [] : chosen) await workspace.store.credentials.remove(view.id);
      if (!dryRun) await workspace.store.revision.raise();
      return chosen.map(({ id, name, key, source }) => ({ id, name, key, inEnvironment: source === "env" }));
    });
    if (output.json({ dryRun, removed })) return;
    for (const { id, name, inEnvironment } of removed)
      output.line(
        `${dryRun ? "Would remove" : "Removed"} key '${name}' (${id}).${inEnvironment ? " The environment still gives it." : ""}`,
      );
  },
});
