/** @module What a user of the emulator configures for Interactions. */

/** Options of Interactions. */
export interface InteractionOptions {
  /** Shape of the service's own errors: an object with a code in words, or Google's envelope in a list. @default "object" */
  errors?: "object" | "array";
  /** Milliseconds by the emulator's clock until an interaction in the background is done. @default 200 */
  backgroundMs?: number;
}
