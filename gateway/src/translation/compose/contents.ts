/**
 * `contents`: the history as Google accepts it (fact sheet translation 0.3).
 * @module
 */
import type { ModelFacts } from "../models/facts.ts";
import { resultMedia } from "../models/table.ts";
import type { ToolNames } from "../types-request.ts";
import type { JsonObject, SignatureReader, Turn } from "../types.ts";
import type { Content, MediaPart, ResultPart } from "./content.ts";
import type { PairedCall, PlacedResult } from "./pairing.ts";
import { toSteps, type ModelStep, type UserStep } from "./turns.ts";

interface ContentOptions {
  facts: ModelFacts;
  names: ToolNames;
  signatures: SignatureReader;
}

/**
 * Writes the contents: at least one; user and model by turns, the user first; all results of a step in the content after
 * it; the user last where the model does not go on with its own words.
 */
export function composeContents(turns: readonly Turn[], options: ContentOptions): Content[] {
  const { facts, signatures } = options;
  const contents: Content[] = [];
  const steps = toSteps(turns, { shortId: (id) => signatures.shortId(id), hasFunctions: facts.takesFunctions });
  let calls: readonly PairedCall[] = [];
  for (const step of steps) {
    if (step.role === "user") {
      contents.push({ role: "user", parts: userParts(step, calls, options) });
      calls = [];
    } else {
      if (contents.length === 0) contents.push(filler(" "));
      contents.push({ role: "model", parts: modelParts(step, options) });
      calls = facts.takesFunctions ? step.calls : [];
    }
  }
  if (calls.length > 0) contents.push({ role: "user", parts: resultParts(calls, options) });
  if (contents.length === 0) contents.push(filler(" "));
  if (contents.at(-1)?.role === "model" && !facts.takesPrefill) contents.push(filler("Continue."));
  return contents;
}

// --- helpers ---

const interrupted = "no result: the call was interrupted";

function filler(text: string): Content {
  return { role: "user", parts: [{ text }] };
}

function userParts(step: UserStep, calls: readonly PairedCall[], options: ContentOptions): JsonObject[] {
  const parts = resultParts(calls, options);
  for (const part of step.parts) {
    if (part.kind === "placed") addOrphan(parts, part);
    else parts.push(part.kind === "text" ? { text: part.text } : mediaPart(part));
  }
  if (parts.length === 0) parts.push({ text: " " });
  return parts;
}

/** One functionResponse a call, in their order; media that do not go into it after all of them. */
function resultParts(calls: readonly PairedCall[], { facts, names }: ContentOptions): JsonObject[] {
  const parts: JsonObject[] = [];
  const beside: MediaPart[] = [];
  for (const { part, id, result } of calls) {
    const functionResponse: JsonObject = {
      ...(id === "" ? {} : { id }),
      name: names.toGoogle(part.name),
      response: responseOf(result),
    };
    const inside: JsonObject[] = [];
    for (const medium of result?.media ?? []) {
      if (isEmptyMedium(medium)) continue;
      if (facts.takesMediaInResults && medium.kind === "media" && resultMedia.test(medium.mimeType)) {
        inside.push(mediaPart(medium));
      } else beside.push(medium);
    }
    if (inside.length > 0) functionResponse["parts"] = inside;
    parts.push({ functionResponse });
  }
  for (const medium of beside) parts.push(mediaPart(medium));
  return parts;
}

/** Always a string: Google looks for `$ref` in parsed results and refuses what it finds. */
function responseOf(result: ResultPart | null): JsonObject {
  if (result === null) return { error: interrupted };
  return result.isError ? { error: result.text } : { output: result.text };
}

function modelParts(step: ModelStep, options: ContentOptions): JsonObject[] {
  const { facts, signatures } = options;
  return step.parts.map((part) => {
    if (part.kind === "paired") return callPart(part, options);
    if (part.kind !== "text") return mediaPart(part);
    const known = facts.takesSignatures && step.lastTexts.has(part) ? signatures.text(part.text) : null;
    return known === null ? { text: part.text } : { text: part.text, thoughtSignature: known };
  });
}

function callPart({ part, id }: PairedCall, { facts, names, signatures }: ContentOptions): JsonObject {
  if (!facts.takesFunctions) return { text: `Call of tool ${part.name}: ${JSON.stringify(part.args)}` };
  const functionCall = { ...(id === "" ? {} : { id }), name: names.toGoogle(part.name), args: part.args };
  const known = facts.takesSignatures ? signatures.call({ id: part.id, native: part.signature }) : null;
  return known === null ? { functionCall } : { functionCall, thoughtSignature: known };
}

/** A result without call is told in words; one with a call stands there. */
function addOrphan(parts: JsonObject[], { part, name, isPaired }: PlacedResult): void {
  if (isPaired) return;
  const what = part.isError ? "Error" : "Result";
  parts.push({
    text: `${what} of ${name === null ? "an earlier tool call" : `earlier tool call ${name}`}: ${part.text}`,
  });
  for (const medium of part.media) if (!isEmptyMedium(medium)) parts.push(mediaPart(medium));
}

function mediaPart(part: MediaPart): JsonObject {
  if (part.kind === "media") return { inlineData: { mimeType: part.mimeType, data: part.data } };
  return { fileData: { fileUri: part.uri, ...(part.mimeType === null ? {} : { mimeType: part.mimeType }) } };
}

function isEmptyMedium(medium: MediaPart): boolean {
  return medium.kind === "media" ? medium.data === "" : medium.uri === "";
}
