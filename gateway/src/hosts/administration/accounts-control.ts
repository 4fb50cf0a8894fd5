/**
 * Code Assist accounts for the admin API, out of a host's parts.
 * @module
 */
import { agentOf, type AccountAsk } from "../../accounts/ask.ts";
import { askTimeoutMs } from "../../accounts/refresh.ts";
import { AdminError } from "../../admin/admin-errors.ts";
import type { AccountsControl } from "../../admin/services.ts";
import type { Credential } from "../../core/credential.ts";
import type { Digest } from "../../core/ports.ts";
import { toSecret } from "../../core/secret.ts";
import type { Settings } from "../../settings/types.ts";
import type { Accounts } from "../accounts/create-accounts.ts";
import { environmentAccount } from "../accounts/environment-account.ts";
import { version } from "../version.ts";

/**
 * Makes it.
 * @param parts `ask`: the host's way to Google; `credential`: one of the pool, null: unknown
 */
export function createAccountsControl(parts: {
  accounts: Accounts;
  ask: AccountAsk;
  settings: Pick<Settings, "codeAssistAccount" | "outboundProxy">;
  digest: Digest;
  credential(id: string): Credential | null;
}): AccountsControl {
  const { accounts, ask, settings, digest } = parts;
  // It changes by a start only.
  const given = environmentAccount(settings, digest);

  function accountOf(id: string): Credential {
    const credential = parts.credential(id);
    if (credential?.kind !== "code-assist") throw new AdminError("not_found");
    return credential;
  }

  return {
    agent: agentOf(version),
    view: (id) => accounts.keeper.view(id),
    given: () => given,
    check: async (id) => accounts.check(accountOf(id)),
    quota: async (id) => accounts.quota(accountOf(id)),
    ask: (question) =>
      ask({
        ...question,
        proxy: settings.outboundProxy === null ? null : toSecret(settings.outboundProxy),
        timeoutMs: askTimeoutMs,
      }),
  };
}
