/**
 * What the admin API works with, out of a host's parts. The same on Node, Bun and Workers.
 * @module
 */
import type { AccountAsk } from "../../accounts/ask.ts";
import { AdminError } from "../../admin/admin-errors.ts";
import type { AdminServices } from "../../admin/services.ts";
import type { CallEnvironment } from "../../call/environment.ts";
import { equalDigests } from "../../clients/digests.ts";
import type { Clients } from "../../clients/types.ts";
import type { GatewayStore } from "../../storage/types-analytics.ts";
import type { Accounts } from "../accounts/create-accounts.ts";
import type { ProbeFetch } from "../probe.ts";
import type { LoadedState } from "../state.ts";
import { version } from "../version.ts";
import { createAccountsControl } from "./accounts-control.ts";
import { checkCredential } from "./key-check.ts";
import { createPasswords } from "./passwords.ts";

/** A host's parts. What has the same name is handed through. */
export interface AdministrationParts extends Pick<
  AdminServices,
  | "host"
  | "startedAt"
  | "settings"
  | "prices"
  | "vault"
  | "analytics"
  | "hub"
  | "captures"
  | "flush"
  | "recorder"
  | "openCalls"
  | "draining"
  | "memory"
  | "breathe"
> {
  environment: Pick<CallEnvironment, "clock" | "random" | "digest" | "bytes" | "logger" | "addressFor" | "proxy">;
  state: LoadedState & { clients: Clients };
  store: GatewayStore;
  /** SHA-256 of the admin token, hex; null: there is none. */
  adminTokenDigest: string | null;
  /** How Google is asked about a key. */
  ask: ProbeFetch;
  /** Code Assist accounts of the host. */
  accounts: Accounts;
  /** How Google is asked about an account. */
  askAccount: AccountAsk;
}

/** Puts them together. */
export function createAdminServices(parts: AdministrationParts): AdminServices {
  const { environment, state, store, ask, adminTokenDigest } = parts;
  const { clock, random, digest, bytes, logger } = environment;
  return {
    host: parts.host,
    version,
    startedAt: parts.startedAt,
    clock,
    random,
    digest,
    bytes,
    logger,
    // Digests of equal length, in constant time: nothing of the token shows in how long it takes.
    isAdminToken: (token) => adminTokenDigest !== null && equalDigests(digest.sha256(token), adminTokenDigest),
    adminTokenDigest,
    passwords: createPasswords(random),
    settings: parts.settings,
    prices: parts.prices,
    pool: state.pool,
    affinity: state.affinity,
    clients: state.clients,
    vault: parts.vault,
    store,
    administration: store.administration,
    analytics: parts.analytics,
    hub: parts.hub,
    captures: parts.captures,
    async checkKey(id) {
      const credential = state.credential(id);
      if (credential === null) throw new AdminError("not_found");
      return checkCredential(credential, { environment, ask });
    },
    accounts: createAccountsControl({
      accounts: parts.accounts,
      ask: parts.askAccount,
      settings: parts.settings.current,
      digest,
      credential: (id) => state.credential(id),
    }),
    reload: () => state.reload(),
    flush: parts.flush,
    recorder: parts.recorder,
    openCalls: parts.openCalls,
    draining: parts.draining,
    memory: parts.memory,
    breathe: parts.breathe,
    every: repeat,
  };
}

// --- helpers ---

function repeat(ms: number, task: () => void): () => void {
  const timer: unknown = setInterval(task, ms);
  // A number where timers keep nothing alive.
  if (typeof timer === "object" && timer !== null && "unref" in timer) (timer as { unref(): void }).unref();
  return () => clearInterval(timer as never);
}
