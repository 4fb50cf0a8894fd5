/**
 * Addresses of the gateway as clients want them.
 * @module
 */

/** What goes into a snippet. All of it is text that people may have typed. */
export interface ConnectValues {
  /** Without a slash at its end: `https://gw.example`. */
  url: string;
  /** A client key, or the placeholder. */
  key: string;
  model: string;
}

/** Stands for a key that the reader has. */
export const keyPlaceholder = "gp-YOUR-KEY";
/** What snippets name unless another is chosen. */
export const defaultModel = "gemini-3.8-flash";

/**
 * The gateway's address for snippets.
 * @param told by the gateway itself (`PUBLIC_URL`), perhaps wrong or missing
 * @param origin of this page: it works, since the page came from there
 * @returns the told one when it is a web address, else the page's; never with a slash at its end
 */
export function gatewayUrl(told: string | null | undefined, origin: string): string {
  const url = told == null ? null : URL.parse(told);
  const good = url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
  return (good ? url.origin + url.pathname : origin).replace(/\/+$/, "");
}

/** @returns text as a string of JavaScript, Python, Go or JSON */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** @returns text as one word of a POSIX shell; plain words stay as they are */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
