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
  enabled?: boolean;
}

/** One candidate before it is checked, or why there is none. `place` is `line 3`, `entry 2`, … counted from 1. */
export type KeyEntry = { place: string; key: ParsedKey } | { place: string; reason: string };
