/**
 * The order of a run: warm every target up, then rounds in which each takes its turn (A B C A B C …).
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { readFileSync } from "node:fs";
import type { Target } from "../targets.ts";
import { whyNot, type Workload } from "../workloads.ts";
import { checkAnswer } from "./check.ts";
import type { Generator } from "./generator.ts";
import type { Instance } from "./instances.ts";
import type { Row, Sample } from "./types.ts";

/** How long and how often. */
export interface Pace {
  rounds: number;
  /** Seconds a measurement takes. */
  seconds: number;
  /** Most warm-up runs a target gets in a workload. */
  warmups: number;
  /** How often a disturbed measurement is taken again. */
  repeats: number;
  /** Most seconds to wait for a quiet machine before a measurement. */
  patience: number;
}

/** What measuring needs beside the pace. */
export interface MeasureContext {
  generator: Generator;
  pace: Pace;
  /** Starts a fresh instance of a target. */
  start: (target: Target) => Promise<Instance>;
  progress: (line: string) => void;
}

/** All rows of one workload over instances that live through the run. */
export async function measureWorkload(
  workload: Workload,
  instances: readonly Instance[],
  context: MeasureContext,
): Promise<Row[]> {
  const rows: Row[] = [];
  const able: { instance: Instance; row: Row }[] = [];
  for (const instance of instances) {
    const reason = whyNot(workload, instance.target);
    if (reason === "hidden") continue;
    const row: Row = { target: instance.target.name, samples: [] };
    rows.push(row);
    const failure = reason ?? instance.failure() ?? (await check(workload, instance));
    if (failure === undefined) able.push({ instance, row });
    else row.notRun = failure;
  }
  const fresh = workload.kind === "hold";
  if (!fresh) for (const { instance } of able) await warmUp(workload, instance, context);
  for (let round = 1; round <= context.pace.rounds; round += 1) {
    for (const { instance, row } of able) {
      if (row.notRun !== undefined) continue;
      try {
        const sample = fresh
          ? await measureFresh(workload, instance, context)
          : await measureQuietly(workload, instance, context);
        const failure = failureOf(sample, workload);
        if (failure === undefined) row.samples.push(sample);
        else row.notRun = failure;
        context.progress(`${workload.name} ${round}/${context.pace.rounds} ${describe(row, sample)}`);
      } catch (error) {
        row.notRun = instance.failure() ?? (error instanceof Error ? error.message : String(error));
      }
    }
  }
  // A row that broke off half-way is no row: its figures would come from other rounds than everybody's.
  for (const row of rows) if (row.notRun !== undefined) row.samples = [];
  return rows;
}

// --- helpers ---

function check(workload: Workload, { port, headers, target }: Instance): Promise<string | undefined> {
  return checkAnswer({ workload, port, headers, forms: target.forms });
}

function load(
  workload: Workload,
  instance: Instance,
  options: { context: MeasureContext; seconds: number; warmupSeconds: number },
): Promise<Sample> {
  const { context, ...times } = options;
  const { port, headers, target } = instance;
  return context.generator.load({ workload, port, headers, forms: target.forms, pids: instance.pids(), ...times });
}

/** Loads until the CPU of a call has stopped falling: two runs without a gain of 3 %. */
async function warmUp(workload: Workload, instance: Instance, context: MeasureContext): Promise<void> {
  if (instance.target.start === undefined) return;
  const seconds = Math.max(0.5, context.pace.seconds / 2);
  let best = Infinity;
  let without = 0;
  for (let run = 0; run < context.pace.warmups && without < 2; run += 1) {
    const sample = await load(workload, instance, { context, seconds, warmupSeconds: 0 });
    if (sample.done === 0) return;
    without = sample.cpu_us < best * 0.97 ? 0 : without + 1;
    best = Math.min(best, sample.cpu_us);
  }
}

/** One measurement on a quiet machine; the least disturbed of the tries when it does not get quiet. */
async function measureQuietly(workload: Workload, instance: Instance, context: MeasureContext): Promise<Sample> {
  let best: Sample | undefined;
  for (let attempt = 0; attempt <= context.pace.repeats; attempt += 1) {
    await waitForQuiet(context.pace.patience);
    const seconds = context.pace.seconds * workload.stretch;
    const sample = await load(workload, instance, { context, seconds, warmupSeconds: 0.5 });
    if (best === undefined || sample.foreign < best.foreign) best = sample;
    if (!sample.noisy) return sample;
  }
  if (best === undefined) throw new Error("nothing was measured");
  return best;
}

/**
 * Memory of held streams, on an instance that has served a few calls but never had many connections: a process that
 * has grown before shows no growth.
 */
async function measureFresh(workload: Workload, instance: Instance, context: MeasureContext): Promise<Sample> {
  const own = await context.start(instance.target);
  try {
    const failure = own.failure();
    if (failure !== undefined) throw new Error(failure);
    const few: Workload = { ...workload, kind: "closed", scenario: "sse30", events: 30, connections: 4 };
    await load(few, own, { context, seconds: 1, warmupSeconds: 0 });
    await waitForQuiet(context.pace.patience);
    return await load(workload, own, { context, seconds: context.pace.seconds * workload.stretch, warmupSeconds: 0 });
  } finally {
    await own.stop();
  }
}

/** Waits until nobody works: the last target has written its log, the neighbour has done with the build. */
async function waitForQuiet(seconds: number): Promise<void> {
  for (let waited = 0; waited < seconds * 1000; waited += 150) {
    const before = busyTicks();
    await sleep(150);
    // 150 ms of two cores are 30 ticks; 3 of them are a tenth of the machine.
    if (busyTicks() - before <= 3) return;
  }
}

/** Clock ticks (10 ms) that cores 0 and 1 were busy since the start of the machine. */
function busyTicks(): number {
  const lines = readFileSync("/proc/stat", "latin1").split("\n");
  return lines
    .filter((line) => /^cpu[01] /.test(line))
    .map((line) => line.trim().split(/\s+/).slice(1).map(Number))
    .reduce(
      (sum, [user = 0, nice = 0, system = 0, , , irq = 0, soft = 0]) => sum + user + nice + system + irq + soft,
      0,
    );
}

/** A sample that must not become a figure: answers that were not 200, or streams that never began. */
function failureOf(sample: Sample, workload: Workload): string | undefined {
  if (workload.kind === "hold") {
    const held = sample.held ?? 0;
    return held >= workload.connections * 0.99 ? undefined : `only ${held} of ${workload.connections} streams began`;
  }
  if (sample.errors === 0 && sample.done > 0) return undefined;
  const share = sample.errors / Math.max(1, sample.errors + sample.done);
  if (sample.done > 0 && share < 0.001) return undefined;
  const last = sample.bad_status === 0 ? "a cut connection" : `status ${sample.bad_status}`;
  return sample.errors === 0 ? "no call was finished" : `${(share * 100).toFixed(1)} % of calls failed, last: ${last}`;
}

function describe(row: Row, sample: Sample): string {
  if (row.notRun !== undefined) return `${row.target}: not run: ${row.notRun}`;
  const noise = sample.noisy ? ` (disturbed: ${sample.foreign.toFixed(2)} cores)` : "";
  if (sample.held !== undefined) return `${row.target}: ${sample.held} held, ${sample.rss_MB} MB${noise}`;
  return `${row.target}: ${sample.rps.toFixed(0)}/s, ${sample.cpu_us.toFixed(0)} us a call${noise}`;
}
