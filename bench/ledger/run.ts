/**
 * Measures what the admin API's pages cost over a big ledger, and what calls feel of it. `node bench/ledger/run.ts --help`.
 * @module
 */
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startGenerator } from "../lib/generator.ts";
import { cleanUpAtExit } from "../lib/processes.ts";
import { describeMachine, preparePrograms } from "../lib/programs.ts";
import { measureDataPath, type DataPath } from "./data-path.ts";
import { startGateway, type Gateway } from "./gateway.ts";
import { LEDGER_HELP, parseLedgerOptions, type LedgerOptions } from "./options.ts";
import type { PageSubject } from "./page-requests.ts";
import { measurePages, tooSlow, type PageRow, type WalkRow } from "./page-times.ts";
import { toLedgerMarkdown, type LedgerResult } from "./report.ts";
import { databaseFile, makeWorld, type World } from "./world.ts";

const bench = join(import.meta.dirname, "..");

try {
  // As `npm run bench -- ledger` and by itself.
  const words = process.argv.slice(2).filter((word, index) => index > 0 || word !== "ledger");
  const options = parseLedgerOptions(words);
  if (options.help) process.stdout.write(LEDGER_HELP);
  else await main(options);
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

// --- helpers ---

async function main(options: LedgerOptions): Promise<void> {
  const startedAt = new Date();
  const programs = preparePrograms(bench);
  const temporaryDirectory = mkdtempSync(join(tmpdir(), "gemini-proxy-ledger-"));
  cleanUpAtExit(temporaryDirectory);
  const progress = (line: string): void => void process.stderr.write(`${line}\n`);
  const directory = join(temporaryDirectory, "data");
  const { calls, days, keep } = options;
  const world = await makeWorld({ directory: keep === null ? directory : resolve(keep), calls, days, progress });
  progress(`${calls} calls in ${(world.fileBytes / 1e9).toFixed(2)} GB, ${Math.round(world.rowsPerSecond)}/s`);
  // Retention deletes, and calls are added: what is kept stays as it was made.
  if (keep !== null) cpSync(resolve(keep), directory, { recursive: true });
  const generator = await startGenerator(programs);
  let pages: { rows: PageRow[]; walks: WalkRow[] } = { rows: [], walks: [] };
  let dataPath: DataPath | null = null;
  let gateway: Gateway | null = null;
  try {
    gateway = await startGateway({ programs, directory, upstream: generator.upstream });
    const subject = await findSubject(gateway, world);
    if (options.pages) pages = await measurePages({ gateway, subject, repeats: options.repeats, progress });
    if (options.rounds > 0) {
      const { rounds, windows, seconds, rate } = options;
      const what = { gateway, generator, world, subject, database: join(directory, databaseFile) };
      dataPath = await measureDataPath({ ...what, rounds, windows, seconds, rate, progress });
    }
  } finally {
    await gateway?.stop();
    await generator.stop();
  }
  const result: LedgerResult = {
    schema: 1,
    startedAt: startedAt.toISOString(),
    tookSeconds: Math.round((Date.now() - startedAt.getTime()) / 1000),
    command: ["node bench/ledger/run.ts", ...process.argv.slice(2)].join(" "),
    machine: describeMachine(programs),
    world,
    ...pages,
    dataPath,
    failures: tooSlow(pages.rows, pages.walks),
  };
  const json = `${JSON.stringify(result)}\n`;
  const markdown = toLedgerMarkdown(result);
  mkdirSync(join(bench, "results"), { recursive: true });
  writeFileSync(join(bench, "results/ledger.json"), json);
  writeFileSync(join(bench, "results/ledger.md"), markdown);
  process.stdout.write(options.json ? json : markdown);
  if (result.failures.length > 0) process.exitCode = 1;
}

/** The whole range, and things in it that there are many of. */
async function findSubject(gateway: Gateway, world: World): Promise<PageSubject> {
  const page = JSON.parse((await gateway.ask("/calls?limit=1&outcome=ok")).text) as { calls: { id: string }[] };
  const models = JSON.parse(
    (await gateway.ask(`/usage/breakdown?by=model&top=1&fromMs=${world.startMs}&toMs=${world.endMs}`)).text,
  ) as { rows: { key: string }[] };
  const [call, model] = [page.calls[0], models.rows[0]];
  if (call === undefined || model === undefined) throw new Error("the gateway shows no calls of the ledger");
  return {
    fromMs: world.startMs,
    toMs: Math.max(world.endMs, Date.now()),
    callId: call.id,
    model: model.key,
    clientId: "client_000003",
    credentialId: "cred_000007",
  };
}
