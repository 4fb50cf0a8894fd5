/**
 * Whether the page is as narrow as a phone.
 * @module
 */
import { useSyncExternalStore } from "react";

const query = "(max-width: 639px)";

/** @returns true below 640 pixels, and follows the window */
export function useNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches);
}

// --- helpers ---

function subscribe(listener: () => void): () => void {
  const media = matchMedia(query);
  media.addEventListener("change", listener);
  return () => media.removeEventListener("change", listener);
}
