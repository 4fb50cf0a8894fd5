/**
 * Holds the tokens of all accounts: lends them, refreshes them in time, finds their projects.
 * @module
 */
import type { AccountFacts, AccountKeeper, Prepared } from "../core/accounts.ts";
import { plainSecret } from "../backends/credential-text.ts";
import type { Lease } from "../core/credential.ts";
import { discoverProject } from "./discover.ts";
import { failWith, isAhead, passingPrepared, rememberFailure, rememberedFailure } from "./failure-memory.ts";
import { failed, type AccountResult } from "./failures.ts";
import {
  envelopeOf,
  equip,
  hasProject,
  hasToken,
  holdAccount,
  isCurrent,
  knowEnvelope,
  takeRead,
  type HeldAccount,
} from "./held-account.ts";
import { causeOf, refreshAccount, saveAgain, tellFailure, type AccountTools } from "./refresh.ts";
import type { AccountTokens } from "./tokens.ts";

/** What people are shown of an account that is in use here. */
export interface HeldAccountView extends AccountFacts {
  /** When the access token ends, epoch milliseconds; 0: there is none. */
  tokenExpiresAt: number;
}

/** The keeper of one process. */
export interface LocalAccountKeeper extends AccountKeeper {
  /**
   * Refreshes in the background what is in use and soon over, and writes what could not be written. To be called every
   * some seconds; returns at once.
   */
  tend(now: number): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
  /** The same; before, what could not be written is tried once more. To be called when the host ends. */
  close(): Promise<void>;
  /** Refreshes and looks the project up, whether it is time or not: for people. Never rejects. */
  recheck(lease: Lease): Promise<Prepared>;
  /** Null: not in use yet. */
  view(credentialId: string): HeldAccountView | null;
  /** Refreshes that went well since the start; tokens taken over from another process count too. */
  refreshes(): number;
}

/** Accounts that were lent within this long count as in use. */
const inUseMs = 15 * 60_000;
/** So long before the buffer the background begins, so that no call finds the token inside it. */
const aheadMs = 60_000;
/** Between two tries in the background; the first also after one that went well, for tokens that live less than the buffer. */
const behindMs = { passing: 30_000, permanent: 5 * 60_000 };
/** A token that is refused so soon after it was granted was no good to begin with. */
const youngMs = 60_000;
const refusedRestMs = 5 * 60_000;
const refusedAgain = "account.tokens-refused";
/** Accounts that are held at once; beyond it the one that came first is read again when it is needed. */
const mostHeld = 10_000;

type Work = "preparing" | "refreshing" | "saving" | "discovering";
type Result = Promise<AccountResult<null>>;
const done: AccountResult<null> = { ok: true, value: null };

/** Makes a keeper. Nothing is asked before the first account is wanted. */
export function createAccountKeeper(tools: AccountTools): LocalAccountKeeper {
  const { clock, logger, settings } = tools;
  const accounts = new Map<string, HeldAccount>();
  const running = new Set<Promise<unknown>>();
  let refreshes = 0;

  function hold(lease: Lease): HeldAccount {
    let held = accounts.get(lease.credentialId);
    if (held === undefined) {
      if (accounts.size >= mostHeld) forgetOldest();
      held = holdAccount(lease);
      accounts.set(held.id, held);
    }
    held.lease = lease;
    return held;
  }

  /** Not one whose tokens are being fetched, or are nowhere else. */
  function forgetOldest(): void {
    for (const { id, unsaved, preparing, refreshing } of accounts.values())
      if (unsaved === null && preparing === null && refreshing === null) return void accounts.delete(id);
  }

  /** Joins work of the kind that is under way, or begins it. Never rejects. */
  function share(held: HeldAccount, name: Work, work: () => Result): Result {
    const known = held[name];
    if (known !== null) return known;
    const started = guarded(held, work).finally(() => {
      held[name] = null;
      running.delete(started);
    });
    held[name] = started;
    running.add(started);
    return started;
  }

  /** A store that fails, or a mistake of ours, is a passing fault of this account. */
  async function guarded(held: HeldAccount, work: () => Result): Result {
    try {
      return await work();
    } catch (error) {
      logger.log("error", "account.unreadable", { credential: held.id, name: held.name, cause: causeOf(error) });
      return failed("passing", "account.unreadable", `The account cannot be read: ${causeOf(error)}`);
    }
  }

  const refresh = (held: HeldAccount): Result =>
    share(held, "refreshing", async () => {
      await held.saving;
      const result = await refreshAccount(held, tools);
      if (result.ok) refreshes += 1;
      return result;
    });

  /** Writes what could not be written; a refresh that is under way does so by itself. */
  function saveUnsaved(): void {
    for (const held of accounts.values())
      if (held.unsaved !== null && held.refreshing === null) void share(held, "saving", () => saveAgain(held, tools));
  }

  const discover = (held: HeldAccount): Result =>
    share(held, "discovering", async () => {
      const first = await discoverProject(held, tools);
      if (first.ok || first.failure !== null) return first;
      // The token is refused: once more with a new one.
      held.refused = held.kept?.tokens.accessToken ?? "";
      held.refusedAt = clock.now();
      const refreshed = await refresh(held);
      if (!refreshed.ok) return refreshed;
      const second = await discoverProject(held, tools);
      if (second.ok || second.failure !== null) return second;
      const words =
        "Code Assist refuses the account's token, also a new one. Log in again: 'gemini-proxy accounts login'.";
      return tellFailure(held, tools, { kind: "login", rule: refusedAgain, words });
    });

  /** Reads what is new to us. */
  async function load(held: HeldAccount): Result {
    const { lease } = held;
    if (isCurrent(held, lease)) return done;
    const kept = await tools.shelf.read(held.id);
    if (kept === null) return failed("passing", "account.gone", "The account is not in the store any more.");
    if (held.kept === null || !held.envelopes.includes(kept.sealed)) {
      takeRead(held, kept, clock.now());
      held.stumbles = 0;
      held.restUntilMs = 0;
    }
    knowEnvelope(held, envelopeOf(lease));
    return done;
  }

  async function makeReady(held: HeldAccount): Result {
    const loaded = await load(held);
    if (!loaded.ok) return loaded;
    if (!hasToken(held, clock.now())) {
      const refreshed = await refresh(held);
      if (!refreshed.ok) return refreshed;
    }
    return hasProject(held, clock.now(), settings) ? done : discover(held);
  }

  async function makeAnew(held: HeldAccount): Result {
    const loaded = await load(held);
    const refreshed = loaded.ok ? await refresh(held) : loaded;
    return refreshed.ok ? discover(held) : refreshed;
  }

  /** In the background; not before the last fault there has rested. */
  function behind(held: HeldAccount, work: (held: HeldAccount) => Result): void {
    if (isAhead(held.restUntilMs, clock.now()) || held.refreshing !== null || held.discovering !== null) return;
    void work(held).then((result) => {
      const left = (held.kept?.tokens.expiresAt ?? 0) - clock.now();
      const passing = result.ok ? Math.min(behindMs.passing, left / 2) : behindMs.passing;
      held.restUntilMs = clock.now() + (result.ok || result.failure.kind === "passing" ? passing : behindMs.permanent);
    });
  }

  async function prepare(lease: Lease): Promise<Prepared> {
    const held = hold(lease);
    held.lentAt = clock.now();
    const known = rememberedFailure(held, lease, clock.now());
    if (known !== null) return failWith(held, known, tools);
    return conclude(held, lease, await share(held, "preparing", () => makeReady(held)));
  }

  function conclude(held: HeldAccount, lease: Lease, result: AccountResult<null>): Prepared {
    if (!result.ok) return failWith(held, result.failure, tools);
    held.failure = null;
    held.stumbles = 0;
    return { ok: true, lease: equip(held, lease) };
  }

  const safely = (lease: Lease, work: Promise<Prepared>): Promise<Prepared> =>
    work.catch((error: unknown) => {
      logger.log("error", "account.unreadable", { credential: lease.credentialId, cause: causeOf(error) });
      const { failure } = failed("passing", "account.unreadable", "The account could not be made ready.");
      return passingPrepared(failure, clock.now());
    });

  async function recheck(lease: Lease): Promise<Prepared> {
    const held = hold(lease);
    held.failure = null;
    // What is under way would not look at everything.
    while (held.preparing !== null) await held.preparing;
    return conclude(held, lease, await share(held, "preparing", () => makeAnew(held)));
  }

  async function idle(): Promise<void> {
    while (running.size > 0) await Promise.allSettled(running);
  }

  return {
    lend(lease, now) {
      const held = accounts.get(lease.credentialId);
      if (held === undefined || held.failure !== null || !isCurrent(held, lease)) return null;
      if (!hasToken(held, now) || !hasProject(held, now, settings)) return null;
      held.lease = lease;
      held.lentAt = now;
      if (!hasToken(held, now, settings.tokenRefreshBufferMs)) behind(held, refresh);
      return equip(held, lease);
    },

    prepare: (lease) => safely(lease, prepare(lease)),
    recheck: (lease) => safely(lease, recheck(lease)),

    refused(lease, now) {
      const held = accounts.get(lease.credentialId);
      const tokens = held?.kept?.tokens;
      // A late answer to the token before: a new one is in use already.
      if (held === undefined || tokens === undefined || !carries(lease, tokens)) return;
      if (held.refused === tokens.accessToken) return;
      held.refused = tokens.accessToken;
      held.refusedAt = now;
      // One refresh for one refusal: when its token is refused as well, a further one would not help.
      if (!held.isSuccessor || now - held.grantedAt >= youngMs) return;
      const words =
        "Code Assist refuses the account's tokens, also new ones. 'gemini-proxy accounts check' tells more.";
      const { failure } = failed("passing", refusedAgain, words);
      rememberFailure(held, failure, { now, forMs: refusedRestMs });
    },

    tend(now) {
      saveUnsaved();
      for (const held of accounts.values()) {
        if (held.kept === null) continue;
        if (now - held.lentAt > inUseMs || held.failure !== null) continue;
        if (!hasToken(held, now, settings.tokenRefreshBufferMs + aheadMs)) behind(held, refresh);
        else if (!hasProject(held, now + aheadMs, settings)) behind(held, discover);
      }
    },

    idle,

    async close() {
      await idle();
      saveUnsaved();
      await idle();
    },

    refreshes: () => refreshes,
    view(credentialId) {
      const kept = accounts.get(credentialId)?.kept;
      return kept == null ? null : { ...kept.facts, tokenExpiresAt: kept.tokens.expiresAt };
    },
  };
}

// --- helpers ---

/** A lease that came back from another process has no secret any more, but still says when it ends. */
function carries(lease: Lease, tokens: AccountTokens): boolean {
  const token = plainSecret(lease.secret);
  return token === "" ? lease.tokenExpiresAt === tokens.expiresAt : token === tokens.accessToken;
}
