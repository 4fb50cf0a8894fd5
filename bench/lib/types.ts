/**
 * What the parts of the benchmark hand each other.
 * @module
 */

/** How a request is written: Gemini's own wire format, or OpenAI chat completions that a gateway translates. */
export type Form = "native" | "chat";

/** One histogram of the generator, in microseconds. */
export interface Histogram {
  n: number;
  p50: number;
  p90: number;
  p99: number;
  p999: number;
  max: number;
  mean: number;
}

/** One measurement: the line that gwbench prints, plus our judgement of who else used the machine. */
export interface Sample {
  /** Calls finished in a second. */
  rps: number;
  done: number;
  errors: number;
  /** The last unexpected status, 0 when a connection was cut, -1 when all was well. */
  bad_status: number;
  secs: number;
  /** Connections open at the end. */
  conns: number;
  /** CPU of the proxy, microseconds a call. */
  cpu_us: number;
  /** CPU of the proxy and of the generator with its mock upstream, in cores. */
  cpu_util: number;
  gen_util: number;
  core0: { busy: number; steal: number };
  core1: { busy: number; steal: number };
  rss0_MB: number;
  rss_MB: number;
  lat: Histogram;
  /** One-way delay of each event, and of the first event of each stream. */
  ev: Histogram;
  first: Histogram;
  /** Held streams: how many had their first event, and the CPU they cost while held. */
  held?: number;
  hold_cpu_ms_per_s?: number;
  /** Cores used by anybody but the proxy and the generator during the measurement. */
  foreign: number;
  /** True when `foreign` or stolen time was above the limit, also after repeats. */
  noisy: boolean;
}

/** What one target did in one workload. `samples` has one entry a round. */
export interface Row {
  target: string;
  /** Why there is no figure; absent when measured. */
  notRun?: string;
  samples: Sample[];
}

/** All rows of one workload. */
export interface WorkloadResult {
  workload: string;
  rows: Row[];
}

/** One budget compared with what was measured. */
export interface Verdict {
  subject: string;
  budget: string;
  limit: string;
  measured: string;
  /** "unsure": a figure is there, but no round of it was undisturbed. */
  outcome: "met" | "missed" | "unsure" | "not run";
}

/** The machine and the versions that a result belongs to. */
export interface Machine {
  cpu: string;
  cores: number;
  kernel: string;
  versions: Record<string, string>;
}

/** Everything of one run, as written to results/latest.json. */
export interface BenchResult {
  schema: 1;
  startedAt: string;
  /** Wall time of the run in seconds. */
  tookSeconds: number;
  command: string;
  machine: Machine;
  /** One line for each thing that was missing or not as it should be. */
  remarks: string[];
  workloads: WorkloadResult[];
  verdicts: Verdict[];
}
