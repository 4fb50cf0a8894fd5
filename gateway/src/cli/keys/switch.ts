/**
 * `gemini-proxy keys enable` and `keys disable`
 * @module
 */
import { defineCliCommand } from "../command.ts";
import type { CliCommand } from "../command.ts";
import { ensureStored, findKey, isSwitchOnly, loadKeyViews } from "../key-views.ts";
import type { KeyView } from "../key-views.ts";
import { withWorkspace } from "../workspace.ts";
import type { Workspace } from "../workspace.ts";

/** Puts keys back into use. */
export const enableCommand: CliCommand = switchCommand(true);

/** Takes keys out of use until they are enabled again. */
export const disableCommand: CliCommand = switchCommand(false);

// --- helpers ---

function switchCommand(enabled: boolean): CliCommand {
  const verb = enabled ? "enable" : "disable";
  return defineCliCommand({
    name: `keys ${verb}`,
    description: enabled ? "Put keys back into use, and forget why the gateway took them out" : "Take keys out of use",
    args: {
      id: { type: "positional", required: true, valueHint: "id|name", description: "One or more keys, by id or name" },
    },
    variadic: true,
    notes: ["Works for keys of the environment, too.", "", "JSON: [{id, name, enabled, changed}]"],
    async run({ positionals, output, configuration, now }) {
      const results = await withWorkspace(configuration, { write: true }, async (workspace) => {
        const views = await loadKeyViews(workspace, configuration, now);
        // All are looked up before the first is changed: a wrong name changes nothing.
        const chosen = [...new Set(positionals.map((word) => findKey(views, word)))];
        const outcomes = [];
        for (const view of chosen) {
          const changed = view.enabled !== enabled;
          if (changed) {
            if (enabled && isSwitchOnly(view)) await workspace.store.credentials.remove(view.id);
            else {
              await ensureStored(view, workspace, configuration, now);
              await workspace.store.credentials.update(view.id, { enabled });
            }
          }
          const forgotten = enabled && (await forget(view, workspace));
          outcomes.push({ id: view.id, name: view.name, enabled, changed: changed || forgotten });
        }
        if (outcomes.some(({ changed }) => changed)) await workspace.store.revision.raise();
        return outcomes;
      });
      if (output.json(results)) return;
      for (const { name, id, changed } of results)
        output.line(
          changed
            ? `${enabled ? "Enabled" : "Disabled"} key '${name}' (${id}).`
            : `Key '${name}' (${id}) was ${verb}d already.`,
        );
    },
  });
}

/** Deletes what is kept about the key's own faults. Cooldowns stay: quota does not come back by wishing. */
async function forget(view: KeyView, workspace: Workspace): Promise<boolean> {
  if (view.disabled === null) return false;
  await workspace.store.health.write([{ kind: "disabled", value: view.disabled, removed: true }]);
  return true;
}
