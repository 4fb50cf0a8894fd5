/**
 * Header lists as the wire has them: flat `[name, value, name, value, …]`, order, case and repeats kept.
 * A flat array is what node:http and undici take and give, so nothing is copied on that path.
 * @module
 */

/** Flat `[name, value, …]`. */
export type RawHeaders = readonly string[];

/**
 * First value of a header.
 * @param headers flat list
 * @param lowerName the name in lower case
 * @returns the value, or null
 */
export function headerOf(headers: RawHeaders, lowerName: string): string | null {
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    if (name.length === lowerName.length && (name === lowerName || name.toLowerCase() === lowerName))
      return headers[index + 1] as string;
  }
  return null;
}
