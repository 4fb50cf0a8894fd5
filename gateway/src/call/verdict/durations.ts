/**
 * The three ways in which Google writes how long to wait: proto durations ("51.386192716s"), Go durations
 * ("5h59m59.96s", "539.477544ms"), and the two inside of a sentence (fact sheet upstream 4.2 and 7.6).
 * @module
 */

/** One number with its unit. */
const term = /(\d+(?:\.\d+)?)(ms|us|µs|ns|h|m|s)/y;

const unitMs: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
};

/** Longest duration that is believed: 400 days. Keeps every sum with a date finite and exact. */
const longestMs = 400 * 86_400_000;

/**
 * Reads a duration.
 * @param value text, or a proto duration as an object `{seconds, nanos}`
 * @returns milliseconds, rounded up, at most 400 days; null when it is no duration or a negative one
 */
export function parseDurationMs(value: unknown): number | null {
  if (typeof value === "string") return fromText(value.trim());
  if (typeof value !== "object" || value === null) return null;
  const { seconds, nanos } = value as { seconds?: unknown; nanos?: unknown };
  if (seconds === undefined && nanos === undefined) return null;
  return bounded(Number(seconds ?? 0) * 1000 + Number(nanos ?? 0) * 1e-6);
}

/**
 * Finds the wait in an error's text.
 * @param message such as `… Please retry in 51.386192716s.` or `… Your quota will reset after 5h59m59s.`
 * @returns milliseconds, or null when the text names none
 */
export function findWaitMs(message: string): number | null {
  const found = /(?:retry in|reset after) ((?:\d+(?:\.\d+)?(?:ms|us|µs|ns|h|m|s))+)/i.exec(message);
  return found === null ? null : parseDurationMs(found[1]);
}

/**
 * Reads a `retry-after` header (RFC 9110, 10.2.3): seconds or a date.
 * @param now epoch milliseconds
 * @returns milliseconds from now, at least 0; null when there is none or it is not understood
 */
export function parseRetryAfterMs(header: string | null, now: number): number | null {
  if (header === null) return null;
  const text = header.trim();
  if (/^\d+(\.\d+)?$/.test(text)) return bounded(Number(text) * 1000);
  // Only the form that HTTP allows: Date.parse would read almost anything as a year.
  if (!/^[A-Z][a-z]{2,8},? /.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : bounded(Math.max(0, at - now));
}

// --- helpers ---

function fromText(text: string): number | null {
  if (text === "") return null;
  let total = 0;
  term.lastIndex = 0;
  while (term.lastIndex < text.length) {
    const found = term.exec(text);
    if (found === null) return null;
    total += Number(found[1]) * (unitMs[found[2] as string] as number);
  }
  return bounded(total);
}

function bounded(milliseconds: number): number | null {
  return milliseconds >= 0 ? Math.min(longestMs, Math.ceil(milliseconds)) : null;
}
