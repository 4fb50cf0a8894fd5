/**
 * The recorder: journal first, then the store in batches.
 *
 * A record is a line in the journal by the end of the turn of the event loop in which it settled, and a row in the store
 * some hundred milliseconds later. The journal is cut into segments; one is deleted when all its records are committed.
 * When the store fails, records wait in memory; when that is full they stay in the journal alone and are read back when
 * the store works again. The insert leaves known call ids alone, so reading back too much does no harm.
 * @module
 */
import type { Clock, Logger } from "../core/ports.ts";
import type { CallRecord } from "../core/records.ts";
import type { Store } from "../storage/types.ts";
import { createBatchWriter } from "./batch-writer.ts";
import type { Prices } from "./prices.ts";
import { parseJournalLine, toBeganLine, toSettledLine } from "./record-line.ts";
import { createSegments, type Segment } from "./segments.ts";
import type { Journal, Recorder } from "./types.ts";

export { recoverJournal } from "./recovery.ts";

/** What a recorder is made of. */
export interface RecorderOptions {
  store: { ledger: Pick<Store["ledger"], "insert"> };
  /** Null: records are in memory only until they are in the store. */
  journal: Journal | null;
  prices: Prices;
  clock: Clock;
  /** Calls back after `ms`; gives back what cancels it. */
  schedule: (callback: () => void, ms: number) => () => void;
  logger: Logger;
  /** Longest wait before a record is written to the store, milliseconds. @default 250 */
  flushEveryMs?: number;
  /** Most calls of one transaction. It holds the thread: 250 calls about 3 ms. @default 250 */
  batch?: number;
  /** Most records waiting in memory (about 1.5 KB each). @default 20000 */
  capacity?: number;
  /** Characters after which the journal begins a new segment. @default 1000000 */
  segmentLength?: number;
}

/** Makes a recorder. */
export function createRecorder(options: RecorderOptions): Recorder {
  const { store, journal, prices, clock, schedule, logger } = options;
  const { flushEveryMs = 250, batch = 250, capacity = 20_000, segmentLength = 1_000_000 } = options;
  const open = new Map<string, number>();
  const queue: CallRecord[] = [];
  const segments = createSegments(journal, (error) => {
    logger.log("warn", "journal.unreleased", { cause: error instanceof Error ? error.message : String(error) });
  });
  const writer = createBatchWriter({ store, prices, clock, logger, batch });
  /** What is being read back: a segment and its records that are not written yet. */
  let spill: { segment: Segment; records: CallRecord[] } | null = null;
  let committed = 0;
  let running: Promise<void> | null = null;
  let cancel: (() => void) | null = null;
  let armedFor = Infinity;
  let closed = false;

  function rotate(): void {
    const carry: string[] = [];
    for (const [callId, startedAt] of open) carry.push(toBeganLine(callId, startedAt));
    segments.rotate(carry);
  }

  function keep(record: CallRecord): void {
    const segment = segments.current;
    let written = false;
    if (journal !== null) {
      const line = toSettledLine(record);
      written = journal.append(line);
      segment.length += line.length;
    }
    if (queue.length < capacity && !closed) {
      queue.push(record);
      segment.queued += 1;
    } else if (written) {
      segment.spilled += 1;
    } else {
      writer.lose(record, "neither the queue nor the journal takes it");
    }
    if (segment.length >= segmentLength) rotate();
  }

  async function writeQueued(): Promise<void> {
    if (queue.length === 0) return;
    const count = await writer.write(queue);
    queue.splice(0, count);
    committed += count;
    segments.committed(count);
  }

  async function writeSpilled(): Promise<void> {
    if (spill === null) {
      if (segments.oldestSpilled() === null) rotate();
      const segment = segments.oldestSpilled();
      if (segment === null || segment.handle === null) return;
      const texts = await segment.handle.read().catch((error: unknown) => {
        writer.fail(error);
        throw error;
      });
      const lines = texts.map(parseJournalLine);
      spill = { segment, records: lines.flatMap((line) => (line?.kind === "settled" ? [line.record] : [])) };
    }
    if (spill.records.length > 0) spill.records.splice(0, await writer.write(spill.records));
    if (spill.records.length > 0) return;
    segments.broughtBack(spill.segment);
    spill = null;
  }

  /** The queue first: it must not wait for a segment that cannot be read. */
  async function work(): Promise<void> {
    await writeQueued();
    if (segments.spilled() > 0 && queue.length < batch) await writeSpilled();
  }

  /** One piece of work; never two at once. */
  function step(): Promise<void> {
    running ??= work().finally(() => {
      running = null;
    });
    return running;
  }

  function isPending(): boolean {
    return queue.length > 0 || segments.spilled() > 0;
  }

  /** Sees to it that what is pending will be written. Cheap: on every call's way. */
  function wake(): void {
    if (closed || running !== null || !isPending()) return;
    const pause = writer.pauseMs();
    if (pause > 0) return cancel === null ? arm(pause) : undefined;
    arm(queue.length >= batch || spill !== null ? 0 : flushEveryMs);
  }

  function arm(ms: number): void {
    if (ms >= armedFor) return;
    cancel?.();
    armedFor = ms;
    cancel = schedule(() => {
      cancel = null;
      armedFor = Infinity;
      step().then(wake, wake);
    }, ms);
  }

  async function flush(): Promise<void> {
    const target = committed + queue.length;
    const spilled = segments.spilled() > 0;
    try {
      while (committed < target || (spilled && segments.spilled() > 0)) await step();
    } finally {
      wake();
    }
  }

  return {
    began(callId, startedAt) {
      open.set(callId, startedAt);
      if (journal !== null) journal.append(toBeganLine(callId, startedAt));
    },
    settled(record) {
      open.delete(record.id);
      try {
        keep(record);
        if (armedFor > 0) wake();
      } catch (error) {
        writer.lose(record, error);
      }
    },
    flush,
    async close() {
      if (closed) return;
      try {
        await flush();
      } catch (error) {
        if (journal === null) for (const record of queue) writer.lose(record, error);
        else logger.log("warn", "ledger.left", { records: queue.length + segments.spilled(), where: "journal" });
      }
      closed = true;
      cancel?.();
      rotate();
      await segments.settle();
    },
    state: () => ({ queued: queue.length, spilled: segments.spilled(), ...writer.state() }),
  };
}
