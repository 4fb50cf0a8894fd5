/**
 * Runs before the gateway is packed: builds it and the dashboard, and lays README and LICENSE beside it, which npm only
 * takes from the package's own folder. The copies are ignored by git.
 * @module
 */
import { copyFile, cp } from "node:fs/promises";
import { basename, join } from "node:path";
import { dashboardDist, ensureDashboard } from "./support/dashboard.ts";
import { run, root } from "./support/run.ts";

const gateway = join(root, "gateway");
for (const file of ["README.md", "LICENSE"]) await copyFile(join(root, file), join(gateway, file));
const built = await run("npm", ["run", "build", "--loglevel=error"], { cwd: gateway, timeoutMs: 120_000 });
// Standard error: npm pack --json wants standard output for itself.
process.stderr.write(built.text);
const dashboard = await ensureDashboard({ onBuild: () => console.error("building the dashboard …") });
if (!dashboard.ok) process.stderr.write(`the dashboard could not be built: ${dashboard.reason}\n`);
// After the build, which empties dist/. Files that begin with a dot are for this repository and for wrangler.
else
  await cp(dashboardDist, join(gateway, "dist/dashboard"), {
    recursive: true,
    filter: (path) => !basename(path).startsWith("."),
  });
process.exitCode = built.ok && dashboard.ok ? 0 : 1;
