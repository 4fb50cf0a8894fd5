/**
 * What memory knows and the store does not yet: gathered, written in bounded batches, put back when a write fails.
 * Values are whole, so that writing one again later is harmless and only the newest of each subject counts.
 * @module
 */

/** Changes of one kind, the newest of each subject. */
export interface Unsaved<Change> {
  /** Adds one; a newer one takes the place of an older one of the same subject. */
  add(change: Change): void;
  /** Whether the subject has a change that is not safe yet: waiting, or just being written. */
  has(subject: string): boolean;
  size(): number;
  /**
   * Writes what is there, the oldest subjects first, `most` at a time; what comes meanwhile waits for the next save. On a
   * failure everything that was not written is put back, unless something newer has come.
   * @throws what `write` rejects with
   */
  save(write: (changes: readonly Change[]) => Promise<void>): Promise<void>;
}

/**
 * Nothing yet.
 * @param options `subjectOf`: what a change is about; `capacity`: subjects kept at most, further ones are dropped
 *   (default 100,000); `most`: changes of one batch (default 2,000: about 10 ms of SQLite)
 */
export function createUnsaved<Change>(options: {
  subjectOf: (change: Change) => string;
  capacity?: number;
  most?: number;
}): Unsaved<Change> {
  const { subjectOf, capacity = 100_000, most = 2_000 } = options;
  const waiting = new Map<string, Change>();
  let writing = new Map<string, Change>();
  return {
    add(change) {
      const subject = subjectOf(change);
      if (waiting.size < capacity || waiting.has(subject)) waiting.set(subject, change);
    },
    has: (subject) => waiting.has(subject) || writing.has(subject),
    size: () => waiting.size + writing.size,
    async save(write) {
      if (waiting.size === 0) return;
      writing = new Map(waiting);
      waiting.clear();
      const all = [...writing];
      let written = 0;
      try {
        for (; written < all.length; written += most)
          await write(all.slice(written, written + most).map(([, change]) => change));
      } catch (error) {
        for (const [subject, change] of all.slice(written)) if (!waiting.has(subject)) waiting.set(subject, change);
        throw error;
      } finally {
        writing = new Map();
      }
    },
  };
}
