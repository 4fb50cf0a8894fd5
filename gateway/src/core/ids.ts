/**
 * Ids that sort by time, so that rows are appended to the end of their tables.
 * @module
 */
import type { Random } from "./ports.ts";

const alphabet = "0123456789abcdefghijklmnopqrstuvwxyz";

/**
 * Makes ids of 20 characters: 9 of milliseconds (base 36), 4 of a counter, 7 of randomness fixed per maker.
 * Two makers never collide but by chance (36^7); one maker gives rising ids, also when the clock stands still or jumps
 * back.
 * @param random strong bytes for the maker's own part
 * @returns a function from epoch milliseconds to an id
 */
export function createIdMaker(random: Random): (now: number) => string {
  const own = [...random.bytes(7)].map((byte) => alphabet[byte % 36]).join("");
  let last = 0;
  let prefix = "";
  let counter = 0;
  return (now) => {
    if (now > last || prefix === "") {
      last = Math.max(now, last);
      prefix = Math.floor(last).toString(36).padStart(9, "0");
      counter = 0;
    } else if (++counter >= 1_679_616) {
      last += 1;
      prefix = Math.floor(last).toString(36).padStart(9, "0");
      counter = 0;
    }
    return prefix + counter.toString(36).padStart(4, "0") + own;
  };
}
