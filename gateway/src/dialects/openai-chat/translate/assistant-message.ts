/**
 * Messages of the assistant: text first, then pictures, then calls, all in one turn (fact sheet translation 0.3.8).
 * Thoughts (`reasoning_content`, `reasoning`) are never sent back as text.
 * @module
 */
import type { JsonObject, TurnPart } from "../../../translation/types.ts";
import { parseArguments } from "./call-arguments.ts";
import { readDetails, signatureBeside, type Details } from "./carried-signatures.ts";
import type { History } from "./history.ts";
import { readContent } from "./parts.ts";
import type { Problems } from "./problems.ts";
import { isObject, objectOf, readObject, readText, textOf } from "./values.ts";

/** Adds an assistant message to the history. */
export function readAssistant(
  history: History,
  message: JsonObject,
  place: { path: string; problems: Problems },
): void {
  const { path, problems } = place;
  const details = readDetails(message["reasoning_details"]);
  for (const carrier of details.carriers) history.carriers.push(carrier);
  const parts: TurnPart[] = readContent(message["content"], `${path}.content`, problems);
  const refusal = readText(message, "refusal", problems, `${path}.refusal`);
  if (refusal !== null) parts.push({ kind: "text", text: refusal });
  // Pictures as this dialect answers them.
  for (const part of readContent(message["images"], `${path}.images`, problems)) parts.push(part);
  for (const call of readCalls(message, details, place)) {
    history.callNames.set(call.id, call.name);
    history.lastCalls.set(call.name, call.id);
    parts.push(call);
  }
  history.turns.push({ role: "model", parts });
}

// --- helpers ---

type Call = Extract<TurnPart, { kind: "call" }>;

function readCalls(message: JsonObject, details: Details, place: { path: string; problems: Problems }): Call[] {
  const { path, problems } = place;
  const value = message["tool_calls"];
  const calls: Call[] = [];
  if (Array.isArray(value))
    for (const [index, entry] of (value as unknown[]).entries()) {
      if (isObject(entry)) readText(entry, "id", problems, `${path}.tool_calls[${index}].id`);
      const call = isObject(entry) ? readCall(entry, details, `${path}_${index}`) : null;
      if (call === null) problems.invalid(`${path}.tool_calls[${index}]`, "must have a 'function' with a 'name'.");
      else calls.push(call);
    }
  else if (value !== undefined && value !== null) problems.invalid(`${path}.tool_calls`, "must be an array.");
  const legacy = readObject(message, "function_call", problems, `${path}.function_call`);
  const name = legacy === null ? null : readText(legacy, "name", problems, `${path}.function_call.name`);
  if (name !== null && calls.length === 0)
    calls.push({
      kind: "call",
      id: madeId(path),
      name,
      args: parseArguments(legacy?.["arguments"]),
      signature: null,
    });
  return calls;
}

function readCall(call: JsonObject, details: Details, place: string): Call | null {
  const custom = objectOf(call["custom"]);
  const called = objectOf(call["function"]) ?? custom;
  const name = textOf(called?.["name"]);
  if (called === null || name === null) return null;
  const id = textOf(call["id"]) ?? madeId(place);
  const isCustom = call["type"] === "custom" || called === custom;
  const args = isCustom ? { input: inputOf(called["input"]) } : parseArguments(called["arguments"]);
  return { kind: "call", id, name, args, signature: signatureBeside(call) ?? details.signatures.get(id) ?? null };
}

function inputOf(input: unknown): string {
  return typeof input === "string" ? input : JSON.stringify(input ?? "");
}

/** Calls without an id are found again by their name only. The same place has the same id in each request. */
function madeId(place: string): string {
  return `call_${place.replaceAll(/\W+/g, "")}`;
}
