/** @module JSON as Google writes it: pretty with two spaces, or one line with a space after each colon. */

/**
 * Pretty-prints with two spaces, `<` and `>` escaped, no final newline.
 * The recorded unary bodies look like this (fact sheet upstream 1.2, 4.1).
 */
export function toPrettyJson(value: unknown): string {
  return escapeAngles(JSON.stringify(value, null, 2));
}

/** One line, `": "` after keys and `,` without a space: the form inside SSE events (fact sheet upstream 1.3). */
export function toEventJson(value: unknown): string {
  return escapeAngles(spaced(value));
}

/** One line without spaces and with keys in alphabetical order: the OpenAI surface (fact sheet upstream 3). */
export function toSortedJson(value: unknown): string {
  return JSON.stringify(sortKeys(value));
}

/** The same value with the keys of every object in alphabetical order. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(members.map(([key, member]) => [key, sortKeys(member)]));
}

// --- helpers ---

function spaced(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(spaced).join(",")}]`;
  let text = "{";
  for (const key in value) {
    const member = (value as Record<string, unknown>)[key];
    if (member === undefined) continue;
    text += `${text.length > 1 ? "," : ""}${JSON.stringify(key)}: ${spaced(member)}`;
  }
  return `${text}}`;
}

// `<` and `>` only occur inside strings, so a replacement over the whole text is safe.
function escapeAngles(text: string): string {
  if (!text.includes("<") && !text.includes(">")) return text;
  return text.replaceAll("<", String.raw`\u003c`).replaceAll(">", String.raw`\u003e`);
}
