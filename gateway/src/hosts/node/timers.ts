/**
 * Repeated background work that never overlaps itself and can be stopped for good.
 * @module
 */

/**
 * Runs `work` again `ms` after it ended.
 * @returns stops it; resolves when a run under way has ended
 */
export function every(ms: number, work: () => Promise<void>): () => Promise<void> {
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    timer = setTimeout(() => {
      running = work().finally(() => {
        if (!stopped) arm();
      });
    }, ms);
    timer.unref();
  };
  arm();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await running;
  };
}
