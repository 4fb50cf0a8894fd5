/**
 * Anthropic's Messages request to the shape in the middle (fact sheet translation 3.1 to 3.4). Fields that Gemini has no
 * counterpart of (cache_control, context_management, container, mcp_servers, service_tier and the like) and fields that are
 * not known are left out; a known field of a wrong type is a 400 that names it.
 * @module
 */
import { isTooDeep, tooDeepMessage } from "../../translation/dialect-help/nesting.ts";
import type { AnswerFormat, Conversation, JsonObject, ThinkingWish, Translation } from "../../translation/types.ts";
import { createMessagesWriter, type AnswerWish } from "./answer-writer.ts";
import { createCheck, isObject, type Check } from "./check.ts";
import { createCountWriter } from "./count-writer.ts";
import { readMessages } from "./read-messages.ts";
import { readTools } from "./read-tools.ts";

/** What the gateway's settings say. */
export interface MessagesOptions {
  /** INCLUDE_THOUGHTS: false: thoughts are asked for by no request. */
  includeThoughts: boolean;
}

/**
 * A request of `POST /v1/messages`.
 * @param body parsed JSON
 */
export function translateMessagesRequest(body: unknown, options: MessagesOptions): Translation {
  const read = readRequest(body, options);
  if (!read.ok) return read;
  const { conversation, wish } = read;
  return { ok: true, conversation, createWriter: (facts) => createMessagesWriter(facts, wish) };
}

/**
 * A request of `POST /v1/messages/count_tokens`: the same conversation; its writer answers `{"input_tokens": N}`.
 * @param body parsed JSON
 */
export function translateCountRequest(body: unknown, options: MessagesOptions): Translation {
  const read = readRequest(body, options);
  if (!read.ok) return read;
  return { ok: true, conversation: { ...read.conversation, stream: false }, createWriter: createCountWriter };
}

/**
 * The model without the mark by which Claude Code asks for a long context.
 * @param model such as `gemini-3.8-flash[1m]`
 */
export function stripModelSuffix(model: string): string {
  return model.replace(/\[1m\]$/i, "");
}

// --- helpers ---

/** Gemini takes no more. */
const mostStopSequences = 5;
/** Longer names of conversations are cut: they are kept in memory. */
const longestKey = 1_024;

type ReadRequest = { ok: true; conversation: Conversation; wish: AnswerWish } | Extract<Translation, { ok: false }>;

function readRequest(body: unknown, options: MessagesOptions): ReadRequest {
  const check = createCheck();
  if (!isObject(body) || isTooDeep(body)) {
    const message = isObject(body) ? tooDeepMessage : "The body must be a JSON object.";
    const problem = { code: "field_invalid" as const, field: "", message };
    return { ok: false, problem };
  }
  const model = stripModelSuffix(check.required(body["model"], "model").replace(/^models\//, ""));
  const said = readMessages({ system: body["system"], messages: body["messages"] }, check);
  const { onlyFirstCall, ...tools } = readTools({ tools: body["tools"], choice: body["tool_choice"] }, check);
  const output = check.object(body["output_config"], "output_config") ?? {};
  const thoughts = readThinking(body["thinking"], output, check);
  const stream = check.boolean(body["stream"], "stream") ?? false;
  const conversation: Conversation = {
    model,
    stream,
    ...said,
    ...tools,
    sampling: {
      temperature: check.number(body["temperature"], "temperature"),
      topP: check.number(body["top_p"], "top_p"),
      topK: check.number(body["top_k"], "top_k"),
      seed: null,
      presencePenalty: null,
      frequencyPenalty: null,
    },
    maxOutputTokens: positive(check.number(body["max_tokens"], "max_tokens")),
    stop: readStop(body["stop_sequences"], check),
    thinking: { ...thoughts.wish, includeThoughts: options.includeThoughts ? thoughts.wish.includeThoughts : false },
    format: readFormat(output["format"] ?? body["output_format"], output["format"] == null, check),
    modalities: [],
    voice: null,
    google: {},
    conversationKey: readKey(body["metadata"], check),
  };
  const problem = check.problem();
  if (problem !== null) return { ok: false, problem };
  const webSearch = conversation.serverTools.includes("web-search");
  const isJson = conversation.format.kind !== "text";
  return { ok: true, conversation, wish: { stream, thoughts: thoughts.shown, onlyFirstCall, webSearch, isJson } };
}

function readThinking(
  value: unknown,
  output: JsonObject,
  check: Check,
): { wish: ThinkingWish; shown: AnswerWish["thoughts"] } {
  const asked = check.string(output["effort"], "output_config.effort");
  const effort = efforts.find((known) => known === asked) ?? null;
  const thinking = check.object(value, "thinking");
  const wish: ThinkingWish = { effort, budget: null, level: null, includeThoughts: null };
  if (thinking === null) return { wish, shown: "full" };
  const isOmitted = check.string(thinking["display"], "thinking.display") === "omitted";
  const shown = isOmitted ? "empty" : "full";
  switch (check.required(thinking["type"], "thinking.type")) {
    case "enabled": {
      const budget = positive(check.number(thinking["budget_tokens"], "thinking.budget_tokens"));
      // Google refuses a level and a budget together: what the client put into numbers is the more exact wish.
      return { wish: { ...wish, effort: budget === null ? effort : null, budget, includeThoughts: !isOmitted }, shown };
    }
    case "disabled":
      return { wish: { ...wish, effort: "none", includeThoughts: false }, shown: "none" };
    case "adaptive":
    case "between_tools":
      return { wish: { ...wish, includeThoughts: !isOmitted }, shown };
    default:
      return { wish, shown };
  }
}

const efforts = ["low", "medium", "high", "xhigh", "max"] as const;

function readFormat(value: unknown, isOld: boolean, check: Check): AnswerFormat {
  const field = isOld ? "output_format" : "output_config.format";
  const format = check.object(value, field);
  if (format === null) return { kind: "text" };
  if (format["type"] !== "json_schema") {
    check.fail(`${field}.type`, "Only json_schema can be asked for.", "field_unsupported");
    return { kind: "text" };
  }
  const schema = check.object(format["schema"], `${field}.schema`);
  if (schema === null) check.fail(`${field}.schema`, "Is required.");
  return { kind: "json-schema", name: "answer", schema: schema ?? {} };
}

function readStop(value: unknown, check: Check): string[] {
  const sequences = check.list(value, "stop_sequences") ?? [];
  return sequences
    .map((sequence, index) => check.string(sequence, `stop_sequences[${index}]`) ?? "")
    .filter((sequence) => sequence !== "")
    .slice(0, mostStopSequences);
}

function readKey(value: unknown, check: Check): string | null {
  const metadata = check.object(value, "metadata");
  const key = check.string(metadata?.["user_id"], "metadata.user_id");
  return key === null || key === "" ? null : key.slice(0, longestKey);
}

function positive(value: number | null): number | null {
  return value === null || value < 1 ? null : Math.floor(value);
}
