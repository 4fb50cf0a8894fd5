/**
 * What a client is told when its own limits refuse a call.
 * @module
 */
import type { Reserved } from "../../clients/types.ts";
import type { ErrorCode } from "../../core/errors.ts";

/** For the error writers of the dialects. */
export interface LimitRefusal {
  code: ErrorCode;
  /** Whole sentences; the writers add when to try again. */
  message: string;
  /** Whole seconds, at least 1; null: waiting does not help, and the answer carries no `retry-after`. */
  retryAfterSeconds: number | null;
}

/**
 * Puts a refusal into words: which limit, whose it is, and what to do when waiting does not help.
 * @param refused an answer of `Clients.reserve`
 */
export function toLimitRefusal(refused: Extract<Reserved, { ok: false }>): LimitRefusal {
  const { code, what, retryAfterMs } = refused;
  const sentences = [
    `This client key's limit would be exceeded: ${what}.`,
    "The limit is this gateway's, not Google's.",
    ...(retryAfterMs === null ? ["Waiting does not help; whoever runs this gateway can change the limit."] : []),
  ];
  return {
    code,
    message: sentences.join(" "),
    retryAfterSeconds: retryAfterMs === null ? null : Math.max(1, Math.ceil(retryAfterMs / 1_000)),
  };
}
