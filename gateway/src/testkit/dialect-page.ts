/**
 * The pages of docs/dialects as tests read them: their tables, and every name in them.
 * @module
 */
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compose } from "../translation/compose/compose.ts";
import { createToolNames } from "../translation/tool-names.ts";
import type { Conversation, JsonObject } from "../translation/types.ts";

/** One row of a table. */
export interface PageRow {
  /** Of the table, and what the row is about: `Request n`, `Messages any other role`. */
  id: string;
  /** Names in the first cell. */
  fields: string[];
  /** Where they go in Gemini's request, such as `generationConfig.topP`; only those that are fields of it. */
  paths: string[];
  /** `none`, `some: …`, `dropped: …`, `ignored`, `400: …`, `see below`. */
  loss: string;
}

/** One page. */
export interface DialectPage {
  rows: PageRow[];
  /** Every name that stands in code marks. */
  names: ReadonlySet<string>;
}

/** Tables of a page that tell of requests; those of answers have other columns. */
const requestTables: ReadonlySet<string> = new Set(["Request", "Messages", "Messages and blocks", "Items", "Tools"]);

/** Fields of generateContent's body. */
const roots: ReadonlySet<string> = new Set([
  "contents",
  "systemInstruction",
  "tools",
  "toolConfig",
  "generationConfig",
  "cachedContent",
  "safetySettings",
  "serviceTier",
]);

/** Reads a page. @param name such as `openai-chat` */
export function readDialectPage(name: string): DialectPage {
  const text = readFileSync(new URL(`../../../docs/dialects/${name}.md`, import.meta.url), "utf8");
  const rows: PageRow[] = [];
  let table = "";
  for (const line of text.split("\n")) {
    table = /^## (.+)$/.exec(line)?.[1] ?? table;
    const [, first, second, third] = line.split(" | ").length === 3 ? line.split(/^\| | \| | \|$/) : [];
    if (!requestTables.has(table) || first === undefined || second === undefined || third === undefined) continue;
    if (/^(field|message or part|message or block|item or part|tool)$/.test(first)) continue;
    rows.push({
      id: `${table} ${first
        .replaceAll("`", "")
        .replace(/[,:{(].*$/, "")
        .trim()}`,
      fields: codesOf(first),
      paths: pathsOf(codesOf(second)),
      loss: third,
    });
  }
  return { rows, names: new Set(codesOf(text).flatMap((code) => code.match(/\w+/g) ?? [])) };
}

/**
 * The names that the readers of a dialect look for: members (`body["name"]`, `readNumber(body, "name", …)`) and
 * kinds (`case "name":`).
 * @param files of the readers: a pattern below gateway/src/dialects
 */
export function namesInReaders(files: string): Set<string> {
  const folder = fileURLToPath(new URL("../dialects/", import.meta.url));
  const names = new Set<string>();
  for (const file of globSync(files, { cwd: folder })) {
    if (file.endsWith(".test.ts")) continue;
    // Members of our own types, `Conversation["sampling"]`, are no names of the client's.
    const source = readFileSync(folder + file, "utf8").replaceAll(/(?:\b[A-Z]\w*|>)\["\w+"\]/g, "");
    for (const pattern of namePatterns) for (const [, name = ""] of source.matchAll(pattern)) names.add(name);
  }
  return names;
}

/** A body that tells which of its own members are read. */
export function watched(body: JsonObject): { body: JsonObject; read: ReadonlySet<string> } {
  const read = new Set<string>();
  const proxy = new Proxy(body, {
    get(target, key) {
      if (typeof key === "string") read.add(key);
      return target[key as string];
    },
  });
  return { body: proxy, read };
}

/** Gemini's request for a conversation, as an API key would send it. */
export function geminiRequest(conversation: Conversation): JsonObject {
  const digest = { sha256: (text: string): string => text.length.toString(16).padStart(64, "0") };
  return compose(conversation, {
    model: conversation.model,
    backend: "gemini-api",
    schemaForm: "json-schema",
    signatures: { shortId: (id) => id, call: () => null, text: () => null, issuers: new Set() },
    names: createToolNames(
      conversation.tools.map(({ name }) => name),
      digest,
    ),
    includeThoughts: true,
  });
}

/** What stands at a path such as `generationConfig.topP`; undefined: nothing. */
export function valueAt(request: JsonObject, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => (value as JsonObject | undefined)?.[key], request);
}

// --- helpers ---

/** A member, a kind, a name that a reader is given, a kind that another word stands for. */
const namePatterns: readonly RegExp[] = [
  /\w(?:\?\.)?\["(\w+)"\]/g,
  /case "(\w+)":/g,
  /^ +\["(\w+)", "[\w-]+"\],$/gm,
  /\b(?:read\w+|listOf|number)\((?:[\w.]+, )?"(\w+)"[,)]/g,
];

function codesOf(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
}

/** `generationConfig.temperature`, `topP`: what has no root stands beside the one before it. */
function pathsOf(codes: readonly string[]): string[] {
  let parent = "";
  const paths: string[] = [];
  for (const code of codes) {
    if (!/^[\w.]+$/.test(code)) continue;
    const [root = ""] = code.split(".");
    if (roots.has(root)) parent = code.includes(".") ? code.slice(0, code.lastIndexOf(".")) : "";
    else if (parent === "") continue;
    paths.push(roots.has(root) ? code : `${parent}.${code}`);
  }
  return paths;
}
