/**
 * `gemini-proxy keys list`
 * @module
 */
import { defineCliCommand } from "../command.ts";
import type { CliCommand } from "../command.ts";
import { loadKeyViews, toKeyJson } from "../key-views.ts";
import type { KeyView } from "../key-views.ts";
import { toSpan } from "../moments.ts";
import type { Style } from "../output.ts";
import { withWorkspace } from "../workspace.ts";

/** Lists all keys with their health. */
export const command: CliCommand = defineCliCommand({
  name: "keys list",
  description: "List the pool's keys with their state",
  args: {},
  notes: [
    "States: active, cooling (rests for at least one model), disabled (taken out by the gateway, with the reason),",
    "        off (by hand), unreadable (sealed with another master key)",
    "",
    "JSON: [{id, name, key (masked), source: env|stored, projectId, weight, tier, enabled, createdAt, state,",
    "        disabled: {reason, sinceMs, probeAtMs, rule, words, …}|null, cooldowns: [{scope, model, untilMs, cause, words, …}]}]",
  ],
  async run({ output, configuration, now }) {
    const views = await withWorkspace(configuration, { write: false }, (workspace) =>
      loadKeyViews(workspace, configuration, now),
    );
    if (output.json(views.map(toKeyJson))) return;
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
      { title: "WHY", of: (view) => reasonOf(view, now), limit: 90 },
    ]);
  },
});

// --- helpers ---

function colourOf(view: KeyView): Style {
  return view.state === "active" ? "green" : view.state === "cooling" ? "yellow" : "red";
}

function reasonOf(view: KeyView, now: number): string | null {
  if (view.state === "unreadable") return "ENCRYPTION_KEY is not the one that sealed it";
  if (view.state === "off") return "switched off by hand";
  if (view.disabled !== null) return `${view.disabled.reason}: ${view.disabled.words}`;
  const [first, ...others] = view.cooldowns.toSorted((left, right) => left.untilMs - right.untilMs);
  if (first === undefined) return null;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return `${first.cause}${first.model === "" ? "" : ` for ${first.model}`}, ${toSpan(first.untilMs - now)} left${more}`;
}
