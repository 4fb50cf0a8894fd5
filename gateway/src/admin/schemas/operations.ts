/**
 * Prices, settings, audit log, health.
 * @module
 */
import * as z from "zod";
import { countSchema, timeSchema } from "./common.ts";

const ratesShape = {
  /** Dollars per 1,000,000 tokens. */
  input: z.number().nonnegative(),
  output: z.number().nonnegative(),
  /** Null: not known. */
  cached: z.number().nonnegative().nullable(),
};
const byModality = z.partialRecord(z.enum(["TEXT", "IMAGE", "AUDIO", "VIDEO", "DOCUMENT"]), z.number().nonnegative());

export const priceRowSchema = z.strictObject({
  /** Names; a trailing `*` takes a family. */
  models: z.array(z.string().min(1).max(200)).min(1).max(100),
  /** `2026-12-01`, Pacific; left out: always. */
  from: z.string().max(40).optional(),
  ...ratesShape,
  inputBy: byModality.optional(),
  outputBy: byModality.optional(),
  cachedBy: byModality.optional(),
  long: z.strictObject({ above: countSchema, ...ratesShape }).optional(),
  cachedStaysInFlex: z.boolean().optional(),
});
export const pricesSchema = z.object({
  /** Own rows; they stand before the table's. */
  overrides: z.array(priceRowSchema),
  /** The built-in table. */
  table: z.array(priceRowSchema),
  /** Rows of prices.json in the data directory, between the two; read-only here. */
  file: z.array(priceRowSchema),
  /** Models of the last 30 days without a price. */
  unpriced: z.array(z.string()),
});
export const pricesBody = z.strictObject({ overrides: z.array(priceRowSchema).max(1000) });

export const repriceBody = z.strictObject({
  fromMs: timeSchema,
  toMs: timeSchema,
  model: z.string().max(200).optional(),
  dryRun: z.boolean().default(false),
});
export const repriceSchema = z.object({
  /** Null: none has been asked for. */
  job: z
    .object({
      id: z.string(),
      dryRun: z.boolean(),
      state: z.enum(["running", "done", "failed"]),
      fromMs: timeSchema,
      toMs: timeSchema,
      /** Calls looked at, of about so many. */
      looked: countSchema,
      total: countSchema,
      changed: countSchema,
      /** New less old. */
      differenceUsd: z.number(),
      error: z.string().nullable(),
    })
    .nullable(),
});

export const settingSchema = z.object({
  name: z.string(),
  group: z.string(),
  kind: z.string(),
  help: z.string(),
  choices: z.array(z.string()).nullable(),
  default: z.string().nullable(),
  /** In force, as text; null: none. Of a secret: `set` or null. */
  value: z.string().nullable(),
  secret: z.boolean(),
  /** `environment` and `flag` outrank what is stored here. */
  source: z.enum(["default", "stored", "environment", "flag"]),
  /** Stored here, whether in force or not. */
  stored: z.string().nullable(),
  /** Takes effect without a restart. Others can be stored and hold from the next start. */
  hot: z.boolean(),
  /** May not be stored (secrets, the data directory, the master key). */
  readOnly: z.boolean(),
});
export const settingsSchema = z.object({ settings: z.array(settingSchema) });
export const settingsBody = z.strictObject({
  /** Text as in the environment; null: no longer stored. */
  changes: z
    .record(z.string().max(64), z.string().max(20_000).nullable())
    .refine((changes) => Object.keys(changes).length <= 200, "There are not so many settings."),
  /** Checks the values and changes nothing. @default false */
  dryRun: z.boolean().default(false),
});
export const settingsChangedSchema = z.object({
  dryRun: z.boolean(),
  changed: z.array(z.string()),
  /** Stored, but in force only after a restart. */
  afterRestart: z.array(z.string()),
  /** Stored, but the environment or a flag outranks it. */
  outranked: z.array(z.string()),
});

export const auditEntrySchema = z.object({
  id: z.string(),
  at: timeSchema,
  /** Name of the operator or token. */
  actor: z.string(),
  role: z.string(),
  /** `clients.create`. */
  action: z.string(),
  /** Id of what was changed; null: none. */
  target: z.string().nullable(),
  /** Redacted JSON of what was asked. */
  detail: z.record(z.string(), z.unknown()).nullable(),
  address: z.string().nullable(),
  outcome: z.enum(["done", "refused", "failed"]),
});
export const auditPageSchema = z.object({ entries: z.array(auditEntrySchema), next: z.string().nullable() });

/** What needs a person now. */
export const attentionSchema = z.object({
  items: z.array(
    z.object({
      severity: z.enum(["critical", "warning", "info"]),
      /** Stable: `credentials.disabled`. */
      code: z.string(),
      title: z.string(),
      detail: z.string(),
      /** Where in the dashboard: `/ui/pool?state=disabled`. */
      link: z.string().nullable(),
      /** Address of another site in `detail` that somebody should open, https only; null: there is none. */
      outside: z.string().nullable(),
      sinceMs: timeSchema.nullable(),
    }),
  ),
});

export const healthSchema = z.object({
  status: z.enum(["healthy", "degraded", "unhealthy"]),
  version: z.string(),
  host: z.string(),
  startedAt: timeSchema,
  uptimeSeconds: z.number(),
  now: timeSchema,
  openCalls: countSchema,
  draining: z.boolean(),
  /** Address of the gateway as clients see it. */
  url: z.string(),
  ledger: z
    .object({
      queued: countSchema,
      spilled: countSchema,
      lost: countSchema,
      failures: countSchema,
      lastError: z.string().nullable(),
      bytes: countSchema.nullable(),
      oldestCallMs: timeSchema.nullable(),
    })
    .nullable(),
  pool: z.object({
    total: countSchema,
    usable: countSchema,
    cooling: countSchema,
    disabled: countSchema,
    off: countSchema,
    panic: z.boolean(),
  }),
  memory: z.object({ rssBytes: countSchema.nullable() }),
  /** Which features are on: capture, live, openMode … */
  features: z.record(z.string(), z.boolean()),
});
