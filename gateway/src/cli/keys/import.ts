/**
 * `gemini-proxy keys import`
 * @module
 */
import { nodeRandom } from "../../hosts/node/ports.ts";
import { parseKeys } from "../../settings/keys.ts";
import { isSealedExport, openExportFile } from "../../vault/export-file.ts";
import type { ParsedKey } from "../../settings/keys-entry.ts";
import { addKeys } from "../add-keys.ts";
import { dataSettings, defineCliCommand } from "../command.ts";
import type { CliCommand } from "../command.ts";
import { CliFailure } from "../failure.ts";
import { readSource } from "../input.ts";
import { passphrase, passphraseVariable } from "../passphrase.ts";
import { withWorkspace } from "../workspace.ts";
import { keyOptions, readKeyOptions } from "./key-options.ts";

/** A name is for one key only. */
const { name: _name, ...sharedOptions } = keyOptions;

/** Adds the keys of a file in any known form. */
export const command: CliCommand = defineCliCommand({
  name: "keys import",
  description: "Add keys from a file or standard input, in any form",
  args: {
    file: { type: "positional", required: true, description: "File with keys; - for standard input" },
    "dry-run": { type: "boolean", description: "Only say what would be added" },
    ...sharedOptions,
  },
  needs: [...dataSettings, "ALLOW_INSECURE_UPSTREAM"],
  notes: [
    "Forms: keys separated by commas or new lines, one a line with # comments, CSV with a head line (name,api_key), JSON",
    "lists of texts or of objects ({name, key}, {key, value}), {keys: […]}, export files of this and of earlier proxies, sealed export files",
    `(the passphrase is asked for, or taken from ${passphraseVariable}).`,
    "Entries of JSON and CSV may carry project, tier, quotaTier, weight, baseUrl, proxy; options hold for entries that do not.",
    "",
    "JSON: {dryRun, added, duplicates, rejected, keys: [{status, id, name, key (masked), inEnvironment}],",
    "       repeated: [{place, first}], problems: [{place, reason}]}",
  ],
  async run({ args, output, configuration, now }) {
    const dryRun = args["dry-run"] === true;
    const given = await readSource(args.file);
    const text = isSealedExport(given)
      ? await openExportFile(given, await passphrase("Passphrase of the export file", { fresh: false }), nodeRandom)
      : given;
    const { allowInsecureUpstream: allowInsecure } = configuration.settings;
    const parsed = parseKeys(text, { allowInsecure });
    const shared = await readKeyOptions(args, {
      allowInsecure,
      clearable: false,
      stdin: false,
      warn: (words) => output.warn(words),
    });
    const keys = parsed.keys.map((key) => ({ ...(shared as Partial<ParsedKey>), ...key }));
    if (parsed.keys.length + parsed.rejected.length === 0)
      throw new CliFailure("There is no key in it.", {
        place: args.file === "-" ? "standard input" : args.file,
        next: "'gemini-proxy keys import --help' lists the forms.",
      });
    const outcomes = await withWorkspace(configuration, { write: !dryRun }, (workspace) =>
      addKeys(keys, { workspace, configuration, now, dryRun }),
    );
    const added = outcomes.filter(({ status }) => status === "added").length;
    const duplicates = outcomes.length - added + parsed.duplicates.length;
    const exitCode = parsed.rejected.length > 0 ? 1 : 0;
    const summary = { dryRun, added, duplicates, rejected: parsed.rejected.length };
    if (output.json({ ...summary, keys: outcomes, repeated: parsed.duplicates, problems: parsed.rejected }))
      return exitCode;
    output.table(outcomes, [
      { title: "RESULT", of: (row) => (row.status === "added" && dryRun ? "would add" : row.status) },
      { title: "ID", of: (row) => row.id },
      { title: "NAME", of: (row) => row.name, limit: 40 },
      { title: "KEY", of: (row) => row.key },
    ]);
    for (const { place, first } of parsed.duplicates) output.line(`duplicate  ${place}: the same key as ${first}`);
    for (const { place, reason } of parsed.rejected) output.line(`rejected   ${place}: ${reason}`);
    output.line(
      `${dryRun ? "Would add" : "Added"} ${added}, duplicates ${duplicates}, rejected ${parsed.rejected.length}.`,
    );
    return exitCode;
  },
});
