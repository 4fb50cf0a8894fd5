/**
 * What the gateway and its reading thread tell each other. All of it is structured-cloned; Maps are too.
 * @module
 */
import type { AnalyticsStore } from "../../storage/types-analytics.ts";

/** What can be asked. */
export type ReadMethod = keyof AnalyticsStore;

/** Every method, so that a name out of nowhere calls nothing. */
export const readMethods: readonly ReadMethod[] = [
  "sums",
  "series",
  "search",
  "histogram",
  "attemptsOf",
  "get",
  "oldestMs",
];

/** A question; one at a time is under way. */
export interface ReadQuestion {
  id: number;
  method: ReadMethod;
  parameters: readonly unknown[];
}

/** What the thread says. `ready` once, when its database is open. */
export type ReadAnswer =
  | { kind: "ready" }
  | { kind: "value"; id: number; value: unknown }
  | { kind: "failure"; id: number; message: string };
