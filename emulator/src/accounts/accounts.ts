/** @module The Code Assist accounts of one emulator: their states, tokens and projects. */

import type { Ids } from "../state/ids.ts";
import type { KnownKey } from "../state/projects.ts";
import type { ProjectConfig } from "../types.ts";
import type { QuotaLimits } from "../state/quota-limits.ts";
import type { AccessToken, Grants } from "./grants.ts";
import { createGrants } from "./grants.ts";
import type { AccountConfig, AccountState, AccountSummary, CodeAssistTier, OauthClient } from "./types.ts";

/** An account with its defaults filled in. */
export interface Account extends Required<Omit<AccountConfig, "refreshToken" | "quotas">> {
  /** Decimal digits, the `sub` of its tokens. */
  userId: string;
  /** How it stands as the caller of a model: quotas and signatures are the account's own. */
  key: KnownKey;
}

/** The accounts of one emulator. */
export interface Accounts {
  client: OauthClient;
  grants: Grants;
  get(email: string): Account | undefined;
  /** The first one configured. */
  first(): Account | undefined;
  /** Whose access token this is, expired ones included; undefined for one that was never given or is void. */
  ownerOf(token: string): { account: Account; access: AccessToken } | undefined;
  /**
   * Adds an account or replaces the one of the same email. Its tokens stay, but for refresh tokens when another one is configured.
   * @throws TypeError for a bad state or tier, a missing email or refresh token.
   */
  set(config: AccountConfig): void;
  /** Another state, from now on. */
  enter(account: Account, state: AccountState): void;
  /** Voids the access tokens of one account, or of all. */
  expire(email?: string): void;
  /** Back to the accounts given at the start. */
  reset(): void;
  list(now: number): AccountSummary[];
}

/** @throws TypeError as {@link Accounts.set} does. */
export function createAccounts(options: {
  initial: readonly AccountConfig[];
  client: OauthClient;
  ids: () => Ids;
}): Accounts {
  const { initial, client, ids } = options;
  const accounts = new Map<string, Account>();
  const configured = new Map<string, string>();
  const grants = createGrants(ids);
  const set = (config: AccountConfig): void => {
    check(config);
    const account = toAccount(config, client);
    accounts.set(config.email, account);
    if (configured.get(config.email) === config.refreshToken) return;
    configured.set(config.email, config.refreshToken);
    for (const [token, { email }] of grants.refresh) if (email === config.email) grants.refresh.delete(token);
    grants.addRefresh(account, config.refreshToken);
  };
  const reset = (): void => {
    accounts.clear();
    configured.clear();
    grants.clear();
    for (const config of initial) set(config);
  };
  reset();
  return {
    client,
    grants,
    get: (email) => accounts.get(email),
    first: () => [...accounts.values()][0],
    ownerOf: (token) => {
      const access = grants.access(token);
      const account = access && accounts.get(access.email);
      return account ? { account, access } : undefined;
    },
    set,
    enter: (account, state) => {
      account.state = state;
    },
    expire: (email) => grants.dropAccess((access) => email === undefined || access.email === email),
    reset,
    list: (now) =>
      [...accounts.values()].map(({ email, state, tier, project }) => ({
        email,
        state,
        tier,
        project,
        refreshTokens: [...grants.refresh].flatMap(([token, grant]) => (grant.email === email ? [token] : [])),
        accessTokens: grants.accessOf(email).filter(({ expires }) => expires > now).length,
      })),
  };
}

/** Whether a project is the one that an account stands for: its quota errors are Code Assist's. */
export function isAccountProject({ id }: Pick<ProjectConfig, "id">): boolean {
  return id.startsWith(ACCOUNT_PROJECT);
}

// --- helpers ---

const ACCOUNT_PROJECT = "accounts/";

const TIERS: Record<CodeAssistTier, QuotaLimits> = {
  "standard-tier": { requestsPerMinute: 120, requestsPerDay: 1_500 },
  "enterprise-tier": { requestsPerMinute: 120, requestsPerDay: 2_000 },
  "free-tier": { requestsPerMinute: 60, requestsPerDay: 1_000 },
};

const STATES: readonly AccountState[] = [
  "active",
  "revoked",
  "reauth",
  "no-licence",
  "unsupported-client",
  "validation-required",
  "not-onboarded",
  "vpc-sc",
];

function check(config: AccountConfig): void {
  const { email, refreshToken, tier = "standard-tier", state = "active" } = config ?? {};
  if (typeof email !== "string" || email === "" || typeof refreshToken !== "string" || refreshToken === "") {
    throw new TypeError("An account needs an email and a refreshToken");
  }
  if (!Object.hasOwn(TIERS, tier)) throw new TypeError(`Unknown account tier: ${tier}`);
  if (!STATES.includes(state)) throw new TypeError(`Unknown account state: ${state}`);
}

function toAccount(config: AccountConfig, client: OauthClient): Account {
  const { email, tier = "standard-tier", firstByteDelayMs = 0 } = config;
  const project: ProjectConfig = {
    id: `${ACCOUNT_PROJECT}${email}`,
    keys: [],
    tier: "unlimited",
    quotas: { ...config.quotas, "*": { ...TIERS[tier], ...config.quotas?.["*"] } },
    firstByteDelayMs,
  };
  return {
    email,
    project:
      config.project ??
      `emulated-${email
        .replace(/@.*/, "")
        .replaceAll(/[^a-z\d]+/gi, "-")
        .toLowerCase()}`,
    tellsProject: config.tellsProject ?? true,
    tier,
    state: config.state ?? "active",
    tokenLifeMs: config.tokenLifeMs ?? 3_599_000,
    rotatesRefreshToken: config.rotatesRefreshToken ?? false,
    onboardMs: config.onboardMs ?? 1_000,
    clientId: config.clientId ?? client.id,
    firstByteDelayMs,
    userId: userId(email),
    key: { key: email, state: "active", project },
  };
}

// 21 digits, as Google's; the same for the same email.
function userId(email: string): string {
  let hash = 7n;
  for (const character of email) hash = (hash * 131n + BigInt(character.codePointAt(0) ?? 0)) % 10n ** 20n;
  return `1${String(hash).padStart(20, "0")}`;
}
