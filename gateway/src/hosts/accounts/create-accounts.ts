/**
 * Accounts of a host: the keeper over store, vault and the host's way to Google, and what the host does about them by the
 * clock and at its start.
 * @module
 */
import { agentOf, type AccountAsk } from "../../accounts/ask.ts";
import { toFailure, toPrepared, type AccountResult } from "../../accounts/failures.ts";
import { createAccountKeeper, type LocalAccountKeeper } from "../../accounts/keeper.ts";
import { readAccountQuota, type AccountQuotaRow } from "../../accounts/quota.ts";
import type { AccountTools } from "../../accounts/refresh.ts";
import type { AccountShelf } from "../../accounts/shelf.ts";
import type { Prepared } from "../../core/accounts.ts";
import type { Credential, Lease } from "../../core/credential.ts";
import type { Clock, Digest, Logger, Random } from "../../core/ports.ts";
import { toSecret } from "../../core/secret.ts";
import type { Pool } from "../../pool/types.ts";
import type { Settings } from "../../settings/types.ts";
import type { Store } from "../../storage/types.ts";
import { version } from "../version.ts";
import { environmentAccount, isSavedOf } from "./environment-account.ts";

/** Accounts of one process. */
export interface Accounts {
  keeper: LocalAccountKeeper;
  /** What Google says is left of an account's quota; for people. Never rejects. */
  quota(credential: Credential): Promise<AccountResult<AccountQuotaRow[]>>;
  /** Refreshes it and asks Code Assist whether it is in order, without touching the pool. Never rejects. */
  check(credential: Credential): ReturnType<LocalAccountKeeper["recheck"]>;
  /**
   * What the keeper does by the clock, to its end or for half a minute: for hosts that may be put to sleep as soon as
   * nothing is awaited.
   */
  tend(now: number): Promise<void>;
  /** Ends waits and resolves when nothing is under way. */
  close(): Promise<void>;
}

/**
 * Makes them.
 * @param parts `patienceMs`: longest that a call waits for an account. What it waits for goes on. @default 20,000
 */
export function createAccounts(parts: {
  shelf: AccountShelf;
  ask: AccountAsk;
  settings: Settings;
  clock: Clock;
  random: Random;
  logger: Logger;
  patienceMs?: number;
}): Accounts {
  const { settings, clock, patienceMs = defaultPatienceMs } = parts;
  const waiter = createWaiter();
  const tools: AccountTools = {
    ...parts,
    wait: waiter.wait,
    // Looked at each time: it may change.
    proxy: () => (settings.outboundProxy === null ? null : toSecret(settings.outboundProxy)),
    agent: agentOf(version),
  };
  const local = createAccountKeeper(tools);
  const keeper: LocalAccountKeeper = {
    ...local,
    prepare: (lease, now, ms = patienceMs) => within(ms, local.prepare(lease, now), () => unfinished(clock.now())),
  };
  return {
    keeper,
    quota: (credential) => readAccountQuota({ keeper, tools }, leaseOfAccount(credential)),
    check: (credential) => keeper.recheck(leaseOfAccount(credential)),
    tend(now) {
      keeper.tend(now);
      return within(tendMs, keeper.idle(), () => undefined);
    },
    async close() {
      waiter.close();
      await keeper.close();
    },
  };
}

/** A lease for asking about an account: the pool does not know it, so it is not given back. */
export function leaseOfAccount(credential: Credential): Lease {
  return {
    credentialId: credential.id,
    credentialName: credential.name,
    projectId: credential.projectId ?? "",
    secret: credential.secret,
    kind: "code-assist",
    baseUrl: credential.baseUrl ?? null,
    proxy: credential.proxy ?? null,
  };
}

/**
 * At a start: what kept an account away is forgotten when it may be over, since the environment's text is a new one, or
 * the settings may have another OAuth client or project. It costs one question without tokens.
 */
export async function forgetOldTroubles(parts: {
  pool: Pick<Pool, "view" | "reset">;
  store: Pick<Store, "credentials">;
  settings: Pick<Settings, "codeAssistAccount">;
  digest: Digest;
  clock: Clock;
}): Promise<void> {
  const { pool, store, settings, digest, clock } = parts;
  const account = environmentAccount(settings, digest);
  const row = account === null ? null : await store.credentials.get(account.id);
  const isNewText = account !== null && (row === null || !isSavedOf(account, row));
  for (const { id, disabled } of pool.view(clock.now())) {
    if (disabled === null || disabled.scope !== "credential") continue;
    const isOfSettings = disabled.rule.startsWith("account.client-") || rulesOfSettings.has(disabled.rule);
    if (isOfSettings || (isNewText && id === account.id)) pool.reset(id);
  }
}

// --- helpers ---

/** More than one question to Google that is not answered. */
const defaultPatienceMs = 20_000;
const tendMs = 30_000;
/** How long other calls pass by an account that is not ready in time. */
const unfinishedRestMs = 2_000;
/** Troubles that end when GEMINI_PROJECT_ID is set right. */
const rulesOfSettings: ReadonlySet<string> = new Set([
  "account.project-missing",
  "account.project-number",
  "account.setup-refused",
  "account.not-eligible",
]);

function unfinished(now: number): Prepared {
  const words = "The account is still being made ready.";
  return toPrepared(toFailure("passing", "account.setup-unfinished", words), { now, restMs: unfinishedRestMs });
}

/** The work's outcome, or another one when it takes longer. The work goes on, and must not reject. */
function within<T>(ms: number, work: Promise<T>, late: () => T): Promise<T> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(late()), ms);
    void work.then(resolve).finally(() => clearTimeout(timer));
  });
}

function createWaiter(): { wait: AccountTools["wait"]; close(): void } {
  const ends = new Set<() => void>();
  let closed = false;
  return {
    wait: (ms) =>
      new Promise((resolve) => {
        if (closed) return resolve(false);
        const end = (): void => finish(false);
        const timer = setTimeout(() => finish(true), ms);
        ends.add(end);
        function finish(whole: boolean): void {
          clearTimeout(timer);
          ends.delete(end);
          resolve(whole);
        }
      }),
    close() {
      closed = true;
      for (const end of ends) end();
    },
  };
}
