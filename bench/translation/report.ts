/**
 * The table of a run, and whether the budget holds.
 * @module
 */
import { medianOf, medianPaired, medianRatio, type Figure } from "../lib/statistics.ts";
import type { Machine, Row, Sample } from "../lib/types.ts";
import { NATIVE, SUBJECTS, TRANSLATION_WORKLOADS } from "./subjects.ts";

/** CPU that translation of a 1 KB call may cost above the native one, microseconds. */
const TRANSLATION_BUDGET_US = 60;
/** Workloads that the budget is for. */
const budgeted: ReadonlySet<string> = new Set(["unary", "sse"]);

/** Everything of one run, as written to results/translation-latest.json. */
export interface TranslationResult {
  schema: 1;
  startedAt: string;
  tookSeconds: number;
  command: string;
  machine: Machine;
  remarks: string[];
  workloads: { workload: string; rows: Row[] }[];
}

/** One dialect in one workload. */
export interface TranslationLine {
  workload: string;
  subject: string;
  cpu: Figure | undefined;
  /** Above the native call of the same round. */
  above: Figure | undefined;
  ratio: Figure | undefined;
  /** Null: there is no budget for it. */
  verdict: "met" | "missed" | "unsure" | null;
}

const cpuOf = (sample: Sample): number => sample.cpu_us;

/** All lines. */
export function toLines(result: Pick<TranslationResult, "workloads">): TranslationLine[] {
  return result.workloads.flatMap(({ workload, rows }) => {
    const native = rows.find(({ target }) => target === NATIVE);
    return rows.map((row): TranslationLine => {
      const isNative = row === native;
      const above = isNative
        ? undefined
        : medianPaired(row, native, { read: cpuOf, combine: (own, other) => own - other });
      return {
        workload,
        subject: row.target,
        cpu: medianOf(row, cpuOf),
        above,
        ratio: isNative ? undefined : medianRatio(row, native, cpuOf),
        verdict: above === undefined || !budgeted.has(workload) ? null : judge(above),
      };
    });
  });
}

/** The report. */
export function toTranslationMarkdown(result: TranslationResult): string {
  const { machine } = result;
  const titles = new Map(SUBJECTS.map(({ name, title }) => [name, title]));
  const lines = [
    "# What translation costs",
    "",
    `${result.startedAt}, ${result.tookSeconds} s, ${machine.cpu}, kernel ${machine.kernel}, ${Object.entries(
      machine.versions,
    )
      .map(([name, version]) => `${name} ${version}`)
      .join(", ")}.`,
    `\`${result.command}\``,
    "",
    "CPU of the gateway on one core, microseconds a call, medians of the rounds; differences and ratios are made within a",
    "round. `~`: no undisturbed round. Budget: less than " + `${TRANSLATION_BUDGET_US} us above native for 1 KB calls.`,
    ...result.remarks.map((remark) => `- ${remark}`),
  ];
  for (const { workload, rows } of result.workloads) {
    const title = TRANSLATION_WORKLOADS.find(({ name }) => name === workload)?.title ?? "";
    lines.push("", `## ${workload}: ${title}`, "", "| dialect | CPU us a call | above native, us | ratio | budget |");
    lines.push("|---|--:|--:|--:|---|");
    for (const line of toLines({ workloads: [{ workload, rows }] })) {
      const why = rows.find(({ target }) => target === line.subject)?.notRun;
      const name = `${line.subject}: ${titles.get(line.subject) ?? ""}`;
      if (why !== undefined) lines.push(`| ${name} | not run: ${why} | | | |`);
      else
        lines.push(
          `| ${name} | ${show(line.cpu, 0)} | ${show(line.above, 0)} | ${show(line.ratio, 2)} | ${line.verdict ?? ""} |`,
        );
    }
  }
  return `${lines.join("\n")}\n`;
}

// --- helpers ---

function judge({ value, quiet }: Figure): "met" | "missed" | "unsure" {
  if (!quiet) return "unsure";
  return value < TRANSLATION_BUDGET_US ? "met" : "missed";
}

function show(figure: Figure | undefined, digits: number): string {
  return figure === undefined ? "" : `${figure.quiet ? "" : "~"}${figure.value.toFixed(digits)}`;
}
