/**
 * `system` and `messages` to system texts and turns (fact sheet translation 3.1, 0.3).
 * @module
 */
import type { Turn, TurnPart } from "../../translation/types.ts";
import { isObject, type Check } from "./check.ts";
import { readContent } from "./read-blocks.ts";

/** What was said. */
export interface ReadMessages {
  system: string[];
  turns: Turn[];
  carriers: string[];
}

/** Reads both. Repair (roles in turn, results beside their calls) is the shape's writer's task. */
export function readMessages(body: { system: unknown; messages: unknown }, check: Check): ReadMessages {
  const system = readSystem(body.system, "system", check);
  const turns: Turn[] = [];
  const carriers: string[] = [];
  const messages = check.list(body.messages, "messages");
  if (messages === null || messages.length === 0) check.fail("messages", "Must be a list of at least one message.");
  for (const [index, message] of (messages ?? []).entries()) {
    const field = `messages[${index}]`;
    if (!isObject(message)) {
      check.fail(field, "Must be an object.");
      continue;
    }
    const content = message["content"];
    switch (message["role"]) {
      case "user":
      case "assistant": {
        const role = message["role"] === "user" ? "user" : "model";
        turns.push({ role, parts: readContent({ content, field: `${field}.content`, role }, check, carriers) });
        break;
      }
      case "system": {
        const texts = readSystem(content, `${field}.content`, check);
        // Later ones stay at their place, so that the prefix that Google has cached does not change.
        if (turns.length === 0) for (const text of texts) system.push(text);
        else if (texts.length > 0) turns.push({ role: "user", parts: [reminder(texts)] });
        break;
      }
      default:
        check.fail(`${field}.role`, "Must be user, assistant or system.");
    }
  }
  trimPrefill(turns);
  return { system, turns, carriers };
}

// --- helpers ---

/** Claude Code's first block. It changes with every session, which would spoil the implicit cache. */
const billingHeader = /^x-anthropic-billing-header:[^\n]*\n?/;

function readSystem(value: unknown, field: string, check: Check): string[] {
  if (value == null) return [];
  if (typeof value === "string") {
    const text = value.replace(billingHeader, "");
    return text === "" ? [] : [text];
  }
  if (!Array.isArray(value)) {
    check.fail(field, "Must be a string or a list of text blocks.");
    return [];
  }
  const texts: string[] = [];
  for (const [index, block] of value.entries()) {
    const path = `${field}[${index}]`;
    const text = isObject(block) ? check.string(block["text"], `${path}.text`) : check.string(block, path);
    if (text !== null && text !== "" && !billingHeader.test(text)) texts.push(text);
  }
  return texts;
}

function reminder(texts: readonly string[]): TurnPart {
  return { kind: "text", text: `<system-reminder>\n${texts.join("\n\n")}\n</system-reminder>` };
}

/** A prefill that ends in spaces makes the model go on badly; Anthropic refuses it for that. */
function trimPrefill(turns: readonly Turn[]): void {
  const last = turns.at(-1);
  const part = last?.parts.at(-1);
  if (last?.role !== "model" || part?.kind !== "text") return;
  part.text = part.text.trimEnd();
  if (part.text === "") last.parts.pop();
}
