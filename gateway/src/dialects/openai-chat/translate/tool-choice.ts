/**
 * `tool_choice` and `function_call` (fact sheet translation 1.3).
 * @module
 */
import type { Conversation, JsonObject } from "../../../translation/types.ts";
import type { Problems } from "./problems.ts";
import type { ToolsRead } from "./tools.ts";
import { objectOf, textOf } from "./values.ts";

/** Which tools must or may be called. Without tools nothing is chosen; what is not known means `auto`. */
export function readToolChoice(body: JsonObject, read: ToolsRead, problems: Problems): Conversation["toolChoice"] {
  const field = read.isLegacy ? "function_call" : "tool_choice";
  const value = body[field];
  if (value === "none") return { mode: "none", names: null };
  if (read.tools.length === 0) return auto;
  if (typeof value === "string") return { mode: modes.get(value) ?? "auto", names: null };
  const choice = objectOf(value);
  if (choice === null) {
    if (value !== undefined && value !== null) problems.invalid(field, "must be a word or an object.");
    return auto;
  }
  const kind = choice["type"];
  if (kind === "allowed_tools") return readAllowed(objectOf(choice["allowed_tools"]) ?? choice, read, problems);
  const name = nameOf(choice);
  if (name === null) {
    // Objects of other kinds are words of other vendors, such as {type: "auto"}.
    if (kind === "function" || kind === "custom")
      problems.invalid(`${field}.${kind}.name`, "must be the name of a tool.");
    return auto;
  }
  if (read.tools.some((tool) => tool.name === name)) return { mode: "any", names: [name] };
  problems.invalid(field, `names '${name.slice(0, longestQuote)}', which is not among the tools.`);
  return auto;
}

// --- helpers ---

/** Characters of a name that a message repeats. */
const longestQuote = 100;

const auto: Conversation["toolChoice"] = { mode: "auto", names: null };

const modes: ReadonlyMap<string, Conversation["toolChoice"]["mode"]> = new Map([
  ["required", "any"],
  ["any", "any"],
  // Copilot CLI sends this word of Google's to models named gemini.
  ["validated", "validated"],
]);

function readAllowed(allowed: JsonObject, read: ToolsRead, problems: Problems): Conversation["toolChoice"] {
  const known = new Set(read.tools.map((tool) => tool.name));
  const listed = allowed["tools"] ?? [];
  if (!Array.isArray(listed)) problems.invalid("tool_choice.tools", "must be an array.");
  const tools: unknown[] = Array.isArray(listed) ? listed : [];
  const names = new Set<string>();
  for (const tool of tools) {
    const name = nameOf(objectOf(tool) ?? {});
    if (name !== null && known.has(name)) names.add(name);
  }
  if (names.size === 0) return { mode: "none", names: null };
  // Google refuses names with AUTO; VALIDATED leaves the model the choice to answer in text.
  return { mode: allowed["mode"] === "required" ? "any" : "validated", names: [...names] };
}

function nameOf(choice: JsonObject): string | null {
  const holder = objectOf(choice["function"]) ?? objectOf(choice["custom"]) ?? choice;
  return textOf(holder["name"]);
}
