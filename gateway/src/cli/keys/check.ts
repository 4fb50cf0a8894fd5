/**
 * `gemini-proxy keys check`
 * @module
 */
import { toSecret } from "../../core/secret.ts";
import type { Settings } from "../../settings/types.ts";
import { checkKey } from "../check-key.ts";
import type { KeyCheck } from "../check-key.ts";
import { dataSettings, defineCliCommand } from "../command.ts";
import type { CliCommand } from "../command.ts";
import type { Configuration } from "../configuration.ts";
import { ensureStored, findKey, loadKeyViews } from "../key-views.ts";
import type { KeyView } from "../key-views.ts";
import type { Output } from "../output.ts";
import { withWorkspace } from "../workspace.ts";
import type { Workspace } from "../workspace.ts";

/** Keys that are asked about at once. */
const concurrency = 4;

/** Asks Google about keys. */
export const command: CliCommand = defineCliCommand({
  name: "keys check",
  description: "Ask Google whether keys work (costs no tokens)",
  args: {
    id: {
      type: "positional",
      required: false,
      valueHint: "id|name",
      description: "Keys to check; without any, all that are not switched off",
    },
    all: { type: "boolean", description: "Also those that are switched off" },
    disable: { type: "boolean", description: "Switch off keys that are invalid or blocked" },
  },
  variadic: true,
  needs: [
    ...dataSettings,
    "GOOGLE_GEMINI_API_BASE_URL",
    "ALLOW_INSECURE_UPSTREAM",
    "OUTBOUND_PROXY",
    "GEMINI_API_KEYS_FILE",
  ],
  notes: [
    "Results: ok, limited (works, its quota is used up for now), invalid, blocked (leaked, suspended, restricted, API",
    "         switched off), location (Google refuses this machine's location), unreachable (inconclusive), unreadable",
    "Each key is asked at its own base URL and through its own proxy, where it has them.",
    "Without --disable nothing is changed; what is inconclusive never disables a key. Exit code 1 unless all are ok or limited.",
    "",
    "JSON: [{id, name, result, status, rule, words, ms, disabled}]",
  ],
  async run({ args, positionals, output, configuration, now }) {
    const rows = await withWorkspace(configuration, { write: args.disable === true }, async (workspace) => {
      const views = await loadKeyViews(workspace, configuration, now);
      const chosen =
        positionals.length > 0
          ? [...new Set(positionals.map((word) => findKey(views, word)))]
          : views.filter((view) => view.enabled || args.all === true);
      const checks = await checkAll(chosen, configuration.settings, output);
      const off =
        args.disable === true ? await switchOff(checks, { workspace, configuration, now }) : new Set<string>();
      return checks.map(({ view, check }) => {
        const { dateMs: _, ...shown } = check ?? { ...unreadable, dateMs: null };
        return { id: view.id, name: view.name, ...shown, disabled: off.has(view.id) };
      });
    });
    const exitCode = rows.every(({ result }) => result === "ok" || result === "limited") ? 0 : 1;
    if (output.json(rows)) return exitCode;
    if (rows.length === 0) output.note("There are no keys to check. Add one with 'gemini-proxy keys add'.");
    else
      output.table(rows, [
        { title: "ID", of: (row) => row.id },
        { title: "NAME", of: (row) => row.name, limit: 32 },
        {
          title: "RESULT",
          of: (row) => row.result,
          style: (row) => (row.result === "ok" ? "green" : row.result === "limited" ? "yellow" : "red"),
        },
        { title: "STATUS", of: (row) => row.status, align: "right" },
        { title: "MS", of: (row) => row.ms, align: "right" },
        { title: "WORDS", of: (row) => row.words, limit: 110 },
      ]);
    for (const row of rows) if (row.disabled) output.line(`Disabled key '${row.name}' (${row.id}).`);
    return exitCode;
  },
});

// --- helpers ---

const unreadable = {
  result: "unreadable",
  status: null,
  rule: "unreadable",
  words: "ENCRYPTION_KEY is not the one that sealed it",
  ms: null,
} as const;

interface Checked {
  view: KeyView;
  /** Null: the key cannot be opened. */
  check: KeyCheck | null;
}

async function checkAll(views: readonly KeyView[], settings: Settings, output: Output): Promise<Checked[]> {
  const shared = settings.outboundProxy === null ? null : toSecret(settings.outboundProxy);
  const results: Checked[] = [];
  let next = 0;
  let done = 0;
  const isShown = process.stderr.isTTY === true && !output.isJson;
  const work = async (): Promise<void> => {
    while (next < views.length) {
      const index = next++;
      const view = views[index] as KeyView;
      const { secret, proxy, baseUrl } = view;
      // A key whose proxy cannot be opened is not asked without it.
      const check =
        secret === null || view.state === "unreadable"
          ? null
          : await checkKey({ baseUrl: baseUrl ?? settings.geminiBaseUrl, secret, proxy: proxy ?? shared });
      results[index] = { view, check };
      done++;
      if (isShown) process.stderr.write(`\rchecked ${done} of ${views.length}${done === views.length ? "\n" : ""}`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, views.length) }, work));
  return results;
}

/** Only what Google has said about the key itself counts. */
async function switchOff(
  checks: readonly Checked[],
  parts: { workspace: Workspace; configuration: Configuration; now: number },
): Promise<Set<string>> {
  const off = new Set<string>();
  for (const { view, check } of checks) {
    if (!view.enabled || (check?.result !== "invalid" && check?.result !== "blocked")) continue;
    await ensureStored(view, parts.workspace, parts.configuration, parts.now);
    await parts.workspace.store.credentials.update(view.id, { enabled: false });
    off.add(view.id);
  }
  if (off.size > 0) await parts.workspace.store.revision.raise();
  return off;
}
