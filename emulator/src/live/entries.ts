/** @module Entries of the record for sessions and their turns. */

import { createHash } from "node:crypto";

import type { TokenUsage } from "../answer/gemini-types.ts";
import type { World } from "../state/world.ts";
import type { Outcome, ServedRecord } from "../types.ts";

/** What all entries of a session have in common. */
export type EntryBase = Pick<
  ServedRecord,
  "connection" | "key" | "credential" | "project" | "path" | "headers" | "operation"
>;

/** An entry that is open until it is filed. */
export interface OpenEntry {
  readonly entry: ServedRecord;
  /** Bytes of the client that belong to it. */
  received(data: Buffer): void;
  /** Files it, once; later calls do nothing. */
  file(end: { outcome: Outcome; status: number; errorStatus: string | null }): void;
}

/** Opens an entry; it counts as in flight until it is filed. */
export function openEntry(world: World, base: EntryBase, session: number | null): OpenEntry {
  const sequence = world.records.arrive();
  const hash = createHash("sha256");
  let filed = false;
  const entry: ServedRecord = {
    sequence,
    time: world.now(),
    ...base,
    model: null,
    surface: "native",
    account: null,
    method: "GET",
    status: 0,
    errorStatus: null,
    outcome: "complete",
    stream: true,
    usage: null,
    chunksSent: 0,
    requestBytes: 0,
    responseBytes: 0,
    sha256: "",
    fault: null,
    live: { session: session ?? sequence, closeCode: null, closeReason: "", closedBy: null },
  };
  return {
    entry,
    received: (data) => {
      if (filed) return;
      entry.requestBytes += data.length;
      hash.update(data);
    },
    file: ({ outcome, status, errorStatus }) => {
      if (filed) return;
      filed = true;
      Object.assign(entry, { outcome, status, errorStatus, sha256: hash.digest("hex") });
      world.records.commit(entry);
    },
  };
}

/** Whether anything was billed; null for nothing. */
export function billedOrNull(usage: TokenUsage): TokenUsage | null {
  return usage.total > 0 ? usage : null;
}
