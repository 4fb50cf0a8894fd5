/**
 * How a pool is made: its ports, its rules and its bounds.
 * @module
 */
import type { Random } from "../core/ports.ts";
import type { QuotaLimits } from "./quota-limits.ts";
import type { Panic } from "./disable-guard.ts";
import type { Conclusion } from "./joins.ts";
import type { HealthChange } from "./types.ts";

/** What a pool is made with. */
export interface PoolOptions {
  random: Random;
  /** Told of everything in health that must survive a restart. Must not call the pool. */
  onChange: (change: HealthChange) => void;
  /** Told when the pool does not believe its verdicts any more, see `disableShare`. Must not call the pool. */
  onPanic?: (panic: Panic) => void;
  /** Most of the enabled credentials that verdicts may disable within ten minutes (at least 3), 0 to 1. @default 0.5 */
  disableShare?: number;
  /** Limits per quota tier and model that hold until Google tells others. @default none */
  quotaLimits?: QuotaLimits;
  /** Limits are respected before Google refuses; off: uses are only counted. @default true */
  quotaScheduling?: boolean;
  /** Keys that Google refuses as one project are taken for one, see inference/. @default true */
  inferProjects?: boolean;
  /** Told what was inferred, for logs. Must not call the pool. */
  onConclusion?: (conclusion: Conclusion) => void;
  /** Most prefixes of prompts whose project is remembered. @default 50000 */
  affinityCapacity?: number;
  /** A prefix that is not used for this long is forgotten, milliseconds. @default 3600000 */
  affinityTtlMs?: number;
  /** Most sticky bindings kept. @default 50000 */
  stickyCapacity?: number;
  /** A binding that is not used for this long ends, milliseconds. @default 3600000 */
  stickyTtlMs?: number;
  /**
   * Rest of a credential for a model after 1, 2, 3, … bursts without a success between, milliseconds.
   * @default [10000, 20000, 40000, 60000]
   */
  burstStepsMs?: readonly number[];
  /** Most models with a turn order of their own. @default 256 */
  modelCapacity?: number;
  /**
   * The first turn starts at a random credential instead of the first of the list: for hosts of which many instances
   * start with the same list. @default false
   */
  startAnywhere?: boolean;
}
