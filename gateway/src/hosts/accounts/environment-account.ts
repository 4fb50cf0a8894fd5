/**
 * The Code Assist account that the environment gives (GCP_SERVICE_ACCOUNT).
 * @module
 */
import { accountKey, parseAccount, type AccountTokens } from "../../accounts/tokens.ts";
import { unknownAccount, type AccountFacts } from "../../core/accounts.ts";
import type { Digest } from "../../core/ports.ts";
import type { Settings } from "../../settings/types.ts";
import type { StoredCredential } from "../../storage/types.ts";
import { credentialIdOf, fingerprintOf } from "../../vault/fingerprint.ts";

/** What the environment says of it. */
export interface EnvironmentAccount {
  id: string;
  name: string;
  /** Of the account, whatever its tokens are. */
  fingerprint: string;
  /** Of the text that was given: a new text outranks whatever was saved of an older one. */
  given: string;
  /** Stands where the envelope of a stored account stands. No secret. */
  envelope: string;
  tokens: AccountTokens;
  facts: AccountFacts;
}

/**
 * Reads it.
 * @returns null: there is none
 */
export function environmentAccount(
  { codeAssistAccount }: Pick<Settings, "codeAssistAccount">,
  digest: Digest,
): EnvironmentAccount | null {
  if (codeAssistAccount === null) return null;
  const parsed = parseAccount(codeAssistAccount);
  if (!parsed.ok) return null;
  const { tokens, owner, scopes } = parsed.account;
  const fingerprint = fingerprintOf(accountKey(parsed.account), digest);
  const given = fingerprintOf(codeAssistAccount, digest);
  return {
    id: credentialIdOf(fingerprint),
    name: owner.email ?? "env-account",
    fingerprint,
    given,
    envelope: `environment ${given}`,
    tokens,
    facts: { ...unknownAccount, email: owner.email, scopes, given },
  };
}

/** Whether a row holds what became of the text that the environment gives now. */
export function isSavedOf(account: EnvironmentAccount, row: Pick<StoredCredential, "account">): boolean {
  return row.account?.given === account.given;
}
