/**
 * Log-ins of Code Assist accounts that were begun and not completed: each belongs to whoever began it, and ends soon. In
 * memory only: the verifier of PKCE must be nowhere else.
 * @module
 */
import type { Clock } from "../core/ports.ts";
import type { Actor } from "./auth/actor.ts";

/** One that was begun. */
export interface PendingLogin {
  redirectUri: string;
  /** Of PKCE: whoever has it and the code can redeem the code. */
  verifier: string;
  /** Credential that must log in again; null: any account. */
  credentialId: string | null;
}

/** Keeps them. */
export interface AccountLogins {
  /**
   * Keeps one. Of one who asks the oldest makes room.
   * @returns when it ends, epoch milliseconds; null: others have begun too many
   */
  begin(actor: Actor, state: string, login: PendingLogin): number | null;
  /**
   * Looks one up for a try to complete it.
   * @returns null: there is none of this state that the actor began, it is over, or was tried too often
   */
  attempt(actor: Actor, state: string): PendingLogin | null;
  /** It is done: its state is good for nothing any more. */
  end(state: string): void;
}

/** From the beginning of one to its end. Google's codes live as long. */
const loginLifeMs = 600_000;
/** At once: of all together, and of one session or token. */
const loginBounds = { most: 100, mostOfOne: 5 } as const;
/** Codes that may be tried: people paste the wrong thing. */
const mostAttempts = 5;

/** Makes it. */
export function createAccountLogins(clock: Pick<Clock, "now">): AccountLogins {
  const pending = new Map<string, PendingLogin & { owner: string; endsAt: number; attempts: number }>();

  function sweep(): void {
    const now = clock.now();
    for (const [state, { endsAt }] of pending) if (endsAt <= now) pending.delete(state);
  }

  return {
    begin(actor, state, login) {
      sweep();
      const owner = ownerOf(actor);
      const own = [...pending].filter(([, one]) => one.owner === owner).map(([name]) => name);
      if (own.length >= loginBounds.mostOfOne) pending.delete(own[0] ?? "");
      if (pending.size >= loginBounds.most) return null;
      const endsAt = clock.now() + loginLifeMs;
      pending.set(state, { ...login, owner, endsAt, attempts: 0 });
      return endsAt;
    },
    attempt(actor, state) {
      sweep();
      const found = pending.get(state);
      if (found === undefined || found.owner !== ownerOf(actor)) return null;
      found.attempts += 1;
      if (found.attempts >= mostAttempts) pending.delete(state);
      return found;
    },
    end: (state) => void pending.delete(state),
  };
}

// --- helpers ---

/** A session, not its operator: a log-in that was begun in one browser is not completed in another. */
function ownerOf(actor: Actor): string {
  return actor.kind === "session" ? `session ${actor.session.digest}` : `${actor.kind} ${actor.id ?? ""}`;
}
