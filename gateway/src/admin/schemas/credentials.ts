/**
 * Credentials, their health and quotas, as people see them. Secrets go in and never come out.
 * @module
 */
import * as z from "zod";
import { accountSchema, cloudProjectSchema, kindSchema } from "./accounts.ts";
import { countSchema, guardedSchema, timeSchema } from "./common.ts";

export const cooldownSchema = z.object({
  scope: z.enum(["project-model", "credential-model", "project", "credential", "model"]),
  subject: z.string(),
  model: z.string(),
  untilMs: timeSchema,
  sinceMs: timeSchema,
  cause: z.string(),
  rule: z.string(),
  /** Google's own words, redacted. */
  words: z.string(),
});

export const disabledSchema = z.object({
  scope: z.enum(["credential", "project"]),
  subject: z.string(),
  reason: z.string(),
  sinceMs: timeSchema,
  /** When it is asked again by itself; null: only by hand. */
  probeAtMs: timeSchema.nullable(),
  rule: z.string(),
  words: z.string(),
  /** Address of another site in `words` that somebody should open, https only; null: there is none. */
  outside: z.string().nullable(),
});

export const credentialStateSchema = z.enum(["active", "cooling", "disabled", "off"]);

export const credentialSchema = z.object({
  id: z.string(),
  name: z.string(),
  kind: kindSchema,
  /** Tells keys apart and no secret, kind and last characters: `AIza…wxyz`. Of accounts: the address, where it is known. */
  masked: z.string(),
  /** Of accounts only. */
  account: accountSchema.nullable(),
  projectId: z.string(),
  source: z.enum(["env", "stored"]),
  tier: z.number().int(),
  weight: z.number(),
  quotaTier: z.string().nullable(),
  baseUrl: z.string().nullable(),
  /** Host and port of its outbound proxy, without user and password. */
  proxy: z.string().nullable(),
  enabled: z.boolean(),
  createdAt: timeSchema.nullable(),
  state: credentialStateSchema,
  disabled: disabledSchema.nullable(),
  cooldowns: z.array(cooldownSchema),
  inFlight: countSchema,
  /** Attempts since the process started. */
  uses: countSchema,
  recovering: z.boolean(),
});

export const quotaSchema = z.object({
  projectId: z.string(),
  model: z.string(),
  metric: z.enum(["requests", "tokens"]),
  window: z.enum(["minute", "day"]),
  value: countSchema,
  source: z.enum(["google", "configured"]),
  learnedAt: timeSchema,
  used: countSchema,
  roomAtMs: timeSchema.nullable(),
  state: z.enum(["room", "full", "unavailable"]),
});

/** One credential and one model in the matrix. */
export const cellSchema = z.object({
  model: z.string(),
  /** `unavailable`: the model is not offered to this project (limit 0). */
  state: z.enum(["ok", "cooling", "full", "disabled", "off", "unavailable", "recovering"]),
  /** When it may serve again; null: now, or not by itself. */
  untilMs: timeSchema.nullable(),
  cause: z.string().nullable(),
  /** Today's use against the known limits of its project; empty: none is known. */
  quotas: z.array(quotaSchema.pick({ metric: true, window: true, value: true, used: true, source: true })),
});

export const matrixRowSchema = credentialSchema
  .pick({
    id: true,
    name: true,
    kind: true,
    masked: true,
    projectId: true,
    tier: true,
    state: true,
    enabled: true,
    inFlight: true,
    uses: true,
  })
  .extend({
    /** Why as a whole: disabled or resting for every model. */
    reason: z.string().nullable(),
    untilMs: timeSchema.nullable(),
    /** Only models of `models` whose cell is not plainly `ok` without quotas. */
    cells: z.array(cellSchema),
  });

export const matrixSchema = z.object({
  /** Columns: models with a limit, a cooldown or calls of the last day; the most used first, 50 at most. */
  models: z.array(z.string()),
  rows: z.array(matrixRowSchema),
  total: countSchema,
  /** Rows that the filter leaves. */
  matching: countSchema,
  counts: z.object({
    total: countSchema,
    usable: countSchema,
    cooling: countSchema,
    disabled: countSchema,
    off: countSchema,
    panic: z.boolean(),
  }),
  now: timeSchema,
});

const nameSchema = z.string().trim().min(1).max(100);
const projectSchema = z.string().trim().min(1).max(200);
const weightSchema = z.number().positive().max(1000);
const tierSchema = z.number().int().min(-100).max(100);
const quotaTierSchema = z.string().trim().toLowerCase().min(1).max(64);

export const importBody = z.strictObject({
  /** Any form: one a line, commas, CSV, JSON, exports of older proxies, an encrypted export (then with `passphrase`). */
  text: z.string().min(1).max(4_000_000),
  passphrase: z.string().max(1024).optional(),
  /** Tells what would happen, and changes nothing. @default false */
  dryRun: z.boolean().default(false),
  /** For entries that say nothing else. */
  projectId: projectSchema.optional(),
  tier: tierSchema.optional(),
  weight: weightSchema.optional(),
  quotaTier: quotaTierSchema.optional(),
});

export const importSchema = z.object({
  dryRun: z.boolean(),
  added: countSchema,
  duplicates: countSchema,
  rejected: countSchema,
  /** In the order of the text; 10,000 at most. */
  entries: z.array(
    z.object({
      status: z.enum(["added", "duplicate", "rejected"]),
      name: z.string(),
      masked: z.string(),
      id: z.string().nullable(),
      /** Of a duplicate or a rejected one. */
      reason: z.string().nullable(),
      line: countSchema.nullable(),
    }),
  ),
});

export const exportBody = z.strictObject({
  mode: z.enum(["masked", "encrypted"]),
  /** Of `encrypted`: at least 16 characters. */
  passphrase: guardedSchema(16, 1024).optional(),
  ids: z.array(z.string()).max(100_000).optional(),
});
export const exportSchema = z.object({
  fileName: z.string(),
  text: z.string(),
  /** Keys in the file. */
  count: countSchema,
  /** Code Assist accounts that were asked for: none is ever in the file. */
  accountsLeftOut: countSchema,
});

export const credentialChangeBody = z.strictObject({
  name: nameSchema.optional(),
  projectId: projectSchema.nullable().optional(),
  weight: weightSchema.optional(),
  tier: tierSchema.optional(),
  enabled: z.boolean().optional(),
  quotaTier: quotaTierSchema.nullable().optional(),
  baseUrl: z.url().nullable().optional(),
  /** Write-only: may hold a password. */
  proxy: z.string().max(2000).nullable().optional(),
  /** Of stored accounts only: the Google Cloud project; null: GEMINI_PROJECT_ID, or what Google names. */
  cloudProject: cloudProjectSchema.nullable().optional(),
});

export const checkSchema = z.object({
  id: z.string(),
  /**
   * `unreachable`: nothing is known of it. Of accounts only: `login-needed`, `not-eligible` (its owner must do what `words`
   * says), `client` (the OAuth client of the settings).
   */
  result: z.enum([
    "ok",
    "invalid",
    "blocked",
    "location",
    "restricted",
    "limited",
    "unreachable",
    "login-needed",
    "not-eligible",
    "client",
  ]),
  /** Of keys: Google's status. */
  status: z.number().int().nullable(),
  words: z.string().nullable(),
  /** Address of another site in `words`, which its owner should open; null: there is none. */
  outside: z.string().nullable(),
  tookMs: z.number(),
  /** Of accounts: what is known of it now. */
  account: accountSchema.nullable(),
  /** It was out of use for want of a log-in or licence, and is used again. */
  putBack: z.boolean(),
});

export const bulkBody = z.strictObject({
  ids: z.array(z.string()).min(1).max(10_000),
  action: z.enum(["enable", "disable", "reset", "check", "remove", "group", "ungroup"]),
  /** Of `group`. */
  projectId: projectSchema.optional(),
  dryRun: z.boolean().default(false),
});
export const bulkSchema = z.object({
  dryRun: z.boolean(),
  changed: countSchema,
  /** Only what did not go well, and answers of `check`. */
  results: z.array(z.object({ id: z.string(), status: z.string(), words: z.string().nullable() })),
});
