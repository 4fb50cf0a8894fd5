/**
 * The last resort for signatures that nobody knows any more (fact sheet translation 5.1): clients drop them, conversations
 * change their project. Only where Google would refuse the request, since the model loses its reasoning by it.
 * @module
 */
import type { ModelFacts } from "../models/facts.ts";
import { signatureSentinel } from "../signatures/constants.ts";
import type { Content } from "./content.ts";

/** Puts sentinels on the parts that need a signature and have none. Changes `contents`. */
export function addSentinels(
  contents: readonly Content[],
  facts: Pick<ModelFacts, "enforcesSignatures" | "enforcesMediaSignatures">,
): void {
  if (facts.enforcesSignatures) signCurrentTurn(contents);
  if (facts.enforcesMediaSignatures) signMedia(contents);
}

// --- helpers ---

/** The current turn begins after the last content of the user that is not only results; of each step the first call counts. */
function signCurrentTurn(contents: readonly Content[]): void {
  for (let index = contents.length - 1; index >= 0; index--) {
    const content = contents[index];
    if (content === undefined) return;
    if (content.role === "user") {
      if (content.parts.every((part) => part["functionResponse"] !== undefined)) continue;
      return;
    }
    const first = content.parts.find((part) => part["functionCall"] !== undefined);
    if (first !== undefined) first["thoughtSignature"] ??= signatureSentinel;
  }
}

/** Image models want every picture of theirs back with its signature, in all turns. */
function signMedia(contents: readonly Content[]): void {
  for (const { role, parts } of contents) {
    if (role === "user") continue;
    for (const part of parts) if (part["inlineData"] !== undefined) part["thoughtSignature"] ??= signatureSentinel;
  }
}
