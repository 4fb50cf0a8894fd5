/**
 * Addresses of media that Google fetches by itself (fact sheet translation 1.2).
 * @module
 */

/** What a client is told of others. */
export const addressMessage =
  "Gemini fetches no http: addresses. Use https:, or send the data itself as a data: address.";

/**
 * Whether Google fetches from an address: `https:`, `gs:`, or one of its Files API, also where that stands behind a plain
 * http address (a gateway, an emulator).
 * @param address trimmed
 */
export function isFetchable(address: string): boolean {
  return /^(?:https|gs):\/\/./i.test(address) || /^http:\/\/[^/]+\/v1(?:alpha|beta)?\/files\/[\w-]+$/.test(address);
}

/** Whether an address is of the kind that Google does not fetch, but others do. */
export function isPlainHttp(address: string): boolean {
  return /^http:\/\//i.test(address) && !isFetchable(address);
}
