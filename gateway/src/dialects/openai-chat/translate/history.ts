/**
 * What the messages of a request say.
 * @module
 */
import type { Turn } from "../../../translation/types.ts";

/** Filled message by message. */
export interface History {
  /** Leading instructions, one text each. */
  system: string[];
  turns: Turn[];
  carriers: string[];
  /** Names of calls by their ids. */
  callNames: Map<string, string>;
  /** Id of the last call of each name, for results that have none. */
  lastCalls: Map<string, string>;
}
