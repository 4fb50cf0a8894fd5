/**
 * Addresses of other sites in Google's words: what an account's owner must open.
 * @module
 */

/** As long as words are at most: an address at the very end of them may have lost its own end. */
const cutWords = 490;

/**
 * The first https address in a text. It comes from an upstream: whoever shows it as a link shows where it leads.
 * @param words redacted
 * @returns null: there is none that is surely whole
 */
export function outsideLink(words: string | null): string | null {
  const found = words === null ? null : /https:\/\/[a-z\d][\x21-\x7e]*/i.exec(words);
  if (words === null || found === null) return null;
  const rest = words.slice(found.index + found[0].length);
  const isAtEnd = rest === "" || rest.startsWith("…");
  if ((isAtEnd && words.length >= cutWords) || found[0].includes("[redacted")) return null;
  const link = found[0].replace(/[.,;:!?)\]}>'"]+$/, "");
  return URL.canParse(link) && isPublicAddress(new URL(link)) ? link : null;
}

// --- helpers ---

/** What a person may be sent to: a name, no credentials before it that make it look like another. */
function isPublicAddress({ protocol, username, password, hostname }: URL): boolean {
  return protocol === "https:" && username === "" && password === "" && hostname.includes(".");
}
