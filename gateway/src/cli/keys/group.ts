/**
 * `gemini-proxy keys group` and `keys ungroup`
 * @module
 */
import { defineCliCommand } from "../command.ts";
import type { CliCommand } from "../command.ts";
import { usageFailure } from "../failure.ts";
import { findKey, loadKeyViews } from "../key-views.ts";
import type { KeyView } from "../key-views.ts";
import { withWorkspace } from "../workspace.ts";
import { readKeyOptions } from "./key-options.ts";
import { changeKeys } from "./update.ts";

/** Says that keys belong to one Google project. */
export const groupCommand: CliCommand = defineCliCommand({
  name: "keys group",
  description: "Say that keys belong to one Google project: they share its quota and its files",
  args: {
    project: { type: "positional", required: true, valueHint: "project", description: "Id of the project" },
    id: { type: "positional", required: true, valueHint: "id|name", description: "One or more keys, by id or name" },
  },
  variadic: true,
  notes: [
    "The gateway learns projects from Google's errors by itself; this is for knowing them from the first call on.",
    "",
    "JSON: [{id, name, projectId, changed}]",
  ],
  async run({ args, positionals, output, configuration, now }) {
    const read = { allowInsecure: false, clearable: false, stdin: false, warn: () => undefined };
    const { projectId = null } = await readKeyOptions({ project: args.project }, read);
    // The project is the first of them.
    const chosen = positionals.slice(1);
    await setProject({ projectId, chosen, output, configuration, now });
  },
});

/** Takes keys out of their project. */
export const ungroupCommand: CliCommand = defineCliCommand({
  name: "keys ungroup",
  description: "Forget which Google project keys belong to, until Google names it",
  args: {
    id: { type: "positional", required: true, valueHint: "id|name", description: "One or more keys, by id or name" },
  },
  variadic: true,
  notes: ["JSON: [{id, name, projectId, changed}]"],
  run: ({ positionals, output, configuration, now }) =>
    setProject({ projectId: null, chosen: positionals, output, configuration, now }),
});

// --- helpers ---

type Invocation = Parameters<Parameters<typeof defineCliCommand>[0]["run"]>[0];

async function setProject(
  parts: { projectId: string | null; chosen: readonly string[] } & Pick<Invocation, "output" | "configuration" | "now">,
): Promise<void> {
  const { projectId, chosen, output, configuration, now } = parts;
  const results = await withWorkspace(configuration, { write: true }, async (workspace) => {
    const views = await loadKeyViews(workspace, configuration, now);
    // All are looked up before the first is changed: a wrong name changes nothing.
    const keys = [...new Set(chosen.map((word) => findKey(views, word)))];
    const given = projectId === null ? keys.find(isGiven) : undefined;
    if (given !== undefined)
      throw usageFailure(`The environment says the project of the key '${given.name}'.`, "Take it out there.");
    const others = keys.filter((view) => view.projectId !== projectId);
    if (others.length > 0) await changeKeys(others, { projectId }, { workspace, configuration, now });
    return keys.map((view) => ({ id: view.id, name: view.name, projectId, changed: others.includes(view) }));
  });
  if (output.json(results)) return;
  for (const { id, name, changed } of results)
    output.line(
      `Key '${name}' (${id}) ${changed ? "now belongs" : "belonged already"} to ${projectId ?? "no project by hand"}.`,
    );
}

/** Its project is not the store's to take away. */
function isGiven(view: KeyView): boolean {
  return view.projectId !== null && view.projectId !== (view.stored?.projectId ?? null);
}
