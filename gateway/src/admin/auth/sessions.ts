/**
 * Log-ins of the dashboard. The browser holds 32 random bytes; the store holds their digest, so that whoever reads the
 * database cannot log in with what is in it.
 * @module
 */
import { equalDigests } from "../../clients/digests.ts";
import type { AdminServices } from "../services.ts";
import type { Role, Session } from "../../storage/types-administration.ts";
import { randomText } from "./secrets.ts";

/** Makes, finds and ends log-ins. */
export interface Sessions {
  /** @returns the session, and the cookie's value, which is kept nowhere else */
  create(owner: { operatorId: string | null; name: string; role: Role }): Promise<{ session: Session; value: string }>;
  /** A session that has not ended; its end moves on with its use. Null: unknown or over. */
  find(value: string): Promise<Session | null>;
  /** Whether it has not ended. Does not count as use. */
  holds(digest: string): Promise<boolean>;
  end(digest: string): Promise<void>;
  /** All of an operator; null: those of the admin token. */
  endOf(operatorId: string | null): Promise<void>;
}

/** Of all sessions; the oldest end. Far more than people have browsers. */
const mostSessions = 10_000;
/** Of one operator, and of the admin token: whoever logs in again and again ends nobody else's. */
const mostOfOne = 50;
/** However much it is used: a stolen cookie must not be good for ever. */
const longestMs = 30 * 86_400_000;
/** A write for each request would be one for each chart of the dashboard. */
const seenEveryMs = 60_000;

/** Sessions of the store. */
export function createSessions(
  services: Pick<
    AdminServices,
    "administration" | "adminTokenDigest" | "clock" | "digest" | "random" | "settings" | "store" | "vault"
  >,
): Sessions {
  const { administration, clock, digest, random, settings } = services;
  const store = administration.sessions;
  /** Once a process: the admin token changes by a start only. */
  let checked: Promise<void> | null = null;

  function endThoseOfAnotherToken(): Promise<void> {
    checked ??= takeUpAdminToken(services).catch((error: unknown) => {
      checked = null;
      throw error;
    });
    return checked;
  }

  return {
    async create({ operatorId, name, role }) {
      if (operatorId === null) await endThoseOfAnotherToken();
      const now = clock.now();
      await store.prune(now, mostSessions - 1);
      await store.keepNewest(operatorId, mostOfOne - 1);
      const value = randomText(random);
      const session: Session = {
        digest: digest.sha256(value),
        operatorId,
        name,
        role,
        csrfToken: randomText(random),
        createdAt: now,
        expiresAt: now + settings.current.sessionMs,
        seenAt: now,
      };
      await store.add(session);
      return { session, value };
    },
    async find(value) {
      await endThoseOfAnotherToken();
      const session = await store.get(digest.sha256(value));
      if (session === null) return null;
      const now = clock.now();
      if (session.expiresAt <= now) {
        await store.remove(session.digest);
        return null;
      }
      const { sessionMs } = settings.current;
      // Short sessions are moved on in time, too.
      if (now - session.seenAt < Math.min(seenEveryMs, sessionMs / 4)) return session;
      const expiresAt = Math.min(now + sessionMs, session.createdAt + longestMs);
      await store.seen(session.digest, now, expiresAt);
      return { ...session, seenAt: now, expiresAt };
    },
    async holds(sessionDigest) {
      const session = await store.get(sessionDigest);
      return session !== null && session.expiresAt > clock.now();
    },
    end: (sessionDigest) => store.remove(sessionDigest),
    endOf: (operatorId) => store.removeOf(operatorId),
  };
}

// --- helpers ---

/** Which admin token the sessions were made with. */
const markKey = "admin_sessions_token";
/** What its envelope is sealed for. */
const markContext = "token of admin sessions";

/** Whoever changes ADMIN_TOKEN because it got out wants the log-ins made with it to end. */
async function takeUpAdminToken(
  services: Pick<AdminServices, "administration" | "adminTokenDigest" | "store" | "vault">,
): Promise<void> {
  const { administration, adminTokenDigest, store, vault } = services;
  if (adminTokenDigest == null) return;
  const sealed = await store.meta.get(markKey);
  if (sealed !== null) {
    const before = await vault.open(sealed, markContext).catch(() => null);
    // oxlint-disable-next-line house/reveal -- a digest, sealed so that a copy of the database is no help in guessing
    if (before !== null && equalDigests(before.reveal(), adminTokenDigest)) return;
  }
  await administration.sessions.removeOf(null);
  await store.meta.set(markKey, await vault.seal(adminTokenDigest, markContext));
}
