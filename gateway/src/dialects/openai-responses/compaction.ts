/**
 * Compaction: a client asks for its whole history as one opaque item, and sends that item in place of the history from
 * then on (fact sheet translation 2.2). The model writes a summary; the item holds it.
 * @module
 */
import { decodeBase64Url, encodeBase64Url } from "../../core/base64.ts";

/** The last turn of a request that asks for compaction. */
export const compactionPrompt = `Write a hand-over of this conversation for another model that will go on with it and sees nothing but your text. Tell, in this order:
1. what the user wants, with every rule and preference that they gave, in their own words where the words matter;
2. what was done and decided so far, and why;
3. the state now: files, functions, commands, errors and values that matter, with exact names and paths;
4. what is left to do, and the very next step.
Leave out nothing that the next model would have to ask for or find out again. Write only the hand-over.`;

/** @returns what goes into `encrypted_content`; nothing in it is secret, clients may change it */
export function writeCompaction(summary: string): string {
  return head + encodeBase64Url(new TextEncoder().encode(summary));
}

/** @returns the turn that stands for the history; null: the item is not ours */
export function readCompaction(content: unknown): string | null {
  if (typeof content !== "string" || !content.startsWith(head)) return null;
  const bytes = decodeBase64Url(content.slice(head.length));
  if (bytes === null || bytes.length === 0) return null;
  return `This is what happened in this conversation before now:\n\n${new TextDecoder().decode(bytes)}`;
}

// --- helpers ---

const head = "gpc1.";
