/**
 * Headers of the dashboard's pages. Nothing from elsewhere runs in them, and no other page frames them.
 * @module
 */

/**
 * Own scripts and styles only. `style-src` needs no `unsafe-inline`: scripts set styles through the CSSOM, which CSP lets
 * (CSP3 8.3). Pictures and sounds of answers are shown from memory (`data:`, `blob:`).
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' data: blob:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

/** Names and values in turns, of every HTML page (and pictures that may hold scripts). */
export const pageHeaders: readonly string[] = [
  "content-security-policy",
  contentSecurityPolicy,
  "x-frame-options",
  "DENY",
  "x-content-type-options",
  "nosniff",
  "referrer-policy",
  "no-referrer",
  "permissions-policy",
  "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()",
  "cross-origin-opener-policy",
  "same-origin",
];

/** Of files that a page loads. */
export const fileHeaders: readonly string[] = [
  "x-content-type-options",
  "nosniff",
  "cross-origin-resource-policy",
  "same-origin",
];
