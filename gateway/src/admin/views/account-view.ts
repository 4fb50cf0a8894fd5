/**
 * Code Assist accounts as people see them: facts, never tokens.
 * @module
 */
import type * as z from "zod";
import { plainSecret } from "../../backends/credential-text.ts";
import { readTokens } from "../../accounts/tokens.ts";
import { unknownAccount, type AccountFacts } from "../../core/accounts.ts";
import type { StoredCredential } from "../../storage/types.ts";
import type { accountSchema } from "../schemas/accounts.ts";
import type { AdminServices } from "../services.ts";
import type { CredentialRow } from "./credential-rows.ts";

/** What is shown of an account. */
export type AccountItem = z.output<typeof accountSchema>;

/**
 * Reads what is known now. From the store itself: refreshes write there without telling anybody.
 * @param row of an account
 */
export async function readAccount(row: CredentialRow, services: AdminServices): Promise<AccountItem> {
  const { id } = row.view;
  const { accounts, store } = services;
  const held = accounts?.view(id) ?? null;
  const stored = await store.credentials.get(id);
  const given = accounts?.given() ?? null;
  const saved = stored?.account ?? null;
  // Another text in the environment is newer than what was saved of an older one.
  const isNewText = given?.id === id && saved?.given !== given.given;
  const kept = isNewText ? { ...given.facts, wantedProject: saved?.wantedProject ?? null } : saved;
  const isHeldNewer = isNewText ? held?.given === given.given : kept === null || isNewer(held, kept);
  if (held !== null && isHeldNewer) return toItem(held, held.tokenExpiresAt);
  const expiresAt = isNewText ? given.tokens.expiresAt : await expiryOf(stored, services);
  return toItem(kept ?? unknownAccount, expiresAt);
}

// --- helpers ---

/** Only what could not be written: what is held of an account may be older than what another process wrote. */
function isNewer(held: AccountFacts | null, kept: AccountFacts): boolean {
  return (held?.lastRefreshAt ?? 0) > (kept.lastRefreshAt ?? 0);
}

async function expiryOf(stored: StoredCredential | null, { vault }: AdminServices): Promise<number> {
  if (stored === null) return 0;
  const opened = await vault.open(stored.sealed, stored.id).catch(() => null);
  return opened === null ? 0 : (readTokens(plainSecret(opened))?.expiresAt ?? 0);
}

function toItem(facts: AccountFacts, expiresAt: number): AccountItem {
  const { email, cloudProject, wantedProject, tier, lastRefreshAt, lastError } = facts;
  const tokenExpiresAt = expiresAt <= 0 ? null : Math.round(expiresAt);
  return { email, cloudProject, wantedProject, tier, tokenExpiresAt, lastRefreshAt, lastError };
}
