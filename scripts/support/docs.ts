/**
 * What a page of documentation claims about this repository: links, headings, npm scripts, paths.
 * @module
 */
import { posix } from "node:path";

/** What claims are held against. */
export interface Repository {
  /** Tells a file or folder, relative to the root. */
  exists(path: string): boolean;
  /** Text of a Markdown file, or null. */
  read(path: string): string | null;
  /** Names of the root's npm scripts. */
  scripts: ReadonlySet<string>;
}

/** Folders whose paths are checked when a page names them in backticks. */
const folders = ["gateway", "emulator", "bench", "docs", "scripts", "tools", "deploy", "runtime-tests", ".ci"];

/**
 * Checks a page.
 * @param path of the page, relative to the root
 * @returns one line a false claim
 */
export function checkPage(path: string, repository: Repository): string[] {
  const text = repository.read(path) ?? "";
  return [
    ...brokenLinks(path, text, repository),
    ...[...text.matchAll(/\bnpm run ([\w:.-]+)(?![\w:.-]* (?:--workspace|-w)\b)/g)]
      .map(([, script]) => script ?? "")
      .filter((script) => !repository.scripts.has(script.replace(/[.:]$/, "")))
      .map((script) => `npm run ${script}: there is no such script`),
    ...[...withoutFences(text).matchAll(/`([^`\s]+)`/g)]
      .map(([, code]) => (code ?? "").replace(/[#:].*$/, "").replace(/\/$/, ""))
      .filter((code) => folders.some((folder) => code.startsWith(`${folder}/`)) && !/[*{}<>…$]|\.\.\./.test(code))
      .filter((code) => !repository.exists(code))
      .map((code) => `\`${code}\`: there is no such file`),
  ];
}

/** The anchors of a page, as GitHub makes them from its headings. */
export function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of withoutFences(text).matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const slug = plain.replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(/\s/g, "-");
    let unique = slug;
    for (let count = 1; anchors.has(unique); count += 1) unique = `${slug}-${count}`;
    anchors.add(unique);
  }
  for (const [, id = ""] of text.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id);
  return anchors;
}

// --- helpers ---

function brokenLinks(path: string, text: string, repository: Repository): string[] {
  const problems: string[] = [];
  const prose = withoutFences(text).replaceAll(/`[^`\n]*`/g, "");
  const targets = [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g), ...prose.matchAll(/^\[[^\]]+\]:\s*(\S+)/gm)];
  for (const [, target = ""] of targets) {
    if (/^[a-z][a-z0-9+.-]*:/i.test(target)) continue;
    const [file = "", anchor] = target.split("#");
    const page =
      file === ""
        ? path
        : posix.normalize(file.startsWith("/") ? file.slice(1) : posix.join(posix.dirname(path), file));
    if (page.startsWith("..") || !repository.exists(page.replace(/\/$/, "")))
      problems.push(`${target}: the link leads nowhere`);
    else if (anchor !== undefined && page.endsWith(".md") && !anchorsOf(repository.read(page) ?? "").has(anchor))
      problems.push(`${target}: there is no such heading`);
  }
  return problems;
}

function withoutFences(text: string): string {
  return text.replaceAll(/^(\s*)(```|~~~)[\s\S]*?^\1\2\s*$/gm, "");
}
