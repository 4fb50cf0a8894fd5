/**
 * Results of tools: `tool` messages, and the older `function` ones. Content may be an array and hold pictures
 * (fact sheet translation 1.2, bugs 15 and 34).
 * @module
 */
import type { JsonObject } from "../../../translation/types.ts";
import type { MediaPart } from "./media.ts";
import type { History } from "./history.ts";
import { readContent } from "./parts.ts";
import type { Problems } from "./problems.ts";
import { isObject, readText, textOf } from "./values.ts";

/** Adds a result to the history. Its name is that of the call, never its id, whatever the message says. */
export function readToolResult(
  history: History,
  message: JsonObject,
  place: { path: string; problems: Problems },
): void {
  const told = textOf(message["name"]);
  const id =
    readText(message, "tool_call_id", place.problems, `${place.path}.tool_call_id`) ??
    (told === null ? null : (history.lastCalls.get(told) ?? ""));
  if (id === null) place.problems.invalid(`${place.path}.tool_call_id`, "must be the id of the call.");
  else addResult(history, message, { ...place, id, name: history.callNames.has(id) ? null : told });
}

/** Adds a result of the older kind: it names its function and has no id. */
export function readFunctionResult(
  history: History,
  message: JsonObject,
  place: { path: string; problems: Problems },
): void {
  const name = textOf(message["name"]);
  if (name === null) place.problems.invalid(`${place.path}.name`, "must be the name of the function.");
  else addResult(history, message, { ...place, id: history.lastCalls.get(name) ?? "", name });
}

// --- helpers ---

function addResult(
  history: History,
  message: JsonObject,
  options: { path: string; problems: Problems; id: string; name: string | null },
): void {
  const { path, problems, id, name } = options;
  const content = message["content"];
  const texts: string[] = [];
  const media: MediaPart[] = [];
  // Some clients forget to make text of their tools' JSON.
  if (isObject(content)) texts.push(JSON.stringify(content));
  else
    for (const part of readContent(content, `${path}.content`, problems))
      if (part.kind === "text") texts.push(part.text);
      else media.push(part);
  history.turns.push({
    role: "user",
    parts: [{ kind: "result", id, name, text: texts.join("\n"), isError: false, media }],
  });
}
