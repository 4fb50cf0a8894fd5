/**
 * Random access to a body that came in chunks, without joining them.
 * @module
 */
import type { Bytes } from "../../core/ports.ts";

/** Reads bytes by their offset in the whole. A class, as its methods are called some thousand times for a large body. */
export class ChunkReader {
  readonly length: number;
  readonly #chunks: readonly Uint8Array[];
  readonly #bytes: Bytes;
  /** Offsets at which the chunks begin. */
  readonly #starts: number[];
  /** The chunk of the last access: the next one is mostly in it too. */
  #chunk: Uint8Array;
  #start = 0;
  #index = 0;

  constructor(chunks: readonly Uint8Array[], bytes: Bytes) {
    let length = 0;
    this.#starts = chunks.map((chunk) => (length += chunk.length) - chunk.length);
    this.#chunks = chunks;
    this.#bytes = bytes;
    this.#chunk = chunks[0] ?? nothing;
    this.length = length;
  }

  /** The byte at an offset; 0 outside the body. */
  at(offset: number): number {
    const inside = offset - this.#start;
    if (inside >= 0 && inside < this.#chunk.length) return this.#chunk[inside] as number;
    if (offset < 0 || offset >= this.length) return 0;
    this.#seek(offset);
    return this.#chunk[offset - this.#start] as number;
  }

  /**
   * Offset of the next `"` at or after an offset; -1 when there is none within `most` bytes. A native search.
   */
  indexOfQuote(offset: number, most: number): number {
    if (offset < 0 || offset >= this.length) return -1;
    this.#seek(offset);
    let from = offset - this.#start;
    for (let index = this.#index; index < this.#chunks.length; index++) {
      const start = this.#starts[index] as number;
      if (start >= offset + most) return -1;
      const chunk = this.#chunks[index] as Uint8Array;
      // A chunk may be the whole body.
      const part = start + chunk.length > offset + most ? chunk.subarray(0, offset + most - start) : chunk;
      const found = this.#bytes.indexOf(part, '"', from);
      if (found >= 0) return start + found;
      from = 0;
    }
    return -1;
  }

  /** Text of a range; for short ones. Characters that the ends cut come out as U+FFFD. */
  text(from: number, to: number): string {
    const end = Math.min(to, this.length);
    const start = Math.max(0, from);
    if (start >= end) return "";
    this.#seek(start);
    if (end <= this.#start + this.#chunk.length)
      return this.#bytes.decode(this.#chunk, start - this.#start, end - this.#start);
    const copy = new Uint8Array(end - start);
    for (let offset = start; offset < end;) {
      this.#seek(offset);
      const part = this.#chunk.subarray(offset - this.#start, end - this.#start);
      copy.set(part, offset - start);
      offset += part.length;
    }
    return this.#bytes.decode(copy);
  }

  /** Makes the chunk with this offset the current one. */
  #seek(offset: number): void {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    this.#index = low;
    this.#start = this.#starts[low] ?? 0;
    this.#chunk = this.#chunks[low] ?? nothing;
  }
}

// --- helpers ---

const nothing = new Uint8Array(0);
