/**
 * The tables as Kysely sees them. One schema for every SQL driver (fact sheet libraries 4.3): ids and JSON are text,
 * times are integer milliseconds, durations integer microseconds, switches 0 or 1, money integer nano-dollars.
 * @module
 */

/** All tables. */
export interface Database {
  credentials: CredentialTable;
  clients: ClientTable;
  calls: CallTable;
  attempts: AttemptTable;
  cooldowns: CooldownTable;
  disabled: DisabledTable;
  resources: ResourceTable;
  quota_limits: QuotaLimitTable;
  quota_usage: QuotaUsageTable;
  client_usage: ClientUsageTable;
  operators: OperatorTable;
  sessions: SessionTable;
  admin_tokens: AdminTokenTable;
  audit: AuditTable;
  stored_settings: { name: string; value: string };
  captures: CaptureTable;
  responses: ResponseTable;
  rollups: RollupTable;
  account_leases: AccountLeaseTable;
  meta: { key: string; value: string };
  /** Numbers that several processes raise: `revision`. */
  counters: { name: string; value: number };
}

export interface CredentialTable {
  id: string;
  name: string;
  sealed: string;
  fingerprint: string;
  project_id: string | null;
  weight: number;
  tier: number;
  enabled: number;
  created_at: number;
  base_url: string | null;
  /** Envelope of vault/ around the outbound proxy's URL. */
  sealed_proxy: string | null;
  quota_tier: string | null;
  /** `api-key` or `code-assist`. */
  kind: string;
  /** Of accounts: JSON object without secrets; null: none. */
  account: string | null;
}

/** Who refreshes an account's tokens. */
export interface AccountLeaseTable {
  /** Of the credential. */
  id: string;
  /** Names the process. */
  owner: string;
  until_ms: number;
}

export interface ClientTable {
  id: string;
  name: string;
  digest: string;
  prefix: string;
  source: string;
  enabled: number;
  expires_at: number | null;
  /** JSON list; null: all. */
  allowed_models: string | null;
  created_at: number;
  /** JSON object; null: none. */
  limits: string | null;
  /** JSON list; null: any. */
  ip_ranges: string | null;
  /** JSON object; null: none. */
  aliases: string | null;
  /** `own` or `shared`. */
  resource_scope: string;
}

/** Token counts; all null when no usage was seen. */
export interface UsageColumns {
  prompt_tokens: number | null;
  cached_tokens: number | null;
  output_tokens: number | null;
  thoughts_tokens: number | null;
  tool_use_tokens: number | null;
  total_tokens: number | null;
  /** JSON by kind and modality. */
  modalities: string | null;
  service_tier: string | null;
}

export interface CallTable extends UsageColumns {
  /** Sorts by time: rows are appended, and ranges of time are ranges of the key. */
  id: string;
  started_at: number;
  client_id: string | null;
  dialect: string;
  backend: string | null;
  operation: string;
  method: string;
  path: string;
  model_asked: string | null;
  model_served: string | null;
  stream: number;
  status: number;
  outcome: string;
  error_code: string | null;
  finish_reason: string | null;
  first_byte_micros: number | null;
  total_micros: number;
  overhead_micros: number;
  request_bytes: number;
  response_bytes: number;
  cost_nano_usd: number | null;
  attempt_count: number;
  /**
   * The only attempt of a call that went well stands here and not in `attempts`: all its other facts equal the call's.
   * Nine of ten calls are so, and a second row would cost as much again. Null in all other calls.
   */
  credential_id: string | null;
  project_id: string | null;
  attempt_offset_micros: number | null;
  attempt_duration_micros: number | null;
  attempt_first_byte_micros: number | null;
  rule: string | null;
}

export interface AttemptTable extends UsageColumns {
  call_id: string;
  number: number;
  credential_id: string;
  project_id: string;
  offset_micros: number;
  duration_micros: number;
  first_byte_micros: number | null;
  status: number | null;
  rule: string;
  fault: string;
  words: string | null;
  finish_reason: string | null;
  model_served: string | null;
  cost_nano_usd: number | null;
}

export interface CooldownTable {
  scope: string;
  subject: string;
  model: string;
  until_ms: number;
  since_ms: number;
  cause: string;
  rule: string;
  words: string;
}

export interface DisabledTable {
  scope: string;
  subject: string;
  reason: string;
  since_ms: number;
  probe_at_ms: number | null;
  rule: string;
  words: string;
}

export interface ResourceTable {
  /** Canonical. */
  name: string;
  kind: string;
  credential_id: string;
  project_id: string;
  /** Null: everyone's. */
  client_id: string | null;
  created_at: number;
  /** Null: never. */
  expires_at: number | null;
  /** Envelope of vault/; null: nothing. */
  detail: string | null;
}

export interface QuotaLimitTable {
  project_id: string;
  model: string;
  metric: string;
  /** `minute` or `day`. */
  period: string;
  value: number;
  source: string;
  learned_at: number;
}

/** The use of one day: a new day takes the row of the one before. */
export interface QuotaUsageTable {
  project_id: string;
  model: string;
  metric: string;
  period_start: number;
  used: number;
}

/** The use of one window: a new one takes the row of the one before. */
export interface ClientUsageTable {
  client_id: string;
  /** `day`, `week`, `month` or `total`. */
  period: string;
  period_start: number;
  requests: number;
  tokens: number;
  cost_nano_usd: number;
}

export interface OperatorTable {
  id: string;
  name: string;
  role: string;
  password_hash: string;
  enabled: number;
  created_at: number;
  last_login_at: number | null;
}

/** Sessions of the dashboard; the cookie's value is kept as a digest only. */
export interface SessionTable {
  digest: string;
  /** Null: logged in with the admin token. */
  operator_id: string | null;
  name: string;
  role: string;
  csrf_token: string;
  created_at: number;
  expires_at: number;
  seen_at: number;
}

export interface AdminTokenTable {
  id: string;
  name: string;
  role: string;
  digest: string;
  prefix: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
}

export interface AuditTable {
  /** Sorts by time. */
  id: string;
  at: number;
  actor: string;
  role: string;
  action: string;
  target: string | null;
  /** Redacted JSON. */
  detail: string | null;
  address: string | null;
  outcome: string;
}

export interface CaptureTable {
  call_id: string;
  created_at: number;
  expires_at: number;
  /** Of the sealed text. */
  bytes: number;
  /** Envelope of vault/ around the JSON. */
  sealed: string;
}

export interface ResponseTable {
  client_id: string;
  id: string;
  created_at: number;
  expires_at: number;
  /** Of the sealed text. */
  bytes: number;
  /** Envelope of vault/ around model and turns. */
  sealed: string;
}

/** Sums over calls. The key's order makes all keys of one dimension at one time neighbours. */
export interface RollupTable {
  /** Quarters of an hour that a row spans: 1, 4 or 96. */
  grain: number;
  /** Code of rollups/layout.ts. */
  dimension: number;
  /** Quarters of an hour since 1970 (UTC). */
  start: number;
  key: string;
  /** All sums: rollups/body.ts. */
  body: string;
}
