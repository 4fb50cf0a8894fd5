/**
 * The fields of a request that are neither input nor tools (fact sheet translation 2.1).
 * @module
 */
import type { AnswerFormat, Conversation, Effort, JsonObject, ThinkingWish } from "../../translation/types.ts";
import { isObject, textOf } from "./json-values.ts";
import type { ProblemList } from "./problem-list.ts";

/** Fields that need what a gateway does not keep, with what to do instead. */
export function refuseStateful(body: JsonObject, problems: ProblemList): void {
  if (body["background"] === true)
    problems.add(
      "field_unsupported",
      "background",
      "Responses are not made in the background here. Use stream instead.",
    );
  for (const [field, instead] of [
    ["conversation", "Send the items in input, or use previous_response_id."],
    ["prompt", "Send the prompt's text in instructions and input."],
  ] as const)
    if ((body[field] ?? null) !== null)
      problems.add("field_unsupported", field, `${field} names something kept at OpenAI. ${instead}`);
}

/** Numbers that steer the choice of words, clamped to what Google takes. */
export function readSampling(body: JsonObject, problems: ProblemList): Conversation["sampling"] {
  const number = (field: string): number | null => readNumber(body, field, problems);
  const temperature = number("temperature");
  const topP = number("top_p");
  return {
    temperature: temperature === null ? null : Math.min(2, Math.max(0, temperature)),
    topP: topP === null ? null : Math.min(1, Math.max(0, topP)),
    topK: number("top_k"),
    seed: number("seed"),
    presencePenalty: number("presence_penalty"),
    frequencyPenalty: number("frequency_penalty"),
  };
}

/** `max_output_tokens`; null: not asked, or nothing that can be meant. */
export function readOutputLimit(body: JsonObject, problems: ProblemList): number | null {
  const limit = readNumber(body, "max_output_tokens", problems);
  return limit === null || limit < 1 ? null : Math.floor(limit);
}

/** `text.format`. */
export function readFormat(body: JsonObject, problems: ProblemList): AnswerFormat {
  const text = isObject(body["text"]) ? body["text"] : {};
  const format = isObject(text["format"]) ? text["format"] : null;
  const type = format === null ? "text" : textOf(format["type"]);
  switch (type) {
    case "text":
      return { kind: "text" };
    case "json_object":
      return { kind: "json-object" };
    case "json_schema": {
      const holder = isObject(format?.["json_schema"]) ? format["json_schema"] : (format ?? {});
      const schema = holder["schema"];
      if (isObject(schema)) return { kind: "json-schema", name: textOf(holder["name"]) ?? "answer", schema };
      problems.add("field_invalid", "text.format.schema", "A json_schema format needs its schema.");
      return { kind: "text" };
    }
    default:
      problems.add("field_unsupported", "text.format.type", "Formats are text, json_object and json_schema.");
      return { kind: "text" };
  }
}

/**
 * `reasoning`, and Google's own words for it where a client set them: those win (fact sheet translation 1.1).
 * @param includeThoughts INCLUDE_THOUGHTS
 */
export function readThinking(body: JsonObject, includeThoughts: boolean): ThinkingWish {
  const reasoning = isObject(body["reasoning"]) ? body["reasoning"] : {};
  const wantsSummary = (reasoning["summary"] ?? reasoning["generate_summary"] ?? null) !== null;
  const thinking: ThinkingWish = {
    effort: effortOf(reasoning["effort"]),
    budget: integerOf(reasoning["max_tokens"]),
    level: null,
    includeThoughts: wantsSummary ? includeThoughts : null,
  };
  const own = googleExtension(body)["thinking_config"];
  if (!isObject(own)) return thinking;
  const level = textOf(own["thinking_level"] ?? own["thinkingLevel"]);
  const budget = integerOf(own["thinking_budget"] ?? own["thinkingBudget"]);
  const shown = own["include_thoughts"] ?? own["includeThoughts"];
  if (level !== null || budget !== null) thinking.effort = null;
  return {
    effort: thinking.effort,
    budget: budget ?? (level === null ? thinking.budget : null),
    level: level?.toUpperCase() ?? null,
    includeThoughts: typeof shown === "boolean" ? shown : thinking.includeThoughts,
  };
}

/** Google's own fields: `extra_body.google` or `google`, and the service tiers that both know. */
export function readGoogle(body: JsonObject): Conversation["google"] {
  const own = googleExtension(body);
  const google: Conversation["google"] = {};
  const cached = textOf(own["cached_content"] ?? own["cachedContent"]);
  if (cached !== null) google.cachedContent = cached;
  const safety = own["safety_settings"] ?? own["safetySettings"] ?? null;
  if (safety !== null) google.safetySettings = safety;
  const tier = body["service_tier"];
  if (tier === "flex" || tier === "priority") google.serviceTier = tier;
  return google;
}

/** What names this conversation; null: nothing does. */
export function readConversationKey(body: JsonObject): string | null {
  return textOf(body["prompt_cache_key"]) || textOf(body["user"]) || null;
}

// --- helpers ---

const efforts: ReadonlySet<string> = new Set(["none", "minimal", "low", "medium", "high", "xhigh", "max"]);

function effortOf(value: unknown): Effort | null {
  return typeof value === "string" && efforts.has(value) ? (value as Effort) : null;
}

function integerOf(value: unknown): number | null {
  return typeof value === "number" && Number.isInteger(value) ? value : null;
}

function readNumber(body: JsonObject, field: string, problems: ProblemList): number | null {
  const value = body[field];
  if (value === undefined || value === null) return null;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  problems.add("field_invalid", field, `${field} must be a number.`);
  return null;
}

function googleExtension(body: JsonObject): JsonObject {
  const extra = isObject(body["extra_body"]) ? body["extra_body"]["google"] : null;
  if (isObject(extra)) return extra;
  return isObject(body["google"]) ? body["google"] : {};
}
