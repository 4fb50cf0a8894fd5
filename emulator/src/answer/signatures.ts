/** @module Thought signatures: opaque to clients, bound to the project that made them (fact sheet upstream 1.11, 8). */

import { hash } from "node:crypto";

/** Values Google accepts in place of a signature. */
export const SIGNATURE_SENTINELS: readonly string[] = [
  "skip_thought_signature_validator",
  "context_engineering_is_the_way_to_go",
];

/** What a signature turns out to be. */
export type SignatureVerdict = "ok" | "corrupted" | "invalid";

/**
 * Makes a signature.
 * @param about Anything that tells calls apart, e.g. a response id.
 */
export function makeSignature(project: string, about: string): string {
  const payload = `${MARK}${project}\n${about}\n`;
  return Buffer.from(payload + checksum(payload)).toString("base64");
}

/** Whether `project` made this signature. One of another project, or a damaged one, is corrupted; one of nobody is invalid. */
export function checkSignature(signature: string, project: string): SignatureVerdict {
  if (SIGNATURE_SENTINELS.includes(signature)) return "ok";
  const text = Buffer.from(signature, "base64").toString("latin1");
  if (!text.startsWith(MARK)) return "invalid";
  const end = text.lastIndexOf("\n") + 1;
  if (checksum(text.slice(0, end)) !== text.slice(end)) return "corrupted";
  return text.slice(MARK.length, text.indexOf("\n")) === project ? "ok" : "corrupted";
}

// --- helpers ---

const MARK = "thought:";

function checksum(payload: string): string {
  return hash("sha256", payload, "hex").slice(0, 32);
}
