/**
 * The command line of a run over the dialects.
 * @module
 */
import { parseArgs } from "node:util";
import type { Workload } from "../workloads.ts";
import { NATIVE, SUBJECTS, TRANSLATION_WORKLOADS, type Subject } from "./subjects.ts";

/** What was asked for. */
export interface TranslationOptions {
  subjects: Subject[];
  workloads: Workload[];
  rounds: number;
  /** Of one measurement. */
  seconds: number;
  /** Most runs that each subject is warmed up with. */
  warmups: number;
  /** How often a disturbed measurement is taken again. */
  repeats: number;
  /** Where the gateway writes a CPU profile at its end; null: none. */
  profile: string | null;
  json: boolean;
  help: boolean;
}

/** The text of --help. */
export const TRANSLATION_HELP: string = `node bench/translation/run.ts [options]

  --only a,b        these dialects only, and ${NATIVE}
                    ${SUBJECTS.map(({ name }) => name).join(", ")}
  --workload a,b    these workloads only
                    ${TRANSLATION_WORKLOADS.map(({ name }) => name).join(", ")}
  --rounds N        rounds in which every dialect takes its turn (default 7)
  --duration S      seconds of one measurement (default 2)
  --profile DIR     the gateway writes a .cpuprofile there; choose one dialect and one workload with it
  --quick           2 rounds of 1 s: to see that it works, not to quote
  --json            print JSON instead of Markdown

Exit code 1: translation of a 1 KB call costs 60 us or more in an undisturbed median, or something failed.
`;

/** Reads the command line. @throws Error naming a wrong option, dialect or workload. */
export function parseTranslationOptions(args: string[]): TranslationOptions {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string" },
      workload: { type: "string" },
      rounds: { type: "string" },
      duration: { type: "string" },
      profile: { type: "string" },
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const { quick, profile = null } = values;
  const chosen = values.only === undefined ? SUBJECTS : pick(SUBJECTS, values.only, "dialect");
  const native = SUBJECTS.filter(({ name }) => name === NATIVE);
  return {
    // A profile is to show what was asked for alone.
    subjects: profile !== null || chosen.includes(native[0] as Subject) ? chosen : [...native, ...chosen],
    workloads:
      values.workload === undefined ? TRANSLATION_WORKLOADS : pick(TRANSLATION_WORKLOADS, values.workload, "workload"),
    rounds: Math.round(positive(values.rounds, quick ? 2 : 7, "--rounds")),
    seconds: positive(values.duration, quick ? 1 : 2, "--duration"),
    warmups: quick ? 3 : 6,
    repeats: quick ? 0 : 2,
    profile,
    json: values.json,
    help: values.help,
  };
}

// --- helpers ---

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
