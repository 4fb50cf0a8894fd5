/**
 * What can come of an attempt: the input of the verdict.
 * @module
 */
import type { Backend } from "../core/records.ts";
import type { RawHeaders } from "../core/headers.ts";
import type { AttemptFailure } from "./host.ts";

/** The outcome of one attempt, before judgement. */
export type Outcome =
  | {
      kind: "status";
      status: number;
      headers: RawHeaders;
      /** Text of the body, at most 256 KB; may be JSON, array-wrapped JSON, HTML, or empty. */
      body: string;
      backend: Backend;
      /** Model asked, without `models/`; null when none. */
      model: string | null;
      /** The call names resources (files, caches, operations) that only their owner has. */
      namesResource: boolean;
      /** GET, HEAD, generate, countTokens, embed: may be sent twice. Creations may not. */
      repeatable: boolean;
      streaming: boolean;
      /** Epoch milliseconds. */
      now: number;
    }
  /** No HTTP head came. `connect`: nothing was sent; `sent`: the request may have been processed. */
  | { kind: "network"; phase: "connect" | "sent"; code: string; words: string; repeatable: boolean; now: number }
  | { kind: "timeout"; phase: "connect" | "first-byte" | "idle"; now: number }
  /** A 200 with nothing in it, before commit. */
  | { kind: "empty"; now: number }
  /** The stream ended or broke before any content. */
  | { kind: "cut"; words: string; repeatable: boolean; now: number }
  | { kind: "success"; now: number };

/**
 * A failure without a status, as an outcome.
 * @param facts `headCame`: an answer had begun, so it was cut rather than never given
 */
export function toOutcome(
  failure: AttemptFailure,
  facts: { headCame: boolean; repeatable: boolean; now: number },
): Outcome {
  const { code, words } = failure;
  const { repeatable, now } = facts;
  switch (failure.kind) {
    case "connect":
      return { kind: "network", phase: "connect", code, words, repeatable, now };
    case "connect-timeout":
      return { kind: "timeout", phase: "connect", now };
    case "first-byte-timeout":
      return { kind: "timeout", phase: "first-byte", now };
    case "idle-timeout":
      return { kind: "timeout", phase: "idle", now };
    case "broken":
      return facts.headCame
        ? { kind: "cut", words, repeatable, now }
        : { kind: "network", phase: "sent", code, words, repeatable, now };
  }
}
