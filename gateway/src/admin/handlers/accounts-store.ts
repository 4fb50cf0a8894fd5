/**
 * Puts Code Assist accounts into the store: new ones, or new tokens for one that is there.
 * @module
 */
import { clientOf } from "../../accounts/oauth.ts";
import { accountKey, writeTokens, type AccountTokens, type ParsedAccount } from "../../accounts/tokens.ts";
import { unknownAccount, type AccountFacts } from "../../core/accounts.ts";
import { isEnvironmentRow, proxyContext } from "../../settings/stored-keys.ts";
import { credentialIdOf, fingerprintOf } from "../../vault/fingerprint.ts";
import { AdminError } from "../admin-errors.ts";
import type { AdminServices } from "../services.ts";
import { findRow, forgetRows } from "../views/credential-rows.ts";
import { checkCloudProject } from "./accounts-project.ts";
import { isOwnersTrouble } from "./accounts-trouble.ts";
import { takeEffect, withoutMark } from "./credentials-change.ts";
import { checkNoSecret } from "./name-rules.ts";
import { allowProxy } from "./upstream-rules.ts";

/** What is chosen for an account. */
export interface AccountChoices {
  name?: string | undefined;
  tier?: number | undefined;
  weight?: number | undefined;
  cloudProject?: string | undefined;
  proxy?: string | undefined;
}

/** What became of it. */
export interface StoredAccount {
  status: "added" | "updated";
  id: string;
  warnings: string[];
}

/**
 * Stores an account and brings it into use; what kept it away is forgotten.
 * @param options `into`: row that gets the tokens, whatever account they say they are; null: the account's own.
 *   `grantedAt`: when Google gave the tokens, null: not known
 * @throws AdminError `body_invalid`, `conflict`
 */
export async function storeAccount(
  account: ParsedAccount,
  choices: AccountChoices,
  options: { services: AdminServices; into?: string | null; grantedAt?: number | null },
): Promise<StoredAccount> {
  const { services, grantedAt = null } = options;
  const { store, vault, digest, clock } = services;
  const fingerprint = fingerprintOf(accountKey(account), digest);
  const id = options.into ?? credentialIdOf(fingerprint);
  const row = await store.credentials.get(id);
  const given = services.accounts?.given() ?? null;
  const isGiven = given?.id === id;
  const { tier, weight } = choices;
  const proxy = choices.proxy === undefined ? null : checkProxy(choices.proxy, services);
  const wantedProject = choices.cloudProject === undefined ? undefined : checkCloudProject(choices.cloudProject);
  const taken = new Set((await store.credentials.list()).flatMap((one) => (one.id === id ? [] : [one.name])));
  const name = choices.name === undefined ? null : checkName(choices.name, { account, taken });
  const held = services.accounts?.view(id) ?? null;
  const known = row?.account ?? unknownAccount;
  const facts: AccountFacts = {
    ...known,
    email: account.owner.email ?? known.email,
    scopes: account.scopes,
    wantedProject: wantedProject ?? known.wantedProject,
    lastRefreshAt: grantedAt ?? held?.lastRefreshAt ?? known.lastRefreshAt,
    lastError: null,
    // Looked up anew: the account may have got a licence, or another project.
    projectFoundAt: null,
    // Newer than what the environment gives now, older than what it may give later.
    ...(isGiven ? { given: given.given } : {}),
  };
  const sealed = await vault.seal(writeTokens(account.tokens), id);
  const sealedProxy = proxy === null ? {} : { sealedProxy: await vault.seal(proxy, proxyContext(id)) };
  if (row === null) {
    const isNew = await store.credentials.add({
      id,
      name: name ?? freeName(facts.email ?? "account", taken),
      sealed,
      fingerprint,
      projectId: null,
      weight: weight ?? 1,
      tier: tier ?? 0,
      enabled: true,
      createdAt: clock.now(),
      kind: "code-assist",
      account: facts,
      ...sealedProxy,
    });
    if (!isNew)
      throw new AdminError("conflict", {
        message: "Another process has just stored this account.",
        next: "Try again.",
      });
  } else {
    // What is left of an account that has gone from the environment becomes an account of its own.
    const isLeft = isEnvironmentRow(row) && !isGiven;
    const newName = name ?? (isLeft ? freeName(withoutMark(row.name), taken) : null);
    const isThere = await store.credentials.update(id, {
      sealed,
      account: facts,
      ...sealedProxy,
      ...(newName === null ? {} : { name: newName }),
      ...(tier === undefined ? {} : { tier }),
      ...(weight === undefined ? {} : { weight }),
    });
    if (!isThere)
      throw new AdminError("conflict", { message: "The account was removed meanwhile.", next: "Try again." });
  }
  await takeEffect(services);
  await putBack(id, services);
  return {
    id,
    status: row === null ? "added" : "updated",
    warnings: warningsOf(account.tokens, { services, isGiven }),
  };
}

/**
 * An account that is out of use for want of a log-in or licence is used again.
 * @returns whether it was out of use
 */
export async function putBack(id: string, services: AdminServices): Promise<boolean> {
  const disabled = (await findRow(services, id))?.view.disabled ?? null;
  if (disabled === null || disabled.scope !== "credential" || !isOwnersTrouble(disabled.reason)) return false;
  services.pool.reset(id);
  forgetRows(services);
  return true;
}

/** The services that accounts need. @throws AdminError `unavailable` where there are none */
export function accountsOf({ accounts }: AdminServices): NonNullable<AdminServices["accounts"]> {
  if (accounts === null)
    throw new AdminError("unavailable", {
      message: "This host serves no Code Assist accounts.",
      next: "Run the gateway on Node, Bun or Workers.",
    });
  return accounts;
}

// --- helpers ---

function checkName(given: string, { account, taken }: { account: ParsedAccount; taken: ReadonlySet<string> }): string {
  const name = withoutMark(given.replace(/[\s\p{Cc}]+/gu, " ").trim());
  const { refreshToken, accessToken } = account.tokens;
  const field = "body.name";
  checkNoSecret(name, "name");
  if ([refreshToken, accessToken].some((token) => token !== null && token !== "" && name.includes(token)))
    throw new AdminError("body_invalid", { message: "A name must not contain a token.", field });
  if (name === "") throw new AdminError("body_invalid", { message: "Expected 1 to 100 characters.", field });
  if (taken.has(name))
    throw new AdminError("conflict", {
      message: "Another credential has this name.",
      next: "Choose another one.",
      field,
    });
  return name;
}

function checkProxy(text: string, services: AdminServices): string {
  const allowed = allowProxy(text, services.settings.current);
  if (!allowed.ok)
    throw new AdminError("body_invalid", { message: `Expected ${allowed.expected}.`, field: "body.proxy" });
  return allowed.url;
}

function warningsOf(tokens: AccountTokens, parts: { services: AdminServices; isGiven: boolean }): string[] {
  const settings = parts.services.settings.current;
  const client = clientOf(settings);
  const warnings: string[] = [];
  if (tokens.refreshToken === null)
    warnings.push("There is no refresh token: the account works until its access token ends, and not longer.");
  if (!client.ok) warnings.push(client.failure.words);
  else if (tokens.clientId !== null && tokens.clientId !== client.value.id)
    warnings.push("It was logged in with another OAuth client than CODE_ASSIST_CLIENT_ID: it cannot be refreshed.");
  if (parts.isGiven)
    warnings.push("The environment gives this account, too. It counts once, and these tokens outrank that text.");
  return warnings;
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  let name = wanted;
  for (let number = 2; taken.has(name); number++) name = `${wanted}-${number}`;
  return name;
}
