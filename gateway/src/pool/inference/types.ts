/**
 * What is seen of projects, and what is concluded: keys that were taken for projects of their own are one Google project.
 * @module
 */
import type { QuotaMetric, QuotaWindow } from "../types.ts";

/**
 * One outcome. Only of credentials whose project is known neither by hand nor by Google's `consumer`: their own word is
 * worth more than any conclusion.
 */
export type InferenceEvent =
  /** Google refused for quota although by our count there was room; others are not to be told. */
  | {
      kind: "refused";
      credentialId: string;
      /** The project of today: the credential's own, or the one that it was joined with. */
      projectId: string;
      model: string;
      metric: QuotaMetric;
      window: QuotaWindow;
      /** As Google named it. */
      limit: number;
      /** What was counted for the project in this window, without the refused one and before `QuotaBucket.refused`. */
      usedHere: number;
      /** When it was sent, epoch milliseconds (the reservation's `at`). */
      now: number;
    }
  | {
      kind: "served";
      credentialId: string;
      projectId: string;
      model: string;
      /** Requests counted for the project today, with this one. */
      usedHere: number;
      /** When it was sent, epoch milliseconds (the reservation's `at`), not when it ended. */
      now: number;
    };

/** What is to be done. */
export type InferenceFinding =
  /** The second project is to become part of the first, with all its credentials. */
  | { kind: "merge"; merge: readonly [into: string, from: string]; evidence: string }
  /** The credential is to be its own project again. */
  | { kind: "split"; split: string; evidence: string };

/** Collects evidence. Synchronous, in memory, bounded. */
export interface ProjectInference {
  /** @returns what is to be done now, in this order; mostly nothing. From the next event on it counts as done */
  observe(event: InferenceEvent): readonly InferenceFinding[];
  /** Projects that conclusions had made before a restart: their credentials can be split off again. */
  restore(joinedProjectIds: readonly string[]): void;
  /** Nothing is suspected: a service of a project that was heard of before changes nothing. */
  isIdle(): boolean;
  /** Entries held, for tests and health. */
  size(): number;
}
