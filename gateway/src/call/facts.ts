/**
 * What is known of a call, for the parts that write answers and records.
 * @module
 */
import type { ClientKey } from "../clients/types.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { AttemptRecord } from "../core/records.ts";
import type { ClientAnswer } from "./client-answer.ts";
import type { RequestHead } from "./host.ts";
import type { Identity } from "./identity.ts";

/** A call as others see it. */
export interface CallFacts {
  readonly id: string;
  readonly head: RequestHead;
  /** Epoch milliseconds, and the same moment on the monotonic clock. */
  readonly startedAt: number;
  readonly startedMono: number;
  readonly identity: Identity | null;
  readonly client: ClientKey | null;
  readonly model: string | null;
  readonly attempts: AttemptRecord[];
  readonly answer: ClientAnswer;
  readonly requestBytes: number;
  /** Milliseconds spent waiting for the client's body and for attempts: not the gateway's own. */
  readonly waitedMs: number;
  readonly errorCode: ErrorCode | null;
}
