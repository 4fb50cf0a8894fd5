/**
 * Builds the dashboard when it has to be: `dashboard/dist` with precompressed variants beside the files.
 * @module
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { run, root } from "./run.ts";

/** Where the build is. */
export const dashboardDist: string = join(root, "dashboard/dist");

/** How it went. */
export type DashboardBuild = { ok: true; built: boolean } | { ok: false; reason: string };

/**
 * Brings `dashboard/dist` up to date.
 * @param options `force`: also when nothing has changed; `onBuild`: told before a build begins, which takes seconds
 */
export async function ensureDashboard(
  options: { force?: boolean; onBuild?: () => void } = {},
): Promise<DashboardBuild> {
  const source = await digestOfSources();
  if (source === null) return { ok: false, reason: "there is no dashboard/ in this folder" };
  if ((await stampedDigest()) === source && options.force !== true) return { ok: true, built: false };
  options.onBuild?.();
  // Aside and then in its place: a gateway that starts meanwhile finds all of a build or none.
  const aside = `${dashboardDist}-${process.pid}`;
  try {
    const vite = await run(process.execPath, [viteProgram, "build", "--outDir", aside, "--logLevel", "warn"], {
      cwd: join(root, "dashboard"),
      timeoutMs: 120_000,
    });
    if (!vite.ok) return { ok: false, reason: vite.text.trim().slice(-3_000) };
    await compressFolder(aside);
    await writeFile(join(aside, ".assetsignore"), "*.br\n*.gz\n.built\n");
    await writeFile(join(aside, stampName), `${source}\n`);
    await rm(dashboardDist, { recursive: true, force: true });
    await rename(aside, dashboardDist).catch(async (error: unknown) => {
      // Another build of the same sources was quicker.
      if ((await stampedDigest()) !== source) throw error;
    });
    return { ok: true, built: true };
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

// --- helpers ---

const brotli = promisify(brotliCompress);
const gzipped = promisify(gzip);
const compressible = /\.(?:html|js|css|svg|json|webmanifest|txt)$/;
/** Says of what sources the build is. */
const stampName = ".built";
const viteProgram = join(root, "node_modules/vite/bin/vite.js");
/** The contract's schemas are built into the dashboard, and so are the locked versions of its packages. */
const sources = ["dashboard", "gateway/src/admin/contract", "gateway/src/admin/schemas"];
const moreSources = ["gateway/src/admin/define-route.ts", "package-lock.json", "tsconfig.base.json"];

/** Of the sources of what is built; null: nothing is. */
async function stampedDigest(): Promise<string | null> {
  return readFile(join(dashboardDist, stampName), "utf8").then(
    (text) => text.trim(),
    () => null,
  );
}

/** Null: no dashboard here. By content: an unpacked archive or a checkout tells nothing by its times. */
async function digestOfSources(): Promise<string | null> {
  if (!existsSync(join(root, "dashboard/index.html"))) return null;
  const hash = createHash("sha256");
  const found = await Promise.all(sources.map((folder) => filesOf(join(root, folder))));
  const paths = [...found.flat(), ...moreSources.map((path) => join(root, path))];
  for (const path of paths.toSorted()) {
    if (/\.test\.tsx?$/.test(path) || !existsSync(path)) continue;
    hash.update(`${relative(root, path).replaceAll(sep, "/")}\n`).update(await readFile(path));
  }
  return hash.digest("hex");
}

async function filesOf(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name === "node_modules" || /^(?:dist|\.)/.test(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...(await filesOf(path)));
    else if (entry.isFile()) found.push(path);
  }
  return found;
}

/** Lays `x.br` and `x.gz` beside each text file, where they are smaller. */
async function compressFolder(folder: string): Promise<void> {
  const files = (await filesOf(folder)).filter((path) => compressible.test(path));
  await Promise.all(
    files.map(async (path) => {
      const content = await readFile(path);
      const variants = {
        br: await brotli(content, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }),
        gz: await gzipped(content, { level: 9 }),
      };
      for (const [ending, variant] of Object.entries(variants))
        if (variant.length < content.length) await writeFile(`${path}.${ending}`, variant);
    }),
  );
}
