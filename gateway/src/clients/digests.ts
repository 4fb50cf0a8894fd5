/**
 * Comparison of digests.
 * @module
 */

/**
 * Whether two digests are equal, in a time that depends on the first one's length only.
 * @param presented digest of what was presented, hex
 * @param kept digest that is kept, hex
 */
export function equalDigests(presented: string, kept: string): boolean {
  let difference = presented.length ^ kept.length;
  for (let index = 0; index < presented.length; index++) {
    // Beyond the end charCodeAt is NaN, which | and ^ take as 0; the lengths differ already then.
    difference |= presented.charCodeAt(index) ^ kept.charCodeAt(index);
  }
  return difference === 0;
}
