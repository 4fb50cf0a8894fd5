/**
 * What the admin API works with. Each host brings it: the parts are those of the running gateway.
 * @module
 */
import type { AccountAnswer, AccountQuestion } from "../accounts/ask.ts";
import type { AccountResult } from "../accounts/failures.ts";
import type { HeldAccountView } from "../accounts/keeper.ts";
import type { AccountQuotaRow } from "../accounts/quota.ts";
import type { AccountTokens } from "../accounts/tokens.ts";
import type { Clients } from "../clients/types.ts";
import type { AccountFacts, Prepared } from "../core/accounts.ts";
import type { Bytes, Clock, Digest, Logger, Random } from "../core/ports.ts";
import type { CallRecord } from "../core/records.ts";
import type { RecorderState } from "../ledger/types.ts";
import type { Affinity } from "../pool/affinity/types.ts";
import type { Pool } from "../pool/types.ts";
import type { Settings } from "../settings/types.ts";
import type { AdministrationStore } from "../storage/types-administration.ts";
import type { AnalyticsStore } from "../storage/types-analytics.ts";
import type { PricedCall, Store } from "../storage/types.ts";
import type { Vault } from "../vault/envelope.ts";

/** Slow hashes of passwords (scrypt where the platform has it). */
export interface Passwords {
  /** Algorithm, parameters and salt are in the text. */
  hash(password: string): Promise<string>;
  /** Constant-time. False too when the text is of no known form. */
  verify(password: string, hash: string): Promise<boolean>;
}

/** Settings as they are and as they can be changed. */
export interface SettingsControl {
  /** In force now; one object for the life of the process, whose fields change. */
  readonly current: Settings;
  list(): readonly SettingState[];
  /**
   * Checks and stores; hot ones are in force when it resolves.
   * @throws SettingsRefused naming each value that cannot be used; nothing is stored then
   */
  change(
    changes: Readonly<Record<string, string | null>>,
    dryRun: boolean,
  ): Promise<{ changed: string[]; afterRestart: string[]; outranked: string[] }>;
}

/** One setting. Fields as in the admin API's `settingSchema`. */
export interface SettingState {
  name: string;
  group: string;
  kind: string;
  help: string;
  choices: readonly string[] | null;
  default: string | null;
  value: string | null;
  secret: boolean;
  source: "default" | "stored" | "environment" | "flag";
  stored: string | null;
  hot: boolean;
  readOnly: boolean;
}

/** Prices in force. `rows` are those of settings/… JSON: see ledger/price-overrides. */
export interface PricesControl {
  overrides(): readonly unknown[];
  file(): readonly unknown[];
  table(): readonly unknown[];
  /** @throws SyntaxError naming row and field */
  setOverrides(rows: readonly unknown[]): Promise<void>;
  /** Prices a record by what is in force. */
  price(record: CallRecord): PricedCall;
  /**
   * Computes costs of a range again, a slice at a time, letting other work run between.
   * @param onSlice told after each slice
   */
  reprice(
    range: { fromMs: number; toMs: number; model: string | null; dryRun: boolean },
    onSlice: (progress: { looked: number; changed: number; differenceNanoUsd: number }) => void,
  ): Promise<void>;
}

/** Calls as they end. */
export interface CallHub {
  /**
   * @param listener told of each call, in order, at once: it must be quick and never throw
   * @returns ends it
   */
  listen(listener: (record: CallRecord) => void): () => void;
  /**
   * Calls that ended after one, the first first: ids tell when calls began, and a long one may end after many others.
   * @returns null: it is not among the last thousand or so that ended in this process
   */
  endedSince(id: string): readonly string[] | null;
}

/** Captured bodies, opened. Null: none is kept. */
export interface CaptureReader {
  read(callId: string): Promise<CapturedCall | null>;
}

export interface CapturedMessage {
  headers: [string, string][];
  body: string;
  bytes: number;
  cut: boolean;
  base64: boolean;
}
export interface CapturedCall {
  callId: string;
  method: string;
  path: string;
  request: CapturedMessage;
  response: CapturedMessage;
  expiresAt: number;
}

/** An answer to the question whether a key is good. */
export interface KeyCheck {
  result: "ok" | "invalid" | "blocked" | "location" | "restricted" | "limited" | "unreachable";
  status: number | null;
  words: string | null;
  tookMs: number;
}

/** The account that the environment gives (GCP_SERVICE_ACCOUNT). */
export interface GivenAccount {
  id: string;
  name: string;
  /** Of the account, whatever its tokens are. */
  fingerprint: string;
  /** Of the text: see `AccountFacts.given`. */
  given: string;
  tokens: AccountTokens;
  facts: AccountFacts;
}

/** Code Assist accounts of the running gateway. */
export interface AccountsControl {
  /** What is known of an account that is in use in this process; null: it is not. */
  view(credentialId: string): HeldAccountView | null;
  /** Null: the environment gives none. */
  given(): GivenAccount | null;
  /**
   * Refreshes it and asks Code Assist for licence and project, onboarding it where it is new; may take a minute. Changes
   * nothing of the pool.
   * @throws AdminError `not_found`: the pool has no account of this id
   */
  check(credentialId: string): Promise<Prepared>;
  /**
   * What Google says is left.
   * @throws AdminError `not_found`: the pool has no account of this id
   */
  quota(credentialId: string): Promise<AccountResult<readonly AccountQuotaRow[]>>;
  /** Asks Google's OAuth endpoints, through the shared outbound proxy. Rejects without a whole answer in time. */
  ask(question: AccountQuestion): Promise<AccountAnswer>;
  /** `user-agent` of questions. */
  agent: string;
}

/** Everything. */
export interface AdminServices {
  host: "node" | "bun" | "cloudflare" | "fetch";
  version: string;
  startedAt: number;
  clock: Clock;
  random: Random;
  digest: Digest;
  bytes: Bytes;
  logger: Logger;
  /** Constant-time: whether this is the admin token of the environment or the first start. */
  isAdminToken(token: string): boolean;
  /**
   * SHA-256 of the admin token, hex; null: there is none. Sessions of another admin token end when it is not the one of
   * before. @default not known: they live on
   */
  adminTokenDigest?: string | null;
  passwords: Passwords;
  settings: SettingsControl;
  prices: PricesControl;
  pool: Pool;
  affinity: Pick<Affinity, "size">;
  clients: Clients;
  vault: Vault;
  store: Pick<Store, "credentials" | "clients" | "ledger" | "health" | "meta" | "revision">;
  administration: AdministrationStore;
  analytics: AnalyticsStore;
  hub: CallHub;
  captures: CaptureReader;
  /** Asks Google whether a key is good, at its own base URL and through its own proxy. */
  checkKey(credentialId: string): Promise<KeyCheck>;
  /** Null: this host serves no Code Assist accounts. */
  accounts: AccountsControl | null;
  /** Brings changed credentials and client keys from the store into memory. */
  reload(): Promise<void>;
  /** Makes what was settled visible to readers. */
  flush(): Promise<void>;
  recorder(): RecorderState | null;
  openCalls(): number;
  draining(): boolean;
  /** Bytes of memory of the process; null: not told here. */
  memory(): { rssBytes: number | null };
  /** Lets other work run: between slices of long jobs. */
  breathe(): Promise<void>;
  /**
   * Runs a task again and again until the returned function is called. Does not keep the process alive.
   * @param ms between two runs
   * @param task must not throw
   */
  every(ms: number, task: () => void): () => void;
}
