/**
 * What Google says is left of an account's quota. Each look costs Google a question, so answers are kept for a while: a
 * page that is open in ten browsers asks as often as one.
 * @module
 */
import type * as z from "zod";
import { causeOf } from "../../accounts/refresh.ts";
import { redact } from "../../vault/redact.ts";
import type { accountQuotaSchema } from "../schemas/accounts.ts";
import type { AdminServices } from "../services.ts";
import type { CredentialRow } from "../views/credential-rows.ts";
import { toTime } from "../views/credential-view.ts";
import { accountsOf } from "./accounts-store.ts";

/** Counters of one account. */
export type AccountQuota = z.output<typeof accountQuotaSchema>;

/** Answers are this old at most. */
const quotaKeptMs = 20_000;

/**
 * Reads them. An account that is out of use is not asked for.
 * @param row of an account
 */
export async function readQuota(row: CredentialRow, services: AdminServices): Promise<AccountQuota> {
  const { view } = row;
  const now = services.clock.now();
  const none = (words: string): AccountQuota => ({ id: view.id, readAt: now, words, buckets: [] });
  if (view.state === "off") return none("The account is switched off.");
  if (view.disabled !== null) return none(view.disabled.words);
  const kept = keptOf(services);
  const at = services.clock.monotonic();
  const known = kept.get(view.id);
  if (known !== undefined && at - known.at < quotaKeptMs) return known.quota;
  if (kept.size >= mostKept) kept.clear();
  const quota = ask(view.id, services);
  kept.set(view.id, { at, quota });
  return quota;
}

/** The next look asks Google: something about the account has changed. */
export function forgetQuota(id: string, services: AdminServices): void {
  keptOf(services).delete(id);
}

// --- helpers ---

const mostKept = 1_000;
type Kept = Map<string, { at: number; quota: Promise<AccountQuota> }>;
const all = new WeakMap<AdminServices, Kept>();

function keptOf(services: AdminServices): Kept {
  const kept: Kept = all.get(services) ?? new Map();
  all.set(services, kept);
  return kept;
}

async function ask(id: string, services: AdminServices): Promise<AccountQuota> {
  const none = (words: string): AccountQuota => ({ id, readAt: services.clock.now(), words, buckets: [] });
  try {
    const result = await accountsOf(services).quota(id);
    const readAt = services.clock.now();
    if (!result.ok) return none(result.failure.words);
    const buckets = result.value.map(({ model, unit, remaining, fraction, resetAt }) => ({
      model,
      unit,
      remaining,
      fraction,
      resetAt: resetAt === null ? null : toTime(resetAt),
    }));
    return { id, readAt, words: buckets.length === 0 ? "Google tells no limits of this account." : null, buckets };
  } catch (error) {
    return none(redact(causeOf(error)));
  }
}
