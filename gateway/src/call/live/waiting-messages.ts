/**
 * What a client sends before its session stands. Google takes nothing before `setupComplete` (fact sheet upstream 9), and a
 * session that fails over must begin anew without the client's help, so it waits here, bounded.
 * @module
 */
import type { LiveMessage } from "./live-host.ts";

/** From here on the client is paused. */
const softBytes = 1024 * 1024;
const softCount = 256;
/**
 * A client that is paused still delivers what has been read: one message of the largest size, or a packet full of empty
 * ones (65,536 bytes of 6 each).
 */
const hardCount = 16_384;

/** A bounded queue. */
export interface WaitingMessages {
  /** @returns `full`: enough for now; `over`: more than may be kept */
  add(message: LiveMessage): "room" | "full" | "over";
  /** Gives all, in order, and is empty. */
  take(): readonly LiveMessage[];
}

/** @param largest bytes of one message */
export function createWaitingMessages(largest: number): WaitingMessages {
  let messages: LiveMessage[] = [];
  let bytes = 0;
  return {
    add(message) {
      if (bytes + message.data.length > softBytes + largest || messages.length >= hardCount) return "over";
      messages.push(message);
      bytes += message.data.length;
      return bytes > softBytes || messages.length >= softCount ? "full" : "room";
    },
    take() {
      const taken = messages;
      messages = [];
      bytes = 0;
      return taken;
    },
  };
}
