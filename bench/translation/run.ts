/**
 * Measures what translating a dialect costs above the native call, through the same gateway on the same core.
 * `node bench/translation/run.ts --help`.
 * @module
 */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGenerator, type Generator } from "../lib/generator.ts";
import { cleanUpAtExit } from "../lib/processes.ts";
import { describeMachine, preparePrograms } from "../lib/programs.ts";
import type { Row, Sample } from "../lib/types.ts";
import type { Workload } from "../workloads.ts";
import { checkSubject } from "./check.ts";
import { startTranslatingGateway, type TranslatingGateway } from "./gateway.ts";
import { parseTranslationOptions, TRANSLATION_HELP, type TranslationOptions } from "./options.ts";
import { toLines, toTranslationMarkdown, type TranslationResult } from "./report.ts";
import type { Subject } from "./subjects.ts";

const bench = join(import.meta.dirname, "..");

try {
  // As `npm run bench -- translation` and by itself.
  const words = process.argv.slice(2).filter((word, index) => index > 0 || word !== "translation");
  const options = parseTranslationOptions(words);
  if (options.help) process.stdout.write(TRANSLATION_HELP);
  else await main(options);
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

// --- helpers ---

/** What measuring needs. */
interface Setup {
  options: TranslationOptions;
  generator: Generator;
  gateway: TranslatingGateway;
  /** Where bodies are written to. */
  directory: string;
}

async function main(options: TranslationOptions): Promise<void> {
  const startedAt = new Date();
  const programs = preparePrograms(bench);
  const directory = mkdtempSync(join(tmpdir(), "gemini-proxy-translation-"));
  cleanUpAtExit(directory);
  const generator = await startGenerator(programs);
  const workloads: TranslationResult["workloads"] = [];
  let gateway: TranslatingGateway | null = null;
  try {
    const { profile } = options;
    gateway = await startTranslatingGateway({ programs, directory, upstream: generator.upstream, profile });
    const setup = { options, generator, gateway, directory };
    for (const workload of options.workloads)
      workloads.push({ workload: workload.name, rows: await measure(workload, setup) });
  } finally {
    await Promise.all([gateway?.stop(), generator.stop()]);
  }
  const result: TranslationResult = {
    schema: 1,
    startedAt: startedAt.toISOString(),
    tookSeconds: Math.round((Date.now() - startedAt.getTime()) / 1000),
    command: ["npm run bench --", ...process.argv.slice(2)].join(" "),
    machine: describeMachine(programs),
    remarks: programs.remarks,
    workloads,
  };
  const json = `${JSON.stringify(result)}\n`;
  const markdown = toTranslationMarkdown(result);
  mkdirSync(join(bench, "results"), { recursive: true });
  writeFileSync(join(bench, "results/translation-latest.json"), json);
  writeFileSync(join(bench, "results/translation-latest.md"), markdown);
  process.stdout.write(options.json ? json : markdown);
  const failed = workloads.some(({ rows }) => rows.some(({ notRun }) => notRun !== undefined));
  if (failed || toLines(result).some(({ verdict }) => verdict === "missed")) process.exitCode = 1;
}

/** Rounds in which every dialect takes its turn. */
async function measure(workload: Workload, setup: Setup): Promise<Row[]> {
  const { options, gateway } = setup;
  const rows = options.subjects.map((subject) => ({ subject, row: { target: subject.name, samples: [] } as Row }));
  for (const { subject, row } of rows) {
    try {
      await checkSubject(subject, workload, gateway);
      await warmUp(subject, workload, setup);
    } catch (error) {
      row.notRun = error instanceof Error ? error.message : String(error);
    }
  }
  for (let round = 1; round <= options.rounds; round += 1)
    for (const { subject, row } of rows) {
      if (row.notRun !== undefined) continue;
      const sample = await measureQuietly(subject, workload, setup);
      if (sample.errors > 0 || sample.done === 0)
        row.notRun = `${sample.errors} calls failed, last: ${sample.bad_status}`;
      row.samples.push(sample);
      const noise = sample.noisy ? ` (disturbed: ${sample.foreign.toFixed(2)} cores)` : "";
      process.stderr.write(
        `${workload.name} ${round}/${options.rounds} ${subject.name}: ${sample.cpu_us.toFixed(0)} us a call${noise}\n`,
      );
    }
  // A row that broke off is no row: its figures would come from other rounds than everybody's.
  for (const { row } of rows) if (row.notRun !== undefined) row.samples = [];
  return rows.map(({ row }) => row);
}

/** Until the CPU of a call has stopped falling: two runs without a gain of 3 %. */
async function warmUp(subject: Subject, workload: Workload, setup: Setup): Promise<void> {
  let best = Infinity;
  let without = 0;
  for (let run = 0; run < setup.options.warmups && without < 2; run += 1) {
    const { cpu_us: cpu } = await load(subject, workload, setup, { seconds: 1, warmupSeconds: 0 });
    without = cpu < best * 0.97 ? 0 : without + 1;
    best = Math.min(best, cpu);
  }
}

/** The least disturbed of some tries. */
async function measureQuietly(subject: Subject, workload: Workload, setup: Setup): Promise<Sample> {
  const times = { seconds: setup.options.seconds, warmupSeconds: 0.3 };
  let best = await load(subject, workload, setup, times);
  for (let repeat = 0; best.noisy && repeat < setup.options.repeats; repeat += 1) {
    const sample = await load(subject, workload, setup, times);
    if (sample.foreign < best.foreign) best = sample;
  }
  return best;
}

function load(
  subject: Subject,
  workload: Workload,
  { generator, gateway, directory }: Setup,
  times: { seconds: number; warmupSeconds: number },
): Promise<Sample> {
  const bodyFile = join(directory, `${subject.name}-${workload.name}.json`);
  writeFileSync(bodyFile, subject.body(workload));
  return generator.load({
    workload,
    port: gateway.port,
    headers: gateway.headers,
    forms: ["native"],
    pids: gateway.pids(),
    request: { path: subject.path(workload), bodyFile },
    ...times,
  });
}
