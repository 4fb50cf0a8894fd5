/**
 * Loaded into the gateway's process by `--import`: how late its main thread's timers are, and how much CPU the thread used
 * between two of them. The first is what calls feel and includes what other processes do to this one; the second is what
 * the gateway does itself. SIGUSR2 writes what there was since the last one, as a line of JSON, into the file that
 * BENCH_LOOP_FILE names.
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
  const used = () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  let before = used();
  let turns = [];
  setInterval(() => {
    const now = used();
    turns.push(now - before);
    before = now;
  }, resolution).unref();
  process.on("SIGUSR2", () => {
    const sorted = turns.sort((a, b) => a - b);
    const line = {
      p99: late(delay.percentile(99)),
      max: late(delay.max),
      cpuP99: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
      cpuMax: sorted.at(-1) ?? 0,
    };
    appendFileSync(file, `${JSON.stringify(line)}\n`);
    delay.reset();
    turns = [];
    before = used();
  });
}
