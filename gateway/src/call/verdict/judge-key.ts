/**
 * What Google's answer to `GET models` says about a key, by the rules that calls are judged by.
 * @module
 */
import type { Effect } from "../../core/verdict.ts";
import { judge } from "./judge.ts";

/**
 * - `ok`: it works; `limited`: it works, but its quota is used up for now;
 * - `invalid`: Google does not know it (any more); `blocked`: Google refuses it (leaked, suspended, API off);
 * - `restricted`: it may not be used from here, or for this API;
 * - `location`: Google refuses this machine's location, whatever the key;
 * - `unreachable`: an answer that says nothing about the key: inconclusive.
 */
export type KeyResult = "ok" | "limited" | "invalid" | "blocked" | "restricted" | "location" | "unreachable";

/** The judgement on a key. */
export interface KeyJudgement {
  result: KeyResult;
  /** Verdict rule, or `ok`. */
  rule: string;
  /** Google's words as they came, to be redacted by whoever shows them; null when it is well. */
  words: string | null;
}

/**
 * Judges an answer to `GET models`.
 * @param answer `body`: its first part; `now`: epoch milliseconds
 */
export function judgeKey(answer: { status: number; body: string; now: number }): KeyJudgement {
  const { status, body, now } = answer;
  if (status === 200) return { result: "ok", rule: "ok", words: null };
  const { rule, effects } = judge({
    kind: "status",
    status,
    headers: [],
    body,
    backend: "gemini-api",
    model: null,
    namesResource: false,
    repeatable: true,
    streaming: false,
    now,
  });
  return { result: resultOf(status, effects), rule, words: messageOf(body) ?? `HTTP ${status}` };
}

// --- helpers ---

function resultOf(status: number, effects: readonly Effect[]): KeyResult {
  for (const effect of effects) {
    if (effect.kind === "disable") {
      if (effect.reason === "invalid-key") return "invalid";
      return effect.reason === "restricted" ? "restricted" : "blocked";
    }
    if (effect.cause === "location") return "location";
  }
  return status === 429 ? "limited" : "unreachable";
}

/** `error.message` of a Google error body, also where it is wrapped in an array. */
function messageOf(body: string): string | null {
  try {
    const value = JSON.parse(body) as unknown;
    const { error } = (Array.isArray(value) ? value[0] : value) as { error?: { message?: unknown } };
    return typeof error?.message === "string" ? error.message : null;
  } catch {
    return null;
  }
}
