/**
 * One refresh of an account's access token: alone among all processes on the same store, saved before it is used.
 * @module
 */
import type { AccountFacts } from "../core/accounts.ts";
import type { Clock, Logger, Random } from "../core/ports.ts";
import type { Secret } from "../core/secret.ts";
import type { AccountAnswer, AccountAsk, AccountQuestion, AccountWait } from "./ask.ts";
import { failed, toFailure, type AccountFailure, type AccountResult } from "./failures.ts";
import { changeFacts, hasToken, takeKept, takeRead, type HeldAccount } from "./held-account.ts";
import { clientOf, readTokenAnswer, refreshQuestion, type OauthSettings } from "./oauth.ts";
import type { AccountShelf, KeptAccount } from "./shelf.ts";
import { isSameTokens, type AccountTokens } from "./tokens.ts";

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
const done: AccountResult<null> = { ok: true, value: null };
const noRefreshToken =
  "The account's access token is over and it has no refresh token. Log in again: 'gemini-proxy accounts login'.";
/** Writings of one token: more than one when its account is changed at the same time. */
const mostWritings = 3;
/** A lock is anyone's after this long: more than the three tries of a refresh can take. */
const lockMs = 40_000;
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
  if (locked === "taken-over") return done;
  if (locked === "ended") return failed("passing", "account.setup-unfinished", "The gateway ends.");
  if (locked === "gone") return failed("passing", "account.gone", "The account is not in the store any more.");
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
  await tools.shelf.note(held.id, { facts, was: held.kept?.sealed ?? "" }).catch(() => undefined);
  return { ok: false, failure };
}

// --- helpers ---

/** `alone`: locks cannot be reached; better two refreshes than none. */
async function takeLock(
  held: HeldAccount,
  tools: AccountTools,
): Promise<"locked" | "alone" | "ended" | Exclude<Look, "nothing">> {
  const { shelf, clock, random, wait, logger } = tools;
  const until = clock.monotonic() + lockMs + lookEveryMs;
  while (true) {
    let locked = false;
    try {
      const now = clock.now();
      locked = await shelf.lock(held.id, now, now + lockMs);
      const found = await look(held, tools);
      if (found !== "nothing") {
        if (locked) await shelf.unlock(held.id).catch(() => undefined);
        return found;
      }
    } catch (error) {
      logger.log("warn", "account.lock-failed", { credential: held.id, cause: causeOf(error) });
      return locked ? "locked" : "alone";
    }
    if (locked) return "locked";
    if (clock.monotonic() >= until) return "alone";
    if (!(await wait(lookEveryMs * (0.75 + random.next() / 2)))) return "ended";
  }
}

/** What the store has that is new here. `taken-over`: a token that is good. */
type Look = "taken-over" | "gone" | "nothing";

/** Looks whether another process has saved a token: it is taken. */
async function look(held: HeldAccount, { shelf, clock, settings }: AccountTools): Promise<Look> {
  const kept = await shelf.read(held.id);
  if (kept === null) return "gone";
  if (held.envelopes.includes(kept.sealed)) return "nothing";
  takeRead(held, kept, clock.now());
  return hasToken(held, clock.now(), settings.tokenRefreshBufferMs) ? "taken-over" : "nothing";
}

async function refreshAlone(held: HeldAccount, tools: AccountTools): Promise<AccountResult<null>> {
  const first = await askOnce(held, tools);
  if (first.ok || !(await isReplaced(held, tools, first))) return conclude(held, tools, first);
  // Other tokens are here, by a new log-in or another process: theirs is the word that counts.
  if (hasToken(held, tools.clock.now())) return done;
  return conclude(held, tools, await askOnce(held, tools));
}

type Asked = { ok: true } | { ok: false; failure: AccountFailure; used: AccountTokens };

/** One question to the token endpoint; what it grants is saved and used. */
async function askOnce(held: HeldAccount, tools: AccountTools): Promise<Asked> {
  const { clock, logger, settings, agent } = tools;
  const from = held.kept as KeptAccount;
  const { tokens: used } = from;
  const client = clientOf(settings);
  if (used.refreshToken === null) return { ...failed("login", "account.login-needed", noRefreshToken), used };
  if (!client.ok) return { ok: false, failure: client.failure, used };
  const question = refreshQuestion({ settings, client: client.value, refreshToken: used.refreshToken, agent });
  const answer = await askPatiently(held, tools, question);
  const granted = answer.ok
    ? readTokenAnswer(answer.value, [used.refreshToken, used.accessToken, client.value.secret])
    : answer;
  if (!granted.ok) return { ...granted, used };
  const { accessToken, lifeMs, refreshToken, owner, scopes } = granted.value;
  const now = clock.now();
  const tokens = {
    ...used,
    accessToken,
    expiresAt: now + lifeMs,
    refreshToken: refreshToken ?? used.refreshToken,
    clientId: client.value.id,
  };
  const change = {
    lastRefreshAt: now,
    lastError: null,
    ...(owner.email === null ? {} : { email: owner.email }),
    ...(scopes.length === 0 ? {} : { scopes }),
  };
  await save(held, tools, { tokens, from: used, change });
  logger.log("info", "account.refreshed", {
    credential: held.id,
    name: held.name,
    minutes: Math.round(lifeMs / 60_000),
    rotated: refreshToken !== null && refreshToken !== used.refreshToken,
  });
  return { ok: true };
}

function conclude(held: HeldAccount, tools: AccountTools, asked: Asked): Promise<AccountResult<null>> {
  return asked.ok ? Promise.resolve(done) : tellFailure(held, tools, asked.failure);
}

/** Whether the tokens that failed are not the account's any more. */
async function isReplaced(
  held: HeldAccount,
  tools: AccountTools,
  { failure, used }: Asked & { ok: false },
): Promise<boolean> {
  const isOther = (): boolean => held.kept !== null && !isSameTokens(held.kept.tokens, used);
  try {
    await look(held, tools);
    // Whoever has rotated the refresh token is about to save it.
    if (failure.kind === "login" && !isOther() && (await tools.wait(lookEveryMs))) await look(held, tools);
  } catch {
    // The store cannot be asked: what is known here counts.
  }
  return isOther();
}

/** What a refresh brought, and the tokens that it came from. */
interface Grant {
  tokens: AccountTokens;
  from: AccountTokens;
  change: Partial<AccountFacts>;
}

/** Writes first and uses then: a refresh token that was replaced must not be lost with the process. */
async function save(held: HeldAccount, tools: AccountTools, { tokens, from, change }: Grant): Promise<void> {
  const { shelf, clock, logger } = tools;
  const stored = held.unsaved ?? from;
  /** Null: what is here is read anew, since somebody has logged in, and that holds. */
  const base = (): KeptAccount | null =>
    held.kept !== null && isSameTokens(held.kept.tokens, from) ? held.kept : null;
  const use = (sealed: string | null): void => {
    const now = base();
    if (now === null) return;
    takeKept(held, { tokens, facts: { ...now.facts, ...change }, sealed: sealed ?? now.sealed }, clock.now());
  };
  try {
    for (let attempt = 0, kept = base(); kept !== null && attempt < mostWritings; attempt++, kept = base()) {
      const { facts, sealed: was } = kept;
      const sealed = await shelf.write(held.id, { tokens, facts: { ...facts, ...change }, was });
      if (sealed !== null) {
        // A project may have been found meanwhile.
        const isNoted = base()?.facts === facts;
        use(sealed);
        held.unsaved = null;
        if (!isNoted && held.kept !== null)
          await shelf.note(held.id, { facts: held.kept.facts, was: sealed }).catch(() => undefined);
        return;
      }
      const newer = await shelf.read(held.id);
      if (newer === null) break;
      // Somebody logged in meanwhile: that holds.
      if (!isSameTokens(newer.tokens, stored)) return takeRead(held, newer, clock.now());
      // The same tokens, sealed again, as when another project was chosen.
      if (base() !== null) takeKept(held, { ...newer, tokens: from }, clock.now());
    }
    use(null);
  } catch (error) {
    use(null);
    held.unsaved = stored;
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
  const { kept } = held;
  if (held.unsaved !== null && kept !== null)
    await save(held, tools, { tokens: kept.tokens, from: kept.tokens, change: {} });
  return done;
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
