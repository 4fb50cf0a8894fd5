/**
 * What the audit log keeps of a request's body: enough to see what was changed, nothing secret, 4 KB at most.
 * @module
 */
import { redact } from "../vault/redact.ts";

/** Of the JSON text. */
export const mostDetailBytes = 4096;

/**
 * Makes the text.
 * @param parts objects whose fields are taken together; later ones outrank earlier ones
 * @returns JSON text of an object; null: there is nothing to tell
 */
export function toAuditDetail(...parts: unknown[]): string | null {
  let names: string[] = [];
  // Texts are cut shorter before anything is left out: a long value beside it must hide no change.
  for (const mostText of [200, 60, 30]) {
    const fields: Record<string, unknown> = {};
    for (const part of parts) if (isObject(part)) Object.assign(fields, clean(part, { depth: 0, mostText }));
    names = Object.keys(fields).map((name) => cutText(name, 40));
    if (names.length === 0) return null;
    const text = JSON.stringify(fields);
    if (bytesOf(text) <= mostDetailBytes) return text;
  }
  let short: string;
  // Characters that JSON escapes take up to six bytes each.
  do short = JSON.stringify({ cut: true, fields: names });
  while (bytesOf(short) > mostDetailBytes && names.pop() !== undefined);
  return short;
}

/** Takes the shapes of secrets out of text, those of tools' tokens among them. */
export function redactText(text: string): string {
  return redact(text).replace(/ga-[\w-]{12}[\w.~+/=%-]*/g, "ga-…[redacted]");
}

// --- helpers ---

const hidden = "[redacted]";
/** Fields that hold secrets, or text that may hold them. */
const secretName = /token|password|passphrase|secret|proxy|^text$|^current$|^key$|apikey|api_key|headers|cookie/i;
const deepest = 4;
/** More than there are settings. */
const mostItems = 100;
const mostNames = 50;

function clean(value: unknown, at: { depth: number; mostText: number }): unknown {
  const { depth, mostText } = at;
  const inside = { depth: depth + 1, mostText };
  if (typeof value === "string") return cutText(redactText(value), mostText);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= deepest) return "…";
  if (Array.isArray(value)) {
    const items: unknown[] = value.slice(0, mostItems).map((item) => clean(item, inside));
    if (value.length > mostItems) items.push(`… ${value.length - mostItems} more`);
    return items;
  }
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  const kept = entries.slice(0, mostNames).map(([name, inner]): [string, unknown] => {
    // Whether there was one may be known: null takes it away.
    const shown = secretName.test(name) && inner !== null && typeof inner !== "boolean" ? hidden : clean(inner, inside);
    return [cutText(redactText(name), 100), shown];
  });
  if (entries.length > mostNames) kept.push(["…", `${entries.length - mostNames} more`]);
  return Object.fromEntries(kept);
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

function cutText(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
