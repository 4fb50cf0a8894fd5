/**
 * Log-ins of the dashboard. The browser holds 32 random bytes; the store holds their digest, so that whoever reads the
 * database cannot log in with what is in it.
 * @module
 */
import type { AdminServices } from "../services.ts";
import type { Role, Session } from "../../storage/types-administration.ts";
import { randomText } from "./secrets.ts";

/** Makes, finds and ends log-ins. */
export interface Sessions {
  /** @returns the session, and the cookie's value, which is kept nowhere else */
  create(owner: { operatorId: string | null; name: string; role: Role }): Promise<{ session: Session; value: string }>;
  /** A session that has not ended; its end moves on with its use. Null: unknown or over. */
  find(value: string): Promise<Session | null>;
  end(digest: string): Promise<void>;
  /** All of an operator. */
  endOf(operatorId: string): Promise<void>;
}

/** Of all sessions; the oldest end. Far more than people have browsers. */
const mostSessions = 1_000;
/** A write for each request would be one for each chart of the dashboard. */
const seenEveryMs = 60_000;

/** Sessions of the store. */
export function createSessions(
  services: Pick<AdminServices, "administration" | "clock" | "digest" | "random" | "settings">,
): Sessions {
  const { administration, clock, digest, random, settings } = services;
  const store = administration.sessions;
  return {
    async create({ operatorId, name, role }) {
      const now = clock.now();
      await store.prune(now, mostSessions - 1);
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
      const expiresAt = now + sessionMs;
      await store.seen(session.digest, now, expiresAt);
      return { ...session, seenAt: now, expiresAt };
    },
    end: (sessionDigest) => store.remove(sessionDigest),
    endOf: (operatorId) => store.removeOf(operatorId),
  };
}
