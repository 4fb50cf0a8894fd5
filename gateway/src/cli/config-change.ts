/**
 * `gemini-proxy config set` and `gemini-proxy config unset`
 * @module
 */
import { isSettingsRefused } from "../admin/settings-refused.ts";
import { createSettingsControl } from "../hosts/settings-control.ts";
import type { Configuration } from "./configuration.ts";
import { CliFailure, usageFailure } from "./failure.ts";
import type { Output } from "./output.ts";
import { withWorkspace } from "./workspace.ts";

const help = "Write 'config set OWNER_WAIT_MS=5s' or 'config unset OWNER_WAIT_MS'.";

/**
 * Stores settings in DATA_DIR, or forgets stored ones; a running gateway is let know.
 * @param parts `words`: `NAME=VALUE` each, or `NAME` each
 * @throws CliFailure (exit code 2) naming every value that cannot be used; nothing is stored then
 */
export async function changeStored(parts: {
  action: "set" | "unset";
  words: readonly string[];
  configuration: Configuration;
  output: Output;
}): Promise<void> {
  const { action, configuration, output } = parts;
  const changes = Object.fromEntries(parts.words.map((word) => toChange(action, word)));
  if (parts.words.length === 0) throw usageFailure(`'config ${action}' needs a name.`, help);
  const result = await withWorkspace(configuration, { write: true }, async ({ store }) => {
    const { settings: table } = store.administration;
    const control = createSettingsControl({
      settings: { ...configuration.settings },
      sources: configuration.sources,
      stored: await table.list(),
      async save(saved) {
        await table.write(saved);
        await store.revision.raise();
      },
      read: () => table.list(),
      // What is wrong already is told by 'config'.
      logger: { log: () => undefined },
    });
    try {
      return await control.change(changes, false);
    } catch (error) {
      if (!isSettingsRefused(error)) throw error;
      throw new CliFailure(error.message, { next: "'gemini-proxy config' shows all settings.", exitCode: 2 });
    }
  });
  if (output.json(result)) return;
  const { changed, afterRestart, outranked } = result;
  if (changed.length === 0) return output.line("Nothing changed: it is stored so already.");
  for (const name of changed) {
    const what = action === "set" ? `Stored ${name}` : `${name} is no longer stored`;
    if (outranked.includes(name)) output.line(`${what}; the environment outranks it.`);
    else if (afterRestart.includes(name)) output.line(`${what}; it holds from the next start on.`);
    else output.line(`${what}; a running gateway takes it up within a second.`);
  }
}

// --- helpers ---

function toChange(action: "set" | "unset", word: string): [string, string | null] {
  const at = word.indexOf("=");
  if (action === "unset") {
    if (at >= 0) throw usageFailure(`'${word.slice(0, at)}=…' has a value, but 'config unset' takes names.`, help);
    return [word, null];
  }
  if (at < 1 || word.slice(at + 1).trim() === "") throw usageFailure(`'${word}' is not NAME=VALUE.`, help);
  return [word.slice(0, at), word.slice(at + 1)];
}
