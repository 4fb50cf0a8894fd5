/** @module What a session says, and the faults that fall due as it speaks. */

import { toPrettyJson } from "../json/write-json.ts";
import type { FaultAction } from "../types.ts";
import type { Connection } from "./connection.ts";
import type { LiveFault } from "./types.ts";

/** The saying side of a session. */
export interface Outbox {
  /** Sends a message as Google does: pretty JSON. Resolves when the next may follow. */
  send(message: Record<string, unknown>): Promise<void>;
  /** A fault hit; its messages are counted from now. */
  arm(action: FaultAction): void;
  /** Messages sent. */
  sent(): number;
}

/** @param connection Whose messages these are. */
export function createOutbox(connection: Connection): Outbox {
  let armed: Armed[] = [];
  let sent = 0;
  const strike = (): void => {
    const due = armed.filter(({ fault, from }) => sent - from >= (fault.afterMessages ?? 0));
    if (due.length === 0) return;
    armed = armed.filter((one) => !due.includes(one));
    for (const { fault } of due) apply(fault, connection, send);
  };
  const send = async (message: Record<string, unknown>): Promise<void> => {
    if (connection.closing()) return;
    sent++;
    const written = connection.send(`${toPrettyJson(message)}\n`);
    strike();
    await written;
  };
  return {
    send,
    arm: (action) => {
      if (action.drip) connection.shape.drip = action.drip;
      if (action.reset) connection.abort("reset");
      if (!action.live || connection.closing()) return;
      armed.push({ fault: action.live, from: sent });
      strike();
    },
    sent: () => sent,
  };
}

/** A duration as Google writes it: `50s`, `1.5s`. */
export function toDuration(ms: number): string {
  return `${Math.max(0, Math.round(ms)) / 1_000}s`;
}

// --- helpers ---

interface Armed {
  fault: LiveFault;
  /** Messages that had been sent when it hit. */
  from: number;
}

function apply(fault: LiveFault, connection: Connection, send: Outbox["send"]): void {
  const { shape } = connection;
  if (fault.goAwayMs !== undefined) void send({ goAway: { timeLeft: toDuration(fault.goAwayMs) } });
  if (fault.fragmentBytes !== undefined) shape.fragmentBytes = fault.fragmentBytes;
  if (fault.textFrames !== undefined) shape.binary = !fault.textFrames;
  if (fault.stall) {
    shape.silent = true;
    const { forMs } = fault.stall;
    if (forMs !== undefined) {
      const timer = setTimeout(() => (shape.silent = false), forMs);
      connection.ended.addEventListener("abort", () => clearTimeout(timer), { once: true });
    }
  }
  if (fault.close) connection.close(fault.close.code, fault.close.reason ?? "");
  if (fault.abort) connection.abort(fault.abort);
}
