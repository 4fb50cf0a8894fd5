/**
 * `gemini-proxy keys add`
 * @module
 */
import { parseKeys } from "../../settings/keys.ts";
import type { ParsedKey } from "../../settings/keys-entry.ts";
import { addKeys } from "../add-keys.ts";
import { dataSettings, defineCliCommand } from "../command.ts";
import type { CliCommand } from "../command.ts";
import { usageFailure } from "../failure.ts";
import { askSecret, isInteractive, readStdin } from "../input.ts";
import { withWorkspace } from "../workspace.ts";
import { keyOptions, readKeyOptions } from "./key-options.ts";
import type { KeyChange } from "./key-options.ts";

/** Adds one key, from standard input or a hidden prompt. */
export const command: CliCommand = defineCliCommand({
  name: "keys add",
  description: "Add a Gemini API key",
  args: {
    key: {
      type: "positional",
      required: false,
      description:
        "- reads standard input. Without it, a hidden prompt. The key itself works too, but stays in the shell's history",
    },
    ...keyOptions,
  },
  needs: [...dataSettings, "ALLOW_INSECURE_UPSTREAM"],
  notes: [
    "JSON: {status: added|duplicate, id, name, key (masked), inEnvironment}",
    "",
    "Examples",
    "  gemini-proxy keys add --name work            asks for the key without showing it",
    "  gemini-proxy keys add - < key.txt",
  ],
  async run({ args, output, configuration, now }) {
    const change = await readKeyOptions(args, {
      allowInsecure: configuration.settings.allowInsecureUpstream,
      clearable: false,
      stdin: false,
      warn: (text) => output.warn(text),
    });
    const key = withChange(readOne(await textOf(args.key, (text) => output.warn(text))), change);
    const [outcome] = await withWorkspace(configuration, { write: true }, (workspace) =>
      addKeys([key], { workspace, configuration, now, dryRun: false }),
    );
    if (outcome === undefined || output.json(outcome)) return;
    if (outcome.status === "added") output.line(`Added key '${outcome.name}' (${outcome.id}, ${outcome.key}).`);
    else
      output.line(
        `Duplicate: this key is already here as '${outcome.name}' (${outcome.id}). Nothing was changed; 'gemini-proxy keys update' does.`,
      );
    if (outcome.inEnvironment) output.note("The environment gives this key, too. It counts once.");
  },
});

// --- helpers ---

async function textOf(argument: string | undefined, warn: (text: string) => void): Promise<string> {
  if (argument === "-" || (argument === undefined && !isInteractive())) return readStdin();
  if (argument === undefined) return askSecret("Gemini API key");
  warn(
    "a key on the command line stays in the shell's history and shows in the list of processes; 'keys add' without it asks.",
  );
  return argument;
}

function readOne(text: string): ParsedKey {
  const { keys, rejected, duplicates } = parseKeys(text);
  const [first] = keys;
  if (keys.length + rejected.length + duplicates.length > 1)
    throw usageFailure("This is more than one key.", "Use 'gemini-proxy keys import -' for several.");
  if (rejected[0] !== undefined)
    throw usageFailure(`The key ${rejected[0].reason}.`, "Copy the key again, whole and without anything around it.");
  if (first === undefined)
    throw usageFailure("No key was given.", "Type it at the prompt, or pass it on standard input.");
  return first;
}

function withChange(key: ParsedKey, change: KeyChange): ParsedKey {
  // A name that holds the key would show it everywhere.
  if (change.name?.includes(key.secret) === true) throw usageFailure("--name: must not contain the key.");
  return { ...key, ...(change as Partial<ParsedKey>) };
}
