/**
 * A function call of the model as the item that its tool's kind wants: Codex runs nothing that comes in another shape (fact
 * sheet translation 2.3).
 * @module
 */
import type { AnswerEvent, JsonObject, SignatureWriter } from "../../translation/types.ts";
import { builtinItem } from "./builtin-tools.ts";
import type { OutputItems } from "./output-items.ts";
import type { Toolbox } from "./toolbox.ts";

/** Writes it, with its signature in a reasoning item before it. */
export function writeCall(options: {
  event: Extract<AnswerEvent, { kind: "call" }>;
  items: OutputItems;
  toolbox: Toolbox;
  signatures: SignatureWriter;
}): void {
  const { event, items } = options;
  const { args } = event;
  const target = options.toolbox.find(event.name) ?? { kind: "function" as const, name: event.name, namespace: null };
  const { id: callId, carrier } = options.signatures.call({
    prefix: "call_",
    googleId: event.id,
    signature: event.signature,
  });
  if (carrier !== null) items.carrier(carrier);
  if (target.kind === "builtin") {
    const item = { call_id: callId, ...builtinItem(target.builtin, args) };
    items.whole({
      prefix: builtinPrefixes[target.builtin],
      opened: { ...item, status: "in_progress" },
      done: { ...item, status: "completed" },
    });
    return;
  }
  const named: JsonObject = { call_id: callId, name: target.name };
  if (target.namespace !== null) named["namespace"] = target.namespace;
  if (target.kind === "custom")
    items.call({
      prefix: "ctc",
      item: { type: "custom_tool_call", ...named, input: "" },
      field: "input",
      value: inputOf(args),
      event: "custom_tool_call_input",
    });
  else
    items.call({
      prefix: "fc",
      item: { type: "function_call", ...named, arguments: "" },
      field: "arguments",
      value: JSON.stringify(args),
      event: "function_call_arguments",
    });
}

// --- helpers ---

const builtinPrefixes = { tool_search: "tsc", local_shell: "lsh", shell: "sh", apply_patch: "apc" } as const;

/** The model may name the one argument otherwise, or write an object where text was asked. */
function inputOf(args: JsonObject): string {
  const values = Object.values(args);
  const input = "input" in args ? args["input"] : values.length === 1 ? values[0] : args;
  if (typeof input === "string") return input;
  return values.length === 0 ? "" : JSON.stringify(input);
}
