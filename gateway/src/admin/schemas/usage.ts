/**
 * Sums out of the roll-ups.
 * @module
 */
import * as z from "zod";
import { countSchema, timeQuery, timeSchema, tokensSchema, zoneQuery } from "./common.ts";

export const dimensionSchema = z.enum(["model", "client", "credential", "status", "dialect", "rule"]);

/** From `fromMs` (with it) to `toMs` (without it). */
export const rangeFields = {
  fromMs: timeQuery,
  toMs: timeQuery,
  zone: zoneQuery,
  /** At most one of them, or client and model together. */
  model: z.string().max(200).optional(),
  clientId: z.string().max(200).optional(),
  credentialId: z.string().max(200).optional(),
};

export const sumsSchema = z.object({
  calls: countSchema,
  attempts: countSchema,
  errors: countSchema,
  refused: countSchema,
  cancelled: countSchema,
  incomplete: countSchema,
  interrupted: countSchema,
  /** Calls that went well with their first attempt. */
  firstTry: countSchema,
  tokens: tokensSchema,
  /** Dollars; what is not known is not in it: see `callsWithoutCost`. */
  costUsd: z.number(),
  callsWithoutCost: countSchema,
  /** Share of prompt tokens that Google read from its cache; null: no prompt. */
  cacheHitRate: z.number().nullable(),
  /** Estimated from a histogram with bounds a factor of 1.5 apart; null: no call. Milliseconds. */
  latencyP50Ms: z.number().nullable(),
  latencyP95Ms: z.number().nullable(),
  firstByteP50Ms: z.number().nullable(),
  firstByteP95Ms: z.number().nullable(),
});

export const summarySchema = z.object({
  fromMs: timeSchema,
  toMs: timeSchema,
  sums: sumsSchema,
  /** The range of equal length just before, for comparison. */
  previous: sumsSchema,
});
export const summaryQuery = z.strictObject(rangeFields);

export const intervalSchema = z.enum(["quarter-hour", "hour", "day", "week", "month"]);
export const seriesQuery = z.strictObject({
  ...rangeFields,
  /** @default what gives 30 to 120 points */
  interval: z.enum(["auto", ...intervalSchema.options]).default("auto"),
  by: dimensionSchema.optional(),
  /** Keys with a line of their own, the largest by calls; the others are summed as `other`. @default 5 */
  top: z.coerce.number().int().min(1).max(20).default(5),
});
export const pointSchema = z.object({
  fromMs: timeSchema,
  toMs: timeSchema,
  sums: sumsSchema,
});
export const seriesSchema = z.object({
  interval: intervalSchema,
  zone: z.string(),
  /** One without `by`: its key is empty. `other` is true of the rest. */
  lines: z.array(z.object({ key: z.string(), label: z.string(), other: z.boolean(), points: z.array(pointSchema) })),
});

export const breakdownQuery = z.strictObject({
  ...rangeFields,
  by: dimensionSchema,
  /** @default 20 */
  top: z.coerce.number().int().min(1).max(1000).default(20),
  order: z.enum(["calls", "cost", "tokens", "errors"]).default("calls"),
});
export const breakdownSchema = z.object({
  by: dimensionSchema,
  rows: z.array(z.object({ key: z.string(), label: z.string(), sums: sumsSchema })),
  /** All that has no row of its own; null: nothing. */
  other: sumsSchema.nullable(),
  total: sumsSchema,
});
