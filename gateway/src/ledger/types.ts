/**
 * The ledger's face to the call and to the hosts.
 * @module
 */
import type { CallRecord } from "../core/records.ts";

/** Takes what happened, off the response's way. Never throws, never waits. */
export interface Recorder {
  /** A call began. What began and never settled before a crash is found at the next start. */
  began(callId: string, startedAt: number): void;
  /** A call ended; the record is complete. */
  settled(record: CallRecord): void;
  /** Resolves when all that was settled before is durable in the store; rejects with the store's error when it fails. */
  flush(): Promise<void>;
  /** Flushes and stops. What the store does not take stays in the journal for the next start. */
  close(): Promise<void>;
  /** For health. */
  state(): RecorderState;
}

/** How the recorder fares. */
export interface RecorderState {
  /** Records waiting in memory. */
  queued: number;
  /** Records kept only in the journal, as the queue was full; they are read back when the store works again. */
  spilled: number;
  /** Records that neither queue nor journal could take, or that the store refused one by one. 0 unless disks fail. */
  lost: number;
  /** Failed writes to the store since the start. */
  failures: number;
  /** Of the last write; null when it went well. */
  lastError: string | null;
}

/** A piece of the journal that is not appended to any more. */
export interface JournalSegment {
  /** Its whole lines. A torn last line is left out. */
  read(): Promise<string[]>;
  /** Deletes it, once what was appended after it is handed to the operating system. */
  release(): Promise<void>;
}

/**
 * Append-only file that survives `kill -9`. Text lines; the host decides where they go.
 * A host without a killable process (Durable Object) has none and writes to the store at once.
 */
export interface Journal {
  /**
   * Queues a line (without newline); written with all other lines of this turn of the event loop. Never throws.
   * @returns false when it was dropped: the disk is so far behind that memory for lines is used up
   */
  append(line: string): boolean;
  /**
   * Starts a new segment and gives the old one. Never throws.
   * @param carry lines that must stand at the head of the new segment (calls still open)
   */
  rotate(carry: readonly string[]): JournalSegment;
  /** Segments that a former process left, oldest first. */
  recover(): Promise<JournalSegment[]>;
  /** Resolves when all appended lines are handed to the operating system; rejects when it does not take them. */
  flush(): Promise<void>;
  close(): Promise<void>;
}
