/**
 * The result as Markdown.
 * @module
 */
import { BASELINE, BUN_BASELINE, DIRECT, LIMIT, TARGETS } from "../targets.ts";
import { WORKLOADS, type Workload } from "../workloads.ts";
import { medianOf, medianPaired, medianRatio, usableSamples, type Figure } from "./statistics.ts";
import type { BenchResult, Row, Sample, Verdict, WorkloadResult } from "./types.ts";
import { kilobytesPerStream } from "./verdict.ts";

/** The whole report. */
export function toMarkdown(result: BenchResult): string {
  const { machine } = result;
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  return [
    "# Benchmark",
    "",
    `${result.startedAt.slice(0, 16).replace("T", " ")} UTC, ${Math.round(result.tookSeconds / 60)} min, \`${result.command}\`  `,
    `${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}  `,
    versions.join(", "),
    "",
    "Proxy on one core, generator and mock upstream on another, plain HTTP, keep-alive. Read the ratios: they compare",
    "targets that took turns in the same rounds. `~` marks figures for which no round was undisturbed.",
    ...result.remarks.flatMap((remark) => ["", `- ${remark}`]),
    "",
    ...legend(result.workloads),
    ...result.workloads.flatMap(workloadSection),
    ...verdictSection(result.verdicts),
  ].join("\n");
}

// --- helpers ---

interface Column {
  title: string;
  cell: (row: Row, rows: WorkloadResult["rows"]) => string;
}

function legend(workloads: readonly WorkloadResult[]): string[] {
  const names = new Set(workloads.flatMap(({ rows }) => rows.map((row) => row.target)));
  const taking = TARGETS.filter((target) => names.has(target.name));
  return [
    ...table(
      ["target", "what it is"],
      taking.map((target) => [target.name, target.title]),
    ),
    "",
  ];
}

function workloadSection({ workload, rows }: WorkloadResult): string[] {
  const described = WORKLOADS.find((one) => one.name === workload);
  if (described === undefined) return [];
  const columns = columnsOf(described);
  const body = rows.map((row) =>
    row.notRun === undefined
      ? [row.target, ...columns.map((column) => column.cell(row, rows)), quietRounds(row)]
      : [row.target, `not run: ${row.notRun.replaceAll("|", "/").replaceAll("\n", " ")}`, ...columns.map(() => "")],
  );
  const head = ["target", ...columns.map((column) => column.title), "quiet rounds"];
  return [`## ${described.title} (\`${workload}\`)`, "", ...table(head, body, 1), ""];
}

function verdictSection(verdicts: readonly Verdict[]): string[] {
  if (verdicts.length === 0) return [];
  const rows = verdicts.map((one) => [one.subject, one.budget, one.limit, one.measured, outcomeText(one)]);
  const note = "Unsure: measured, but in no undisturbed round. Run it again on a quiet machine.";
  return [
    "## Verdict: budgets with logging on",
    "",
    note,
    "",
    ...table(["who", "budget", "limit", "measured", ""], rows),
    "",
  ];
}

function outcomeText({ outcome }: Verdict): string {
  return outcome === "missed" ? "**missed**" : outcome;
}

/** A table; the columns from `numbersFrom` on are figures and stand to the right. */
function table(head: readonly string[], rows: readonly (readonly string[])[], numbersFrom = Infinity): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, index) => (index < numbersFrom ? "---" : "--:"))), ...rows.map(line)];
}

/** How many rounds were undisturbed. */
function quietRounds(row: Row): string {
  const quiet = row.samples.filter((sample) => !sample.noisy).length;
  return `${quiet}/${row.samples.length}`;
}

function columnsOf(workload: Workload): Column[] {
  if (workload.kind === "hold") return holdColumns;
  if (workload.kind === "open") return openColumns;
  return workload.name === "sse-paced" ? pacedColumns : closedColumns;
}

function figure(title: string, read: (sample: Sample) => number, digits = 0): Column {
  return { title, cell: (row) => format(medianOf(row, read), digits) };
}

function ratio(title: string, other: string, read: (sample: Sample) => number): Column {
  const reference = (rows: readonly Row[]): Row | undefined => rows.find((one) => one.target === other);
  return { title, cell: (row, rows) => format(medianRatio(row, reference(rows), read), 2) };
}

function added(title: string, read: (sample: Sample) => number): Column {
  const combine = (own: number, direct: number): number => own - direct;
  return {
    title,
    cell: (row, rows) => {
      const direct = rows.find((one) => one.target === DIRECT);
      return row === direct ? "-" : format(medianPaired(row, direct, { read, combine }), 2);
    },
  };
}

function format(figure: Figure | undefined, digits: number): string {
  // Nothing is truly zero here: the direct upstream has no proxy whose CPU or memory could be counted.
  if (figure === undefined || figure.value === 0) return "-";
  const { value, quiet } = figure;
  const small = digits === 2 && value !== 0 && Math.abs(value) < 0.1 ? 3 : digits;
  return (
    (quiet ? "" : "~") + value.toLocaleString("en-US", { minimumFractionDigits: small, maximumFractionDigits: small })
  );
}

const cpu = figure("CPU us/call", (sample) => sample.cpu_us);
const cpuRatio = ratio(`CPU / ${BASELINE}`, BASELINE, (sample) => sample.cpu_us);
const bunCpuRatio = ratio(`CPU / ${BUN_BASELINE}`, BUN_BASELINE, (sample) => sample.cpu_us);
const memory = figure("RSS MB", (sample) => sample.rss_MB);
const p50 = figure("p50 ms", (sample) => sample.lat.p50 / 1000, 2);
const p99 = figure("p99 ms", (sample) => sample.lat.p99 / 1000, 2);

const closedColumns: Column[] = [
  figure("calls/s", (sample) => sample.rps),
  ratio(`/ ${LIMIT}`, LIMIT, (sample) => sample.rps),
  ratio(`/ ${BASELINE}`, BASELINE, (sample) => sample.rps),
  cpu,
  cpuRatio,
  bunCpuRatio,
  p50,
  p99,
  memory,
];

const pacedColumns: Column[] = [
  figure("streams/s", (sample) => sample.rps),
  cpu,
  ratio(`CPU / ${LIMIT}`, LIMIT, (sample) => sample.cpu_us),
  cpuRatio,
  bunCpuRatio,
  figure("first event p50 us", (sample) => sample.first.p50),
  figure("first event p99 us", (sample) => sample.first.p99),
  figure("event p50 us", (sample) => sample.ev.p50),
  figure("event p99 us", (sample) => sample.ev.p99),
  memory,
];

const openColumns: Column[] = [
  p50,
  p99,
  added("p50 added ms", (sample) => sample.lat.p50 / 1000),
  added("p99 added ms", (sample) => sample.lat.p99 / 1000),
  cpu,
  figure("connections", (sample) => sample.conns),
  memory,
];

const holdColumns: Column[] = [
  { title: "streams", cell: (row) => String(Math.min(...usableSamples(row).map((sample) => sample.held ?? 0))) },
  figure("RSS MB before", (sample) => sample.rss0_MB),
  memory,
  figure("KB a stream", kilobytesPerStream, 1),
  figure("CPU ms/s", (sample) => sample.hold_cpu_ms_per_s ?? 0),
  figure("event p50 us", (sample) => sample.ev.p50),
];
