/**
 * A request of OpenAI's Chat Completions into the middle shape (fact sheet translation 1). The answer's way back is
 * writer.ts.
 * @module
 */
import { isTooDeep, tooDeepMessage } from "../../../translation/dialect-help/nesting.ts";
import type { Conversation, JsonObject, Translation } from "../../../translation/types.ts";
import {
  checkChoiceCount,
  readAudio,
  readConversationKey,
  readGoogle,
  readGoogleExtension,
  readMaxOutputTokens,
  readModel,
  readSampling,
  readStop,
} from "./fields.ts";
import { readFormat } from "./format.ts";
import { readMessages } from "./messages.ts";
import type { AnswerPlan } from "./plan.ts";
import { createProblems, type Problems } from "./problems.ts";
import { readThinking } from "./thinking.ts";
import { readToolChoice } from "./tool-choice.ts";
import { readTools } from "./tools.ts";
import { isObject, readBoolean, readObject } from "./values.ts";
import { createChatWriter } from "./writer.ts";

/**
 * Translates a request. Unknown fields are ignored; what Gemini cannot do is a problem that names the field.
 * @param body the parsed JSON body
 * @param options.includeThoughts INCLUDE_THOUGHTS: thoughts are asked for unless the client says no
 */
export function translateChatRequest(body: unknown, options: { includeThoughts: boolean }): Translation {
  const problems = createProblems();
  if (!isObject(body) || isTooDeep(body)) {
    const message = isObject(body) ? tooDeepMessage : "The request body must be a JSON object.";
    return { ok: false, problem: { code: "field_invalid", field: "", message } };
  }
  const { conversation, plan } = readRequest(body, { ...options, problems });
  if (problems.first !== null) return { ok: false, problem: problems.first };
  return { ok: true, conversation, createWriter: (facts) => createChatWriter(plan, facts) };
}

// --- helpers ---

const usageField = "stream_options.include_usage";

function readRequest(
  body: JsonObject,
  options: { includeThoughts: boolean; problems: Problems },
): { conversation: Conversation; plan: AnswerPlan } {
  const { problems } = options;
  checkChoiceCount(body, problems);
  const extension = readGoogleExtension(body, problems);
  const read = readTools(body, problems);
  const toolChoice = readToolChoice(body, read, problems);
  // "No tools" means the searching ones too.
  const serverTools = toolChoice.mode === "none" ? [] : read.serverTools;
  const audio = readAudio(body, problems);
  const history = readMessages(body, problems);
  const format = readFormat(body, problems);
  const stream = readBoolean(body, "stream", problems) === true;
  const conversation: Conversation = {
    model: readModel(body, problems),
    stream,
    system: history.system,
    turns: history.turns,
    tools: read.tools,
    serverTools,
    toolChoice,
    sampling: readSampling(body, problems),
    maxOutputTokens: readMaxOutputTokens(body, problems),
    stop: readStop(body, problems),
    thinking: readThinking({ body, extension, includeThoughts: options.includeThoughts, problems }),
    format,
    modalities: audio.modalities,
    voice: audio.voice,
    google: readGoogle(body, extension, problems),
    carriers: history.carriers,
    conversationKey: readConversationKey(body),
  };
  const streamOptions = readObject(body, "stream_options", problems);
  const plan: AnswerPlan = {
    stream,
    includeUsage: streamOptions !== null && readBoolean(streamOptions, "include_usage", problems, usageField) === true,
    isJson: format.kind !== "text",
    isLegacy: read.isLegacy,
    onlyFirstCall: read.isLegacy || readBoolean(body, "parallel_tool_calls", problems) === false,
    custom: read.custom,
    mayCite: serverTools.length > 0,
    audioFormat: audio.format,
  };
  return { conversation, plan };
}
