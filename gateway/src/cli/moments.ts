/**
 * Points in time on the command line, and how times and amounts are printed.
 * @module
 */
import { parseDuration } from "../settings/values.ts";
import { usageFailure } from "./failure.ts";

/**
 * A moment in the past.
 * @param text `1h`, `30m`, `7d`, `2w` before now, an ISO date or time, or epoch milliseconds
 * @param option for the error's text
 * @param now epoch milliseconds
 * @returns epoch milliseconds
 * @throws CliFailure (exit code 2) when it is none of these
 */
export function parseMoment(text: string, option: string, now: number): number {
  const moment = readMoment(text, now, -1);
  if (moment === null)
    throw usageFailure(
      `${option}: '${text}' is not a time.`,
      "Write a duration such as 1h or 7d, or a date such as 2026-11-21 or 2026-11-21T08:00Z.",
    );
  return moment;
}

/**
 * A moment in the future.
 * @param text `30d` from now, an ISO date or time, or `never`
 * @returns epoch milliseconds; null for `never`
 * @throws CliFailure (exit code 2) when it is none of these or is past
 */
export function parseExpiry(text: string, option: string, now: number): number | null {
  if (text.trim().toLowerCase() === "never") return null;
  const moment = readMoment(text, now, 1);
  if (moment === null)
    throw usageFailure(
      `${option}: '${text}' is not a time.`,
      "Write a duration such as 30d, a date such as 2027-01-31, or never.",
    );
  if (moment <= now) throw usageFailure(`${option}: '${text}' is in the past.`, "Give a time that is still to come.");
  return moment;
}

/** @returns `2026-11-21 08:00:00` in local time */
export function toLocalTime(epochMs: number): string {
  const date = new Date(epochMs);
  const two = (number: number): string => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** @returns `45 s`, `12 min`, `3 h`, `5 d` */
export function toSpan(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** @returns `1.5 ms`, `320 ms`, `2.10 s` */
export function toLatency(micros: number): string {
  if (micros < 10_000) return `${(micros / 1000).toFixed(1)} ms`;
  return micros < 1_000_000 ? `${Math.round(micros / 1000)} ms` : `${(micros / 1_000_000).toFixed(2)} s`;
}

/** @returns dollars with as many digits as small amounts need; null for unknown */
export function toDollars(usd: number | null): string | null {
  if (usd === null) return null;
  if (usd === 0) return "$0";
  return `$${usd >= 1 ? usd.toFixed(2) : usd >= 0.01 ? usd.toFixed(4) : usd.toFixed(6)}`;
}

/** @returns `512 B`, `1.5 KB`, `20.3 MB` */
export function toByteText(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

// --- helpers ---

function readMoment(text: string, now: number, direction: 1 | -1): number | null {
  const plain = text.trim();
  if (/^\d{12,14}$/.test(plain)) return Number(plain);
  const weeks = /^(\d+(?:\.\d+)?)\s*w$/i.exec(plain);
  const duration =
    weeks === null ? (/[a-z]$/i.test(plain) ? parseDuration(plain) : null) : Number(weeks[1]) * 604_800_000;
  if (duration !== null) return now + direction * duration;
  if (!/^\d{4}-\d{2}-\d{2}/.test(plain)) return null;
  // A date alone is meant as the reader's own day; Date.parse would take it as UTC.
  const moment = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(plain) ? `${plain}T00:00:00` : plain);
  return Number.isNaN(moment) ? null : moment;
}
