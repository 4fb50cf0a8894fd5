/**
 * Which segment of the journal still holds records that are nowhere else.
 * @module
 */
import type { Journal, JournalSegment } from "./types.ts";

/** One segment's account. */
export interface Segment {
  /** Null: still appended to. */
  handle: JournalSegment | null;
  /** Records of it that wait in the queue. */
  queued: number;
  /** Records of it that are in no queue. */
  spilled: number;
  /** Characters appended. */
  length: number;
}

/** The accounts of all segments. */
export interface Segments {
  /** The one that is appended to. */
  readonly current: Segment;
  /** Closes the current segment and begins another with these lines at its head. */
  rotate(carry: readonly string[]): void;
  /** So many records from the head of the queue are in the store. */
  committed(count: number): void;
  /** Spilled records of all segments. */
  spilled(): number;
  /** The oldest closed segment with spilled records. */
  oldestSpilled(): Segment | null;
  /** The spilled records of that segment are in the store. */
  broughtBack(segment: Segment): void;
  /** Resolves when all segments that are done with are deleted. */
  settle(): Promise<void>;
}

/**
 * Keeps the accounts; segments without anything to wait for are deleted.
 * @param onUnreleased a segment could not be deleted: its lines will be read, and found known, at the next start
 */
export function createSegments(journal: Journal | null, onUnreleased: (error: unknown) => void): Segments {
  const closed: Segment[] = [];
  const releases = new Set<Promise<void>>();
  let current = emptySegment();

  function releaseDone(): void {
    for (let index = 0; index < closed.length;) {
      const segment = closed[index] as Segment;
      if (segment.queued > 0 || segment.spilled > 0) {
        index += 1;
        continue;
      }
      closed.splice(index, 1);
      const release: Promise<void> = (segment.handle as JournalSegment)
        .release()
        .catch(onUnreleased)
        .finally(() => releases.delete(release));
      releases.add(release);
    }
  }

  return {
    get current() {
      return current;
    },
    rotate(carry) {
      if (journal === null) return;
      current.handle = journal.rotate(carry);
      closed.push(current);
      current = emptySegment();
      releaseDone();
    },
    committed(count) {
      let left = count;
      for (const segment of closed) {
        const part = Math.min(left, segment.queued);
        segment.queued -= part;
        left -= part;
      }
      current.queued -= left;
      releaseDone();
    },
    spilled: () => closed.reduce((sum, segment) => sum + segment.spilled, current.spilled),
    oldestSpilled: () => closed.find((segment) => segment.spilled > 0) ?? null,
    broughtBack(segment) {
      segment.spilled = 0;
      releaseDone();
    },
    async settle() {
      await Promise.all(releases);
    },
  };
}

// --- helpers ---

function emptySegment(): Segment {
  return { handle: null, queued: 0, spilled: 0, length: 0 };
}
