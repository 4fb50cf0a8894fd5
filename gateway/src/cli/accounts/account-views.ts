/**
 * Code Assist accounts as the CLI shows them: that of the environment and those of the store, with the health that the
 * gateway has kept.
 * @module
 */
import { unknownAccount, type AccountFacts } from "../../core/accounts.ts";
import type { Credential } from "../../core/credential.ts";
import { toSecret } from "../../core/secret.ts";
import { environmentAccount, isSavedOf } from "../../hosts/accounts/environment-account.ts";
import { nodeDigest } from "../../hosts/node/ports.ts";
import type { Cooldown, Disabled } from "../../pool/types.ts";
import { isEnvironmentRow, mergeKeyFacts, proxyContext } from "../../settings/stored-keys.ts";
import type { StoredCredential } from "../../storage/types.ts";
import type { Configuration } from "../configuration.ts";
import { withoutMark } from "../add-keys.ts";
import { usageFailure } from "../failure.ts";
import type { KeyState } from "../key-views.ts";
import { toPlainLine } from "../output.ts";
import type { Workspace } from "../workspace.ts";

/** One account. */
export interface AccountView {
  /** As the account keeper takes it: no token in it. */
  credential: Credential;
  facts: AccountFacts;
  source: "env" | "stored";
  /** The row of the store, also what was saved of the environment's account. */
  stored: StoredCredential | null;
  state: KeyState;
  disabled: Disabled | null;
  cooldowns: readonly Cooldown[];
}

/** Settings that commands on accounts read. */
export const accountSettings: readonly string[] = [
  "DATA_DIR",
  "ENCRYPTION_KEY",
  "GCP_SERVICE_ACCOUNT",
  "GEMINI_PROJECT_ID",
  "CODE_ASSIST_BASE_URL",
  "GOOGLE_OAUTH_BASE_URL",
  "CODE_ASSIST_CLIENT_ID",
  "CODE_ASSIST_CLIENT_SECRET",
  "ALLOW_INSECURE_UPSTREAM",
  "OUTBOUND_PROXY",
];

/**
 * All accounts, that of the environment first.
 * @param workspace open store
 * @param configuration settings in force
 * @param now epoch milliseconds: cooldowns that are over are left out
 */
export async function loadAccountViews(
  workspace: Workspace,
  configuration: Configuration,
  now: number,
): Promise<AccountView[]> {
  const { settings } = configuration;
  const rows = (await workspace.store.credentials.list()).filter(({ kind }) => kind === "code-assist");
  const health = await workspace.store.health.list();
  const given = environmentAccount(settings, nodeDigest);
  const views: AccountView[] = [];
  if (given !== null) {
    const stored = rows.find(({ id }) => id === given.id) ?? null;
    const isSaved = stored !== null && isSavedOf(given, stored);
    views.push({
      ...unjudged,
      source: "env",
      stored,
      facts: isSaved ? (stored.account ?? given.facts) : given.facts,
      credential: {
        id: given.id,
        name: given.name,
        secret: toSecret(isSaved ? stored.sealed : given.envelope),
        kind: "code-assist",
        source: "env",
        ...mergeKeyFacts({ tier: settings.codeAssistTier }, stored),
      },
    });
  }
  for (const row of rows) {
    // What is left of an account that the environment gives no more has no effect.
    if (row.id === given?.id || isEnvironmentRow(row)) continue;
    views.push(await toView(row, workspace));
  }
  for (const view of views) judge(view, health, now);
  return views;
}

/** What is left in the store of accounts that the environment gave and gives no more: it has no effect, but holds tokens. */
export async function loadLeftAccounts(workspace: Workspace, configuration: Configuration): Promise<AccountView[]> {
  const given = environmentAccount(configuration.settings, nodeDigest);
  const rows = await workspace.store.credentials.list();
  const left = rows.filter((row) => row.kind === "code-assist" && isEnvironmentRow(row) && row.id !== given?.id);
  return left.map((row) => ({
    ...unjudged,
    source: "stored",
    state: "off",
    stored: row,
    facts: row.account ?? unknownAccount,
    credential: {
      id: row.id,
      name: withoutMark(row.name),
      secret: toSecret(row.sealed),
      kind: "code-assist",
      source: "stored",
      ...mergeKeyFacts(null, row),
    },
  }));
}

/**
 * Finds one account by id, by the beginning of its id, by name or by address.
 * @throws CliFailure (exit code 2) when there is none or more than one
 */
export function findAccount(views: readonly AccountView[], word: string): AccountView {
  const exact = views.filter(
    ({ credential, facts }) => credential.id === word || credential.name === word || facts.email === word,
  );
  const found =
    exact.length > 0 ? exact : views.filter(({ credential }) => word.length >= 8 && credential.id.startsWith(word));
  if (found.length === 1) return found[0] as AccountView;
  if (found.length === 0)
    throw usageFailure(
      `There is no account with the id, name or address '${word}'.`,
      "'gemini-proxy accounts list' shows all of them.",
    );
  throw usageFailure(
    `'${word}' fits ${found.length} accounts: ${found.map(({ credential }) => credential.id).join(", ")}.`,
    "Use the id.",
  );
}

/** What `--json` shows of an account. Times are epoch milliseconds. */
export function toAccountJson(view: AccountView): Record<string, unknown> {
  const { id, name, tier, weight, enabled } = view.credential;
  const { email, cloudProject, wantedProject, tier: licence, lastRefreshAt, lastError } = view.facts;
  const { source, state, disabled, cooldowns, stored } = view;
  const facts = { email, licence, cloudProject, wantedProject, lastRefreshAt, lastError };
  return {
    id,
    name,
    source,
    ...facts,
    tier,
    weight,
    enabled,
    createdAt: stored?.createdAt ?? null,
    state,
    disabled,
    cooldowns,
  };
}

/** Why an account is not simply in use; null when it is. */
export function accountTrouble(view: AccountView): string | null {
  if (view.state === "unreadable") return "ENCRYPTION_KEY is not the one that sealed it";
  if (view.state === "off") return "switched off by hand";
  const words = view.disabled?.words ?? view.cooldowns[0]?.words ?? view.facts.lastError;
  return words === null ? null : toPlainLine(words);
}

// --- helpers ---

const unjudged = { state: "active", disabled: null, cooldowns: [] } as const;

async function toView(row: StoredCredential, workspace: Workspace): Promise<AccountView> {
  const vault = await workspace.vault();
  const proxy =
    row.sealedProxy == null
      ? null
      : await vault.open(row.sealedProxy, proxyContext(row.id)).catch(() => "lost" as const);
  const isReadable = await vault.open(row.sealed, row.id).then(
    () => true,
    () => false,
  );
  return {
    ...unjudged,
    source: "stored",
    stored: row,
    facts: row.account ?? unknownAccount,
    state: isReadable && proxy !== "lost" ? "active" : "unreadable",
    credential: {
      id: row.id,
      name: row.name,
      secret: toSecret(row.sealed),
      kind: "code-assist",
      source: "stored",
      proxy: proxy === "lost" ? null : proxy,
      ...mergeKeyFacts(null, row),
    },
  };
}

function judge(
  view: AccountView,
  health: { cooldowns: readonly Cooldown[]; disabled: readonly Disabled[] },
  now: number,
): void {
  const { id, enabled } = view.credential;
  view.disabled = health.disabled.find(({ scope, subject }) => scope === "credential" && subject === id) ?? null;
  view.cooldowns = health.cooldowns.filter(
    ({ scope, subject, untilMs }) => untilMs > now && scope.startsWith("credential") && subject === id,
  );
  if (!enabled) view.state = "off";
  else if (view.state === "active" && view.disabled !== null) view.state = "disabled";
  else if (view.state === "active" && view.cooldowns.length > 0) view.state = "cooling";
}
