/**
 * A row's numbers as text. Most are zero and most others small: five bits a character, and of the histograms only the
 * classes that are not empty. Three times as quick to write and half as long as JSON, and it is on every call's way.
 * @module
 */
import { plainSums, width } from "./layout.ts";

/**
 * Writes whole numbers from 0 to 2^53; a negative one, which no sum of counts is, becomes 0.
 * @param sums as long as `width`
 */
export function toBody(sums: readonly number[]): string {
  const characters: number[] = [];
  for (let place = 0; place < plainSums; place += 1) put(characters, sums[place] as number);
  for (let place = plainSums; place < width; place += 1) {
    const value = sums[place] as number;
    if (value === 0) continue;
    put(characters, place - plainSums);
    put(characters, value);
  }
  return String.fromCharCode.apply(null, characters);
}

/**
 * Adds what a text says to numbers.
 * @param sign 1 adds, -1 takes away
 */
export function addBody(sums: number[], body: string, sign: 1 | -1 = 1): void {
  let number = 0;
  let factor = 1;
  let count = 0;
  let place = -1;
  for (let index = 0; index < body.length; index += 1) {
    const code = body.charCodeAt(index);
    if (code >= more) {
      number += (code - more) * factor;
      factor *= 32;
      continue;
    }
    number += (code - first) * factor;
    if (count < plainSums) {
      sums[count] = (sums[count] as number) + sign * number;
      count += 1;
    } else if (place < 0) place = plainSums + number;
    else {
      sums[place] = (sums[place] ?? 0) + sign * number;
      place = -1;
    }
    number = 0;
    factor = 1;
  }
}

// --- helpers ---

/** Character of 0 that ends a number; 64 characters from here on are used, none of which needs an escape in SQL. */
const first = 48;
/** Character of 0 after which the number goes on. */
const more = first + 32;

function put(characters: number[], value: number): void {
  let rest = value > 0 ? Math.floor(value) : 0;
  while (rest >= 32) {
    characters.push(more + (rest % 32));
    // Beyond 2^31 a shift would cut it.
    rest = rest < 0x7fff_ffff ? rest >> 5 : Math.floor(rest / 32);
  }
  characters.push(first + rest);
}
