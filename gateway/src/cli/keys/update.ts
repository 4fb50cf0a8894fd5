/**
 * `gemini-proxy keys update`
 * @module
 */
import { redactSecret } from "../../backends/credential-text.ts";
import { proxyContext } from "../../settings/stored-keys.ts";
import { dataSettings, defineCliCommand } from "../command.ts";
import type { CliCommand } from "../command.ts";
import type { Configuration } from "../configuration.ts";
import { usageFailure } from "../failure.ts";
import { ensureStored, findKey, isOfEnvironment, loadKeyViews, toKeyJson } from "../key-views.ts";
import type { KeyView } from "../key-views.ts";
import { withWorkspace } from "../workspace.ts";
import type { Workspace } from "../workspace.ts";
import { keyOptions, readKeyOptions } from "./key-options.ts";
import type { KeyChange } from "./key-options.ts";

/** Changes what is known of a key. */
export const command: CliCommand = defineCliCommand({
  name: "keys update",
  description: "Change a key's name, project, tiers, weight, base URL or proxy",
  args: {
    id: { type: "positional", required: true, valueHint: "id|name", description: "The key" },
    ...keyOptions,
  },
  needs: [...dataSettings, "ALLOW_INSECURE_UPSTREAM"],
  notes: [
    "none takes a value away: --project none, --proxy none. '--proxy -' reads the proxy from standard input.",
    "Works for keys of the environment, too: what is set here outranks what the environment says of them.",
    "A running gateway knows it within a second.",
    "",
    "JSON: the key as 'keys list' shows it",
    "",
    "Examples",
    "  gemini-proxy keys update work --project my-project --quota-tier paid1",
    "  gemini-proxy keys update work --proxy - < proxy.txt",
  ],
  async run({ args, output, configuration, now }) {
    const change = await readKeyOptions(args, {
      allowInsecure: configuration.settings.allowInsecureUpstream,
      clearable: true,
      stdin: true,
      warn: (text) => output.warn(text),
    });
    if (Object.keys(change).length === 0)
      throw usageFailure("Nothing to change.", "See 'gemini-proxy keys update --help'.");
    const updated = await withWorkspace(configuration, { write: true }, async (workspace) => {
      const views = await loadKeyViews(workspace, configuration, now);
      const view = findKey(views, args.id);
      refuseName(view, views, change);
      await changeKeys([view], change, { workspace, configuration, now });
      return findKey(await loadKeyViews(workspace, configuration, now), view.id);
    });
    if (output.json(toKeyJson(updated))) return;
    output.line(`Updated key '${updated.name}' (${updated.id}): ${Object.keys(change).map(wordOf).join(", ")}.`);
  },
});

/**
 * Changes keys in the store and raises its revision.
 * @throws CliFailure when a key cannot be read
 */
export async function changeKeys(
  views: readonly KeyView[],
  change: KeyChange,
  parts: { workspace: Workspace; configuration: Configuration; now: number },
): Promise<void> {
  const { workspace, configuration, now } = parts;
  const { proxy, ...plain } = change;
  for (const view of views) {
    await ensureStored(view, workspace, configuration, now);
    const sealedProxy =
      proxy === undefined || proxy === null
        ? proxy
        : await (await workspace.vault()).seal(proxy, proxyContext(view.id));
    await workspace.store.credentials.update(view.id, {
      ...plain,
      ...(sealedProxy === undefined ? {} : { sealedProxy }),
    });
  }
  await workspace.store.revision.raise();
}

// --- helpers ---

const words: Readonly<Record<string, string>> = {
  projectId: "project",
  quotaTier: "quota tier",
  baseUrl: "base URL",
};

function wordOf(field: string): string {
  return words[field] ?? field;
}

function refuseName(view: KeyView, views: readonly KeyView[], { name }: KeyChange): void {
  if (name === undefined) return;
  if (isOfEnvironment(view))
    throw usageFailure(
      `The key '${view.name}' has its name from the environment.`,
      'Name it there: [{"name": "…", "key": "…"}].',
    );
  // A name that holds the key would show it everywhere.
  if (view.secret !== null && redactSecret(name, view.secret) !== name)
    throw usageFailure("--name: must not contain the key.");
  if (views.some((other) => other.id !== view.id && other.name === name))
    throw usageFailure(`--name: there is another key with the name '${name}'.`);
}
