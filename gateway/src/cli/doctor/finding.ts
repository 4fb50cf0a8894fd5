/**
 * What the checks of `gemini-proxy doctor` hand back.
 * @module
 */

/** `info`: worth knowing, not a fault; `warn`: works, but should be looked at; `fail`: something does not work. */
export type FindingState = "ok" | "info" | "warn" | "fail";

/** One finding. */
export interface Finding {
  /** What was looked at. */
  name: string;
  state: FindingState;
  /** What was found, one line. */
  detail: string;
  /** What to do about it; null: nothing. */
  next: string | null;
}

/**
 * Makes a finding.
 * @param next what to do about it. @default nothing
 */
export function finding(state: FindingState, name: string, detail: string, next: string | null = null): Finding {
  return { name, state, detail, next };
}
