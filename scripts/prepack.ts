/**
 * Runs before the gateway is packed: builds it, and lays README and LICENSE beside it, which npm only takes from the
 * package's own folder. The copies are ignored by git.
 * @module
 */
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { run, root } from "./support/run.ts";

const gateway = join(root, "gateway");
for (const file of ["README.md", "LICENSE"]) await copyFile(join(root, file), join(gateway, file));
const built = await run("npm", ["run", "build", "--loglevel=error"], { cwd: gateway, timeoutMs: 120_000 });
// Standard error: npm pack --json wants standard output for itself.
process.stderr.write(built.text);
process.exitCode = built.ok ? 0 : 1;
