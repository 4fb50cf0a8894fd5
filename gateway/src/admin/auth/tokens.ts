/**
 * Tokens of tools, looked up by digest among those that memory holds for some seconds.
 * @module
 */
import { equalDigests } from "../../clients/digests.ts";
import type { AdminToken } from "../../storage/types-administration.ts";
import type { AdminServices } from "../services.ts";

/** Finds tokens. */
export interface Tokens {
  /** A token that holds now; its use is noted. Null: unknown or expired. */
  find(presented: string): Promise<AdminToken | null>;
  /** Whether the token with this id holds now. */
  holds(id: string): Promise<boolean>;
  /** Tokens were made or revoked: what memory holds is read again. */
  changed(): void;
}

/** How long another process's revocation takes to be known here. */
const keptForMs = 5_000;
const usedEveryMs = 60_000;

/** Tokens of the store. */
export function createTokens(services: Pick<AdminServices, "administration" | "clock" | "digest" | "logger">): Tokens {
  const { administration, clock, digest, logger } = services;
  let known: { at: number; byDigest: Promise<Map<string, AdminToken>> } | null = null;
  /** By id; as many as there are tokens. */
  let noted = new Map<string, number>();

  async function read(): Promise<Map<string, AdminToken>> {
    const tokens = await administration.tokens.list();
    noted = new Map(tokens.map(({ id, lastUsedAt }) => [id, Math.max(noted.get(id) ?? 0, lastUsedAt ?? 0)]));
    return new Map(tokens.map((token) => [token.digest, token]));
  }

  async function byDigest(): Promise<Map<string, AdminToken>> {
    const now = clock.monotonic();
    if (known === null || now - known.at >= keptForMs) known = { at: now, byDigest: read() };
    const reading = known;
    try {
      return await reading.byDigest;
    } catch (error) {
      // A failure is not kept.
      if (known === reading) known = null;
      throw error;
    }
  }

  return {
    async find(presented) {
      const presentedDigest = digest.sha256(presented);
      // Finding by digest tells nothing of value by its time (see clients/clients.ts); the comparison is constant in time.
      const token = (await byDigest()).get(presentedDigest);
      if (token === undefined || !equalDigests(presentedDigest, token.digest)) return null;
      const now = clock.now();
      if (token.expiresAt !== null && token.expiresAt <= now) return null;
      if (now - (noted.get(token.id) ?? 0) >= usedEveryMs) {
        noted.set(token.id, now);
        try {
          await administration.tokens.used(token.id, now);
        } catch (error) {
          // Not worth a refusal: it is for people to see which tokens are in use.
          logger.log("warn", "admin.token-use-unwritten", { class: error instanceof Error ? error.name : "unknown" });
        }
      }
      return token;
    },
    async holds(id) {
      const token = [...(await byDigest()).values()].find((one) => one.id === id);
      return token !== undefined && (token.expiresAt === null || token.expiresAt > clock.now());
    },
    changed: () => void (known = null),
  };
}
