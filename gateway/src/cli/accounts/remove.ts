/**
 * `gemini-proxy accounts remove`
 * @module
 */
import { dataSettings, defineCliCommand } from "../command.ts";
import type { CliCommand } from "../command.ts";
import { usageFailure } from "../failure.ts";
import { requireYes } from "../input.ts";
import { isEnvironmentRow } from "../../settings/stored-keys.ts";
import { withWorkspace } from "../workspace.ts";
import { findAccount, loadAccountViews, loadLeftAccounts } from "./account-views.ts";

/** Deletes stored accounts. */
export const command: CliCommand = defineCliCommand({
  name: "accounts remove",
  description: "Delete Code Assist accounts and their tokens from the store",
  args: {
    id: {
      type: "positional",
      required: true,
      valueHint: "id|name|email",
      description: "One or more accounts, by id, name or address",
    },
    yes: { type: "boolean", description: "Do not ask" },
    "dry-run": { type: "boolean", description: "Only say what would be removed" },
  },
  variadic: true,
  needs: [...dataSettings, "GCP_SERVICE_ACCOUNT"],
  notes: [
    "Google goes on taking the tokens: https://myaccount.google.com/connections takes the access away.",
    "",
    "JSON: {dryRun, removed: [{id, name, email, inEnvironment}]}",
  ],
  async run({ args, positionals, output, configuration, now }) {
    const dryRun = args["dry-run"] === true;
    const removed = await withWorkspace(configuration, { write: false }, async (workspace) => {
      const left = await loadLeftAccounts(workspace, configuration);
      const views = [...(await loadAccountViews(workspace, configuration, now)), ...left];
      const chosen = [...new Set(positionals.map((word) => findAccount(views, word)))];
      const foreign = chosen.find(
        (view) => !left.includes(view) && (view.stored === null || isEnvironmentRow(view.stored)),
      );
      if (foreign !== undefined)
        throw usageFailure(
          `The account '${foreign.credential.name}' comes from the environment and cannot be removed here.`,
          "Take it out of GCP_SERVICE_ACCOUNT.",
        );
      if (!dryRun && args.yes !== true)
        await requireYes(
          `Remove ${chosen.map(({ credential }) => `'${credential.name}' (${credential.id})`).join(", ")}?`,
          "--yes",
        );
      for (const { credential } of dryRun ? [] : chosen) await workspace.store.credentials.remove(credential.id);
      if (!dryRun) await workspace.store.revision.raise();
      return chosen.map(({ credential, facts, source }) => ({
        id: credential.id,
        name: credential.name,
        email: facts.email,
        inEnvironment: source === "env",
      }));
    });
    if (output.json({ dryRun, removed })) return;
    for (const { id, name, inEnvironment } of removed)
      output.line(
        `${dryRun ? "Would remove" : "Removed"} account '${name}' (${id}).${inEnvironment ? " The environment still gives it." : ""}`,
      );
  },
});
