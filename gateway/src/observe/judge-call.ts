/**
 * Which calls count as errors.
 * @module
 */
import type { CallRecord } from "../core/records.ts";

/** The client did not get what it asked for, whoever's fault it was. */
export function isError(call: Pick<CallRecord, "outcome">): boolean {
  return call.outcome === "error" || call.outcome === "incomplete";
}

/** An error that the client could not have avoided by asking better: 429, 5xx, a cut answer. */
export function isFailure(call: Pick<CallRecord, "outcome" | "status">): boolean {
  return call.outcome === "incomplete" || (call.outcome === "error" && (call.status >= 500 || call.status === 429));
}
