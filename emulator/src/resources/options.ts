/** @module What a user of the emulator configures and reads back of project-owned resources. */

import type { TokenUsage } from "../answer/gemini-types.ts";

/** Options of files, caches, batches and operations. */
export interface ResourceOptions {
  /**
   * Where the addresses in answers point: uploads, `file.uri`, videos. `self` is the host that the request named.
   * @default "https://generativelanguage.googleapis.com", as at Google, so that a proxy that lets them through is caught
   */
  publicUrl?: string;
  /** Put `key=` into the address of an upload that was started with `?key=`, as Google does. @default true */
  uploadUrlKey?: boolean;
  /** Milliseconds that a file is `PROCESSING`. @default 0 */
  fileProcessingMs?: number;
  /** Largest file, in bytes. @default 2147483648 */
  maxFileBytes?: number;
  /** Files of one project together, in bytes. @default 21474836480 */
  maxProjectFileBytes?: number;
  /** Contents kept over all projects, in bytes: batch inputs, batch results. Other files are hashed and dropped. @default 67108864 */
  maxStoredBytes?: number;
  /** Milliseconds from the creation of a batch to its end; half of it is `BATCH_STATE_PENDING`. @default 200 */
  batchMs?: number;
  /** Batches of one project that have not ended. @default 100 */
  maxOpenBatches?: number;
  /** Milliseconds from the creation of a long-running operation (videos, imports) to its end. @default 200 */
  operationMs?: number;
  /** Smallest explicit cache, in tokens; absent: 4096 for Pro models, 1024 for the others. */
  minCachedTokens?: number;
  /** Implicit caching of prompt prefixes; false switches it off. */
  implicitCache?: false | ImplicitCacheOptions;
}

/** Implicit caching: a prompt that begins like an earlier one of the same project and model pays less for the beginning. */
export interface ImplicitCacheOptions {
  /** Shortest prefix that counts, in tokens. @default 4096 */
  minTokens?: number;
  /** Milliseconds a prefix is remembered after its last use. @default 3600000 */
  ttlMs?: number;
}

/** Sums over the requests inside batches. */
export interface BatchTotals {
  succeeded: number;
  failed: number;
  tokens: TokenUsage;
  byProject: Record<string, TokenUsage>;
  byModel: Record<string, TokenUsage>;
}
