/**
 * `gemini-proxy accounts list`
 * @module
 */
import { dataSettings, defineCliCommand } from "../command.ts";
import type { CliCommand } from "../command.ts";
import { toSpan } from "../moments.ts";
import { withWorkspace } from "../workspace.ts";
import { accountTrouble, loadAccountViews, loadLeftAccounts, toAccountJson } from "./account-views.ts";

/** Lists all accounts with their health. */
export const command: CliCommand = defineCliCommand({
  name: "accounts list",
  description: "List the pool's Code Assist accounts with their state",
  args: {},
  needs: [...dataSettings, "GCP_SERVICE_ACCOUNT"],
  notes: [
    "States: active, cooling (rests for a while), disabled (must log in again, or is not eligible: WHY says what to do),",
    "        off (by hand), unreadable (sealed with another master key)",
    "",
    "JSON: [{id, name, source: env|stored, email, licence, cloudProject, wantedProject, lastRefreshAt, lastError, tier,",
    "        weight, enabled, createdAt, state, disabled: {…}|null, cooldowns: […]}]",
  ],
  async run({ output, configuration, now }) {
    const [views, left] = await withWorkspace(configuration, { write: false }, async (workspace) => [
      await loadAccountViews(workspace, configuration, now),
      await loadLeftAccounts(workspace, configuration),
    ]);
    if (output.json(views.map(toAccountJson))) return;
    for (const { credential } of left)
      output.note(
        `The environment gave '${credential.name}' before, and its tokens are still stored: 'gemini-proxy accounts remove ${credential.name}' deletes them.`,
      );
    if (views.length === 0)
      return output.note("There are no accounts. Add one with 'gemini-proxy accounts login' or 'accounts add'.");
    output.table(views, [
      { title: "ID", of: ({ credential }) => credential.id },
      { title: "NAME", of: ({ credential }) => credential.name, limit: 32 },
      { title: "EMAIL", of: ({ facts }) => facts.email, limit: 40 },
      { title: "SOURCE", of: ({ source }) => source },
      {
        title: "STATE",
        of: ({ state }) => state,
        style: ({ state }) => (state === "active" ? "green" : state === "cooling" ? "yellow" : "red"),
      },
      { title: "TIER", of: ({ credential }) => credential.tier, align: "right" },
      { title: "LICENCE", of: ({ facts }) => facts.tier, limit: 24 },
      { title: "PROJECT", of: ({ facts }) => facts.cloudProject, limit: 30 },
      {
        title: "REFRESHED",
        of: ({ facts }) => (facts.lastRefreshAt === null ? null : `${toSpan(now - facts.lastRefreshAt)} ago`),
      },
      { title: "WHY", of: accountTrouble, limit: 160 },
    ]);
  },
});
