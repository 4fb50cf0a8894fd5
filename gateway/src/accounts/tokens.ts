/**
 * Tokens of an account: as other programs write them (`oauth_creds.json`), as a token endpoint answers, and as the vault
 * seals them.
 * @module
 */
import { decodeBase64Url } from "../core/base64.ts";

/** What opens an account. All of it is secret. */
export interface AccountTokens {
  /** Null: there is none, so the access token is the last one. */
  refreshToken: string | null;
  /** Empty: there is none yet. */
  accessToken: string;
  /** When the access token ends, epoch milliseconds; 0: not known, taken as over when another one can be had. */
  expiresAt: number;
  /** OAuth client that they were given to, where it is known. */
  clientId: string | null;
}

/** Whose tokens they are, as far as they tell. */
export interface AccountOwner {
  /** Google's number of the account. */
  subject: string | null;
  email: string | null;
}

/** An account out of a file. */
export interface ParsedAccount {
  tokens: AccountTokens;
  owner: AccountOwner;
  scopes: readonly string[];
}

/** The outcome; `reason` goes on after "The account". */
export type AccountParse = { ok: true; account: ParsedAccount } | { ok: false; reason: string };

/** Longest text that is looked at: such files have less than 4 KB. */
const longestText = 65_536;
/** Below this a number of `expiry_date` is seconds: as milliseconds it would be a time before 1973. */
const leastMilliseconds = 100_000_000_000;

/**
 * Reads the content of `oauth_creds.json`, whoever wrote it.
 * @param text JSON; also a JSON text that holds the JSON
 */
export function parseAccount(text: string): AccountParse {
  if (text.length > longestText) return { ok: false, reason: "is longer than 64 KB" };
  const value = toObject(text);
  if (value === null) return { ok: false, reason: "is not the JSON content of oauth_creds.json" };
  if (typeof value["private_key"] === "string" || value["type"] === "service_account")
    return {
      ok: false,
      reason:
        "is a service account's key; Code Assist needs a person's account: the content of ~/.gemini/oauth_creds.json",
    };
  if ("installed" in value || "web" in value)
    return {
      ok: false,
      reason: "is an OAuth client, not an account; its id and secret belong into CODE_ASSIST_CLIENT_ID and …_SECRET",
    };
  const refreshToken = textOf(value["refresh_token"]);
  const accessToken = textOf(value["access_token"]);
  if (refreshToken === null && accessToken === null)
    return { ok: false, reason: "has neither a refresh_token nor an access_token" };
  if (![refreshToken, accessToken].every((token) => token === null || isToken(token)))
    return { ok: false, reason: "has a token with blanks or characters that cannot travel in a header" };
  return {
    ok: true,
    account: {
      tokens: {
        refreshToken,
        accessToken: accessToken ?? "",
        expiresAt: accessToken === null ? 0 : toExpiry(value["expiry_date"] ?? value["expiry"]),
        clientId: textOf(value["client_id"]),
      },
      owner: readIdToken(textOf(value["id_token"])),
      scopes: toScopes(value["scope"]),
    },
  };
}

/**
 * When an access token ends.
 * @param value `expiry_date`: milliseconds as Google's libraries write them, or seconds; a date as text; anything else
 * @returns epoch milliseconds; 0: not known
 */
export function toExpiry(value: unknown): number {
  const number = typeof value === "string" && /^\d+(?:\.\d+)?$/.test(value.trim()) ? Number(value) : value;
  if (typeof number === "number")
    return !Number.isFinite(number) || number <= 0
      ? 0
      : Math.round(number < leastMilliseconds ? number * 1_000 : number);
  const parsed = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(parsed) || parsed < 0 ? 0 : parsed;
}

/** Scopes as one text, separated by blanks. */
export function toScopes(value: unknown): string[] {
  return typeof value === "string" ? value.split(/\s+/).filter(Boolean).slice(0, 50) : [];
}

/**
 * Whose an id token is. Its signature is not checked: it came from Google's token endpoint, or from the owner's own file,
 * and only names the account here.
 */
export function readIdToken(token: string | null): AccountOwner {
  const bytes = token === null ? null : decodeBase64Url((token.split(".")[1] ?? "").replace(/=+$/, ""));
  const claims = bytes === null ? null : toObject(new TextDecoder().decode(bytes));
  return { subject: shortText(claims?.["sub"]), email: toEmail(claims?.["email"]) };
}

/** An address as it may be shown; null: it is none. */
export function toEmail(value: unknown): string | null {
  return typeof value === "string" && /^[^\s@<>"']{1,200}@[^\s@<>"']{1,200}$/.test(value) ? value : null;
}

/**
 * By what an account is known again: its number or address, so that a new log-in is the same account; else its refresh
 * token.
 * @returns a text to be digested
 */
export function accountKey({ tokens, owner }: Pick<ParsedAccount, "tokens" | "owner">): string {
  if (owner.subject !== null) return `code-assist account ${owner.subject}`;
  if (owner.email !== null) return `code-assist account ${owner.email.toLowerCase()}`;
  return `code-assist token ${tokens.refreshToken ?? tokens.accessToken}`;
}

/** As the vault seals them. */
export function writeTokens(tokens: AccountTokens): string {
  return JSON.stringify({
    refresh_token: tokens.refreshToken,
    access_token: tokens.accessToken,
    expiry_date: tokens.expiresAt,
    client_id: tokens.clientId,
  });
}

/**
 * Reads `writeTokens`.
 * @returns null: it is something else
 */
export function readTokens(text: string): AccountTokens | null {
  const parsed = parseAccount(text);
  return parsed.ok ? parsed.account.tokens : null;
}

/**
 * JSON of an object; a JSON text that holds one is opened once.
 * @returns null: it is none
 */
export function toObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    const inner: unknown = typeof value === "string" ? JSON.parse(value) : value;
    return typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? (inner as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** Whether two are the same log-in with the same access token. */
export function isSameTokens(left: AccountTokens, right: AccountTokens): boolean {
  return left.accessToken === right.accessToken && left.refreshToken === right.refreshToken;
}

/** Whether a text can be a token: it goes into a header or a form, and must not end it. */
export function isToken(text: string): boolean {
  return /^[\x21-\x7e]{1,8192}$/.test(text);
}

/** Text that is not empty. */
export function textOf(value: unknown): string | null {
  return typeof value === "string" && value.trim() !== "" ? value.trim() : null;
}

// --- helpers ---

function shortText(value: unknown): string | null {
  const text = textOf(value);
  return text !== null && text.length <= 255 ? text : null;
}
