/**
 * The files of the repository as a commit would have them: tracked ones, and new ones that are not ignored.
 * @module
 */
import { existsSync, globSync, statSync } from "node:fs";
import { join } from "node:path";
import { run, root } from "./run.ts";

/**
 * Lists files, relative to the root, sorted. Deleted and unreadable ones are left out, so are symbolic links to nowhere.
 * Without git (an unpacked archive) everything but the usual build folders is listed.
 */
export async function listFiles(): Promise<string[]> {
  const git = await run("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
  const paths = git.ok
    ? git.stdout.split("\0")
    : globSync("**/*", { cwd: root, exclude: isBuilt }).filter((path) => !isBuilt(path));
  return paths.filter((path) => path !== "" && isFile(join(root, path))).toSorted();
}

// --- helpers ---

/** What .gitignore names. */
function isBuilt(path: string): boolean {
  const folder = /(^|[/\\])(node_modules|\.git|dist|\.tools|\.wrangler|data|coverage)$/;
  return folder.test(path) || /^gateway[/\\](README\.md|LICENSE)$/.test(path);
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}
