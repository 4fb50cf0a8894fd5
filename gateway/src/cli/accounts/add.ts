/**
 * `gemini-proxy accounts add`
 * @module
 */
import { parseAccount } from "../../accounts/tokens.ts";
import { defineCliCommand } from "../command.ts";
import type { CliCommand } from "../command.ts";
import { usageFailure } from "../failure.ts";
import { readSource } from "../input.ts";
import { withWorkspace } from "../workspace.ts";
import { accountSettings } from "./account-views.ts";
import { accountOptions, readAccountOptions, storeAccount, tellOutcome } from "./store-account.ts";

/** Adds an account that another program has logged in. */
export const command: CliCommand = defineCliCommand({
  name: "accounts add",
  description: "Add a Code Assist account from oauth_creds.json",
  args: {
    file: {
      type: "positional",
      required: true,
      description: "File of another program's log-in, such as ~/.gemini/oauth_creds.json; - for standard input",
    },
    ...accountOptions,
  },
  needs: accountSettings,
  notes: [
    "For holders of a Gemini Code Assist Standard or Enterprise licence: see docs/code-assist.md.",
    "An account that is here already gets the new tokens. The file is not changed, and not read again.",
    "",
    "JSON: {status: added|updated, id, name, email, inEnvironment}",
    "",
    "Examples",
    "  gemini-proxy accounts add ~/.gemini/oauth_creds.json --tier 1     used when no key can serve",
  ],
  async run({ args, output, configuration, now }) {
    const change = await readAccountOptions(args, { configuration, output });
    const parsed = parseAccount((await readSource(args.file)).trim());
    if (!parsed.ok)
      throw usageFailure(
        `The account ${parsed.reason}.`,
        "Take the whole content of ~/.gemini/oauth_creds.json, or log in with 'gemini-proxy accounts login'.",
      );
    const outcome = await withWorkspace(configuration, { write: true }, (workspace) =>
      storeAccount(parsed.account, change, { workspace, configuration, now }),
    );
    if (output.json(outcome)) return;
    if (parsed.account.tokens.refreshToken === null)
      output.warn("The file has no refresh_token: the account works until its access token ends, and not longer.");
    tellOutcome(outcome, configuration, output);
  },
});
