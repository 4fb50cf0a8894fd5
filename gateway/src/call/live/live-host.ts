/**
 * The border between the core of a Live session, which decides, and a host, which moves messages.
 * @module
 */
import type { RawHeaders } from "../../core/headers.ts";
import type { Secret } from "../../core/secret.ts";

/** One whole WebSocket message. */
export interface LiveMessage {
  data: Uint8Array;
  /** Its opcode: Google sends binary messages of JSON text, and clients tell the two apart (fact sheet upstream 9). */
  binary: boolean;
}

/** An end of the relay. */
export type LiveSide = "client" | "upstream";

/** What to connect to. */
export interface LiveUpstream {
  /** Number of the attempt; given back with each of its events. */
  attempt: number;
  /** `http://` or `https://`, host and port; to be read as ws and wss. */
  origin: string;
  /** Path and query. */
  path: string;
  /** Flat list with exactly one credential; without host and what the handshake itself needs. */
  headers: string[];
  /** Outbound proxy (Node only); null: none. */
  proxy: Secret | null;
}

/** What a host does for one session. All methods return at once; none throws. */
export interface LiveHost {
  /** Answers the upgrade request with a plain HTTP answer. */
  refuse(status: number, headers: RawHeaders, body: Uint8Array): void;
  /**
   * Answers the upgrade request with 101.
   * @param protocol the subprotocol to name, or null
   * @param headers flat list of further headers
   */
  accept(protocol: string | null, headers: RawHeaders): void;
  /** Starts an attempt. Its events come back through the session's `upstream…` methods with its number. */
  connect(upstream: LiveUpstream): void;
  /** Ends a side without ceremony, the upstream also while it is being connected; nothing more is told of it. */
  cut(side: LiveSide): void;
  /**
   * Sends a message; order is kept.
   * @returns false when much is waiting: `drained` of the session follows when it has gone. True where that cannot be told.
   */
  send(side: LiveSide, message: LiveMessage): boolean;
  /**
   * Starts the closing handshake after everything that was sent.
   * @param code one that may be sent: 1000 to 1003, 1007 to 1014, 3000 to 4999
   * @param reason at most 123 bytes of UTF-8
   */
  close(side: LiveSide, code: number, reason: string): void;
  /** Reads no more from a side; a few messages that are here already may still come. Where that is not possible: nothing. */
  pause(side: LiveSide): void;
  resume(side: LiveSide): void;
  /** Calls back after `ms` milliseconds; the returned function cancels. */
  later(ms: number, callback: () => void): () => void;
}
