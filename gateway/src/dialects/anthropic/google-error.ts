/**
 * Reads Google's error bodies, loosely: every part may be missing (fact sheet upstream 4.1).
 * @module
 */
import type { JsonObject } from "../../translation/types.ts";
import { isObject } from "./check.ts";

/** What an error body says. */
export interface GoogleError {
  /** The body's own status; null: none. */
  code: number | null;
  /** Without keys; "": none. */
  message: string;
  details: readonly JsonObject[];
}

/** Reads a body; plain, in an array, or something else altogether. */
export function parseGoogleError(text: string): GoogleError {
  const nothing: GoogleError = { code: null, message: "", details: [] };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return nothing;
  }
  const holder: unknown = Array.isArray(value)
    ? value.find((element) => isObject(element) && "error" in element)
    : value;
  const error = isObject(holder) ? holder["error"] : null;
  if (typeof error === "string") return { ...nothing, message: clean(error) };
  if (!isObject(error)) return nothing;
  const code = Number(error["code"]);
  return {
    code: code >= 400 && code < 600 ? code : null,
    message: typeof error["message"] === "string" ? clean(error["message"]) : "",
    details: listOf(error["details"]),
  };
}

/**
 * How long to wait: the larger of RetryInfo and the message's own words. For day quotas both are wrong (fact sheet
 * upstream 4.4).
 * @returns whole seconds, or null
 */
export function waitOf(error: GoogleError): number | null {
  const violations = error.details.flatMap((detail) => listOf(detail["violations"]));
  if (violations.some((violation) => /PerDay|Daily/.test(String(violation["quotaId"])))) return null;
  let seconds = 0;
  for (const { retryDelay } of error.details)
    if (typeof retryDelay === "string") seconds = Math.max(seconds, secondsOf(retryDelay));
    else if (isObject(retryDelay))
      seconds = Math.max(seconds, Number(retryDelay["seconds"] ?? 0) + Number(retryDelay["nanos"] ?? 0) / 1e9 || 0);
  const told = /(?:retry in|reset after) ((?:[\d.]+(?:ms|h|m|s))+)/i.exec(error.message)?.[1];
  if (told !== undefined) seconds = Math.max(seconds, secondsOf(told));
  return seconds > 0 && Number.isFinite(seconds) ? Math.ceil(seconds) : null;
}

// --- helpers ---

const unitSeconds: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };

/** `14s`, `0.5s`, `500ms`, `1h2m3.5s` in seconds. */
function secondsOf(text: string): number {
  let seconds = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g))
    seconds += Number(amount) * (unitSeconds[unit ?? ""] ?? 0);
  return seconds;
}

function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** Suspended consumers are named by their key (fact sheet upstream 4.2). */
function clean(text: string): string {
  return text.replace(/api_key:[^\s'"]+/g, "api_key:[redacted]");
}
