/**
 * Client keys: who may call the gateway.
 * @module
 */
import type { ErrorCode } from "../core/errors.ts";
import type { TemporaryKey } from "./temporary-keys.ts";

/** A client key as it is kept: only a digest of the secret. */
export interface ClientKey {
  /** `client_` + 16 characters. */
  id: string;
  name: string;
  /** SHA-256 of the whole key, lower-case hex. */
  digest: string;
  /** First 7 characters (`gp-abcd`), to tell keys apart in lists. */
  prefix: string;
  /** `env` keys come from PROXY_API_KEY and vanish with it. */
  source: "env" | "stored";
  enabled: boolean;
  /** Epoch milliseconds; null: never. */
  expiresAt: number | null;
  /** Models that it may use, exact or with a trailing `*`; null: all. */
  allowedModels: readonly string[] | null;
  createdAt: number;
  /** What it may use; absent or null: as much as it likes. */
  limits?: ClientLimits | null;
  /** Addresses that it may call from: CIDR (`10.0.0.0/8`, `2001:db8::/32`) or single ones; absent or null: any. */
  ipRanges?: readonly string[] | null;
  /** Its own names for models, before the gateway's (MODEL_ALIASES). Absent or null: none. */
  aliases?: Readonly<Record<string, string>> | null;
  /** `own`: sees the resources that it made; `shared`: makes and sees those that belong to everyone. @default own */
  resourceScope?: "own" | "shared";
}

/** Limits of one client. Absent or null: none. */
export interface ClientLimits {
  requestsPerMinute?: number | null;
  requestsPerDay?: number | null;
  /** Prompt and answer together. */
  tokensPerMinute?: number | null;
  /** Open calls at once. */
  concurrency?: number | null;
  /** US dollars. Days, weeks (from Monday) and months are those of LIMIT_TIME_ZONE. */
  budgets?: Partial<Record<BudgetPeriod, number | null>> | null;
}

export type BudgetPeriod = "day" | "week" | "month" | "total";

/** What a call is expected to take. */
export interface ClientEstimate {
  /** Input and output. */
  tokens: number;
  /** Nano-dollars (1e-9 USD); null: the model's price is not known, and only requests and tokens are reserved. */
  costNanoUsd: number | null;
}

/** Taken from a client's limits for one call. Plain data. */
export interface ClientReservation {
  clientId: string;
  at: number;
  tokens: number;
  costNanoUsd: number;
  /** More follows (a turn of a Live session): what was used is added, and the place among the open calls stays taken. @default false */
  partial?: boolean;
}

/** State of one limit, for `x-ratelimit-*` headers. */
export interface LimitState {
  kind: "requests" | "tokens";
  limit: number;
  remaining: number;
  /** Milliseconds until the window is whole again. */
  resetMs: number;
}

/** The answer to a reservation. */
export type Reserved =
  | { ok: true; reservation: ClientReservation; states: readonly LimitState[] }
  | {
      ok: false;
      code: ErrorCode;
      /** What is exceeded, in words: `requests per minute (60)`, `budget per day ($5.00)`. */
      what: string;
      /** Milliseconds until it is worth another try; null: not by itself. */
      retryAfterMs: number | null;
      states: readonly LimitState[];
    };

/** What was used in a window that is kept in the store (days and longer; minutes are too short). */
export interface ClientUsage {
  clientId: string;
  window: "day" | "week" | "month" | "total";
  /** Start of the window, epoch milliseconds; 0 for `total`. */
  windowStart: number;
  requests: number;
  tokens: number;
  costNanoUsd: number;
}

/** The answer to an admission. */
export type Admission = { ok: true; client: ClientKey } | { ok: false; code: ErrorCode };

/** All client keys, in memory. */
export interface Clients {
  /**
   * Sets the whole list. A stored key outranks one from the environment with the same digest: it may carry limits.
   * @param options `open`: whoever shows no key, or one that is not known, is let in as `openClient`. @default false
   */
  replace(keys: readonly ClientKey[], options?: { open?: boolean }): void;
  /**
   * A key that calls as a client of the list for a while, with all that holds for the client: limits, models, addresses,
   * expiry, whether it is enabled. In memory only: it outlives `replace`, not the process. At most 1,000; the oldest go.
   */
  addTemporaryKey(key: TemporaryKey): void;
  /**
   * @param digest SHA-256 of the presented key in lower-case hex; null when none was presented
   * @param now epoch milliseconds
   * @param address where the call comes from; null or left out: not known, and a client with ranges is refused
   */
  admit(digest: string | null, now: number, address?: string | null): Admission;
  /**
   * The client with this id, if its key is still good; for upload sessions and ephemeral tokens, which carry no key.
   * @param address checked against the client's ranges; null: not known, refused with ranges; left out: not checked
   */
  byId(id: string, now: number, address?: string | null): Admission;
  /**
   * Checks every limit and takes the call's share of all of them, or of none. Atomic: nothing is awaited.
   * Clients without limits need not be asked (`isLimited`).
   * What is refused names the limit that holds it off the longest (clients/limits/limiter.ts tells the rules).
   */
  reserve(client: ClientKey, estimate: ClientEstimate, now: number): Reserved;
  /**
   * The call ended: estimates become what was used, the place among the open ones is free. Once for each reservation.
   * @param actual tokens and cost; null where not known: the estimate stays
   */
  settle(
    reservation: ClientReservation,
    actual: { tokens: number | null; costNanoUsd: number | null },
    now: number,
  ): void;
  /** Uses of this day, week and month and in all, for people and for budgets' bars; none for clients without limits. */
  usage(clientId: string, now: number): readonly ClientUsage[];
  /** Uses that changed since the last time, to be written: of the windows that they were counted in, whatever `now` says. */
  takeChangedUsage(now: number): readonly ClientUsage[];
  /** Puts back what was kept before a restart: adds it to windows that still last, once. Before or after the first list. */
  restoreUsage(kept: readonly ClientUsage[], now: number): void;
  /**
   * Days, weeks and months of limits are this zone's from now on; the running ones keep what was counted in them.
   * @throws RangeError when the platform does not know the zone
   */
  setTimeZone(timeZone: string): void;
  /** Whether the client may use this model (null model: always). */
  allows(client: ClientKey, model: string | null): boolean;
  list(): readonly ClientKey[];
}
