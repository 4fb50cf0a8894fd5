/** @module What is configured of a Code Assist account, and what can be read back. */

import type { QuotaLimits } from "../state/quota-limits.ts";

/** Licence of an account. */
export type CodeAssistTier = "standard-tier" | "enterprise-tier" | "free-tier";

/**
 * How an account behaves (fact sheet upstream 7.1, 7.4, 7.5).
 * - `active`: as it should.
 * - `revoked`: refreshing is `invalid_grant`, access tokens are refused; logging in again mends it.
 * - `reauth`: refreshing is `invalid_rapt`; logging in again mends it.
 * - `no-licence`: generating is 403 `SUBSCRIPTION_REQUIRED`; `loadCodeAssist` still names tier and project.
 * - `unsupported-client`: `loadCodeAssist` has `ineligibleTiers` only, generating is 403 `SUBSCRIPTION_REQUIRED`.
 * - `validation-required`: `loadCodeAssist` and generating point at a page that the user must open.
 * - `not-onboarded`: `loadCodeAssist` has `allowedTiers` only, until `onboardUser` is done.
 * - `vpc-sc`: `loadCodeAssist` is 403 `SECURITY_POLICY_VIOLATED`, generating works.
 */
export type AccountState =
  | "active"
  | "revoked"
  | "reauth"
  | "no-licence"
  | "unsupported-client"
  | "validation-required"
  | "not-onboarded"
  | "vpc-sc";

/** One account. */
export interface AccountConfig {
  email: string;
  refreshToken: string;
  /** `cloudaicompanionProject`. @default `emulated-` and what comes before the `@` of the email */
  project?: string;
  /** Whether `loadCodeAssist` names the project; false: the client must know it. @default true */
  tellsProject?: boolean;
  /** @default "standard-tier" */
  tier?: CodeAssistTier;
  /** @default "active" */
  state?: AccountState;
  /** Per model, or for all under `"*"`. @default a day 1,500 (enterprise 2,000, free 1,000), a minute 120 (free 60) */
  quotas?: Record<string, QuotaLimits>;
  /** Milliseconds that an access token lives. @default 3599000 */
  tokenLifeMs?: number;
  /** Each refresh gives a new refresh token, and the old one is void. @default false */
  rotatesRefreshToken?: boolean;
  /** Milliseconds from `onboardUser` to its end. @default 1000 */
  onboardMs?: number;
  /** The OAuth client that its refresh token was made for. @default that of `oauthClient` */
  clientId?: string;
  /** Milliseconds before the first byte of every Code Assist answer. @default 0 */
  firstByteDelayMs?: number;
}

/** The OAuth client that may ask for tokens. */
export interface OauthClient {
  id: string;
  secret: string;
}

/** An account as it is now. */
export interface AccountSummary {
  email: string;
  state: AccountState;
  tier: CodeAssistTier;
  project: string;
  /** Those that refresh now, oldest first. */
  refreshTokens: string[];
  /** Access tokens that have not expired. */
  accessTokens: number;
}
