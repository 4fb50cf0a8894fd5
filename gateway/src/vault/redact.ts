/**
 * Takes secrets out of text, at the sinks: log lines, error texts, rows of the ledger.
 * @module
 */
import type { Secret } from "../core/secret.ts";

/**
 * Replaces every known shape of a secret: API keys (`AIza…`, `AQ.…`), OAuth tokens (`ya29.…`, `1//…`, codes of log-ins,
 * client secrets, ephemeral tokens), client keys and admin tokens of this gateway (`gp-…`, `gpa-…`, `ga-…`), those of earlier proxies, JSON web
 * tokens, private keys, and whatever follows `Bearer`, `key=`, `api-key:` and the like. Rather one word too many than a
 * secret.
 * @param text anything
 * @param known secrets of any shape to be replaced too; those below 8 characters are ignored
 * @returns the text with `AIza…[redacted]` and so on; the same string when nothing matches
 */
export function redact(text: string, known: readonly string[] = []): string {
  let clean = text;
  for (const secret of known)
    if (secret.length >= 8 && clean.includes(secret)) clean = clean.replaceAll(secret, hidden);
  if (!suspicious.test(clean)) return clean;
  for (const [pattern, replacement] of rules) clean = clean.replace(pattern, replacement);
  return clean;
}

/**
 * A secret for display: first and last four characters when it is so long that they tell nothing.
 * @param secret the plain text
 * @returns `AIza…wxyz`; only the first four below 24 characters, none below 16
 */
export function mask(secret: string): string {
  if (secret.length < 16) return "…";
  return secret.length < 24 ? `${secret.slice(0, 4)}…` : `${secret.slice(0, 4)}…${secret.slice(-4)}`;
}

/** A wrapped secret for display, see `mask`. */
export function maskSecret(secret: Secret): string {
  return mask(secret.reveal());
}

// --- helpers ---

const hidden = "[redacted]";

/** Cheap test for the common case that there is nothing to do: what every rule below must begin with. */
const suspicious =
  /AIza|AQ\.|ya29\.|1\/\/|4(?:\/|%2F)0A|gpa?-|ga-[A-Za-z\d]{20}|GOCSPX|auth_tokens\/|gproxy_|pk-|eyJ|PRIVATE KEY|bearer|:\/\/[^\s/@]*@|(?:key|token|secret|password)["']?\s*[:=]|(?:authorization|cookie)["']?\s*:/i;

// No rule demands a word border on the left, since a secret may stand right after a letter, and all take whatever a token
// can hold on the right, since another secret may stand right behind. What names its secret comes first: it hides all of it, also where it is of a shape listed below.
const rules: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, "[redacted private key]"],
  // Addresses of proxies and databases hold a password.
  [/(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@]{0,200}:)[^\s/@]{1,500}@/gi, `$1${hidden}@`],
  [/(bearer(?:\s|%20|\+)+)[^\s"'<>,;&]+/gi, `$1${hidden}`],
  [/((?:key|token|secret|password)=)[^\s"'<>&]+/gi, `$1${hidden}`],
  // With a colon only when a digit shows that it is no prose ("API key: expected …").
  [
    /((?:api[_ -]?key|token|secret|password|cookie)["']?\s*[:=]\s*["']?)(?=[^\s"'<>,;}]{0,64}\d)[^\s"'<>,;}]{6,}/gi,
    `$1${hidden}`,
  ],
  [/((?:authorization)["']?\s*:\s*["']?(?:basic|token)\s+)[^\s"'<>,;}]+/gi, `$1${hidden}`],
  [/AIza[\w-]{6}[\w.~+/=%-]*/g, `AIza…${hidden}`],
  [/AQ\.[\w.-]{6}[\w.~+/=%-]*/g, `AQ.…${hidden}`],
  [/ya29\.[\w.-]{6}[\w.~+/=%-]*/g, `ya29.…${hidden}`],
  [/1\/\/[\w-]{12}[\w.~+/=%-]*/g, `1//…${hidden}`],
  [/4(?:\/|%2F)0A[\w-]{12}[\w.~+/=%-]*/gi, `4/0A…${hidden}`],
  [/eyJ[\w-]{6}[\w.~+/=%-]*/g, `eyJ…${hidden}`],
  [/gp(a?)-[\w-]{12}[\w.~+/=%-]*/g, `gp$1-…${hidden}`],
  [/ga-[A-Za-z\d]{20}[\w.~+/=%-]*/g, `ga-…${hidden}`],
  [/GOCSPX-[\w-]{10}[\w.~+/=%-]*/g, `GOCSPX-…${hidden}`],
  [/auth_tokens\/[\w-]{6}[\w.~+/=%-]*/g, `auth_tokens/…${hidden}`],
  [/gproxy_[\da-f]{12}[\w.~+/=%-]*/gi, `gproxy_…${hidden}`],
  [/pk-[A-Za-z\d]{32}[\w.~+/=%-]*/g, `pk-…${hidden}`],
];
