/**
 * `npm run check:docs`: links, headings, npm scripts and paths that the documentation names exist.
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkPage } from "./support/docs.ts";
import { root } from "./support/run.ts";
import { listFiles } from "./support/tracked-files.ts";

const pages = (await listFiles()).filter((path) => path.endsWith(".md"));
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };
let problems = 0;
for (const page of pages) {
  const claims = checkPage(page, {
    exists: (path) => existsSync(join(root, path)),
    read: (path) => (existsSync(join(root, path)) ? readFileSync(join(root, path), "utf8") : null),
    scripts: new Set(Object.keys(scripts)),
  });
  for (const claim of claims) console.error(`${page}: ${claim}`);
  problems += claims.length;
}
console.log(`${problems} problems in ${pages.length} pages`);
process.exitCode = problems > 0 ? 1 : 0;
