/**
 * Shapes that several resources share. Times are epoch milliseconds, durations say their unit, money is US dollars;
 * null means "not known" or "none", never 0.
 * @module
 */
import * as z from "zod";

/** Epoch milliseconds. */
export const timeSchema = z.number().int().nonnegative();
/** Epoch milliseconds out of a query. */
export const timeQuery = z.coerce.number().int().nonnegative();
/** A count. */
export const countSchema = z.number().int().nonnegative();
/** `on` and `true` of a query. */
export const switchQuery = z.enum(["true", "false"]).transform((text) => text === "true");

/** An IANA time zone. Which ones there are, the platform says. @default UTC */
export const zoneQuery = z.string().min(1).max(64).default("UTC");

/** Where the next page begins; opaque. */
export const cursorQuery = z.string().min(1).max(400);

/** What every error answers with. `code` is stable; `next` says what to do. */
export const errorSchema = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    /** Where in the request the fault is: `body.rows[2].name`. */
    field: z.string().optional(),
    next: z.string().optional(),
    requestId: z.string().optional(),
  }),
});

/** Tokens by kind. `cached` is part of `prompt`; `thoughts` is not part of `output`. */
export const tokensSchema = z.object({
  prompt: countSchema,
  cached: countSchema,
  output: countSchema,
  thoughts: countSchema,
  toolUse: countSchema,
  total: countSchema,
});

/**
 * What people call something: one line without characters that nobody sees, so that two names that look the same are.
 * @param most characters
 */
export const nameSchema = (most: number): z.ZodString =>
  z
    .string()
    .trim()
    .normalize("NFC")
    .min(1)
    .max(most)
    .regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u, "A name has no control characters.");
/**
 * A text that only its owner should be able to tell: not one of few characters again and again.
 * @param least characters
 */
export const guardedSchema = (least: number, most: number): z.ZodString =>
  z
    .string()
    .min(least)
    .max(most)
    .refine((text) => new Set(text).size >= fewestDifferent, "Too easily guessed: use more different characters.");
/** Latest time of an input: what a Date can name. */
export const endSchema = timeSchema.max(8_640_000_000_000_000);

/** Names and when each ends. */
export const idParams = z.object({ id: z.string().min(1).max(200) });
/** An answer without a content of its own. */
export const doneSchema = z.object({ done: z.literal(true) });

const fewestDifferent = 5;
