import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { readDashboardFiles } from "./dashboard-files.ts";

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function folderOf(files: Record<string, string | Uint8Array>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "gemini-proxy-dashboard-"));
  folders.push(folder);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

it("takes the first folder with a page, with types, variants and what never changes", async () => {
  const empty = await folderOf({ "readme.txt": "no build" });
  const build = await folderOf({
    "index.html": "<!doctype html>",
    "assets/index-B4x_a-9z.js": "let one = 1;",
    "assets/index-B4x_a-9z.js.br": "b",
    "assets/index-B4x_a-9z.js.gz": "g",
    "theme.js": "let two = 2;",
    ".built": "x",
    "notes.exe": "MZ",
  });
  const files = await readDashboardFiles(["/nowhere/at/all", empty, build]);
  expect([...(files?.keys() ?? [])].toSorted()).toEqual(["assets/index-B4x_a-9z.js", "index.html", "theme.js"]);
  expect(files?.get("assets/index-B4x_a-9z.js")).toMatchObject({
    contentType: "text/javascript; charset=utf-8",
    immutable: true,
    brotli: Buffer.from("b"),
    gzip: Buffer.from("g"),
  });
  expect(files?.get("theme.js")).toMatchObject({ immutable: false, brotli: null, gzip: null });
  expect(files?.get("theme.js")?.digest).not.toBe(files?.get("index.html")?.digest);
});

it("finds none where none is", async () => {
  expect(await readDashboardFiles(["/nowhere/at/all", await folderOf({})])).toBe(null);
});

it("refuses a folder that is too large to be a build", async () => {
  const folder = await folderOf({ "index.html": "x", "large.js": new Uint8Array(5 * 1024 * 1024) });
  await expect(readDashboardFiles([folder])).rejects.toThrow("no build of the dashboard");
});
