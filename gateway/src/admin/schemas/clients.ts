/**
 * Client keys, their limits and what they used.
 * @module
 */
import * as z from "zod";
import { countSchema, endSchema, timeSchema } from "./common.ts";

const limit = z.number().int().positive().nullable().optional();
const dollars = z.number().positive().nullable().optional();

export const limitsSchema = z.strictObject({
  requestsPerMinute: limit,
  requestsPerDay: limit,
  tokensPerMinute: limit,
  concurrency: limit,
  budgets: z.strictObject({ day: dollars, week: dollars, month: dollars, total: dollars }).nullable().optional(),
});

export const clientUsageSchema = z.object({
  window: z.enum(["day", "week", "month", "total"]),
  windowStart: timeSchema,
  requests: countSchema,
  tokens: countSchema,
  costUsd: z.number(),
});

export const clientSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** `gp-abcd`, to tell keys apart. */
  prefix: z.string(),
  source: z.enum(["env", "stored"]),
  enabled: z.boolean(),
  expiresAt: timeSchema.nullable(),
  allowedModels: z.array(z.string()).nullable(),
  limits: limitsSchema.nullable(),
  ipRanges: z.array(z.string()).nullable(),
  aliases: z.record(z.string(), z.string()).nullable(),
  resourceScope: z.enum(["own", "shared"]),
  createdAt: timeSchema,
  /** Only of clients with limits. */
  usage: z.array(clientUsageSchema),
});

export const clientFields = {
  name: z.string().trim().min(1).max(100),
  enabled: z.boolean(),
  expiresAt: endSchema.nullable(),
  allowedModels: z.array(z.string().min(1).max(200)).max(500).nullable(),
  limits: limitsSchema.nullable(),
  ipRanges: z.array(z.string().min(1).max(64)).max(200).nullable(),
  aliases: z.record(z.string().min(1).max(200), z.string().min(1).max(200)).nullable(),
  resourceScope: z.enum(["own", "shared"]),
};

export const clientCreateBody = z.strictObject(clientFields).partial().required({ name: true });
export const clientChangeBody = z.strictObject(clientFields).partial();
/** The key is told once and never again. */
export const clientCreatedSchema = z.object({ client: clientSchema, key: z.string() });
/** A key for some minutes that calls as this client; kept in memory only, told once. */
export const playgroundKeySchema = z.object({ key: z.string(), expiresAt: timeSchema });
