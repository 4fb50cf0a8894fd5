/**
 * Headers that tell of limits: OpenAI's names and formats, which SDKs and agents read, and who it was that refused.
 * @module
 */
import type { LimitState, Reserved } from "../../clients/types.ts";

/**
 * Says whose limit a 429 comes from, as waiting here and waiting for Google are different things: `local` is this
 * gateway's limit for the client key, `upstream` is Google's.
 */
const limitOriginHeader = "x-gproxy-limit";

/** The headers of a 429 that was relayed, or that tells of the pool's exhaustion, flat. */
export const upstreamLimitHeaders: readonly [string, string] = [limitOriginHeader, "upstream"];

/** Headers of this module that browsers may read (Access-Control-Expose-Headers). */
export const limitHeaderNames: readonly string[] = [
  limitOriginHeader,
  ...["requests", "tokens"].flatMap((kind) =>
    ["limit", "remaining", "reset"].map((what) => `x-ratelimit-${what}-${kind}`),
  ),
];

/**
 * Adds what is left to the headers of an answer: for requests and for tokens the limit that is closest to its end. A
 * refusal is marked `x-gproxy-limit: local`; its `retry-after` comes with the error's text.
 * @param headers flat `[name, value, …]`, added to
 * @param reserved the answer of `Clients.reserve`
 */
export function addLimitHeaders(headers: string[], reserved: Reserved): void {
  let requests: LimitState | null = null;
  let tokens: LimitState | null = null;
  for (const state of reserved.states) {
    if (state.kind === "requests") requests = tighter(requests, state);
    else tokens = tighter(tokens, state);
  }
  if (requests !== null) addState(headers, requests);
  if (tokens !== null) addState(headers, tokens);
  if (!reserved.ok) headers.push(limitOriginHeader, "local");
}

/**
 * A duration as OpenAI writes it: Go's format.
 * @param ms milliseconds; fractions are rounded up
 * @returns `0s`, `12ms`, `1s`, `8.64s`, `6m0s`, `1h0m12.5s`
 */
export function toResetText(ms: number): string {
  const whole = ms > 0 ? Math.ceil(ms) : 0;
  if (whole > 0 && whole < 1_000) return `${whole}ms`;
  const hours = Math.floor(whole / 3_600_000);
  const minutes = Math.floor(whole / 60_000) % 60;
  const seconds = `${(whole % 60_000) / 1_000}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}

// --- helpers ---

function addState(headers: string[], state: LimitState): void {
  const { kind } = state;
  headers.push(`x-ratelimit-limit-${kind}`, String(state.limit));
  headers.push(`x-ratelimit-remaining-${kind}`, String(Math.max(0, Math.floor(state.remaining))));
  headers.push(`x-ratelimit-reset-${kind}`, toResetText(state.resetMs));
}

/** The one with less left; of equals the one that takes longer. */
function tighter(one: LimitState | null, other: LimitState): LimitState {
  if (one === null || other.remaining < one.remaining) return other;
  return other.remaining === one.remaining && other.resetMs > one.resetMs ? other : one;
}
