/** @module A batch: requests that are answered together some time later, and what it looks like meanwhile (fact sheet upstream 1.6). */

import type { KeptBytes } from "../resources/byte-store.ts";
import type { Resource, ResourceKind } from "../resources/registry.ts";
import { defineKind } from "../resources/registry.ts";
import { toTimestamp } from "../resources/times.ts";

/** States, without their prefix `BATCH_STATE_`. */
export type BatchState = "PENDING" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELLED" | "EXPIRED";

/** What its requests ask for. */
export type BatchWork = "generate" | "embed";

/** What is known of a batch. */
export interface BatchValue {
  work: BatchWork;
  /** Id of its model. */
  model: string;
  displayName: string;
  /** `files/x` of JSON lines; null when the requests came inline. */
  inputFile: string | null;
  /** The inline requests as a JSON list of {@link BatchItem}; null with a file. */
  inline: KeptBytes | null;
  requests: number;
  succeeded: number;
  failed: number;
  state: BatchState;
  /** Milliseconds since the epoch; null until it ends. */
  endTime: number | null;
  /** Inline results as a JSON list. */
  results: KeptBytes | null;
  /** `files/batch-x` with the results. */
  responsesFile: string | null;
  /** Why it failed. */
  error: { code: number; message: string } | null;
}

/** One request of a batch. */
export interface BatchItem {
  /** `key` of a line. */
  key?: string;
  /** `metadata` of an inline request. */
  metadata?: unknown;
  request: unknown;
}

/** The batches of all projects. */
export const BATCHES: ResourceKind<BatchValue> = defineKind<BatchValue>("batches", {
  onGone: ({ value }) => {
    value.inline?.release();
    value.results?.release();
  },
});

/** Whether it is still waiting or at work. */
export function isOpen({ value }: Resource<BatchValue>): boolean {
  return value.state === "PENDING" || value.state === "RUNNING";
}

/** The Operation that stands for a batch: metadata always, the results once it is done. */
export function toBatchResource(batch: Resource<BatchValue>): object {
  const { name, value } = batch;
  const output = toOutput(value);
  return {
    name,
    metadata: toBatchMetadata(batch),
    ...(isOpen(batch) ? {} : { done: true }),
    ...(output ? { response: { "@type": `${typeOf(value)}Output`, ...output } } : {}),
    ...(value.error ? { error: value.error } : {}),
  };
}

/** The GenerateContentBatch or EmbedContentBatch. */
export function toBatchMetadata({ name, createTime, updateTime, value }: Resource<BatchValue>): object {
  const output = toOutput(value);
  const pending = value.requests - value.succeeded - value.failed;
  return {
    "@type": typeOf(value),
    model: value.model.startsWith("tunedModels/") ? value.model : `models/${value.model}`,
    displayName: value.displayName,
    ...(value.inputFile === null ? {} : { inputConfig: { fileName: value.inputFile } }),
    ...(output ? { output } : {}),
    createTime: toTimestamp(createTime),
    ...(value.endTime === null ? {} : { endTime: toTimestamp(value.endTime) }),
    updateTime: toTimestamp(updateTime),
    batchStats: {
      requestCount: String(value.requests),
      ...count("successfulRequestCount", value.succeeded),
      ...count("failedRequestCount", value.failed),
      ...count("pendingRequestCount", pending),
    },
    state: `BATCH_STATE_${value.state}`,
    name,
  };
}

// --- helpers ---

function typeOf({ work }: BatchValue): string {
  const name = work === "generate" ? "GenerateContentBatch" : "EmbedContentBatch";
  return `type.googleapis.com/google.ai.generativelanguage.v1main.${name}`;
}

function toOutput({ responsesFile, results }: BatchValue): object | null {
  if (responsesFile !== null) return { responsesFile };
  if (!results) return null;
  return { inlinedResponses: { inlinedResponses: JSON.parse(results.bytes.toString()) as unknown } };
}

// 64-bit numbers are strings in proto3-JSON, and zeros are left out.
function count(member: string, value: number): Record<string, string> {
  return value > 0 ? { [member]: String(value) } : {};
}
