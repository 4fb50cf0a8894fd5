/**
 * Addresses of generated files in the answers of operations. They lead to Google, where a client of the gateway has no
 * key (fact sheet upstream 1.7); with REWRITE_DOWNLOADS they lead to the gateway.
 * @module
 */
import { applyEdits, endOfValue, stringAt, type Edit } from "../../core/scan/json-text.ts";

const googleHost = "generativelanguage.googleapis.com";
/** Only what is downloaded: plain file addresses are names, which clients send back to Google (fact sheet upstream 1.5). */
const address =
  /^https:\/\/generativelanguage\.googleapis\.com(\/(?:download\/)?v\d\w*\/files\/[\w.~-]+:download(?:\?[^\s"#]*)?)$/i;
const longestAddress = 2_048;

/**
 * Puts the gateway's base in place of Google's in each string that is such an address as a whole; every other character
 * stays as it was.
 * @param text a JSON answer
 * @param base the gateway's own address, from `externalBase`; null: not known, nothing is changed
 */
export function rewriteDownloadUris(text: string, base: string | null): string {
  if (base === null) return text;
  const edits: Edit[] = [];
  let from = 0;
  for (;;) {
    const at = text.indexOf(googleHost, from);
    if (at < 0) break;
    from = at + googleHost.length;
    const start = text.lastIndexOf('"', at);
    // `https://` may have escaped slashes.
    if (start < 0 || at - start > 12 || text.charCodeAt(start - 1) === 0x5c) continue;
    const end = endOfValue(text, start);
    if (end - start > longestAddress) continue;
    const match = address.exec(stringAt(text, { start, end }) ?? "");
    if (match === null) continue;
    edits.push({ start, end, text: JSON.stringify(base + (match[1] as string)) });
    from = end;
  }
  return edits.length === 0 ? text : applyEdits(text, edits);
}
