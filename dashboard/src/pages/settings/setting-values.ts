/**
 * Values of settings as people type them: which editor a kind has, what is plainly wrong, what a text means. The gateway
 * itself judges in the end (a dry run); this only spares it the obvious.
 * @module
 */
import type { Setting } from "../../api/types.ts";
import { formatBytes, formatDuration } from "../../lib/format.ts";

/** Which control edits a setting. */
export type SettingEditor = "switch" | "choice" | "number" | "duration" | "size" | "share" | "list" | "block" | "text";

/** @returns the control of a setting; kinds that nobody knows here are text */
export function editorOf(setting: Pick<Setting, "kind" | "choices">): SettingEditor {
  if (setting.choices !== null) return "choice";
  switch (setting.kind) {
    case "switch":
    case "duration":
    case "size":
    case "share":
    case "list":
      return setting.kind;
    case "integer":
      return "number";
    case "origins":
      return "list";
    case "aliases":
    case "fallbacks":
    case "quota-limits":
    case "keys":
      return "block";
    default:
      return "text";
  }
}

/**
 * What is plainly wrong with a text.
 * @param setting kind and choices
 * @param text as typed; empty is never wrong here
 * @returns a sentence, or null
 */
export function faultOf(setting: Pick<Setting, "kind" | "choices">, text: string): string | null {
  const plain = text.trim();
  if (plain === "") return null;
  switch (editorOf(setting)) {
    case "number":
      return /^-?\d{1,15}$/.test(plain.replaceAll(/(?<=\d)[_,](?=\d{3})/g, "")) ? null : "A whole number.";
    case "duration":
      return readDuration(plain) === null ? "A time such as 500ms, 30s, 5m, 2h or 1d." : null;
    case "size":
      return readSize(plain) === null ? "A size such as 64KB, 100MB or 2GB." : null;
    case "share":
      return /^(\d+(\.\d+)?|\.\d+)\s*%?$/.test(plain) ? null : "A share such as 0.2 or 20%.";
    case "choice":
      return setting.choices?.includes(plain) === false ? `One of ${setting.choices.join(", ")}.` : null;
    case "block":
      return setting.kind === "quota-limits" || plain.startsWith("{") ? jsonFault(plain) : null;
    default:
      return null;
  }
}

/**
 * What a text comes to, for people: `120 s` of a `2m`.
 * @returns null when there is nothing to add
 */
export function meaningOf(setting: Pick<Setting, "kind" | "choices">, text: string | null): string | null {
  if (text === null || text.trim() === "") return null;
  const editor = editorOf(setting);
  if (editor === "duration") {
    const ms = readDuration(text);
    return ms === null ? null : ms === 0 ? "off" : formatDuration(ms);
  }
  if (editor === "size") {
    const bytes = readSize(text);
    return bytes === null ? null : formatBytes(bytes);
  }
  return null;
}

/** @returns whole milliseconds of `10s`, `5m` …, or null */
export function readDuration(text: string): number | null {
  return readUnits(text, { "": 1, ms: 1, s: 1000, sec: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 });
}

/** @returns whole bytes of `64KB`, `2 GiB` … (powers of 1024), or null */
export function readSize(text: string): number | null {
  const units: Record<string, number> = { "": 1, b: 1 };
  for (const [index, letter] of ["k", "m", "g", "t"].entries())
    for (const ending of ["", "b", "ib"]) units[letter + ending] = 1024 ** (index + 1);
  return readUnits(text, units);
}

/** @returns whether a switch's text says on; null: neither */
export function isOn(text: string | null): boolean | null {
  const word = (text ?? "").trim().toLowerCase();
  if (["on", "true", "yes", "1", "enabled"].includes(word)) return true;
  return ["off", "false", "no", "0", "disabled"].includes(word) ? false : null;
}

/** @returns one entry a line, for editing */
export function listLines(text: string): string {
  return text
    .split(/[,\r\n]+/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "")
    .join("\n");
}

/** @returns the text of a list as it is stored: comma separated */
export function listText(lines: string): string {
  return listLines(lines).replaceAll("\n", ", ");
}

/** @returns JSON indented for editing; other text as it is */
export function prettyBlock(text: string): string {
  if (!text.trim().startsWith("{")) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

// --- helpers ---

function jsonFault(text: string): string | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? null : "A JSON object: { … }.";
  } catch (error) {
    return `Not JSON: ${error instanceof Error ? error.message : "unreadable"}`;
  }
}

function readUnits(text: string, units: Readonly<Record<string, number>>): number | null {
  const match = /^(\d[\d_]*(?:\.\d+)?|\.\d+)\s*([a-z]*)$/.exec(text.trim().toLowerCase());
  const unit = match?.[2] ?? "";
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (match === null || factor === undefined) return null;
  const value = Math.round(Number((match[1] ?? "").replaceAll("_", "")) * factor);
  return Number.isSafeInteger(value) ? value : null;
}
