/**
 * Words of Google's about signatures.
 * @module
 */

/** Accepted by Google in place of a signature that was lost; costs the model its reasoning, so it is the last resort. */
export const signatureSentinel = "skip_thought_signature_validator";
