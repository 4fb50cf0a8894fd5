/**
 * `gemini-proxy keys list`
 * @module
 */
import { defineCliCommand } from "../command.ts";
import type { CliCommand } from "../command.ts";
import { loadKeyViews, toKeyJson } from "../key-views.ts";
import type { KeyView } from "../key-views.ts";
import { toSpan } from "../moments.ts";
import type { Column, Style } from "../output.ts";
import { withWorkspace } from "../workspace.ts";

/** Lists all keys with their health. */
export const command: CliCommand = defineCliCommand({
  name: "keys list",
  description: "List the pool's keys with their state",
  args: {
    project: { type: "string", valueHint: "id", description: "Only keys of this project" },
    tier: { type: "string", valueHint: "number", description: "Only keys of this tier" },
    "quota-tier": { type: "string", valueHint: "free|paid1|…", description: "Only keys of this quota tier" },
  },
  notes: [
    "States: active, cooling (rests for at least one model), disabled (taken out by the gateway, with the reason),",
    "        off (by hand), unreadable (sealed with another master key)",
    "",
    "JSON: [{id, name, key (masked), source: env|stored, projectId, weight, tier, quotaTier, baseUrl,",
    "        proxy (without user name and password), enabled, createdAt, state,",
    "        disabled: {reason, sinceMs, probeAtMs, rule, words, …}|null, cooldowns: [{scope, model, untilMs, cause, words, …}]}]",
  ],
  async run({ args, output, configuration, now }) {
    const all = await withWorkspace(configuration, { write: false }, (workspace) =>
      loadKeyViews(workspace, configuration, now),
    );
    const { project, tier, "quota-tier": quotaTier } = args;
    const views = all.filter(
      (view) =>
        (project === undefined || view.projectId === project) &&
        (tier === undefined || String(view.tier) === tier) &&
        (quotaTier === undefined || view.quotaTier === quotaTier.toLowerCase()),
    );
    if (output.json(views.map(toKeyJson))) return;
    if (all.length > 0 && views.length === 0) return output.note("No key is so.");
    if (views.length === 0) return output.note("There are no keys. Add one with 'gemini-proxy keys add'.");
    output.table(views, [
      { title: "ID", of: (view) => view.id },
      { title: "NAME", of: (view) => view.name, limit: 32 },
      { title: "KEY", of: (view) => view.key },
      { title: "SOURCE", of: (view) => view.source },
      { title: "STATE", of: (view) => view.state, style: colourOf },
      { title: "TIER", of: (view) => view.tier, align: "right" },
      { title: "WEIGHT", of: (view) => view.weight, align: "right" },
      { title: "PROJECT", of: (view) => view.projectId, limit: 30 },
      { title: "QUOTA", of: (view) => view.quotaTier },
      // Few have these, and the line is long enough.
      ...(views.some((view) => view.baseUrl !== null || view.proxyShown !== null) ? [network] : []),
      { title: "WHY", of: (view) => reasonOf(view, now), limit: 90 },
    ]);
  },
});

/** Why a key is not simply in use; null when it is. */
export function reasonOf(view: KeyView, now: number): string | null {
  if (view.state === "unreadable") return "ENCRYPTION_KEY is not the one that sealed it";
  if (view.state === "off") return "switched off by hand";
  if (view.disabled !== null) return `${view.disabled.reason}: ${view.disabled.words}`;
  const [first, ...others] = view.cooldowns.toSorted((left, right) => left.untilMs - right.untilMs);
  if (first === undefined) return null;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return `${first.cause}${first.model === "" ? "" : ` for ${first.model}`}, ${toSpan(first.untilMs - now)} left${more}`;
}

// --- helpers ---

const network: Column<KeyView> = {
  title: "NETWORK",
  of: (view) => [view.baseUrl, view.proxyShown].filter((part) => part !== null).join(" via ") || null,
  limit: 60,
};

function colourOf(view: KeyView): Style {
  return view.state === "active" ? "green" : view.state === "cooling" ? "yellow" : "red";
}
