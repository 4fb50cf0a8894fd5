/**
 * The fields of a request that are neither input nor tools (fact sheet translation 2.1).
 * @module
 */
import type { AnswerFormat, Conversation, Effort, JsonObject, ThinkingWish } from "../../translation/types.ts";
import { isObject } from "./json-values.ts";
import type { ProblemList } from "./problem-list.ts";
import { pathOf, readBoolean, readList, readNumber, readObject, readText, type Place } from "./typed-members.ts";

/** Fields that need what a gateway does not keep, with what to do instead; and the types of those that the answer is made by. */
export function refuseStateful(body: JsonObject, problems: ProblemList): void {
  const place = { field: "", problems };
  // A response that nobody wanted to be stored would be otherwise.
  for (const field of ["store", "parallel_tool_calls"]) readBoolean(body, field, place);
  readList(body, "include", place);
  if (readBoolean(body, "background", place) === true)
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
  const number = (field: string): number | null => readNumber(body, field, { field: "", problems });
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
  const limit = readNumber(body, "max_output_tokens", { field: "", problems });
  return limit === null || limit < 1 ? null : Math.floor(limit);
}

/** `text.format`. */
export function readFormat(body: JsonObject, problems: ProblemList): AnswerFormat {
  const place = { field: "text", problems };
  const format = readObject(readObject(body, "text", { field: "", problems }) ?? {}, "format", place);
  const type = format === null ? "text" : readText(format, "type", { field: "text.format", problems });
  switch (type) {
    case "text":
      return { kind: "text" };
    case "json_object":
      return { kind: "json-object" };
    case "json_schema": {
      const holder = isObject(format?.["json_schema"]) ? format["json_schema"] : (format ?? {});
      const schema = holder["schema"];
      if (isObject(schema))
        return {
          kind: "json-schema",
          name: readText(holder, "name", { field: "text.format", problems }) ?? "answer",
          schema,
        };
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
export function readThinking(body: JsonObject, includeThoughts: boolean, problems: ProblemList): ThinkingWish {
  const place = { field: "reasoning", problems };
  const reasoning = readObject(body, "reasoning", { field: "", problems }) ?? {};
  const wantsSummary = (reasoning["summary"] ?? reasoning["generate_summary"] ?? null) !== null;
  const thinking: ThinkingWish = {
    effort: effortOf(readText(reasoning, "effort", place)),
    budget: integerOf(readNumber(reasoning, "max_tokens", place)),
    level: null,
    includeThoughts: wantsSummary ? includeThoughts : null,
  };
  const extension = googleExtension(body, problems);
  const own = readObject(extension.own, "thinking_config", extension.place);
  if (own === null) return thinking;
  const inner = { field: pathOf(extension.place, "thinking_config"), problems };
  const level = readText(own, "thinking_level", inner) ?? readText(own, "thinkingLevel", inner);
  const budget = integerOf(readNumber(own, "thinking_budget", inner) ?? readNumber(own, "thinkingBudget", inner));
  const shown = readBoolean(own, "include_thoughts", inner) ?? readBoolean(own, "includeThoughts", inner);
  if (level !== null || budget !== null) thinking.effort = null;
  return {
    effort: thinking.effort,
    budget: budget ?? (level === null ? thinking.budget : null),
    level: level?.toUpperCase() ?? null,
    includeThoughts: shown ?? thinking.includeThoughts,
  };
}

/** Google's own fields: `extra_body.google` or `google`, and the service tiers that both know. */
export function readGoogle(body: JsonObject, problems: ProblemList): Conversation["google"] {
  const { own, place } = googleExtension(body, problems);
  const google: Conversation["google"] = {};
  const cached = readText(own, "cached_content", place) ?? readText(own, "cachedContent", place);
  if (cached !== null) google.cachedContent = cached;
  for (const key of ["safetySettings", "safety_settings"]) {
    const safety = readList(own, key, place);
    if (Array.isArray(own[key])) google.safetySettings = safety;
  }
  const tier = readText(body, "service_tier", { field: "", problems });
  if (tier === "flex" || tier === "priority") google.serviceTier = tier;
  return google;
}

/** What names this conversation; null: nothing does. */
export function readConversationKey(body: JsonObject, problems: ProblemList): string | null {
  const place = { field: "", problems };
  const [key, user] = [readText(body, "prompt_cache_key", place), readText(body, "user", place)];
  return key || user || null;
}

// --- helpers ---

const efforts: ReadonlySet<string> = new Set(["none", "minimal", "low", "medium", "high", "xhigh", "max"]);

function effortOf(value: string | null): Effort | null {
  return value !== null && efforts.has(value) ? (value as Effort) : null;
}

function integerOf(value: number | null): number | null {
  return value === null ? null : Math.trunc(value);
}

function googleExtension(body: JsonObject, problems: ProblemList): { own: JsonObject; place: Place } {
  const outer = readObject(body, "extra_body", { field: "", problems }) ?? {};
  const extra = readObject(outer, "google", { field: "extra_body", problems });
  if (extra !== null) return { own: extra, place: { field: "extra_body.google", problems } };
  return { own: readObject(body, "google", { field: "", problems }) ?? {}, place: { field: "google", problems } };
}
