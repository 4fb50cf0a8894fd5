/**
 * Token counts by modality as JSON text, for a column and for a journal line.
 * @module
 */
import type { UsageModalities } from "../core/usage.ts";

const plainName = /^[A-Z_]+$/;

/**
 * Writes what `JSON.stringify` would write. Plain names are put together by hand, which is quicker: it is on every
 * call's way.
 * @returns JSON text; null for null
 */
export function modalitiesToText(modalities: UsageModalities | null): string | null {
  if (modalities === null) return null;
  let text = "";
  for (const kind of kinds) {
    const counts = modalities[kind];
    if (counts === undefined) continue;
    let inner = "";
    for (const name in counts) {
      const count = counts[name] as number;
      if (!plainName.test(name) || !Number.isFinite(count)) return JSON.stringify(modalities);
      inner += `${inner === "" ? "" : ","}"${name}":${count}`;
    }
    text += `${text === "" ? "" : ","}"${kind}":{${inner}}`;
  }
  return `{${text}}`;
}

/**
 * Reads what `modalitiesToText` wrote.
 * @throws SyntaxError when the text is not JSON
 */
export function textToModalities(text: string | null): UsageModalities | null {
  return text === null ? null : (JSON.parse(text) as UsageModalities);
}

// --- helpers ---

const kinds = ["prompt", "cached", "output"] as const;
