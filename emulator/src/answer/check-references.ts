/** @module `$ref` inside a function's result: Gemini takes it for the name of a media part (fact sheet translation 0.3, bug 26). */

import type { Model } from "../state/models.ts";
import type { Part } from "./gemini-types.ts";

/** The first reference that names no part beside it, in Google's words, or null. */
export function checkReferences(responses: readonly Part[], model: Model): string | null {
  for (const { functionResponse } of responses) {
    const names = (functionResponse?.parts ?? []).map(({ inlineData }) => inlineData?.displayName);
    // On 3.5 and 3.6 a reference is refused even where the name is there.
    const known = model.generation >= 3.5 && model.generation < 3.7 ? [] : names;
    const stranger = findReference(functionResponse?.response, known);
    if (stranger === null) continue;
    return `The referenced name \`${stranger}\` in function_response.response does not match to a display_name in the function_response.parts.`;
  }
  return null;
}

// --- helpers ---

// A list of what is still to be seen instead of recursion: results are as deep as a client likes.
function findReference(response: unknown, known: readonly (string | undefined)[]): string | null {
  const open: unknown[] = [response];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== "object" || value === null) continue;
    const reference = (value as Record<string, unknown>)["$ref"];
    if (typeof reference === "string" && !known.includes(reference)) return reference;
    open.push(...Object.values(value));
  }
  return null;
}
