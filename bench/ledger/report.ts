/**
 * The result of a run over a big ledger as Markdown.
 * @module
 */
import type { Machine } from "../lib/types.ts";
import { median } from "../lib/statistics.ts";
import { phases, type DataPath, type Phase, type PhaseSample } from "./data-path.ts";
import type { PageRow, WalkRow } from "./page-times.ts";
import type { World } from "./world.ts";

/** Everything of one run. */
export interface LedgerResult {
  schema: 1;
  startedAt: string;
  tookSeconds: number;
  command: string;
  machine: Machine;
  world: World;
  rows: PageRow[];
  walks: WalkRow[];
  dataPath: DataPath | null;
  /** What is too slow, or failed. */
  failures: string[];
}

/** A phase against the quiet of the same round. */
export interface PhaseRow {
  phase: Phase;
  windows: number;
  p50: number;
  p99: number;
  max: number;
  /** Median over the rounds of p99 by that of the round's quiet measurements, and the least and greatest of them. */
  ratio: number;
  ratios: readonly [number, number];
  loopP99: number;
  loopMax: number;
  /** The main thread's CPU between two timers 5 ms apart: p99 of the measurements, and the most of any. */
  turnP99: number;
  turnMax: number;
  rssMegabytes: number;
  foreign: number;
  errors: number;
}

/** Sums a phase's measurements up. Null: there are none. */
export function toPhaseRow(samples: readonly PhaseSample[], phase: Phase): PhaseRow | null {
  const own = samples.filter((sample) => sample.phase === phase);
  if (own.length === 0) return null;
  const of = (read: (sample: PhaseSample) => number): number => median(own.map(read)) ?? 0;
  const most = (read: (sample: PhaseSample) => number): number => Math.max(...own.map(read));
  const rounds = [...new Set(own.map(({ round }) => round))];
  const ratios = rounds.flatMap((round) => {
    const p99 = median(own.filter((sample) => sample.round === round).map((sample) => sample.p99));
    const quiet = median(
      samples.filter((sample) => sample.round === round && sample.phase === "quiet").map((sample) => sample.p99),
    );
    return p99 === undefined || quiet === undefined || quiet === 0 ? [] : [p99 / quiet];
  });
  return {
    phase,
    windows: own.length,
    p50: of((sample) => sample.p50),
    p99: of((sample) => sample.p99),
    max: most((sample) => sample.max),
    ratio: median(ratios) ?? Number.NaN,
    ratios: [Math.min(...ratios), Math.max(...ratios)],
    loopP99: of((sample) => sample.loop.p99),
    loopMax: most((sample) => sample.loop.max),
    turnP99: of((sample) => sample.loop.cpuP99),
    turnMax: most((sample) => sample.loop.cpuMax),
    rssMegabytes: most((sample) => sample.rssMegabytes),
    foreign: of((sample) => sample.foreign),
    errors: own.reduce((sum, sample) => sum + sample.errors, 0),
  };
}

/** The whole report. */
export function toLedgerMarkdown(result: LedgerResult): string {
  const { machine, world, rows, walks, dataPath, failures } = result;
  return [
    "# Big ledger",
    "",
    `${result.startedAt.slice(0, 16).replace("T", " ")} UTC, ${Math.round(result.tookSeconds / 60)} min, \`${result.command}\`  `,
    `${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}, Node ${machine.versions["node"] ?? "?"}`,
    "",
    `${count(world.calls)} calls of ${world.days} days: ${(world.fileBytes / 1e9).toFixed(2)} GB with ${count(world.sums)} rows of`,
    `sums, written at ${count(Math.round(world.rowsPerSecond))} calls/s (of ${Math.round(world.writeSeconds)} s, ${Math.round(world.rollUpSeconds)} s for summing up hours and days).`,
    "",
    ...pagesSection(rows, walks),
    ...(dataPath === null ? [] : dataPathSection(dataPath)),
    ...(failures.length === 0
      ? ["Nothing is above the limits."]
      : ["## Above the limits", "", ...failures.map((one) => `- ${one}`)]),
    "",
  ].join("\n");
}

// --- helpers ---

function pagesSection(rows: readonly PageRow[], walks: readonly WalkRow[]): string[] {
  if (rows.length === 0) return [];
  return [
    "## Pages",
    "",
    "Milliseconds from request to last byte, the whole range chosen. CPU: of the gateway's threads, median. Cold: the system",
    "had forgotten the file.",
    "",
    "| page | request | zone | median | p95 | CPU | cold median | cold p95 | KB |",
    "|---|---|---|--:|--:|--:|--:|--:|--:|",
    ...rows.map(
      ({ page, name, zone, warm, cold, cpuMs, kilobytes }) =>
        `| ${page} | ${name} | ${zone ?? ""} | ${ms(warm.median)} | ${ms(warm.p95)} | ${ms(cpuMs)} | ${ms(cold.median)} | ${ms(cold.p95)} | ${kilobytes.toFixed(0)} |`,
    ),
    "",
    "Searches to their end, page by page:",
    "",
    "| search | answers | found | median | p95 | slowest |",
    "|---|--:|--:|--:|--:|--:|",
    ...walks.map(
      ({ name, pages, found, slowest }) =>
        `| ${name} | ${pages} | ${found} | ${ms(slowest.median)} | ${ms(slowest.p95)} | ${ms(slowest.max)} |`,
    ),
    "",
  ];
}

function dataPathSection({ samples, remarks, deleted }: DataPath): string[] {
  const rows = phases.map((phase) => toPhaseRow(samples, phase)).filter((row) => row !== null);
  return [
    "## Calls meanwhile",
    "",
    "Milliseconds; medians over the measurements, except for max. Ratio: p99 by that of the quiet measurements of the same",
    `round, median of the rounds (least to greatest). Retention deleted ${count(deleted)} calls.`,
    "Loop: how late the main thread's timers were, which other processes cause, too. Turn: CPU that the main thread used between",
    "two timers 5 ms apart, which they do not.",
    "",
    "| beside the calls | measured | p50 | p99 | ratio | max | loop p99 | loop max | turn p99 | turn max | RSS MB | others' cores | errors |",
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ...rows.map(
      (row) =>
        `| ${row.phase} | ${row.windows} x | ${ms(row.p50)} | ${ms(row.p99)} | ${row.ratio.toFixed(2)} (${row.ratios.map((one) => one.toFixed(2)).join(" to ")}) | ${ms(row.max)} | ${ms(row.loopP99)} | ${ms(row.loopMax)} | ${ms(row.turnP99)} | ${ms(row.turnMax)} | ${row.rssMegabytes.toFixed(0)} | ${row.foreign.toFixed(2)} | ${row.errors} |`,
    ),
    "",
    ...remarks.map(({ phase, round, words }) => `- ${phase}, round ${round}: ${words}`),
    "",
  ];
}

function ms(value: number): string {
  return value < 10 ? value.toFixed(2) : value.toFixed(0);
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
