/**
 * Measures the gateway side by side with nginx, with bare servers and with a peer. `node bench/run.ts --help`.
 * @module
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LOAD_CORE, startGenerator } from "./lib/generator.ts";
import { startInstance, type Instance } from "./lib/instances.ts";
import { measureWorkload } from "./lib/measure.ts";
import { HELP, parseOptions, type RunOptions } from "./lib/options.ts";
import { cleanUpAtExit } from "./lib/processes.ts";
import { describeMachine, preparePrograms, type Programs } from "./lib/programs.ts";
import { toMarkdown } from "./lib/report.ts";
import type { BenchResult, WorkloadResult } from "./lib/types.ts";
import { judge } from "./lib/verdict.ts";

const bench = import.meta.dirname;

try {
  const words = process.argv.slice(2);
  // Another bench behind the same command: it reads the words after its name.
  if (words[0] === "ledger") await import("./ledger/run.ts");
  else if (words[0] === "translation") await import("./translation/run.ts");
  else {
    const options = parseOptions(words);
    if (options.help) process.stdout.write(HELP);
    else await main(options);
  }
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

// --- helpers ---

async function main(options: RunOptions): Promise<void> {
  const startedAt = new Date();
  const programs = preparePrograms(bench);
  const temporaryDirectory = mkdtempSync(join(tmpdir(), "gemini-proxy-bench-"));
  cleanUpAtExit(temporaryDirectory);
  // This process waits while others are measured; where it does work, not on the proxy's core.
  if (programs.pinning.length > 0) spawnSync("taskset", ["-apc", String(LOAD_CORE), String(process.pid)]);
  const workloads = await measureAll(options, programs, temporaryDirectory);
  const result: BenchResult = {
    schema: 1,
    startedAt: startedAt.toISOString(),
    tookSeconds: Math.round((Date.now() - startedAt.getTime()) / 1000),
    command: ["node bench/run.ts", ...process.argv.slice(2)].join(" "),
    machine: describeMachine(programs),
    remarks: [...programs.remarks, ...generatorRemarks(workloads)],
    workloads,
    verdicts: judge(workloads),
  };
  const json = `${JSON.stringify(result)}\n`;
  const markdown = toMarkdown(result);
  mkdirSync(join(bench, "results"), { recursive: true });
  writeFileSync(join(bench, "results/latest.json"), json);
  writeFileSync(join(bench, "results/latest.md"), markdown);
  process.stdout.write(options.json ? json : markdown);
}

async function measureAll(
  options: RunOptions,
  programs: Programs,
  temporaryDirectory: string,
): Promise<WorkloadResult[]> {
  const generator = await startGenerator(programs);
  const start = (target: RunOptions["targets"][number]): Promise<Instance> =>
    startInstance(target, { programs, generator, temporaryDirectory });
  const progress = (line: string): void => void process.stderr.write(`${line}\n`);
  const instances: Instance[] = [];
  try {
    for (const target of options.targets) {
      const instance = await start(target);
      instances.push(instance);
      progress(`${target.name}: ${instance.failure() ?? "ready"}`);
    }
    const results: WorkloadResult[] = [];
    for (const workload of options.workloads) {
      const rows = await measureWorkload(workload, instances, { generator, pace: options.pace, start, progress });
      results.push({ workload: workload.name, rows });
    }
    return results;
  } finally {
    await Promise.all([...instances.map((instance) => instance.stop()), generator.stop()]);
  }
}

/** A generator at its limit measures itself. */
function generatorRemarks(workloads: readonly WorkloadResult[]): string[] {
  return workloads.flatMap(({ workload, rows }) =>
    rows
      .filter((row) => row.samples.some((sample) => sample.gen_util > 0.97))
      .map((row) => `the load generator was at its limit in ${workload} with ${row.target}: it may be faster still`),
  );
}
