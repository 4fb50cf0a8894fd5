/**
 * Who may read numbers outside the admin API: whoever holds the admin token, a token of the admin API, or (metrics only)
 * METRICS_TOKEN. All of them as `Authorization: Bearer`, compared by digests in constant time.
 * @module
 */
import { equalDigests } from "../../clients/digests.ts";
import type { Clock, Digest } from "../../core/ports.ts";
import type { Settings } from "../../settings/types.ts";
import type { AdministrationStore } from "../../storage/types-administration.ts";

/** What is asked for. */
export type GuardedKind = "metrics" | "numbers";

/** Tells who may. */
export interface Guard {
  /**
   * @param authorization the header; null: none was sent
   * @throws when the store of tokens cannot be read
   */
  allows(authorization: string | null, kind: GuardedKind): Promise<boolean>;
}

/** When a token was used last is written at most this often. */
const usedEveryMs = 60_000;

/** @param parts `settings` is read at each question: METRICS_TOKEN may change */
export function createGuard(parts: {
  settings: Pick<Settings, "metricsToken">;
  isAdminToken(token: string): boolean;
  tokens: Pick<AdministrationStore["tokens"], "list" | "used">;
  digest: Digest;
  clock: Clock;
}): Guard {
  const { settings, digest, clock, tokens } = parts;
  return {
    async allows(authorization, kind) {
      const token = /^bearer +([\x21-\x7e]{1,512}) *$/i.exec(authorization ?? "")?.[1];
      if (token === undefined) return false;
      if (parts.isAdminToken(token)) return true;
      const presented = digest.sha256(token);
      const { metricsToken } = settings;
      if (kind === "metrics" && metricsToken !== null && equalDigests(presented, digest.sha256(metricsToken)))
        return true;
      const now = clock.now();
      const known = (await tokens.list()).find((one) => equalDigests(presented, one.digest));
      if (known === undefined || (known.expiresAt !== null && known.expiresAt <= now)) return false;
      if (known.lastUsedAt === null || now - known.lastUsedAt >= usedEveryMs)
        // A number that could not be read would be a worse loss than the time of its last reading.
        await tokens.used(known.id, now).catch(() => undefined);
      return true;
    },
  };
}
