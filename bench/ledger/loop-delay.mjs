/**
 * Loaded into the gateway's process by `--import`: how late its main thread's timers are. SIGUSR2 writes what there was
 * since the last one, as a line of JSON, into the file that BENCH_LOOP_FILE names.
 * @module
 */
import { appendFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import process from "node:process";
import { isMainThread } from "node:worker_threads";

const file = process.env.BENCH_LOOP_FILE;
/** Milliseconds between two looks; each is so much too long without any delay. */
const resolution = 5;

if (isMainThread && file !== undefined) {
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  const late = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - resolution);
  process.on("SIGUSR2", () => {
    const line = { p50: late(delay.percentile(50)), p99: late(delay.percentile(99)), max: late(delay.max) };
    appendFileSync(file, `${JSON.stringify(line)}\n`);
    delay.reset();
  });
}
