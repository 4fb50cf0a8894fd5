/**
 * Colours of charts, out of the theme. A canvas cannot read CSS variables, so they are resolved on a probe element.
 * @module
 */
import { useSyncExternalStore } from "react";

/** Names of colours that charts draw with. */
export type ChartColour =
  | "chart-1"
  | "chart-2"
  | "chart-3"
  | "chart-4"
  | "chart-5"
  | "chart-6"
  | "chart-7"
  | "chart-bad"
  | "chart-line"
  | "ink-faint"
  | "surface";

/** The colour of the n-th line of a chart; the rest (`other`) is grey. */
export function lineColour(index: number, other = false): ChartColour {
  if (other) return "chart-7";
  return order[index % order.length] ?? "chart-1";
}

/** A colour as a canvas takes it. */
export function resolveColour(name: ChartColour): string {
  const probe = document.createElement("span");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** Changes whenever the theme does: charts draw again then. */
export function useThemeVersion(): string {
  return useSyncExternalStore(subscribe, () => {
    const chosen = document.documentElement.dataset["theme"];
    return chosen ?? (matchMedia(darkQuery).matches ? "dark" : "light");
  });
}

// --- helpers ---

const order: readonly ChartColour[] = ["chart-1", "chart-2", "chart-3", "chart-4", "chart-5", "chart-6"];
const darkQuery = "(prefers-color-scheme: dark)";

function subscribe(listener: () => void): () => void {
  const media = matchMedia(darkQuery);
  media.addEventListener("change", listener);
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  return () => {
    media.removeEventListener("change", listener);
    observer.disconnect();
  };
}
