/**
 * Tells whoever listens of each call that ended: live tails of the dashboard.
 * @module
 */
import type { CallHub } from "../admin/services.ts";
import { GatewayError } from "../core/errors.ts";
import type { CallRecord } from "../core/records.ts";

/** The hub with its other side. */
export interface PublishingHub extends CallHub {
  /** Tells all, at once and in order. Never throws; while nobody listens it only keeps the id. */
  publish(record: CallRecord): void;
  /** How many listen. */
  size(): number;
}

/** Listeners at once: a page that is opened again and again must not slow calls down. */
export const listenerLimit = 64;
/** Calls that ended last, whose order of ending is remembered for listeners who come back. */
export const endedKept = 1_024;

/**
 * Makes a hub. `listen` throws GatewayError `overloaded` when there are `listenerLimit` listeners already.
 * @param onFailure told of what a listener threw; the listener stays. @default nothing
 */
export function createCallHub(onFailure: (error: unknown) => void = () => undefined): PublishingHub {
  type Entry = { listener: (record: CallRecord) => void };
  // Replaced and never changed: a listener may end itself or others while it is told.
  let entries: readonly Entry[] = [];
  /** Ids in a ring; `next` is the oldest one's place. */
  const ended: string[] = [];
  let next = 0;
  return {
    listen(listener) {
      if (entries.length >= listenerLimit)
        throw new GatewayError("overloaded", `As many live views are open as this gateway takes (${listenerLimit}).`);
      const entry: Entry = { listener };
      entries = [...entries, entry];
      return () => {
        entries = entries.filter((other) => other !== entry);
      };
    },
    publish(record) {
      ended[next] = record.id;
      next = (next + 1) % endedKept;
      if (entries.length === 0) return;
      for (const { listener } of entries) {
        try {
          listener(record);
        } catch (error) {
          onFailure(error);
        }
      }
    },
    endedSince(id) {
      const inOrder = [...ended.slice(next), ...ended.slice(0, next)];
      const place = inOrder.lastIndexOf(id);
      return place < 0 ? null : inOrder.slice(place + 1);
    },
    size: () => entries.length,
  };
}
