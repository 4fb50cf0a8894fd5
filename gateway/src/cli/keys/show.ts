/**
 * `gemini-proxy keys show`
 * @module
 */
import { ownProjectId } from "../../pool/member.ts";
import { defineCliCommand } from "../command.ts";
import type { CliCommand } from "../command.ts";
import { findKey, loadKeyViews, toKeyJson } from "../key-views.ts";
import { toLocalTime } from "../moments.ts";
import { withWorkspace } from "../workspace.ts";
import { reasonOf } from "./list.ts";
import { quotaColumns, toQuotaRows } from "./quota-rows.ts";

/** Shows all that is known of one key. */
export const command: CliCommand = defineCliCommand({
  name: "keys show",
  description: "Show one key with its state and its project's quotas",
  args: { id: { type: "positional", required: true, valueHint: "id|name", description: "The key" } },
  notes: ["JSON: the key as 'keys list' shows it, with quotas as 'keys quotas' shows them"],
  async run({ args, output, configuration, now }) {
    const { view, quotas } = await withWorkspace(configuration, { write: false }, async (workspace) => {
      const views = await loadKeyViews(workspace, configuration, now);
      const found = findKey(views, args.id);
      const project = found.projectId ?? ownProjectId(found.id);
      const rows = toQuotaRows(await workspace.store.quotas.list(), views, now);
      return { view: found, quotas: rows.filter(({ projectId }) => projectId === project) };
    });
    if (output.json({ ...toKeyJson(view), quotas })) return;
    const facts: [string, string | number | null][] = [
      ["id", view.id],
      ["name", view.name],
      ["key", view.key],
      ["source", view.source],
      ["state", view.state],
      ["why", reasonOf(view, now)],
      ["project", view.projectId ?? "its own, as far as known"],
      ["tier", view.tier],
      ["quota tier", view.quotaTier],
      ["weight", view.weight],
      ["base URL", view.baseUrl],
      ["proxy", view.proxyShown],
      ["added", view.createdAt === null ? null : toLocalTime(view.createdAt)],
    ];
    output.table(facts, [
      { title: "", of: ([title]) => title },
      { title: "", of: ([, value]) => value, limit: 110 },
    ]);
    if (view.cooldowns.length > 0)
      output.table(view.cooldowns, [
        { title: "RESTS FOR", of: (cooldown) => cooldown.model || "all models", limit: 40 },
        { title: "UNTIL", of: (cooldown) => toLocalTime(cooldown.untilMs) },
        { title: "CAUSE", of: (cooldown) => cooldown.cause },
        { title: "WORDS", of: (cooldown) => cooldown.words, limit: 80 },
      ]);
    if (quotas.length > 0) output.table(quotas, quotaColumns);
  },
});
