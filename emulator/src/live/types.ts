/** @module What a user of the emulator configures for Live sessions, and reads back of them. */

/** Options of Live sessions. */
export interface LiveOptions {
  /** Life of a connection by the emulator's clock; then 1008, should the client not have left (fact sheet upstream 9). @default 600000 */
  connectionMs?: number;
  /** How long before that end `goAway` is sent. @default 60000, at most half of `connectionMs` */
  goAwayMs?: number;
  /** Life of a resumption handle by the emulator's clock. @default 7200000 */
  handleMs?: number;
  /** Sessions that a project may have at once; more are closed with 1011. @default by tier: free 3, paid1 50, else 1000 */
  sessionsPerProject?: number;
  /** Sessions of the whole emulator; more are answered 503 at the upgrade. @default 4096 */
  maxSessions?: number;
  /** Largest message of a client; a larger one is closed with 1009. @default 16777216 */
  maxMessageBytes?: number;
  /** How a caller that may not call is told: 101 and then a close, or an HTTP error instead of 101. @default "close" */
  refusal?: "close" | "http";
}

/** What a fault does to a session, once it is due. All that is given applies, in this order. */
export interface LiveFault {
  /** Messages the server sends before the fault is due, counted from where it hit: 0 at the upgrade is before `setupComplete`. @default 0 */
  afterMessages?: number;
  /** Sends `goAway` with this time left, then goes on. */
  goAwayMs?: number;
  /** Each further message in frames of this many bytes. */
  fragmentBytes?: number;
  /** Further messages as text frames. */
  textFrames?: boolean;
  /** Nothing more is said, pings are not answered; for a time, or until the client leaves. */
  stall?: { forMs?: number };
  /** A close frame of one's own. */
  close?: { code: number; reason?: string };
  /** The connection ends without a close frame, which clients see as 1006: `reset` by RST, `end` by FIN, `middle` by FIN inside a frame. */
  abort?: "reset" | "end" | "middle";
}

/** What the record says of a session beside the rest. */
export interface LiveNote {
  /** Sequence number of the session's own entry; its turns carry it too. */
  session: number;
  /** How it was closed; 1006 without a close frame, null for turns. */
  closeCode: number | null;
  closeReason: string;
  /** Who closed. */
  closedBy: "client" | "server" | null;
}
