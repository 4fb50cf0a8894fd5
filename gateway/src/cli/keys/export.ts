/**
 * `gemini-proxy keys export`
 * @module
 */
import { nodeRandom } from "../../hosts/node/ports.ts";
import { sealExportFile, toExportFile } from "../../vault/export-file.ts";
import { defineCliCommand } from "../command.ts";
import type { CliCommand } from "../command.ts";
import { CliFailure, usageFailure } from "../failure.ts";
import { loadKeyViews } from "../key-views.ts";
import { passphrase, passphraseVariable } from "../passphrase.ts";
import { withWorkspace } from "../workspace.ts";

/** Prints all keys as an export file. */
export const command: CliCommand = defineCliCommand({
  name: "keys export",
  description: "Print all keys as an export file: masked, sealed or plain",
  args: {
    encrypted: { type: "boolean", description: "Sealed under a passphrase; 'keys import' reads it" },
    plain: { type: "boolean", description: "With the keys readable; needs --yes-i-know" },
    "yes-i-know": { type: "boolean", description: "The output holds every key, readable by anyone who sees it" },
  },
  notes: [
    "Without an option the keys are masked, which is good for comparing, not for importing.",
    `The passphrase is asked for, or taken from ${passphraseVariable}.`,
    "",
    "Output (always JSON): {version, exported_at, api_keys: [{name, api_key_value, provider, is_active, project?, weight, tier,",
    "  quota_tier?, base_url?, proxy?}]}, masked without the proxy's user name and password;",
    "with --encrypted: {version, exported_at, salt, sealed_api_keys}",
  ],
  async run({ args, output, configuration, now }) {
    if (args.plain === true && args.encrypted === true)
      throw usageFailure("--plain and --encrypted exclude each other.");
    if (args.plain === true && args["yes-i-know"] !== true)
      throw usageFailure("--plain prints every key readably.", "Add --yes-i-know, or use --encrypted.");
    const views = await withWorkspace(configuration, { write: false }, (workspace) =>
      loadKeyViews(workspace, configuration, now),
    );
    const unreadable = views.filter((view) => view.state === "unreadable" || view.secret === null);
    if (unreadable.length > 0 && (args.plain === true || args.encrypted === true))
      throw new CliFailure(
        `${unreadable.length} of ${views.length} keys cannot be opened with the configured master key.`,
        {
          place: unreadable.map((view) => view.name).join(", "),
          next: "Set ENCRYPTION_KEY to the key that sealed them, or remove them.",
        },
      );
    const keys = views.flatMap((view) => (view.secret === null ? [] : [{ ...view, secret: view.secret }]));
    const masked = args.plain !== true && args.encrypted !== true;
    const file = toExportFile(keys, { masked, exportedAt: new Date(now).toISOString() });
    const value =
      args.encrypted === true
        ? await sealExportFile(
            file,
            await passphrase("Passphrase for the export file (16 characters or more)", { fresh: true }),
            nodeRandom,
          )
        : file;
    if (masked)
      output.note("The keys are masked; this file cannot be imported. See 'gemini-proxy keys export --help'.");
    output.line(JSON.stringify(value, null, 2));
  },
});
