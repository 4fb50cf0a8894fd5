/**
 * The ends of JSON strings. Most bytes of an answer are inside strings (text, base64), so this is where the time goes:
 * short ones are walked, long ones are searched natively.
 * @module
 */
import { KEY } from "./scan-state.ts";
import type { ScanState } from "./scan-state.ts";

/** The chunk ended before the string did. */
export const UNENDED = -1;
/** A newline stands in the string, which JSON forbids: the event was cut. `state.newlineAt` is its place. */
const BROKEN = -2;

/** So many bytes are walked before a native search is tried: below it the call costs more than it saves. */
const walked = 64;

/**
 * Finds the end of a string.
 * @param state `escape` is set, `newlineAt` is kept up to date, `escaped` is set for keys
 * @param at index of a byte inside the string that no backslash escapes
 * @returns index after the closing quote, or UNENDED, or BROKEN (event streams only)
 */
export function endOfString(state: ScanState, chunk: Uint8Array, at: number): number {
  const { length } = chunk;
  const { sse } = state;
  const stretch = state.string === KEY ? length : walked;
  let index = at;
  for (;;) {
    const limit = Math.min(length, index + stretch);
    while (index < limit) {
      const byte = chunk[index] as number;
      if (byte === 34) return index + 1;
      if (byte === 92) {
        state.escaped = true;
        index += chunk[index + 1] === 10 ? 1 : 2;
      } else if (byte === 10 && sse) {
        state.newlineAt = index;
        return BROKEN;
      } else index += 1;
    }
    if (index >= length) {
      state.escape = index > length;
      return UNENDED;
    }
    const quote = state.bytes.indexOf(chunk, '"', index);
    const stop = quote < 0 ? length : quote;
    if (sse && newlineFrom(state, chunk, index) < stop) return BROKEN;
    let slash = stop - 1;
    while (slash >= index && chunk[slash] === 92) slash -= 1;
    const isEscaped = (stop - 1 - slash) % 2 === 1;
    if (quote < 0) {
      state.escape = isEscaped;
      return UNENDED;
    }
    if (!isEscaped) return quote + 1;
    index = quote + 1;
  }
}

// --- helpers ---

/** First newline at or after `at`, or the chunk's length. Looked for once a line, not once a string. */
function newlineFrom(state: ScanState, chunk: Uint8Array, at: number): number {
  if (state.newlineAt >= at) return state.newlineAt;
  const found = state.bytes.indexOf(chunk, "\n", at);
  state.newlineAt = found < 0 ? chunk.length : found;
  return state.newlineAt;
}
