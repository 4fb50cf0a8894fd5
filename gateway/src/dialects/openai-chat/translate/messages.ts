/**
 * `messages` (fact sheet translation 1.2). One turn a message: what Google wants of their order is `compose`'s task.
 * @module
 */
import type { JsonObject } from "../../../translation/types.ts";
import { readAssistant } from "./assistant-message.ts";
import type { History } from "./history.ts";
import { readContent, readTexts } from "./parts.ts";
import type { Problems } from "./problems.ts";
import { readFunctionResult, readToolResult } from "./tool-message.ts";
import { isObject } from "./values.ts";

/** Reads all messages, in order. */
export function readMessages(body: JsonObject, problems: Problems): History {
  const history: History = { system: [], turns: [], carriers: [], callNames: new Map(), lastCalls: new Map() };
  const messages = body["messages"];
  if (!Array.isArray(messages) || messages.length === 0) {
    problems.invalid("messages", "must be an array with at least one message.");
    return history;
  }
  for (const [index, message] of (messages as unknown[]).entries()) {
    const path = `messages[${index}]`;
    if (isObject(message)) readMessage(history, message, { path, problems });
    else problems.invalid(path, "must be an object with 'role' and 'content'.");
  }
  return history;
}

// --- helpers ---

function readMessage(history: History, message: JsonObject, place: { path: string; problems: Problems }): void {
  const { path, problems } = place;
  switch (message["role"]) {
    case "system":
    case "developer":
      readInstruction(history, readTexts(message["content"], `${path}.content`, problems));
      break;
    case "user":
      history.turns.push({ role: "user", parts: readContent(message["content"], `${path}.content`, problems) });
      break;
    case "assistant":
      readAssistant(history, message, place);
      break;
    case "tool":
      readToolResult(history, message, place);
      break;
    case "function":
      readFunctionResult(history, message, place);
      break;
    default:
      problems.invalid(`${path}.role`, "must be system, developer, user, assistant, tool or function.");
  }
}

/** An instruction in the middle stays at its place, so that what was cached of the turns before it does not change. */
function readInstruction(history: History, texts: string[]): void {
  if (history.turns.length === 0) for (const text of texts) history.system.push(text);
  else if (texts.length > 0)
    history.turns.push({
      role: "user",
      parts: texts.map((text) => ({ kind: "text", text: `<system-reminder>\n${text}\n</system-reminder>` })),
    });
}
