/**
 * The budgets of the gateway, compared with what was measured.
 * @module
 */
import { BASELINE, BUN_BASELINE, DIRECT, LIMIT, PEER } from "../targets.ts";
import { medianOf, medianPaired, medianRatio, type Figure } from "./statistics.ts";
import type { Row, Sample, Verdict, WorkloadResult } from "./types.ts";

/** The gateway with logging on, on Node and on Bun, against each budget. */
export function judge(results: readonly WorkloadResult[]): Verdict[] {
  const subjects = [
    { name: "gateway-node", baseline: BASELINE },
    { name: "gateway-bun", baseline: BUN_BASELINE },
  ];
  const taking = subjects.filter(({ name }) => results.some(({ rows }) => rows.some((row) => row.target === name)));
  return taking.flatMap(({ name, baseline }) =>
    budgetsFor(name, baseline, results).map((budget) => toVerdict(name, budget)),
  );
}

/** Memory that one held stream added, in KB (1,024 bytes). */
export function kilobytesPerStream(sample: Sample): number {
  return ((sample.rss_MB - sample.rss0_MB) * 1024) / Math.max(1, sample.held ?? 0);
}

// --- helpers ---

interface Budget {
  title: string;
  limit: number;
  /** Whether the figure must not be above or not below the limit. */
  side: "at most" | "at least";
  value: Figure | undefined;
  unit: string;
  digits: number;
  note?: string;
}

const cpu = (sample: Sample): number => sample.cpu_us;
const throughput = (sample: Sample): number => sample.rps;

function budgetsFor(subject: string, baseline: string, results: readonly WorkloadResult[]): Budget[] {
  const row = (workload: string, target: string): Row | undefined =>
    results.find((one) => one.workload === workload)?.rows.find((one) => one.target === target);
  const ratio = (workload: string, other: string, read: (sample: Sample) => number): Figure | undefined =>
    medianRatio(row(workload, subject), row(workload, other), read);
  const held = row("held", subject);
  const rate = row("rate", subject);
  const paced = row("sse-paced", subject);
  const firstP99 = medianOf(paced, (sample) => sample.first.p99 / 1000);
  const toLimit = { side: "at most", unit: "x", digits: 2 } as const;
  const fromLimit = { side: "at least", unit: "x", digits: 2 } as const;
  return [
    { title: `CPU a call / ${baseline}, unary`, limit: 1.15, value: ratio("unary", baseline, cpu), ...toLimit },
    { title: `CPU a call / ${baseline}, SSE`, limit: 1.15, value: ratio("sse", baseline, cpu), ...toLimit },
    { title: `throughput / ${LIMIT}, unary`, limit: 0.22, value: ratio("unary", LIMIT, throughput), ...fromLimit },
    { title: `throughput / ${LIMIT}, SSE at once`, limit: 0.45, value: ratio("sse", LIMIT, throughput), ...fromLimit },
    {
      title: `throughput / ${PEER}, unary`,
      limit: 15,
      value: ratio("unary", PEER, throughput),
      ...fromLimit,
      digits: 1,
    },
    {
      title: `throughput / ${PEER}, unary, both asked for OpenAI chat`,
      limit: 15,
      value: ratio("chat", PEER, throughput),
      ...fromLimit,
      digits: 1,
    },
    {
      title: "p99 added at 500 calls/s",
      limit: 2,
      side: "at most",
      value: medianPaired(rate, row("rate", DIRECT), {
        read: (sample) => sample.lat.p99 / 1000,
        combine: (own, direct) => own - direct,
      }),
      unit: "ms",
      digits: 2,
    },
    {
      title: "first SSE byte after the upstream's, p50",
      limit: 1,
      side: "at most",
      value: medianOf(paced, (sample) => sample.first.p50 / 1000),
      unit: "ms",
      digits: 2,
      ...(firstP99 === undefined ? {} : { note: `p99 ${firstP99.value.toFixed(2)} ms` }),
    },
    {
      title: "memory a held stream",
      limit: 64,
      side: "at most",
      value: medianOf(held, kilobytesPerStream),
      unit: "KB",
      digits: 1,
    },
    {
      title: "RSS with 1,000 streams open",
      limit: 200,
      side: "at most",
      value: medianOf(held, (sample) => sample.rss_MB),
      unit: "MB",
      digits: 0,
    },
  ];
}

function toVerdict(subject: string, budget: Budget): Verdict {
  const { value, side, limit, unit } = budget;
  const text = { subject, budget: budget.title, limit: `${side} ${limit} ${unit}` };
  if (value === undefined) return { ...text, measured: "-", outcome: "not run" };
  const measured = `${value.value.toFixed(budget.digits)} ${unit}${budget.note === undefined ? "" : ` (${budget.note})`}`;
  if (!value.quiet) return { ...text, measured: `~${measured}`, outcome: "unsure" };
  const met = side === "at most" ? value.value <= limit : value.value >= limit;
  return { ...text, measured, outcome: met ? "met" : "missed" };
}
