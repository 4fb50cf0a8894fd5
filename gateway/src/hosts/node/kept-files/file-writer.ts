/**
 * Writes bytes behind somebody's back: they are queued, never waited for, and given up when the disk is too slow or fails.
 * @module
 */
import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";

/** Queued bytes of all writers, and how many there may be. */
export interface WriteQueue {
  bytes: number;
  readonly most: number;
}

/** One run of bytes into one file. */
export interface FileWriter {
  /** @returns false: it is given up */
  push(chunk: Uint8Array): boolean;
  /** No more come. Resolves when the last one is written and the file is closed; false: it was given up. Never rejects. */
  finish(): Promise<boolean>;
}

/** Longest queue of one writer. */
const mostQueued = 8 * 1024 * 1024;

/**
 * Begins to write.
 * @param options `position`: of the first byte; `onError`: told once, when the disk refuses
 */
export function createFileWriter(options: {
  path: string;
  position: number;
  queue: WriteQueue;
  onError: (error: unknown) => void;
}): FileWriter {
  const { path, queue } = options;
  let waiting: Uint8Array[] = [];
  let queued = 0;
  let { position } = options;
  let failed = false;
  let running: Promise<void> = Promise.resolve();
  let handle: FileHandle | null = null;

  function giveUp(): false {
    failed = true;
    queue.bytes -= queued;
    queued = 0;
    waiting = [];
    return false;
  }

  async function write(): Promise<void> {
    try {
      handle ??= await open(path, constants.O_WRONLY | constants.O_CREAT, 0o600);
      while (waiting.length > 0) {
        const chunks = waiting;
        waiting = [];
        for (const chunk of chunks) {
          for (let done = 0; done < chunk.length && !failed;) {
            const { bytesWritten } = await handle.write(chunk, done, chunk.length - done, position);
            done += bytesWritten;
            position += bytesWritten;
          }
          // What was given up is not counted any more.
          if (failed) return;
          queue.bytes -= chunk.length;
          queued -= chunk.length;
        }
      }
    } catch (error) {
      if (!failed) options.onError(error);
      giveUp();
    }
  }

  return {
    push(chunk) {
      if (failed) return false;
      if (queued + chunk.length > mostQueued || queue.bytes + chunk.length > queue.most) return giveUp();
      const idle = waiting.length === 0 && queued === 0;
      waiting.push(chunk);
      queued += chunk.length;
      queue.bytes += chunk.length;
      if (idle) running = running.then(write);
      return true;
    },
    async finish() {
      // Written already, or queued: `write` goes on until nothing waits.
      await running;
      try {
        // An empty file is one too.
        if (!failed) handle ??= await open(path, constants.O_WRONLY | constants.O_CREAT, 0o600);
        await handle?.close();
      } catch (error) {
        if (!failed) options.onError(error);
        failed = true;
      }
      return !failed;
    },
  };
}
