/**
 * How much to think, in every spelling that chat clients have for it (fact sheet translation 1.4). Google's own
 * `thinking_config` wins, then `reasoning_effort`, then what other vendors' clients send.
 * @module
 */
import type { Effort, JsonObject, ThinkingWish } from "../../../translation/types.ts";
import type { Problems } from "./problems.ts";
import { readBoolean, readNumber, readObject, readText } from "./values.ts";

/**
 * Reads the wish. One of effort, budget and level at most is set: Google refuses two.
 * @param options.extension Google's own fields (readGoogleExtension)
 * @param options.includeThoughts INCLUDE_THOUGHTS; a client that asks for thoughts by name gets them all the same
 */
export function readThinking(options: {
  body: JsonObject;
  extension: JsonObject;
  includeThoughts: boolean;
  problems: Problems;
}): ThinkingWish {
  const { body, extension, problems } = options;
  const config = readConfig(extension, problems);
  const reasoning = readObject(body, "reasoning", problems);
  const amount = config.amount ?? readAmount(body, reasoning, problems);
  const asked = config.includeThoughts ?? (reasoning?.["exclude"] === true ? false : null);
  const unasked = options.includeThoughts && amount.effort !== "none" ? null : false;
  return { ...amount, includeThoughts: asked ?? unasked };
}

// --- helpers ---

type Amount = Pick<ThinkingWish, "effort" | "budget" | "level">;

const efforts: ReadonlySet<string> = new Set(["none", "minimal", "low", "medium", "high", "xhigh", "max"]);
/** Words for "as the model does it". */
const defaultWords: ReadonlySet<string> = new Set(["default", "auto", "adaptive"]);

const nothingAsked: Amount = { effort: null, budget: null, level: null };

function readConfig(
  extension: JsonObject,
  problems: Problems,
): { amount: Amount | null; includeThoughts: boolean | null } {
  const config =
    readObject(extension, "thinking_config", problems) ??
    readObject(extension, "thinkingConfig", problems, "thinking_config");
  if (config === null) return { amount: null, includeThoughts: null };
  const fields = { level: "thinking_config.thinking_level", budget: "thinking_config.thinking_budget" };
  const include = "thinking_config.include_thoughts";
  const level =
    readText(config, "thinking_level", problems, fields.level) ??
    readText(config, "thinkingLevel", problems, fields.level);
  const budget =
    readNumber(config, "thinking_budget", problems, fields.budget) ??
    readNumber(config, "thinkingBudget", problems, fields.budget);
  const includeThoughts =
    readBoolean(config, "include_thoughts", problems, include) ??
    readBoolean(config, "includeThoughts", problems, include);
  if (level !== null) return { amount: { ...nothingAsked, level: level.toUpperCase() }, includeThoughts };
  return { amount: amountOf(budget), includeThoughts };
}

function readAmount(body: JsonObject, reasoning: JsonObject | null, problems: Problems): Amount {
  return (
    readEffort(body["reasoning_effort"], "reasoning_effort", problems) ??
    readEffort(reasoning?.["effort"], "reasoning.effort", problems) ??
    amountOf(reasoning?.["max_tokens"]) ??
    switchOf(reasoning?.["enabled"]) ??
    readThinkingField(readObject(body, "thinking", problems)) ??
    switchOf(body["enable_thinking"]) ??
    amountOf(body["thinking_budget"]) ??
    nothingAsked
  );
}

function readEffort(value: unknown, field: string, problems: Problems): Amount | null {
  if (value === undefined || value === null) return null;
  const word = typeof value === "string" ? value.toLowerCase() : "";
  if (efforts.has(word)) return { ...nothingAsked, effort: word as Effort };
  if (!defaultWords.has(word)) problems.invalid(field, `must be one of ${[...efforts].join(", ")}.`);
  return null;
}

/** `thinking`, as it is on Anthropic's API. */
function readThinkingField(thinking: JsonObject | null): Amount | null {
  if (thinking === null) return null;
  return thinking["type"] === "disabled" ? switchOf(false) : amountOf(thinking["budget_tokens"]);
}

function amountOf(budget: unknown): Amount | null {
  return typeof budget === "number" && Number.isFinite(budget) && budget >= -1
    ? { ...nothingAsked, budget: Math.trunc(budget) }
    : null;
}

/** Switched on says nothing that the model would not do by itself. */
function switchOf(enabled: unknown): Amount | null {
  return enabled === false ? { ...nothingAsked, effort: "none" } : null;
}
