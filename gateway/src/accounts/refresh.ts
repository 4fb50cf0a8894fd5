/**
 * One refresh of an account's access token: alone among all processes on the same store, saved before it is used.
 * @module
 */
import type { Clock, Logger, Random } from "../core/ports.ts";
import type { Secret } from "../core/secret.ts";
import type { AccountAnswer, AccountAsk, AccountQuestion, AccountWait } from "./ask.ts";
import { failed, toFailure, type AccountFailure, type AccountResult } from "./failures.ts";
import { changeFacts, hasToken, takeKept, type HeldAccount } from "./held-account.ts";
import { clientOf, readTokenAnswer, refreshQuestion, type OauthSettings } from "./oauth.ts";
import type { AccountShelf, KeptAccount } from "./shelf.ts";

/** Settings that accounts need; looked at each time, since some change while the gateway runs. */
export interface AccountSettings extends OauthSettings {
  codeAssistBaseUrl: string;
  codeAssistProject: string | null;
  tokenRefreshBufferMs: number;
  projectCacheMs: number;
}

/** What work on accounts needs. */
export interface AccountTools {
  shelf: AccountShelf;
  ask: AccountAsk;
  wait: AccountWait;
  clock: Clock;
  random: Random;
  logger: Logger;
  settings: AccountSettings;
  /** For accounts without one of their own; null: none. */
  proxy: () => Secret | null;
  /** `user-agent` of what is asked. */
  agent: string;
}

/** Each question of a refresh, and each of a discovery. Less than a lock's life, or another process would take over. */
export const askTimeoutMs = 10_000;
/** A lock is anyone's after this long. */
const lockMs = 30_000;
/** Between two looks at what another process does. */
const lookEveryMs = 250;
/** Tries at a token endpoint that fails, and the waits before the second and the third. */
const backoffMs = [400, 1_200] as const;

/**
 * Refreshes. Takes over what another process refreshed meanwhile. Never rejects.
 * @param held an account that was read
 */
export async function refreshAccount(held: HeldAccount, tools: AccountTools): Promise<AccountResult<null>> {
  const { shelf, logger } = tools;
  const locked = await takeLock(held, tools);
  if (locked === "taken-over") return { ok: true, value: null };
  try {
    return await refreshAlone(held, tools);
  } finally {
    if (locked === "locked")
      await shelf.unlock(held.id).catch((error: unknown) =>
        // It ends by itself.
        logger.log("warn", "account.unlock-failed", { credential: held.id, cause: causeOf(error) }),
      );
  }
}

/** Asks through the account's proxy, or the shared one. */
export function askFor(held: HeldAccount, tools: AccountTools, question: AccountQuestion): Promise<AccountAnswer> {
  return tools.ask({ ...question, proxy: held.lease.proxy ?? tools.proxy(), timeoutMs: askTimeoutMs });
}

/** The words of anything thrown. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer within ${askTimeoutMs / 1_000} s`;
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

/** Logs a failure and keeps its words for whoever looks at the account. Never rejects. */
export async function tellFailure(
  held: HeldAccount,
  tools: AccountTools,
  cause: AccountFailure,
): Promise<{ ok: false; failure: AccountFailure }> {
  const failure = toFailure(cause.kind, cause.rule, cause.words);
  tools.logger.log(failure.kind === "passing" ? "warn" : "error", "account.failed", {
    credential: held.id,
    name: held.name,
    rule: failure.rule,
    words: failure.words,
  });
  const facts = changeFacts(held, { lastError: failure.words });
  await tools.shelf.note(held.id, facts).catch(() => undefined);
  return { ok: false, failure };
}

// --- helpers ---

/** `alone`: locks cannot be reached; better two refreshes than none. */
async function takeLock(held: HeldAccount, tools: AccountTools): Promise<"locked" | "alone" | "taken-over"> {
  const { shelf, clock, random, wait, logger } = tools;
  const until = clock.monotonic() + lockMs + lookEveryMs;
  while (true) {
    let locked = false;
    try {
      const now = clock.now();
      locked = await shelf.lock(held.id, now, now + lockMs);
      if (await takeOver(held, tools)) {
        if (locked) await shelf.unlock(held.id).catch(() => undefined);
        return "taken-over";
      }
    } catch (error) {
      logger.log("warn", "account.lock-failed", { credential: held.id, cause: causeOf(error) });
      return locked ? "locked" : "alone";
    }
    if (locked) return "locked";
    if (clock.monotonic() >= until || !(await wait(lookEveryMs * (0.75 + random.next() / 2)))) return "alone";
  }
}

/** Whether another process has saved a token that is good: it is taken. */
async function takeOver(held: HeldAccount, tools: AccountTools): Promise<boolean> {
  const { shelf, clock, settings } = tools;
  const kept = await shelf.read(held.id);
  // Tokens that could not be written are newer than what is there.
  if (kept === null || held.isUnsaved || held.envelopes.includes(kept.sealed)) return false;
  takeKept(held, kept, clock.now());
  return hasToken(held, clock.now(), settings.tokenRefreshBufferMs);
}

async function refreshAlone(held: HeldAccount, tools: AccountTools): Promise<AccountResult<null>> {
  const { clock, logger, settings, agent } = tools;
  const { tokens } = held.kept as KeptAccount;
  const client = clientOf(settings);
  if (tokens.refreshToken === null)
    return tellFailure(held, tools, {
      kind: "login",
      rule: "account.login-needed",
      words:
        "The account's access token is over and it has no refresh token. Log in again: 'gemini-proxy accounts login'.",
    });
  if (!client.ok) return tellFailure(held, tools, client.failure);
  const question = refreshQuestion({ settings, client: client.value, refreshToken: tokens.refreshToken, agent });
  const answer = await askPatiently(held, tools, question);
  const granted = answer.ok ? readTokenAnswer(answer.value) : answer;
  if (!granted.ok) return tellFailure(held, tools, granted.failure);
  const { accessToken, lifeMs, refreshToken, owner, scopes } = granted.value;
  const now = clock.now();
  const facts = {
    ...(held.kept as KeptAccount).facts,
    lastRefreshAt: now,
    lastError: null,
    ...(owner.email === null ? {} : { email: owner.email }),
    ...(scopes.length === 0 ? {} : { scopes }),
  };
  const next = {
    ...tokens,
    accessToken,
    expiresAt: now + lifeMs,
    refreshToken: refreshToken ?? tokens.refreshToken,
    clientId: client.value.id,
  };
  await save(held, tools, { ...(held.kept as KeptAccount), tokens: next, facts });
  logger.log("info", "account.refreshed", {
    credential: held.id,
    name: held.name,
    minutes: Math.round(lifeMs / 60_000),
    rotated: refreshToken !== null && refreshToken !== tokens.refreshToken,
  });
  return { ok: true, value: null };
}

/** Writes first and uses then: a refresh token that was replaced must not be lost with the process. */
async function save(held: HeldAccount, tools: AccountTools, next: KeptAccount): Promise<void> {
  const { shelf, clock, logger } = tools;
  try {
    const sealed = await shelf.write(held.id, { tokens: next.tokens, facts: next.facts, was: next.sealed });
    if (sealed === null) {
      const newer = await shelf.read(held.id);
      // Somebody logged in meanwhile: that holds.
      takeKept(held, newer ?? next, clock.now());
    } else takeKept(held, { ...next, sealed }, clock.now());
    held.isUnsaved = false;
  } catch (error) {
    takeKept(held, next, clock.now());
    held.isUnsaved = true;
    logger.log("error", "account.unsaved", {
      credential: held.id,
      name: held.name,
      cause: causeOf(error),
      words: "The new token is used, and written as soon as the store can be reached.",
    });
  }
}

/** Writes again what could not be written. Never rejects. */
export async function saveAgain(held: HeldAccount, tools: AccountTools): Promise<AccountResult<null>> {
  if (held.isUnsaved && held.kept !== null) await save(held, tools, held.kept);
  return { ok: true, value: null };
}

async function askPatiently(
  held: HeldAccount,
  tools: AccountTools,
  question: AccountQuestion,
): Promise<AccountResult<AccountAnswer>> {
  const { wait, random } = tools;
  for (let attempt = 0; ; attempt++) {
    let outcome: AccountResult<AccountAnswer>;
    try {
      const answer = await askFor(held, tools, question);
      outcome = { ok: true, value: answer };
      if (answer.status < 500) return outcome;
    } catch (error) {
      outcome = failed(
        "passing",
        "account.token-unreachable",
        `Google's token endpoint cannot be reached: ${causeOf(error)}`,
      );
      // It has used up the time of those that wait for it.
      if (error instanceof Error && error.name === "TimeoutError") return outcome;
    }
    const pause = backoffMs[attempt];
    if (pause === undefined || !(await wait(pause * (0.75 + random.next() / 2)))) return outcome;
  }
}
