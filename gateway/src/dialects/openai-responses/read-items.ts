/**
 * Input items as turns (fact sheet translation 2.2). Items of one role that follow each other become one turn: Codex sends
 * reasoning, message and calls apart.
 * @module
 */
import { isCarrier } from "../../translation/signatures/carrier.ts";
import type { JsonObject, Turn, TurnPart } from "../../translation/types.ts";
import { builtinCall } from "./builtin-tools.ts";
import { readCompaction } from "./compaction.ts";
import { isObject, listOf, parseArguments, textOf } from "./json-values.ts";
import type { ProblemList } from "./problem-list.ts";
import { readContent, readImage, type ContentPart } from "./read-content.ts";
import { toStandardBase64 } from "./media-types.ts";
import { joinedName, type Toolbox } from "./toolbox.ts";
import { readText, type Place } from "./typed-members.ts";

/** What the input says. */
export interface ReadInput {
  /** Texts of the leading system and developer messages. */
  system: string[];
  turns: Turn[];
  /** Signatures in our envelopes, in order. */
  carriers: string[];
}

/**
 * Reads all items in order. Kinds that only inform (`web_search_call`, `mcp_…`) or are not known are left out.
 * @param options.items references are already replaced
 * @param options.offset so many items come from the store: positions in problems count without them
 * @param options.toolbox gets the tools that the history adds
 */
export function readItems(options: {
  items: readonly unknown[];
  offset: number;
  toolbox: Toolbox;
  problems: ProblemList;
}): ReadInput {
  const { items, offset, problems } = options;
  const input: ReadInput = { system: [], turns: [], carriers: [] };
  const state: ReadState = { ...options, input, callIds: new Map() };
  for (const [index, item] of items.entries()) {
    const field = index < offset ? "previous_response_id" : `input[${index - offset}]`;
    if (isObject(item)) readItem(item, field, state);
    else problems.add("field_invalid", field, "An input item must be an object.");
  }
  return input;
}

// --- helpers ---

interface ReadState {
  toolbox: Toolbox;
  problems: ProblemList;
  input: ReadInput;
  /** Ids of items to ids of their calls: `local_shell_call_output` names the former. */
  callIds: Map<string, string>;
}

function readItem(item: JsonObject, field: string, state: ReadState): void {
  const place = { field, problems: state.problems };
  const type = readText(item, "type", place) ?? ("role" in item ? "message" : "");
  switch (type) {
    case "message":
      readMessage(item, field, state);
      return;
    case "reasoning": {
      // No turn of its own: it only carries signatures for what follows (bug 13).
      const envelope = textOf(item["encrypted_content"]);
      if (envelope !== null && isCarrier(envelope)) state.input.carriers.push(envelope);
      return;
    }
    case "function_call":
      addCall(item, field, { name: nameOf(item, place), args: parseArguments(item["arguments"]) }, state);
      return;
    case "custom_tool_call":
      addCall(item, field, { name: nameOf(item, place), args: { input: readText(item, "input", place) ?? "" } }, state);
      return;
    case "function_call_output":
    case "custom_tool_call_output":
    case "local_shell_call_output":
    case "shell_call_output":
    case "apply_patch_call_output":
    case "computer_call_output":
      readOutput(item, field, state);
      return;
    case "tool_search_output": {
      state.toolbox.add(item["tools"], `${field}.tools`);
      addResult(item, field, { text: `Found tools: ${toolNames(item["tools"])}`, media: [] }, state);
      return;
    }
    case "additional_tools":
      state.toolbox.add(item["tools"], `${field}.tools`);
      return;
    case "compaction": {
      const text = readCompaction(item["encrypted_content"]);
      if (text !== null) addPart("user", { kind: "text", text }, state);
      return;
    }
    case "image_generation_call": {
      const data = textOf(item["result"]);
      if (data === null || data === "") return;
      const format = textOf(item["output_format"]) ?? "png";
      addPart("model", { kind: "media", mimeType: `image/${format}`, data: toStandardBase64(data) }, state);
      return;
    }
    case "":
      state.problems.add("field_invalid", `${field}.type`, "An input item needs its type, or the role of a message.");
      return;
    default: {
      const call = builtinCall(item);
      if (call !== null) addCall(item, field, call, state);
    }
  }
}

function readMessage(item: JsonObject, field: string, state: ReadState): void {
  const { input, problems } = state;
  const role = textOf(item["role"]);
  const content = item["content"];
  switch (role) {
    case "system":
    case "developer": {
      // Media in instructions are left out: Gemini takes none there.
      const parts = readContent({ content, field: `${field}.content`, ignoreUnknown: true, problems });
      const text = parts.flatMap((part) => (part.kind === "text" ? [part.text] : [])).join("\n");
      if (text === "") return;
      if (input.turns.length === 0) input.system.push(text);
      // Later ones stay at their place: the prefix before them is cached at Google.
      else addPart("user", { kind: "text", text: `<system-reminder>\n${text}\n</system-reminder>` }, state);
      return;
    }
    case "assistant":
    case "user": {
      const isUser = role === "user";
      const parts = readContent({ content, field: `${field}.content`, ignoreUnknown: !isUser, problems });
      for (const part of parts) addPart(isUser ? "user" : "model", part, state);
      return;
    }
    default:
      problems.add("field_invalid", `${field}.role`, "A message's role is user, assistant, system or developer.");
  }
}

/** Under which the tool is declared. */
function nameOf(item: JsonObject, place: Place): string {
  const name = readText(item, "name", place) ?? "";
  if (name === "") place.problems.add("field_invalid", `${place.field}.name`, "A call needs the name of its tool.");
  return joinedName(name, readText(item, "namespace", place));
}

function addCall(item: JsonObject, field: string, call: { name: string; args: JsonObject }, state: ReadState): void {
  const itemId = textOf(item["id"]);
  const id = readText(item, "call_id", { field, problems: state.problems }) ?? itemId ?? "";
  if (itemId !== null) state.callIds.set(itemId, id);
  addPart("model", { kind: "call", id, ...call, signature: null }, state);
}

function readOutput(item: JsonObject, field: string, state: ReadState): void {
  const { problems } = state;
  const output = item["output"];
  // Structured outputs of shells and patches are told as they are.
  if (item["type"] === "shell_call_output" && Array.isArray(output)) {
    addResult(item, field, { text: JSON.stringify(output), media: [] }, state);
    return;
  }
  if (isObject(output)) {
    const url = textOf(output["image_url"]);
    const picture = url === null ? null : readImage(url, `${field}.output.image_url`, problems);
    const text = picture === null ? JSON.stringify(output) : "";
    addResult(item, field, { text, media: picture === null ? [] : [picture] }, state);
    return;
  }
  const parts = readContent({ content: output, field: `${field}.output`, ignoreUnknown: false, problems });
  const text = parts.flatMap((part) => (part.kind === "text" ? [part.text] : [])).join("\n");
  const status = textOf(item["status"]);
  addResult(item, field, { text: text === "" && status !== null ? `status: ${status}` : text, media: parts }, state);
}

function addResult(
  item: JsonObject,
  field: string,
  result: { text: string; media: readonly ContentPart[] },
  state: ReadState,
): void {
  const named = readText(item, "call_id", { field, problems: state.problems });
  const itemId = textOf(item["id"]) ?? "";
  const id = named ?? state.callIds.get(itemId) ?? itemId;
  const media = result.media.filter((part) => part.kind !== "text");
  const isError = item["type"] === "apply_patch_call_output" && item["status"] === "failed";
  addPart("user", { kind: "result", id, name: null, text: result.text, isError, media }, state);
}

function addPart(role: Turn["role"], part: TurnPart, { input }: ReadState): void {
  const last = input.turns.at(-1);
  if (last?.role === role) last.parts.push(part);
  else input.turns.push({ role, parts: [part] });
}

function toolNames(tools: unknown): string {
  const names = listOf(tools)
    .filter(isObject)
    .flatMap((tool) => {
      const name = textOf(tool["name"]) ?? "";
      if (tool["type"] !== "namespace") return [name];
      return listOf(tool["tools"])
        .filter(isObject)
        .map((inner) => joinedName(textOf(inner["name"]) ?? "", name));
    })
    .filter((name) => name !== "");
  return names.length === 0 ? "none" : names.join(", ");
}
