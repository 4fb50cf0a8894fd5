/**
 * One attempt under way: its lease, its clock marks, and what has come of it so far.
 * @module
 */
import type { Lease } from "../core/credential.ts";
import type { RawHeaders } from "../core/headers.ts";
import type { AttemptRecord } from "../core/records.ts";
import type { AnswerNames } from "./resources/answer-names.ts";
import type { AnswerTap, TapResult } from "./tap-types.ts";
import type { AnswerTranslator } from "./translate/answer-translator.ts";
import type { Transform } from "./transform.ts";
import type { Verdict } from "../core/verdict.ts";

/**
 * - `sent`: no head yet;
 * - `error`: an error status; its body is being collected to be judged;
 * - `hold`: a good status, but no content yet: may still be tried elsewhere;
 * - `collect`: a good answer that is read as a whole before anything goes out (pages of a list);
 * - `relay`: past the commit point;
 * - `done`: ended.
 */
export type AttemptPhase = "sent" | "error" | "hold" | "collect" | "relay" | "done";

/** The running attempt. */
export interface Attempt {
  number: number;
  lease: Lease;
  phase: AttemptPhase;
  /** Monotonic milliseconds. */
  sentAt: number;
  firstByteAt: number;
  /** -1: no head came. */
  status: number;
  headers: RawHeaders;
  held: Uint8Array[];
  heldBytes: number;
  tap: AnswerTap | null;
  /** Finds resources in the answer; null: there are none to be found. */
  learner: AnswerNames | null;
  /** Makes of the upstream's bytes what the tap and everybody behind it read; null: they are that already. */
  decoder: Transform | null;
  /** What the decoder adds behind a whole answer, and behind no other; null: nothing. */
  closing: Uint8Array | null;
  /** Turns the answer into the client's dialect; null: it passes. What is held is then its output. */
  translator: AnswerTranslator | null;
  /** The newest chunk, kept back until what the answer creates is bound; null: nothing is kept back. */
  tail: Uint8Array | null;
  /** The upstream has ended while something was still being bound. */
  ended: boolean;
  /** Its body is not the upstream's own any more, nor its length. */
  rewritten: boolean;
  /** Its files are copies in another project than their own, some of them uploaded for it; null: they are not. */
  copies: { served: number; uploaded: number } | null;
}

/** A fresh attempt. */
export function createAttempt(number: number, lease: Lease, now: number): Attempt {
  return {
    number,
    lease,
    phase: "sent",
    sentAt: now,
    firstByteAt: -1,
    status: -1,
    headers: [],
    held: [],
    heldBytes: 0,
    tap: null,
    learner: null,
    decoder: null,
    closing: null,
    translator: null,
    tail: null,
    ended: false,
    rewritten: false,
    copies: null,
  };
}

/**
 * The attempt's row.
 * @param times monotonic milliseconds: the call's start and now
 */
export function toAttemptRecord(
  attempt: Attempt,
  verdict: Pick<Verdict, "rule" | "fault" | "words">,
  tapped: TapResult | null,
  times: { startedAt: number; now: number },
): AttemptRecord {
  return {
    number: attempt.number,
    credentialId: attempt.lease.credentialId,
    projectId: attempt.lease.projectId,
    offsetMicros: micros(attempt.sentAt - times.startedAt),
    durationMicros: micros(times.now - attempt.sentAt),
    firstByteMicros: attempt.firstByteAt < 0 ? null : micros(attempt.firstByteAt - attempt.sentAt),
    status: attempt.status < 0 ? null : attempt.status,
    rule: verdict.rule,
    fault: verdict.fault,
    words: wordsOf(verdict.words, attempt.copies),
    finishReason: tapped === null ? null : (tapped.finishReason ?? tapped.blockReason),
    modelServed: tapped === null ? null : tapped.modelServed,
    usage: tapped === null ? null : tapped.usage,
  };
}

/** Milliseconds with a fraction to whole microseconds, never negative. */
export function micros(milliseconds: number): number {
  return milliseconds > 0 ? Math.round(milliseconds * 1000) : 0;
}

// --- helpers ---

/** The error's words, and that another project than the files' own was asked. */
function wordsOf(error: string, copies: Attempt["copies"]): string | null {
  if (copies === null) return error === "" ? null : error;
  const { served, uploaded } = copies;
  return `${error === "" ? "" : `${error}; `}with copies of ${served} files, ${uploaded} of them uploaded for this call`;
}
