/**
 * What is remembered of a signature, and under which key.
 *
 * Native calls of the OpenAI surface remember `<project>\n<signature>`. Translated ones put `<family>\t` in front: so each
 * finds what is its own, and a native call never sends the signature of a translated one, whose model it cannot tell.
 * @module
 */
import type { Digest } from "../../core/ports.ts";

/** A signature as it is remembered. */
export interface RememberedSignature {
  signature: string;
  projectId: string;
  /** `familyTag` of the model; null: a native call's, not known. */
  family: string | null;
}

/** Writes the value of a translated call. */
export function toMemoryValue(facts: { signature: string; projectId: string; family: string }): string {
  return `${facts.family}\t${facts.projectId}\n${facts.signature}`;
}

/** Reads a value, also a native call's. */
export function fromMemoryValue(value: string): RememberedSignature {
  const line = value.indexOf("\n");
  const tab = value.lastIndexOf("\t", line);
  return {
    signature: value.slice(line + 1),
    projectId: value.slice(tab + 1, line),
    family: tab < 0 ? null : value.slice(0, tab),
  };
}

/** The key of a text: clients repeat texts as they were, but without an id. No id of a call has a colon. */
export function textKey(text: string, digest: Digest): string {
  return `text:${digest.sha256(text)}`;
}
