/**
 * Links of the dashboard: which stay inside, and where they lead.
 * @module
 */

/** Where the dashboard is served. */
export const base = "/ui";

/** What a link leads to. `blocked`: a scheme that could run scripts. */
export type LinkTarget =
  | { kind: "inside"; address: string }
  | { kind: "outside"; address: string }
  | { kind: "blocked" };

/**
 * Judges a link, also one that came from the server.
 * @param to `/calls`, `/ui/calls?…`, `#part` or `https://…`
 */
export function linkTarget(to: string): LinkTarget {
  // Browsers take tabs and line ends out of addresses, and read `\` as `/`.
  if (/[\p{Cc}\s\\]/u.test(to)) return { kind: "blocked" };
  if (/^https?:\/\//i.test(to)) return { kind: "outside", address: to };
  if (to.startsWith("#")) return { kind: "outside", address: to };
  if (!to.startsWith("/") || to.startsWith("//")) return { kind: "blocked" };
  if (to === base || to.startsWith(`${base}/`) || to.startsWith(`${base}?`)) return { kind: "inside", address: to };
  return { kind: "inside", address: to === "/" ? `${base}/` : `${base}${to}` };
}
