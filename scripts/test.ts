/**
 * `npm test`: every suite on every runtime.
 *
 * - `unit`: gateway, emulator and tools on this Node;
 * - `unit-node22`: what of the gateway touches the platform, on the oldest Node that is supported (the contract runs there
 *   too);
 * - `runtime-<name>`: runtime-tests/<name>.test.ts, or the tests of a folder there. They find the programs to start in
 *   TEST_NODE24, TEST_NODE22 and TEST_BUN.
 *
 * Flags: `--only unit|runtime|<suite>` (may be repeated), `--grep <pattern>` for names of tests, `--list`.
 * The last line is `N passed, N failed`, with `, N skipped` when there are any.
 * @module
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root, seconds } from "./support/run.ts";
import { installRuntimePackages, runtimeTests } from "./support/runtime-packages.ts";
import { findRuntimeSuites } from "./support/runtime-suites.ts";
import { bringRuntime } from "./support/runtimes.ts";
import { runVitest, type Counts } from "./support/vitest-suite.ts";

/** What npm has to bring before a suite can run. */
type Need = "node22" | "bun" | "packages";

interface Suite {
  name: string;
  group: "unit" | "runtime";
  folder: string;
  filters: readonly string[];
  excludes: readonly string[];
  needs: readonly Need[];
  /** Name of the variable with the Node that runs vitest itself. */
  on: "TEST_NODE24" | "TEST_NODE22";
  /** What it may run beside. `workerd`: starts wrangler; `alone`: measures, or keeps both cores busy. */
  lane: "alone" | "workerd" | "node";
}

/** What differs from one Node to another; the rest is the language's. */
const platformFolders = ["hosts", "cli", "storage", "vault"].map((folder) => `gateway/src/${folder}/`);
/** Suites of runtime-tests/ that start wrangler. */
const startsWrangler: ReadonlySet<string> = new Set([
  "accounts-late",
  "accounts-workers",
  "contract",
  "dashboard",
  "egress",
  "live",
  "resources",
  "translated-workers",
  "workers",
]);
/**
 * For all suites together; one that is under way then is killed and counts as failed. They are to take less than ten
 * minutes on two quiet cores; a machine that others use gets some more.
 */
const limitMs = 20 * 60_000;
const startedAt = performance.now();

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    grep: { type: "string" },
    list: { type: "boolean", default: false },
  },
});

const suites = allSuites().filter(
  ({ name, group }) => values.only === undefined || values.only.some((wanted) => wanted === name || wanted === group),
);
if (values.list) {
  for (const { name, group } of suites) console.log(`${name} (${group})`);
  process.exit(0);
}

const programs: Record<string, string> = { TEST_NODE24: process.execPath };
const missing = await prepare(new Set(suites.flatMap((suite) => suite.needs)));
const lines: string[] = [];
const unstable: string[] = [];
const total: Counts = { passed: 0, failed: missing.size, skipped: 0 };

// One after the other, both cores for each; then, side by side, those that wait for wrangler most of the time and those
// that do not. Never two wranglers: they watch the same folders.
const alone = suites.filter(({ lane }) => lane === "alone");
for (const suite of alone) await runSuite(suite, "inherit");
const lanes = (["workerd", "node"] as const).map((lane) => suites.filter((suite) => suite.lane === lane));
const output = lanes.every((lane) => lane.length > 0) ? "capture" : "inherit";
await Promise.all(
  lanes.map(async (lane) => {
    for (const suite of lane) await runSuite(suite, output);
  }),
);

console.log(`\n${lines.join("\n")}`);
for (const reason of missing.values()) console.log(`missing: ${reason}`);
for (const name of unstable) console.log(`passed only at the second try: ${name}`);
if (total.passed + total.failed === 0) {
  console.log("no test ran");
  total.failed = 1;
}
console.log(`in ${seconds(performance.now() - startedAt)}`);
console.log(describe(total));
process.exitCode = total.failed > 0 ? 1 : 0;

// --- helpers ---

async function runSuite(suite: Suite, output: "inherit" | "capture"): Promise<void> {
  const lacks = suite.needs.filter((need) => missing.has(need));
  if (lacks.length > 0) {
    lines.push(`${suite.name}: not run, needs ${lacks.join(" and ")}`);
    return;
  }
  const begin = performance.now();
  if (output === "inherit") console.log(`\n── ${suite.name}`);
  const counts = await runVitest({
    ...suite,
    output,
    node: programs[suite.on] ?? "",
    grep: values.grep,
    env: { ...programs, WRANGLER_SEND_METRICS: "false", DO_NOT_TRACK: "1" },
    timeoutMs: Math.max(1_000, limitMs - (begin - startedAt)),
  });
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
  unstable.push(...counts.unstable.map((name) => `${suite.name}: ${name}`));
  lines.push(`${suite.name}: ${describe(counts)} (${seconds(performance.now() - begin)})`);
}

function allSuites(): Suite[] {
  const unit = { folder: root, excludes: ["runtime-tests/**"] };
  return [
    { ...unit, name: "unit", group: "unit", filters: [], needs: [], on: "TEST_NODE24", lane: "alone" },
    {
      ...unit,
      name: "unit-node22",
      group: "runtime",
      filters: platformFolders,
      // Each command by itself: what they need of the platform, the tests of cli/, storage/ and vault/ have shown.
      excludes: [
        ...unit.excludes,
        "gateway/src/cli/*/**",
        // Of the language alone: the same on every Node.
        "gateway/src/hosts/{accounts,administration,cloudflare,fetch,front,responses}/**",
        "gateway/src/hosts/{hot-settings,capture}*.test.ts",
      ],
      needs: ["node22"],
      on: "TEST_NODE22",
      lane: "node",
    },
    ...findRuntimeSuites(runtimeTests).map((suite): Suite => ({
      name: `runtime-${suite.name.replaceAll("/", "-")}`,
      group: "runtime",
      folder: suite.root === null ? root : join(runtimeTests, suite.root),
      filters: suite.root === null ? [`runtime-tests/${suite.filter}`] : [],
      excludes: suite.excludes.map((glob) => `runtime-tests/${glob}`),
      needs: ["packages", "node22", "bun"],
      on: "TEST_NODE24",
      lane: suite.name === "load" ? "alone" : startsWrangler.has(suite.name) ? "workerd" : "node",
    })),
  ];
}

/** Fills `programs`; gives back, for each thing that could not be had, the reason in one line. */
async function prepare(needs: ReadonlySet<Need>): Promise<Map<Need, string>> {
  const reasons = new Map<Need, string>();
  await Promise.all(
    [...needs].map(async (need) => {
      if (need === "packages") {
        const reason = await installRuntimePackages();
        if (reason !== null) reasons.set(need, reason);
        return;
      }
      const runtime = await bringRuntime(need);
      if (runtime.ok) programs[`TEST_${need.toUpperCase()}`] = runtime.path;
      else reasons.set(need, runtime.reason);
    }),
  );
  for (const reason of reasons.values()) console.error(`missing: ${reason}`);
  return reasons;
}

function describe({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
