/**
 * Work on a disk behind everybody's back: it is never waited for, and when it fails that is told once a minute.
 * @module
 */
import type { Logger } from "../../../core/ports.ts";

/** Work under way. */
export interface DiskWork {
  run(task: () => Promise<unknown>): void;
  complain(error: unknown): void;
  /** Waits for all of it, and for what it begins. */
  settled(): Promise<void>;
}

const complainEveryMs = 60_000;

/** @param options `now`: epoch milliseconds */
export function createDiskWork(options: { logger: Logger; now: () => number }): DiskWork {
  const { logger, now } = options;
  const work = new Set<Promise<unknown>>();
  let complainedAt = -Infinity;
  const complain = (error: unknown): void => {
    if (now() - complainedAt < complainEveryMs) return;
    complainedAt = now();
    const { code, name } = error as NodeJS.ErrnoException;
    logger.log("warn", "kept-files.failed", { cause: code ?? name });
  };
  return {
    complain,
    run(task) {
      const running: Promise<unknown> = task()
        .catch(complain)
        .finally(() => work.delete(running));
      work.add(running);
    },
    async settled() {
      while (work.size > 0) await Promise.all(work);
    },
  };
}
