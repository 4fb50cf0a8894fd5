/**
 * What the gateway keeps, as an interface. One implementation over Kysely serves every SQL driver; writes that must be
 * atomic go through `writeBatch` of the driver, since D1 and Durable Objects have no SQL `begin`.
 * @module
 */
import type { AccountFacts } from "../core/accounts.ts";
import type { CredentialKind } from "../core/credential.ts";
import type { CallRecord } from "../core/records.ts";
import type { ClientKey, ClientUsage } from "../clients/types.ts";
import type { ResourceBinding } from "../core/resources.ts";
import type { AdministrationStore } from "./types-administration.ts";
import type { Cooldown, Disabled, QuotaLimit, QuotaUsage } from "../pool/types.ts";

/** A stored credential: the secret sealed by the vault. */
export interface StoredCredential {
  id: string;
  name: string;
  /** Envelope of vault/: opaque text. */
  sealed: string;
  /** HMAC or SHA-256 fingerprint of the plain key, hex, to find duplicates without opening envelopes. */
  fingerprint: string;
  projectId: string | null;
  weight: number;
  tier: number;
  enabled: boolean;
  createdAt: number;
  baseUrl?: string | null;
  /** Envelope of vault/ around the proxy's URL, which may hold a password. */
  sealedProxy?: string | null;
  quotaTier?: string | null;
  /** Absent: `api-key`. */
  kind?: CredentialKind;
  /** Of accounts only; `sealed` holds their tokens. */
  account?: AccountFacts | null;
}

/** A record with its cost, ready to be written. Cost in nano-dollars (1e-9 USD), null where unknown. */
export interface PricedCall {
  record: CallRecord;
  costNanoUsd: number | null;
  /** One entry an attempt, same order. */
  attemptCosts: readonly (number | null)[];
}

/** A response that a client may name in its next request, sealed. */
export interface SealedResponse {
  clientId: string;
  id: string;
  /** Epoch milliseconds. */
  createdAt: number;
  expiresAt: number;
  /** Envelope of vault/: opaque text of ASCII. */
  sealed: string;
}

/** Which calls to list. All fields optional and combined with AND. */
export interface CallFilter {
  /** Begun at or after, epoch milliseconds. */
  sinceMs?: number;
  /** Begun before, epoch milliseconds. */
  untilMs?: number;
  /** Asked for or served. */
  model?: string;
  clientId?: string;
  /** At least one attempt was made with it. */
  credentialId?: string;
  outcome?: string;
  status?: number;
  /** Only calls with an id smaller (older) than this: keyset paging. */
  before?: string;
  /** Only calls with an id greater (newer) than this, oldest first: for tailing. */
  after?: string;
  /** @default 50, at most 1000 */
  limit?: number;
}

/** Which calls are priced again, and how. */
export interface Repricing {
  /** Begun at or after, epoch milliseconds. */
  fromMs: number;
  /** Begun before. */
  toMs: number;
  /** Asked for or served; null: all. */
  model: string | null;
  /** Only counts. */
  dryRun: boolean;
  price(record: CallRecord): PricedCall;
  /** Told after each slice what there was until then. */
  onSlice?: ((progress: RepriceProgress) => void) | undefined;
  /** Ends it after the slice under way. */
  signal?: { readonly aborted: boolean } | undefined;
}

/** What re-pricing has done so far. */
export interface RepriceProgress {
  looked: number;
  /** Calls of which the cost, or that of an attempt, is another. */
  changed: number;
  /** What all costs together are now more than before; an unknown one counts as nothing. */
  differenceNanoUsd: number;
}

/** Sums over a range. Token counts by kind. */
export interface StatsRow {
  calls: number;
  attempts: number;
  errors: number;
  refused: number;
  cancelled: number;
  incomplete: number;
  interrupted: number;
  tokens: { prompt: number; cached: number; output: number; thoughts: number; toolUse: number; total: number };
  /** Dollars; calls without a known cost are not in it: see `callsWithoutCost`. */
  costUsd: number;
  callsWithoutCost: number;
}

/** The durable state. Every method rejects on I/O failure and leaves the store as it was. */
export interface Store {
  credentials: {
    list(): Promise<StoredCredential[]>;
    get(id: string): Promise<StoredCredential | null>;
    /** Inserts; a fingerprint that is there already is left alone and reported as `false`. */
    add(credential: StoredCredential): Promise<boolean>;
    update(
      id: string,
      change: Partial<
        Pick<
          StoredCredential,
          | "name"
          | "projectId"
          | "weight"
          | "tier"
          | "enabled"
          | "sealed"
          | "baseUrl"
          | "sealedProxy"
          | "quotaTier"
          | "account"
        >
      >,
      /** Only while its envelope is still this one: whoever wrote meanwhile knows better. */
      expected?: { sealed: string },
    ): Promise<boolean>;
    remove(id: string): Promise<boolean>;
  };
  /** At most one process at a time refreshes the tokens of an account. */
  accountLeases: {
    /**
     * Compare and set. One that ran out, or is of the same owner, is taken.
     * @param lease `now`, `untilMs`: epoch milliseconds
     */
    take(lease: { id: string; owner: string; now: number; untilMs: number }): Promise<boolean>;
    /** Of another owner: left alone. */
    release(lease: { id: string; owner: string }): Promise<void>;
  };
  clients: {
    list(): Promise<ClientKey[]>;
    add(client: ClientKey): Promise<void>;
    update(
      id: string,
      change: Partial<
        Pick<
          ClientKey,
          "name" | "enabled" | "expiresAt" | "allowedModels" | "limits" | "ipRanges" | "aliases" | "resourceScope"
        >
      >,
    ): Promise<boolean>;
    remove(id: string): Promise<boolean>;
  };
  health: {
    list(): Promise<{ cooldowns: Cooldown[]; disabled: Disabled[] }>;
    /** Upserts and deletes in one atomic batch. */
    write(changes: readonly HealthChange[]): Promise<void>;
  };
  ledger: {
    /** All or nothing; a call id that is there already is left as it is (replays after a crash are harmless). */
    insert(calls: readonly PricedCall[]): Promise<void>;
    list(filter: CallFilter): Promise<PricedCall[]>;
    get(id: string): Promise<PricedCall | null>;
    /** Sums. With a `credentialId`: attempts, tokens and cost are those of that credential's own attempts. */
    stats(filter: Pick<CallFilter, "sinceMs" | "untilMs" | "model" | "clientId" | "credentialId">): Promise<StatsRow>;
    /**
     * Sums by group, the largest group first. `model` is the one that served, else the one asked for; an empty key stands
     * for calls without one. By `credential`, a call counts once for each credential that it was tried with.
     */
    statsBy(
      dimension: "model" | "client" | "credential" | "status" | "dialect",
      filter: Pick<CallFilter, "sinceMs" | "untilMs">,
    ): Promise<{ key: string; row: StatsRow }[]>;
    /** Time of the oldest call; null: there is none. */
    oldestMs(): Promise<number | null>;
    /** Deletes at most `limit` calls older than the time, with their attempts; gives back how many. */
    prune(olderThanMs: number, limit: number): Promise<number>;
    /**
     * Sums quarters of an hour that are over up into hours and days. Charts are right without it, but read more.
     * @param options `now`: epoch milliseconds; `limit`: most rows that are added up
     * @returns whether more is left to do
     */
    rollUp(options: { now: number; limit: number }): Promise<boolean>;
    /**
     * Deletes sums by quarters of an hour, and by hours, of the days before two times, at most `limit` rows. Days stay.
     * @returns how many
     */
    pruneSums(options: { quartersBeforeMs: number; hoursBeforeMs: number; limit: number }): Promise<number>;
    /** Prices calls again, the newest first; their sums change with them. One short transaction a slice. */
    reprice(repricing: Repricing): Promise<void>;
    /** Bytes that live rows of all tables take. Cheap: for bounds. */
    bytes(): Promise<number>;
    /** Rows and bytes, for `doctor`. Counts by reading: slow on a large ledger. */
    size(): Promise<{ calls: number; attempts: number; bytes: number }>;
  };
  resources: {
    /** All that have not expired, at most the newest `limit` of each kind; the newest first. */
    list(now: number, limit: number): Promise<ResourceBinding[]>;
    /** Upserts and deletes by name in one atomic batch. */
    write(changes: { bind: readonly ResourceBinding[]; forget: readonly string[] }): Promise<void>;
    /**
     * Deletes at most `limit` expired ones, and as many of the oldest of a kind of which there are more than `most`; gives
     * back how many.
     */
    prune(now: number, limit: number, most: number): Promise<number>;
  };
  quotas: {
    list(): Promise<{ limits: QuotaLimit[]; usage: QuotaUsage[] }>;
    /** Upserts and deletes in one atomic batch. */
    write(changes: readonly QuotaChange[]): Promise<void>;
  };
  clientUsage: {
    list(): Promise<ClientUsage[]>;
    /** Upserts; windows of the same client and kind with an older start are deleted. */
    write(usage: readonly ClientUsage[]): Promise<void>;
  };
  responses: {
    /** Replaces. All or nothing. */
    write(responses: readonly SealedResponse[]): Promise<void>;
    /** Null: unknown, or of another client. Expired ones are given, too: the caller looks. */
    get(clientId: string, id: string): Promise<SealedResponse | null>;
    /** @returns whether it was there */
    remove(clientId: string, id: string): Promise<boolean>;
    /** Deletes what has expired, and the oldest while all together take more than `mostBytes`; at most `limit` rows. */
    prune(now: number, mostBytes: number, limit: number): Promise<number>;
  };
  administration: AdministrationStore;
  meta: {
    get(key: string): Promise<string | null>;
    set(key: string, value: string): Promise<void>;
  };
  /** A number that any process raises when it changes credentials or clients, so that a running gateway reloads. */
  revision: { get(): Promise<number>; raise(): Promise<number> };
  close(): Promise<void>;
}

/** One change of what is known of quotas. */
export type QuotaChange =
  | { kind: "quota-limit"; value: QuotaLimit; removed: boolean }
  | { kind: "quota-usage"; value: QuotaUsage; removed: boolean };

/** One change of the pool's kept health. */
export type HealthChange =
  | { kind: "cooldown"; value: Cooldown; removed: boolean }
  | { kind: "disabled"; value: Disabled; removed: boolean };
