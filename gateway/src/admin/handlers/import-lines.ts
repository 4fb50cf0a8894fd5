/**
 * In which line of a text its keys stand.
 * @module
 */

/**
 * Finds lines of keys that are asked for in the order in which they stand: the text is gone through once.
 * @param text that the keys were read from
 * @returns a function from a key to its line, from 1; null: it does not stand there as it is
 */
export function createLineFinder(text: string): (secret: string) => number | null {
  const ends = /\r\n|\r|\n/g;
  const endAfter = (from: number): number => {
    ends.lastIndex = from;
    return ends.exec(text) === null ? Infinity : ends.lastIndex;
  };
  let at = 0;
  let line = 1;
  let nextLine = endAfter(0);
  let misses = 0;
  return (secret) => {
    // A key that is written in another way (escaped) is not looked for again and again through a large text.
    if (misses > mostMisses) return null;
    const found = text.indexOf(secret, at);
    if (found < 0) {
      misses++;
      return null;
    }
    for (; nextLine <= found; nextLine = endAfter(nextLine)) line++;
    at = found;
    return line;
  };
}

/** @returns the line of a place as key lists name it (`line 3, entry 2`); null: it names none */
export function lineOfPlace(place: string): number | null {
  const match = /^line (\d+)/.exec(place);
  return match === null ? null : Number(match[1]);
}

// --- helpers ---

const mostMisses = 20;
