/**
 * The command line of a run.
 * @module
 */
import { parseArgs } from "node:util";
import { TARGETS, type Target } from "../targets.ts";
import { WORKLOADS, type Workload } from "../workloads.ts";
import type { Pace } from "./measure.ts";

/** What was asked for. */
export interface RunOptions {
  targets: Target[];
  workloads: Workload[];
  pace: Pace;
  json: boolean;
  help: boolean;
}

/** The text of --help. */
export const HELP: string = `node bench/run.ts [options]
node bench/run.ts ledger [options]      pages over a big ledger: see its own --help
node bench/run.ts translation [options] what translating a dialect costs: see its own --help

  --only a,b        these targets only
                    ${TARGETS.map((target) => target.name).join(", ")}
  --workload a,b    these workloads only
                    ${WORKLOADS.map((workload) => workload.name).join(", ")}
  --rounds N        rounds in which every target takes its turn (default 5)
  --duration S      seconds a measurement takes (default 2)
  --quick           2 rounds of 1 s: to see that it works, not to quote
  --json            print JSON instead of Markdown
`;

/** Reads the command line. @throws Error naming a wrong option, target or workload. */
export function parseOptions(args: string[]): RunOptions {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string" },
      workload: { type: "string" },
      rounds: { type: "string" },
      duration: { type: "string" },
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const quick = values.quick;
  return {
    targets:
      values.only === undefined
        ? TARGETS.filter((target) => target.byDefault !== false)
        : pick(TARGETS, values.only, "target"),
    workloads: values.workload === undefined ? WORKLOADS : pick(WORKLOADS, values.workload, "workload"),
    pace: {
      rounds: Math.round(positive(values.rounds, quick ? 2 : 5, "--rounds")),
      seconds: positive(values.duration, quick ? 1 : 2, "--duration"),
      warmups: quick ? 3 : 8,
      repeats: quick ? 0 : 2,
      patience: quick ? 3 : 15,
    },
    json: values.json,
    help: values.help,
  };
}

// --- helpers ---

/** Keeps the order of the table, whatever order was typed: rounds are comparable between runs. */
function pick<T extends { name: string }>(all: readonly T[], names: string, what: string): T[] {
  const wanted = names.split(",").map((name) => name.trim());
  const unknown = wanted.find((name) => !all.some((one) => one.name === name));
  if (unknown !== undefined)
    throw new Error(`no such ${what}: ${unknown}; known: ${all.map((one) => one.name).join(", ")}`);
  return all.filter((one) => wanted.includes(one.name));
}

function positive(text: string | undefined, fallback: number, option: string): number {
  const value = text === undefined ? fallback : Number(text);
  if (!Number.isFinite(value) || value < 0.2) throw new Error(`${option} wants a number, not ${text}`);
  return value;
}
