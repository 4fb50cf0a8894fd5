/**
 * What the readers of key lists hand to each other.
 * @module
 */

/** A key as it was found. Fields that the form does not carry are left out. */
export interface ParsedKey {
  /** Null: the form carried none. */
  name: string | null;
  secret: string;
  projectId?: string;
  weight?: number;
  tier?: number;
  /** Lower case. */
  quotaTier?: string;
  /** Checked, no trailing slash. */
  baseUrl?: string;
  /** Checked; may hold a password. */
  proxy?: string;
  enabled?: boolean;
}

/** How strictly a text is read. */
export interface KeyOptions {
  /** Bases with plain http to other machines are taken (ALLOW_INSECURE_UPSTREAM). @default false */
  allowInsecure?: boolean;
}

/** One candidate before it is checked, or why there is none. `place` is `line 3`, `entry 2`, … counted from 1. */
export type KeyEntry = { place: string; key: ParsedKey } | { place: string; reason: string };
