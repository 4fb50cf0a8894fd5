/**
 * The few choices that this browser keeps: theme, zone, columns. Nothing else is ever stored.
 * @module
 */
import { useSyncExternalStore } from "react";

/** What may be kept. */
export type PreferenceName = "theme" | "zone" | "columns";

/** Reads a choice; null: none, or storage is refused. */
export function readPreference(name: PreferenceName): string | null {
  try {
    return localStorage.getItem(`gemini-proxy.${name}`);
  } catch {
    return null;
  }
}

/** Keeps a choice; null forgets it. */
export function writePreference(name: PreferenceName, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`gemini-proxy.${name}`);
    else localStorage.setItem(`gemini-proxy.${name}`, value);
  } catch {
    // Storage is refused: the choice holds until the page is left.
  }
  memory.set(name, value);
  for (const listener of listeners) listener();
}

/** A choice that follows changes, also those of another tab. */
export function usePreference(name: PreferenceName): string | null {
  return useSyncExternalStore(subscribe, () => (memory.has(name) ? (memory.get(name) ?? null) : readPreference(name)));
}

// --- helpers ---

const listeners = new Set<() => void>();
const memory = new Map<PreferenceName, string | null>();

function subscribe(listener: () => void): () => void {
  const fromOtherTab = (): void => {
    memory.clear();
    listener();
  };
  listeners.add(listener);
  window.addEventListener("storage", fromOtherTab);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", fromOtherTab);
  };
}
