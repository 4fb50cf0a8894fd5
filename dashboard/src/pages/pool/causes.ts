/**
 * Causes of rests and disables in words. The gateway's own names stay where people may search for them: in the rule.
 * @module
 */
import type { CooldownCause, DisableReason } from "../../../../gateway/src/core/verdict.ts";

/** Complete by its type: a new cause without words does not compile. */
const words: Readonly<Record<CooldownCause | DisableReason, string>> = {
  "minute-quota": "limit of the minute",
  "day-quota": "limit of the day",
  "no-quota": "no quota for this model",
  money: "no money left in the project",
  burst: "too many calls at once",
  overload: "Google is overloaded",
  location: "not served in this place",
  "model-missing": "the model is not there",
  suspect: "suspected, not disabled",
  "invalid-key": "the key is not valid",
  leaked: "the key was leaked",
  suspended: "the project is suspended",
  denied: "access was denied",
  "service-disabled": "the API is off in the project",
  restricted: "the key is restricted",
  "login-needed": "the account must log in again",
  "not-eligible": "Google does not serve the account",
};

/** @returns words for a cause; what is not known here as it is */
export function causeWords(cause: string): string {
  return Object.hasOwn(words, cause) ? words[cause as keyof typeof words] : cause;
}
