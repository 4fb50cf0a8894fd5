/**
 * The first bytes of a body, copied: a chunk is often a piece of a buffer many times its size, which must not live on.
 * @module
 */

const firstCapacity = 1024;

/** Grows by doubling, up to a limit. A class: two are made for each captured call. */
export class KeptBytes {
  /** Bytes that were handed over. */
  total = 0;
  readonly #most: number;
  #buffer: Uint8Array = empty;
  #length = 0;
  /** There was no room for more: what follows would leave a gap. */
  #isClosed = false;

  /** @param most bytes that are kept */
  constructor(most: number) {
    this.#most = most;
  }

  /** Bytes of memory that it takes. */
  get capacity(): number {
    return this.#buffer.length;
  }

  /** Nothing more is kept. */
  get isFull(): boolean {
    return this.#isClosed;
  }

  /**
   * Counts the chunk, and keeps of it what fits.
   * @param room bytes by which it may grow
   * @returns bytes by which it grew
   */
  add(chunk: Uint8Array, room: number): number {
    this.total += chunk.length;
    if (this.#isClosed || chunk.length === 0) return 0;
    const before = this.#buffer.length;
    const wanted = Math.min(this.#most, this.#length + chunk.length);
    if (wanted > before) {
      const doubled = Math.max(firstCapacity, before * 2, wanted);
      const capacity = Math.min(this.#most, before + Math.max(0, room), doubled);
      if (capacity > before) {
        const larger = new Uint8Array(capacity);
        larger.set(this.#buffer.subarray(0, this.#length));
        this.#buffer = larger;
      }
    }
    const fits = Math.min(chunk.length, this.#buffer.length - this.#length);
    this.#buffer.set(chunk.subarray(0, fits), this.#length);
    this.#length += fits;
    if (fits < chunk.length || this.#length === this.#most) this.#isClosed = true;
    return this.#buffer.length - before;
  }

  /** What was kept; a view, valid until the next `add`. */
  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }
}

// --- helpers ---

const empty = new Uint8Array(0);
