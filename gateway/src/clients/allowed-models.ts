/**
 * Lists of allowed models.
 * @module
 */

/** Tells whether a model is in the list. */
export type ModelMatcher = (model: string) => boolean;

/**
 * Reads a list once, so that each call costs one Set lookup and a few prefix comparisons.
 * Names are exact or end in `*`; case and a leading `models/` do not matter, in the list or in the request.
 * @param patterns the list; an empty one allows nothing
 */
export function toModelMatcher(patterns: readonly string[]): ModelMatcher {
  const exact = new Set<string>();
  const prefixes: string[] = [];
  for (const pattern of patterns) {
    const name = normalize(pattern);
    if (name.endsWith("*")) prefixes.push(name.slice(0, -1));
    else exact.add(name);
  }
  return (model) => {
    const name = normalize(model);
    return exact.has(name) || prefixes.some((prefix) => name.startsWith(prefix));
  };
}

// --- helpers ---

function normalize(model: string): string {
  return model
    .trim()
    .toLowerCase()
    .replace(/^models\//, "");
}
