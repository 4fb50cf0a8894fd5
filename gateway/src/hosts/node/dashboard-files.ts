/**
 * Reads the built dashboard into memory, once at the start.
 * @module
 */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { contentTypeOf, isHashed } from "../static/content-types.ts";
import type { StaticFile, StaticFiles } from "../static/types.ts";

/** All files with their variants together; a build takes about a tenth of it. */
const mostBytes = 5 * 1024 * 1024;

/**
 * Reads a build.
 * @param folders the first with an `index.html` is taken; of a file `x`, `x.br` and `x.gz` are its variants
 * @returns null: none of them has one
 * @throws Error when a build is larger than 5 MB, with its place
 */
export async function readDashboardFiles(folders: readonly string[] = usualFolders()): Promise<StaticFiles | null> {
  for (const folder of folders) {
    const contents = await readFolder(folder);
    if (contents.has("index.html")) return toStaticFiles(contents);
  }
  return null;
}

// --- helpers ---

type Contents = ReadonlyMap<string, Buffer<ArrayBuffer>>;

/** Beside the published code (its entries are in dist/ and dist/cli/), and in a clone. */
function usualFolders(): string[] {
  const places = import.meta.url.endsWith(".ts")
    ? ["../../../../dashboard/dist/"]
    : ["./dashboard/", "../dashboard/", "../../../dashboard/dist/"];
  return places.map((place) => fileURLToPath(new URL(place, import.meta.url)));
}

async function readFolder(folder: string): Promise<Contents> {
  const contents = new Map<string, Buffer<ArrayBuffer>>();
  let entries;
  try {
    entries = await readdir(folder, { recursive: true, withFileTypes: true });
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return contents;
    throw error;
  }
  let bytes = 0;
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const content = await readFile(path);
    bytes += content.length;
    if (bytes > mostBytes)
      throw new Error(`${folder} is larger than ${mostBytes} bytes: it is no build of the dashboard.`);
    contents.set(relative(folder, path).replaceAll(sep, "/"), content);
  }
  return contents;
}

function toStaticFiles(contents: Contents): StaticFiles {
  const files = new Map<string, StaticFile>();
  for (const [path, plain] of contents) {
    const contentType = contentTypeOf(path);
    if (contentType === null) continue;
    files.set(path, {
      contentType,
      immutable: isHashed(path),
      digest: createHash("sha256").update(plain).digest("base64url").slice(0, 22),
      plain,
      gzip: contents.get(`${path}.gz`) ?? null,
      brotli: contents.get(`${path}.br`) ?? null,
    });
  }
  return files;
}
