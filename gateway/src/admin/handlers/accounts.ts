/**
 * Code Assist accounts: adding, logging in, what is left of their quota.
 * @module
 */
import { parseAccount } from "../../accounts/tokens.ts";
import { AdminError } from "../admin-errors.ts";
import type { RouteOutput } from "../define-route.ts";
import { addAccount, beginAccountLogin, completeAccountLogin, getAccountQuota } from "../contract/accounts.ts";
import { implement } from "../implement.ts";
import type { Implementation } from "../implement.ts";
import type { AdminServices } from "../services.ts";
import { findRow, forgetRows, type CredentialRow } from "../views/credential-rows.ts";
import { toCredentialItems } from "../views/credential-view.ts";
import { beginLogin, checkSameAccount, redeemLogin } from "./accounts-login.ts";
import { forgetQuota, readQuota } from "./accounts-quota.ts";
import { accountsOf, storeAccount, type AccountChoices, type StoredAccount } from "./accounts-store.ts";

/** Everything that is of accounts alone. */
export const accountHandlers: readonly Implementation[] = [
  implement(addAccount, async ({ body, services, note }) => {
    const { text, ...choices } = body;
    // First: also a line about a failure must not hold what was sent.
    note({ detail: detailOf(choices) });
    accountsOf(services);
    const parsed = parseAccount(text.trim());
    if (!parsed.ok)
      throw new AdminError("body_invalid", {
        message: `The account ${parsed.reason}.`,
        next: "Take the whole content of ~/.gemini/oauth_creds.json, or log in with the browser.",
        field: "body.text",
      });
    const stored = await storeAccount(parsed.account, choices, { services });
    note({ target: stored.id });
    return toAdded(stored, services);
  }),

  implement(beginAccountLogin, async ({ body, services, actor, state, note }) => {
    const { id = null, via } = body;
    if (id !== null) await accountRow(id, services);
    note({ detail: { via }, ...(id === null ? {} : { target: id }) });
    return beginLogin({ credentialId: id, via }, { actor, logins: state.accountLogins, services });
  }),

  implement(completeAccountLogin, async ({ body, services, actor, state, note }) => {
    const { state: name, code, ...choices } = body;
    note({ detail: detailOf(choices) });
    const parts = { actor, logins: state.accountLogins, services };
    const { account, login } = await redeemLogin({ state: name, code }, parts);
    const { credentialId } = login;
    if (credentialId !== null) {
      note({ target: credentialId });
      await checkSameAccount(account, await accountRow(credentialId, services), services);
    }
    const grantedAt = services.clock.now();
    const stored = await storeAccount(account, choices, { services, into: credentialId, grantedAt });
    note({ target: stored.id });
    return toAdded(stored, services);
  }),

  implement(getAccountQuota, async ({ params, services }) =>
    readQuota(await accountRow(params.id, services), services),
  ),
];

// --- helpers ---

/** @throws AdminError `not_found` */
async function accountRow(id: string, services: AdminServices): Promise<CredentialRow> {
  const row = await findRow(services, id);
  if (row?.kind !== "code-assist")
    throw new AdminError("not_found", { message: "There is no account with this id.", field: "id" });
  return row;
}

/** What the audit log keeps: nothing of what was sent as text, code or proxy. */
function detailOf({ name, tier, weight, cloudProject, proxy }: AccountChoices): Record<string, unknown> {
  return { name, tier, weight, cloudProject, proxy: proxy !== undefined };
}

async function toAdded(
  { id, status, warnings }: StoredAccount,
  services: AdminServices,
): Promise<RouteOutput<typeof addAccount>> {
  forgetRows(services);
  forgetQuota(id, services);
  const [credential] = await toCredentialItems([await accountRow(id, services)], services);
  // One row gives one item.
  if (credential === undefined) throw new AdminError("internal");
  return { status, warnings, credential };
}
