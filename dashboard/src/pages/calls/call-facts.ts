/**
 * What is read out of a call for the list and the details. Pure.
 * @module
 */
import type { Attempt, Call, Capture, Usage } from "../../api/types.ts";
import type { Tone } from "../../ui/badge.tsx";
import { replayPath } from "../playground/path.ts";
import { shellQuote } from "../playground/curl.ts";

/** Why a call did not go well: the gateway's own code, else the rule of the last attempt; null: it went well. */
export function reasonOf(call: Pick<Call, "outcome" | "errorCode" | "attempts">): string | null {
  if (call.outcome === "ok") return null;
  return call.errorCode ?? call.attempts.at(-1)?.rule ?? null;
}

/** Whether an attempt gave the call its answer. */
export function isGood(attempt: Pick<Attempt, "fault" | "status">): boolean {
  return attempt.fault === "none" && attempt.status !== null && attempt.status < 400;
}

/** Tone of an attempt's bar. */
export function attemptTone(attempt: Pick<Attempt, "fault" | "status">): Tone {
  if (isGood(attempt)) return "ok";
  return attempt.fault === "client" || attempt.status === 429 ? "warn" : "bad";
}

/** Tone of an HTTP status. */
export function statusTone(status: number): Tone {
  return status >= 500 ? "bad" : status >= 400 ? "warn" : "neutral";
}

/** One line of the table of tokens. `part` lines are within the line before. */
export interface TokenRow {
  kind: string;
  count: number;
  part: boolean;
  /** `TEXT 12, IMAGE 258`; null: not told. */
  modalities: string | null;
}

/** Tokens by kind, without kinds that are nothing. */
export function tokenRows(usage: Usage): TokenRow[] {
  const rows: (Omit<TokenRow, "modalities"> & { names: readonly string[] })[] = [
    { kind: "Prompt", count: usage.promptTokens, part: false, names: ["prompt", "input"] },
    { kind: "of it from the cache", count: usage.cachedTokens, part: true, names: ["cached", "cache"] },
    { kind: "Output", count: usage.outputTokens, part: false, names: ["output", "candidates"] },
    { kind: "Thoughts", count: usage.thoughtsTokens, part: false, names: ["thoughts"] },
    { kind: "Tool use", count: usage.toolUseTokens, part: false, names: ["toolUse"] },
  ];
  return rows
    .filter(({ count, kind }) => count > 0 || kind === "Prompt" || kind === "Output")
    .map(({ names, ...row }) => ({ ...row, modalities: modalitiesOf(usage, names) }));
}

/**
 * The call as a command line. The key is a placeholder.
 * @param parts.origin of the gateway: `https://gw.example`
 * @param parts.capture its bodies; null: the body is a placeholder too
 */
export function toCurl(
  call: Pick<Call, "method" | "path" | "dialect">,
  parts: { origin: string; capture: Capture | null },
): string {
  const { origin, capture } = parts;
  const header =
    call.dialect === "gemini" ? '"x-goog-api-key: $GEMINI_PROXY_KEY"' : '"Authorization: Bearer $GEMINI_PROXY_KEY"';
  const lines = [`curl -N ${shellQuote(origin + replayPath(capture?.path ?? call.path))}`, `-H ${header}`];
  if (call.method === "POST" || call.method === "PUT" || call.method === "PATCH") {
    const type = capture?.request.headers.find(([name]) => name.toLowerCase() === "content-type")?.[1];
    const body = capture === null || capture.request.base64 ? '{"…": "the body was not kept"}' : capture.request.body;
    lines.push(`-H ${shellQuote(`content-type: ${type ?? "application/json"}`)}`, `--data-raw ${shellQuote(body)}`);
  }
  if (call.method !== "GET" && call.method !== "POST") lines.push(`-X ${shellQuote(call.method)}`);
  return lines.join(" \\\n  ");
}

/** JSON with line ends; other text, and JSON streams, as they are. */
export function prettyBody(text: string): { text: string; language: string } {
  try {
    return { text: JSON.stringify(JSON.parse(text), null, 2), language: "json" };
  } catch {
    const events = /^(data|event|id|:)/m.test(text.slice(0, 200));
    return { text, language: events ? "event stream" : /^\s*[[{]/.test(text) ? "json (cut or a stream)" : "text" };
  }
}

// --- helpers ---

function modalitiesOf({ modalities }: Usage, names: readonly string[]): string | null {
  const found = names.map((name) => modalities?.[name]).find((counts) => counts !== undefined);
  if (found === undefined) return null;
  const parts = Object.entries(found).flatMap(([name, count]) =>
    count > 0 ? [`${name} ${count.toLocaleString("en-US")}`] : [],
  );
  return parts.length === 0 ? null : parts.join(", ");
}
