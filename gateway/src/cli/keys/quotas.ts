/**
 * `gemini-proxy keys quotas`
 * @module
 */
import { defineCliCommand } from "../command.ts";
import type { CliCommand } from "../command.ts";
import { loadKeyViews } from "../key-views.ts";
import { withWorkspace } from "../workspace.ts";
import { quotaColumns, toQuotaRows } from "./quota-rows.ts";

/** Shows limits and today's use. */
export const command: CliCommand = defineCliCommand({
  name: "keys quotas",
  description: "Show the limits that are known of each project and model, and today's use",
  args: {
    project: { type: "string", valueHint: "id", description: "Only this project" },
    model: { type: "string", valueHint: "name", description: "Only this model" },
  },
  notes: [
    "Limits are those that Google's answers have named; those of QUOTA_LIMITS are not in the store and not shown.",
    "Days begin at midnight in Los Angeles. Uses are written by the gateway every few seconds.",
    "",
    "JSON: [{projectId, model, keys: [name], requestsPerMinute, requestsPerDay, tokensPerMinute, tokensPerDay: each",
    "        {value|null, source, learnedAt}, requestsToday, tokensToday}]",
  ],
  async run({ args, output, configuration, now }) {
    const rows = await withWorkspace(configuration, { write: false }, async (workspace) => {
      const views = await loadKeyViews(workspace, configuration, now);
      return toQuotaRows(await workspace.store.quotas.list(), views, now).filter(
        ({ projectId, model }) =>
          (args.project === undefined || projectId === args.project) &&
          (args.model === undefined || model === args.model.replace(/^models\//, "")),
      );
    });
    if (output.json(rows)) return;
    if (rows.length === 0) return output.note("Nothing is known of quotas yet.");
    output.table(rows, [
      { title: "PROJECT", of: (row) => row.projectId, limit: 30 },
      { title: "KEYS", of: (row) => row.keys.join(", "), limit: 30 },
      ...quotaColumns,
    ]);
  },
});
