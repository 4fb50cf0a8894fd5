/**
 * Places in a text: Google counts bytes of UTF-8, OpenAI's clients count what JavaScript does, UTF-16.
 * @module
 */

/**
 * Finds places given in bytes, in one pass.
 * @param text the text that they are in
 * @param byteOffsets in any order; within a character: its beginning; beyond the end: the end
 * @returns the UTF-16 offset of each
 */
export function toUtf16Offsets(text: string, byteOffsets: Iterable<number>): Map<number, number> {
  const found = new Map<number, number>();
  let bytes = 0;
  let at = 0;
  for (const wanted of [...new Set(byteOffsets)].sort((left, right) => left - right)) {
    while (at < text.length) {
      const point = text.codePointAt(at) as number;
      const width = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
      if (bytes + width > wanted) break;
      bytes += width;
      at += point < 0x10000 ? 1 : 2;
    }
    found.set(wanted, at);
  }
  return found;
}
