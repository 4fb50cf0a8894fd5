/**
 * Code Assist accounts: what is shown of them, how they come in. Tokens and codes go in and never come out.
 * @module
 */
import * as z from "zod";
import { timeSchema } from "./common.ts";

/** What is known of an account beside its tokens. */
export const accountSchema = z.object({
  email: z.string().nullable(),
  /** Google Cloud project that pays; null: not found yet. */
  cloudProject: z.string().nullable(),
  /** Chosen by hand for this account; null: GEMINI_PROJECT_ID, or what Google names. */
  wantedProject: z.string().nullable(),
  /** Google's id of the licence: `standard-tier`, `enterprise-tier` …; null: not known yet. */
  tier: z.string().nullable(),
  /** End of the access token; null: there is none, or it is not known. */
  tokenExpiresAt: timeSchema.nullable(),
  lastRefreshAt: timeSchema.nullable(),
  /** What went wrong the last time, redacted; null: it went well. */
  lastError: z.string().nullable(),
});

const nameSchema = z.string().trim().min(1).max(100);
/** Id of a Google Cloud project, not its number. */
export const cloudProjectSchema = z.string().trim().min(1).max(100);

/** What may be chosen when an account is added. */
const choices = {
  /** @default its address */
  name: nameSchema.optional(),
  tier: z.number().int().min(-100).max(100).optional(),
  weight: z.number().positive().max(1000).optional(),
  /** @default GEMINI_PROJECT_ID, or what Google names */
  cloudProject: cloudProjectSchema.optional(),
};

export const addAccountBody = z.strictObject({
  /** Write-only: the content of `oauth_creds.json`. */
  text: z.string().min(1).max(65_536),
  ...choices,
  /** Write-only: outbound proxy for this account alone, may hold a password. */
  proxy: z.string().max(2000).optional(),
});

export const beginLoginBody = z.strictObject({
  /** Id of an account that must log in again: the log-in of any other is not taken. */
  id: z.string().min(1).max(200).optional(),
  /**
   * Where Google sends the browser. `code-page`: a page of Google's that shows the code (the OAuth client must be allowed
   * to use it); `address-bar`: an address on the browser's own machine where nothing answers, and the code is in it.
   * @default code-page
   */
  via: z.enum(["code-page", "address-bar"]).default("code-page"),
});
export const beginLoginSchema = z.object({
  /** To be opened in a browser. */
  url: z.string(),
  /** Names the log-in; good for whoever began it alone. */
  state: z.string(),
  expiresAt: timeSchema,
});

export const completeLoginBody = z.strictObject({
  state: z.string().min(1).max(200),
  /** Write-only: the code that Google shows, or the whole address that it sent the browser to. */
  code: z.string().trim().min(1).max(8_192),
  ...choices,
});

/** One of Google's counters. */
export const accountQuotaSchema = z.object({
  id: z.string(),
  /** When Google was asked. */
  readAt: timeSchema,
  /** Why there are none; null: there are. */
  words: z.string().nullable(),
  buckets: z.array(
    z.object({
      /** Null: for all of them. */
      model: z.string().nullable(),
      /** `REQUESTS` …; null: not told. */
      unit: z.string().nullable(),
      /** Null: Google tells the share only. */
      remaining: z.number().nullable(),
      /** Share that is left, 0 to 1; null: not told. */
      fraction: z.number().nullable(),
      resetAt: timeSchema.nullable(),
    }),
  ),
});

/** Beside the account's credential, what came of adding it. */
export const addedFields = {
  /** `updated`: the account was there; it has the new tokens now. */
  status: z.enum(["added", "updated"]),
  /** What its owner should know: no refresh token, no OAuth client configured … */
  warnings: z.array(z.string()),
};

/** Kinds of credentials. */
export const kindSchema = z.enum(["api-key", "code-assist"]);
