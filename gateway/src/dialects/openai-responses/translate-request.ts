/**
 * OpenAI Responses into the middle shape (fact sheet translation 2).
 * @module
 */
import { isTooDeep, tooDeepMessage } from "../../translation/dialect-help/nesting.ts";
import type { Conversation, JsonObject, Translation } from "../../translation/types.ts";
import { createAnswerWriter } from "./answer-writer.ts";
import { compactionPrompt } from "./compaction.ts";
import { isObject, listOf, textOf } from "./json-values.ts";
import { createProblemList, type ProblemList } from "./problem-list.ts";
import {
  readConversationKey,
  readFormat,
  readGoogle,
  readOutputLimit,
  readSampling,
  readThinking,
  refuseStateful,
} from "./read-fields.ts";
import { readItems } from "./read-items.ts";
import { responseOfItem, wholeInput, type StoredTurns } from "./stored-turns.ts";
import { chooseTools } from "./tool-choice.ts";
import { createToolbox } from "./toolbox.ts";
import { readBoolean, readText } from "./typed-members.ts";

/**
 * The stored response that a request names and goes on from. It must be there.
 * @param body the request, as JSON
 * @returns null: none is named
 */
export function previousResponseId(body: unknown): string | null {
  return isObject(body) ? textOf(body["previous_response_id"]) || null : null;
}

/**
 * The stored response whose items a request refers to without naming it, as the AI SDK does: the last one, which holds the
 * earlier ones too. It need not be there: what is not found is left out (fact sheet translation 2.2, `item_reference`).
 * @param body the request, as JSON
 * @returns null: nothing of ours is referred to
 */
export function referencedResponseId(body: unknown): string | null {
  const items = isObject(body) ? listOf(body["input"]) : [];
  for (let index = items.length - 1; index >= 0; index--) {
    const item = items[index];
    const id = isObject(item) && item["type"] === "item_reference" ? responseOfItem(textOf(item["id"]) ?? "") : null;
    if (id !== null) return id;
  }
  return null;
}

/**
 * Reads a request.
 * @param body as JSON; undefined: it was none
 * @param options.includeThoughts INCLUDE_THOUGHTS
 * @param options.previous what was stored under `previousResponseId(body)`, else under `referencedResponseId(body)`; null: not
 * there, which is a problem only for a response that the client names
 */
export function translateResponsesRequest(
  body: unknown,
  options: { includeThoughts: boolean; previous: StoredTurns | null },
): Translation {
  if (!isObject(body) || isTooDeep(body)) {
    const message = isObject(body) ? tooDeepMessage : "The body must be a JSON object.";
    return { ok: false, problem: { code: "field_invalid", field: "", message } };
  }
  const problems = createProblemList();
  const place = { field: "", problems };
  const model = (textOf(body["model"]) ?? "").replace(/^models\//, "");
  if (model === "") problems.add("field_invalid", "model", "The body must name a model.");
  refuseStateful(body, problems);
  const items = readInputItems(body, options.previous, problems);
  const isCompaction = isObject(items.items.at(-1)) && typeOf(items.items.at(-1)) === "compaction_trigger";

  const toolbox = createToolbox(problems);
  toolbox.add(body["tools"], "tools");
  const input = readItems({ ...items, toolbox, problems });
  const chosen = chooseTools(body["tool_choice"], toolbox, problems);
  const instructions = readText(body, "instructions", place) ?? "";
  const conversation: Conversation = {
    model,
    stream: readBoolean(body, "stream", place) === true,
    system: instructions === "" ? input.system : [instructions, ...input.system],
    turns: input.turns,
    tools: chosen.tools,
    serverTools: chosen.serverTools,
    toolChoice: chosen.toolChoice,
    sampling: readSampling(body, problems),
    maxOutputTokens: readOutputLimit(body, problems),
    stop: [],
    thinking: readThinking(body, options.includeThoughts, problems),
    format: readFormat(body, problems),
    modalities: wantsImages(model, toolbox.makesImages(), chosen.demandsImage) ? ["TEXT", "IMAGE"] : [],
    voice: null,
    google: readGoogle(body, problems),
    carriers: input.carriers,
    conversationKey: readConversationKey(body, problems),
  };
  if (isCompaction) askForSummary(conversation);
  const problem = problems.first();
  if (problem !== null) return { ok: false, problem };

  const kept = items.items.filter((item) => !notKept.has(typeOf(item)));
  const asked = { body, conversation, toolbox, isCompaction, input: body["store"] === false ? null : kept };
  return { ok: true, conversation, createWriter: (facts) => createAnswerWriter(asked, facts) };
}

// --- helpers ---

/** Characters of a client's own word that a message repeats. */
const longestQuote = 100;

const notKept: ReadonlySet<string> = new Set(["item_reference", "compaction_trigger"]);

function readInputItems(
  body: JsonObject,
  previous: StoredTurns | null,
  problems: ProblemList,
): { items: unknown[]; offset: number } {
  const named = body["previous_response_id"] ?? null;
  const isContinued = typeof named === "string" && named !== "";
  if (named !== null && typeof named !== "string")
    problems.add("field_invalid", "previous_response_id", "previous_response_id must be the id of a response.");
  if (isContinued && previous === null)
    problems.add(
      "previous_response_not_found",
      "previous_response_id",
      `Previous response with id '${named.slice(0, longestQuote)}' is not known here: it was not stored, or is too old. Send the whole input.`,
    );
  const input = body["input"] ?? null;
  if (input === null ? !isContinued : typeof input !== "string" && !Array.isArray(input))
    problems.add("field_invalid", "input", "input must be text or a list of items.");
  return wholeInput({ input, previous: Array.isArray(previous) ? listOf(previous) : null, isContinued });
}

function typeOf(item: unknown): string {
  return isObject(item) ? (textOf(item["type"]) ?? "") : "";
}

/** Only models that make pictures take the modality; an alias may hide one, so a demand for a picture counts too. */
function wantsImages(model: string, isDeclared: boolean, isDemanded: boolean): boolean {
  return isDemanded || (isDeclared && /image/i.test(model));
}

/** The client's own tools and formats would only lead away from the summary. */
function askForSummary(conversation: Conversation): void {
  conversation.turns.push({ role: "user", parts: [{ kind: "text", text: compactionPrompt }] });
  conversation.tools = [];
  conversation.serverTools = [];
  conversation.toolChoice = { mode: "none", names: null };
  conversation.format = { kind: "text" };
  conversation.modalities = [];
  conversation.thinking.includeThoughts = false;
}
