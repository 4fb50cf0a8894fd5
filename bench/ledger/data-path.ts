/**
 * What calls feel of the work beside them: an open loop of calls through the gateway, in phases that take turns.
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import type { Generator } from "../lib/generator.ts";
import type { Workload } from "../workloads.ts";
import { browse, exportAll, keepQuiet, reprice, type Disturbance } from "./disturbances.ts";
import type { Gateway, LoopDelay } from "./gateway.ts";
import type { PageSubject } from "./page-requests.ts";
import type { World } from "./world.ts";

/** What goes on beside the calls. */
export const phases = ["quiet", "browse", "export", "re-price", "retention", "quiet again"] as const;
export type Phase = (typeof phases)[number];

/** One measurement. Latencies in milliseconds, from the time at which a call was due. */
export interface PhaseSample {
  phase: Phase;
  round: number;
  calls: number;
  errors: number;
  p50: number;
  p99: number;
  max: number;
  loop: LoopDelay;
  rssMegabytes: number;
  /** CPU of the gateway with all its threads, microseconds a call. */
  cpuMicros: number;
  /** Cores that others than gateway and generator used: the noise. */
  foreign: number;
}

/** All of them, and what the disturbances did. */
export interface DataPath {
  samples: PhaseSample[];
  /** By phase, a line a round. */
  remarks: { phase: Phase; round: number; words: string }[];
  /** Calls that retention deleted. */
  deleted: number;
}

/** What is measured with. */
export interface DataPathOptions {
  gateway: Gateway;
  generator: Generator;
  world: World;
  subject: PageSubject;
  /** The database's file, to see how far retention is. */
  database: string;
  rounds: number;
  windows: number;
  seconds: number;
  rate: number;
  progress: (line: string) => void;
}

/** Measures all phases, round by round. */
export async function measureDataPath(options: DataPathOptions): Promise<DataPath> {
  const { gateway, subject, world, rounds, windows, progress } = options;
  const result: DataPath = { samples: [], remarks: [], deleted: 0 };
  const watcher = new DatabaseSync(options.database, { readOnly: true });
  /** Share of the range that is deleted by now. */
  const deletedShare = (): number => {
    const row = watcher.prepare("select started_at as ms from calls order by id limit 1").get() as { ms: number };
    return Math.max(0, (row.ms - world.startMs) / (world.endMs - world.startMs));
  };
  const begin: Record<Exclude<Phase, "retention">, () => Disturbance> = {
    quiet: keepQuiet,
    browse: () => browse(gateway, subject),
    export: () => exportAll(gateway, subject),
    "re-price": () => reprice(gateway, subject),
    "quiet again": keepQuiet,
  };
  const measure = async (phase: Phase, round: number): Promise<void> => {
    const sample = await measureWindow(options, phase, round);
    result.samples.push(sample);
    progress(describe(sample));
  };
  try {
    // Warms up: the first calls compile.
    await measureWindow(options, "quiet", 0);
    for (let round = 1; round <= rounds; round += 1) {
      for (const phase of phases) {
        if (phase === "retention") {
          const words = await measureRetention({ ...options, round, deletedShare, result });
          result.remarks.push({ phase, round, words });
          progress(`retention ${round}: ${words}`);
          continue;
        }
        const disturbance = begin[phase]();
        for (let window = 0; window < windows; window += 1) await measure(phase, round);
        const words = await disturbance.end();
        if (words !== "") result.remarks.push({ phase, round, words });
        if (words !== "") progress(`${phase} ${round}: ${words}`);
      }
    }
    result.deleted = Math.round(deletedShare() * world.calls);
    return result;
  } finally {
    watcher.close();
  }
}

// --- helpers ---

/** Of all calls, deleted in all rounds together: a million of five. */
const shareDeleted = 0.2;
/** Retention runs once a minute; this is how long is waited for it. */
const mostWaitMs = 150_000;

/**
 * Shortens the retention and measures until what falls out of it is deleted. The gateway deletes once a minute; only
 * measurements in which it did count, the others are quiet ones.
 */
async function measureRetention(
  options: DataPathOptions & { round: number; deletedShare: () => number; result: DataPath },
): Promise<string> {
  const { gateway, world, round, rounds, deletedShare, result, progress } = options;
  const wanted = (shareDeleted * round) / rounds;
  const goalMs = world.startMs + (world.endMs - world.startMs) * wanted;
  const days = Math.max(1, Math.floor((Date.now() - goalMs) / 86_400_000));
  await gateway.ask("/settings", { method: "PATCH", body: { changes: { RETENTION_DAYS: String(days) } } });
  const first = deletedShare();
  const began = performance.now();
  let before = first;
  let busySeconds = 0;
  for (;;) {
    const sample = await measureWindow(options, "retention", round);
    const now = deletedShare();
    const isBusy = now > before;
    before = now;
    if (isBusy) busySeconds += options.seconds;
    result.samples.push(isBusy ? sample : { ...sample, phase: "quiet" });
    progress(`${describe(sample)}${isBusy ? "" : " (not yet at work)"}`);
    // Quiet again after work, with all of it done: the next run would delete no more.
    if (!isBusy && (now > first || performance.now() - began > mostWaitMs)) break;
  }
  return `${Math.round((before - first) * world.calls)} calls deleted within ${busySeconds} s`;
}

async function measureWindow(options: DataPathOptions, phase: Phase, round: number): Promise<PhaseSample> {
  const { gateway, generator, rate, seconds } = options;
  const workload: Workload = {
    name: "ledger",
    title: "1 KB unary calls, open loop",
    kind: "open",
    scenario: "u1k",
    stream: false,
    events: 0,
    connections: 256,
    rate,
    bodySize: 1024,
    bodyKind: "text",
    stretch: 1,
  };
  await gateway.loopDelay();
  const sample = await generator.load({
    workload,
    port: gateway.port,
    headers: gateway.callHeaders,
    forms: ["native"],
    pids: gateway.pids(),
    seconds,
    warmupSeconds: 1,
  });
  const { core0, core1, cpu_util: own, gen_util: load, lat } = sample;
  return {
    phase,
    round,
    calls: sample.done,
    errors: sample.errors,
    p50: lat.p50 / 1000,
    p99: lat.p99 / 1000,
    max: lat.max / 1000,
    loop: await gateway.loopDelay(),
    rssMegabytes: sample.rss_MB,
    cpuMicros: sample.cpu_us,
    foreign: Math.max(0, core0.busy + core1.busy - own - load),
  };
}

function describe({ phase, round, p50, p99, max, loop, errors, foreign }: PhaseSample): string {
  const ms = (value: number): string => value.toFixed(2);
  return `${phase} ${round}: p50 ${ms(p50)} p99 ${ms(p99)} max ${ms(max)} ms, loop p99 ${ms(loop.p99)} max ${ms(loop.max)} ms, turn p99 ${ms(loop.cpuP99)} max ${ms(loop.cpuMax)} ms CPU, ${errors} errors, others ${foreign.toFixed(2)} cores`;
}
