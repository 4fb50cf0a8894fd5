import { expect, it } from "vitest";
import { flushed } from "./flushed.ts";

function createTimer() {
  const timer = {
    ms: 0,
    task: (): void => undefined,
    stopped: 0,
    every(ms: number, task: () => void) {
      Object.assign(timer, { ms, task });
      return () => void (timer.stopped += 1);
    },
  };
  return timer;
}

it("waits for what is being written, and leaves no timer", async () => {
  const timer = createTimer();
  let written = false;
  const flush = async (): Promise<void> => {
    await Promise.resolve();
    written = true;
  };
  await flushed({ flush, every: timer.every });
  expect([written, timer.stopped]).toEqual([true, 1]);
});

it("does not wait longer than a second for a store that another process holds", async () => {
  const timer = createTimer();
  const waiting = flushed({ flush: () => new Promise(() => undefined), every: timer.every });
  expect(timer.ms).toBeLessThanOrEqual(1_000);
  timer.task();
  await waiting;
  expect(timer.stopped).toBe(1);
});

it("does not fail when the ledger cannot be written, and not when that shows later", async () => {
  const timer = createTimer();
  await flushed({ flush: () => Promise.reject(new Error("disk full")), every: timer.every });
  let fail: (error: Error) => void = () => undefined;
  const late = flushed({ flush: () => new Promise((_, reject) => (fail = reject)), every: timer.every });
  timer.task();
  await late;
  fail(new Error("database is locked"));
  await Promise.resolve();
  expect(timer.stopped).toBe(2);
});
