/**
 * The turns of a Live session, as rows of the ledger: each is written as soon as its usage is known, so that a crash loses
 * at most the one under way. What a turn has told, the session's own row does not tell again.
 *
 * Google tells usage beside any message of a turn, or in one of its own after the turn's end (fact sheet upstream 9). Within
 * a turn it is cumulative, as in streams: the last one holds (6).
 * @module
 */
import type { Usage } from "../../core/usage.ts";
import type { ServerMessage } from "./server-message.ts";

/** One turn that is over. */
export interface LiveTurn {
  /** Epoch milliseconds. */
  startedAt: number;
  /** Milliseconds from its start to its end, and to the server's first message in it; null: none came. */
  durationMs: number;
  firstServerMs: number | null;
  requestBytes: number;
  responseBytes: number;
  /** Null: the server told none. */
  usage: Usage | null;
  /** `interrupted` and the like, as the server wrote it; or null. */
  reason: string | null;
  /** False: the session ended in the middle of it. */
  complete: boolean;
}

/** Times, at one moment. */
export interface Moment {
  /** Epoch milliseconds. */
  now: number;
  /** Monotonic milliseconds. */
  mono: number;
}

/** Counts one session's turns. */
export interface Turns {
  /** A message of the client's went up. */
  sent(bytes: number, moment: Moment): void;
  /** @returns the turns that this message ended: none, one, or two (one without usage, and a new one that is over too) */
  received(message: ServerMessage, bytes: number, moment: Moment): readonly LiveTurn[];
  /** The session is over. @returns the turn that was under way, if the server had begun to answer it */
  end(moment: Moment): LiveTurn | null;
  /** A turn is under way, or over with its usage still to come. */
  readonly open: boolean;
  /** Bytes of no turn so far: of the setup, and of what the client sent without an answer. */
  readonly loose: { readonly requestBytes: number; readonly responseBytes: number };
}

interface OpenTurn {
  startedAt: number;
  startedMono: number;
  firstServerMono: number;
  requestBytes: number;
  responseBytes: number;
  usage: Usage | null;
  reason: string | null;
  /** Its end was told. `tool`: by a call of a tool, after which the same turn may go on. */
  over: "no" | "turn" | "tool";
}

const none: readonly never[] = [];

/** No turn yet. */
export function createTurns(): Turns {
  let turn: OpenTurn | null = null;
  const loose = { requestBytes: 0, responseBytes: 0 };

  function begin({ now, mono }: Moment): OpenTurn {
    return {
      startedAt: now,
      startedMono: mono,
      firstServerMono: -1,
      requestBytes: 0,
      responseBytes: 0,
      usage: null,
      reason: null,
      over: "no",
    };
  }

  function close(done: OpenTurn, mono: number, complete: boolean): LiveTurn {
    turn = null;
    return {
      startedAt: done.startedAt,
      durationMs: mono - done.startedMono,
      firstServerMs: done.firstServerMono < 0 ? null : done.firstServerMono - done.startedMono,
      requestBytes: done.requestBytes,
      responseBytes: done.responseBytes,
      usage: done.usage,
      reason: done.reason,
      complete,
    };
  }

  return {
    sent(bytes, moment) {
      // What comes after a turn's end belongs to the next one; that one begins when the server has told the last one's usage.
      turn ??= begin(moment);
      turn.requestBytes += bytes;
    },
    received(message, bytes, moment) {
      const { usage } = message;
      if (!message.content && usage === null) {
        loose.responseBytes += bytes;
        return none;
      }
      let ended: LiveTurn | null = null;
      // The next turn speaks already: this one's usage will not come.
      if (turn?.over === "turn" && message.content && turn.usage === null) ended = close(turn, moment.mono, true);
      const current = (turn ??= begin(moment));
      if (current.firstServerMono < 0) current.firstServerMono = moment.mono;
      current.responseBytes += bytes;
      if (usage !== null) current.usage = usage;
      if (message.reason !== null) current.reason = message.reason;
      if (message.turnComplete) current.over = "turn";
      else if (message.toolCall) current.over = "tool";
      else if (message.content && current.over === "tool") current.over = "no";
      const known = current.over !== "no" && current.usage !== null ? close(current, moment.mono, true) : null;
      if (ended === null) return known === null ? none : [known];
      return known === null ? [ended] : [ended, known];
    },
    end({ mono }) {
      if (turn === null) return null;
      if (turn.firstServerMono >= 0) return close(turn, mono, turn.over !== "no");
      loose.requestBytes += turn.requestBytes;
      turn = null;
      return null;
    },
    get open() {
      return turn !== null && turn.firstServerMono >= 0;
    },
    loose,
  };
}
