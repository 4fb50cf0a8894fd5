/**
 * What the tap should tell, worked out the slow and obvious way: the whole body in memory, every document through
 * JSON.parse. Tests hold the tap against it.
 * @module
 */
import type { Framing, Surface, TapResult } from "../tap-types.ts";
import { parseUsage } from "./usage.ts";

/**
 * Reads a whole body.
 * @param body an answer, whole or cut; made of valid JSON up to the cut
 * @returns the tap's result, but for `empty` when the body is cut inside its first content
 */
export function readSlowly(body: Uint8Array, framing: Framing, surface: Surface): TapResult {
  const text = new TextDecoder().decode(body);
  const { documents, isWhole } = framing === "sse" ? parseEvents(text) : parseDocument(text);
  const result: TapResult = {
    usage: null,
    finishReason: null,
    modelServed: null,
    blockReason: null,
    error: null,
    empty: true,
    complete: false,
  };
  for (const document of documents) {
    for (const root of Array.isArray(document) ? document : [document])
      if (isRecord(root)) addRoot(result, root, surface);
  }
  const hasEnded = framing === "unary" || result.finishReason !== null || result.blockReason !== null;
  result.complete = isWhole && hasEnded && result.error === null;
  if (result.error !== null) result.empty = false;
  return result;
}

// --- helpers ---

type Json = Readonly<Record<string, unknown>>;
interface Parsed {
  documents: unknown[];
  isWhole: boolean;
}

function addRoot(result: TapResult, root: Json, surface: Surface): void {
  const found = surface === "gemini" ? fromGemini(root) : fromOpenAi(root);
  if (found.said || found.finishes.some((finish) => !["STOP", "stop", "completed"].includes(finish)))
    result.empty = false;
  const finish = found.finishes.at(-1);
  if (finish !== undefined) {
    result.finishReason = finish;
    result.error = null;
    result.blockReason = null;
  }
  if (found.block !== null) {
    result.blockReason = found.block;
    result.empty = false;
  }
  if (typeof found.model === "string") result.modelServed = found.model.replace(/^models\//, "");
  if (isRecord(found.usage)) result.usage = parseUsage(JSON.stringify(found.usage), surface);
  if (isRecord(root["error"]) || typeof root["error"] === "string") result.error = toError(root["error"]);
}

interface Root {
  said: boolean;
  finishes: string[];
  block: string | null;
  model: unknown;
  usage: unknown;
}

function fromGemini(root: Json): Root {
  const found: Root = { said: false, finishes: [], block: null, model: null, usage: null };
  const silent = "responseId createTime modelStatus id object created updated status service_tier event_type event_id";
  const known = `${silent} interaction_id index candidates promptFeedback prompt_feedback usageMetadata usage`;
  found.said = says(root, `${known} modelVersion model error interaction`);
  for (const candidate of list(root["candidates"])) {
    if (typeof candidate["finishReason"] === "string") found.finishes.push(candidate["finishReason"]);
    const { content } = candidate;
    const silentInPart = "thought thoughtSignature thought_signature partMetadata videoMetadata mediaResolution";
    for (const part of list(isRecord(content) ? content["parts"] : null)) found.said ||= says(part, silentInPart);
  }
  const feedback = root["promptFeedback"] ?? root["prompt_feedback"];
  const reason = isRecord(feedback) ? (feedback["blockReason"] ?? feedback["block_reason"]) : null;
  if (typeof reason === "string") found.block = reason;
  found.model = root["modelVersion"] ?? root["model"];
  found.usage = root["usageMetadata"] ?? root["usage"];
  const { interaction } = root;
  if (isRecord(interaction)) {
    const { status, model, usage } = interaction;
    if (typeof status === "string" && status !== "in_progress" && status !== "queued") found.finishes.push(status);
    found.model ??= model;
    found.usage ??= usage;
  }
  return found;
}

function fromOpenAi(root: Json): Root {
  const known = "id object created system_fingerprint service_tier choices usage model error";
  const found: Root = {
    said: says(root, known),
    finishes: [],
    block: null,
    model: root["model"],
    usage: root["usage"],
  };
  for (const choice of list(root["choices"])) {
    if (typeof choice["finish_reason"] === "string") found.finishes.push(choice["finish_reason"]);
    for (const delta of [choice["delta"], choice["message"]])
      if (isRecord(delta)) found.said ||= says(delta, "role extra_content name");
    found.said ||= isSaid(choice["text"]);
  }
  return found;
}

/** Whether any key but those named holds something. */
function says(record: Json, silent: string): boolean {
  return Object.entries(record).some(([key, value]) => !silent.split(" ").includes(key) && isSaid(value));
}

function isSaid(value: unknown): boolean {
  if (typeof value === "string" || Array.isArray(value)) return value.length > 0;
  return value !== null && value !== false && value !== undefined;
}

function toError(error: unknown): TapResult["error"] {
  const body = JSON.stringify({ error });
  if (typeof error === "string") return { code: null, status: null, message: error, body };
  const { code, status, message } = error as Json;
  return {
    code: typeof code === "number" ? code : null,
    status: typeof status === "string" ? status : null,
    message: typeof message === "string" ? message : "",
    body,
  };
}

/** Lines of an event stream; a document ends as soon as the lines at hand parse, or is dropped at a blank line. */
function parseEvents(text: string): Parsed {
  const documents: unknown[] = [];
  let open: string[] = [];
  let isRaw = false;
  const lines = text.split(/\r\n|\n|\r/);
  // Nothing follows the last line's end: that is no blank line.
  if (lines.at(-1) === "") lines.pop();
  for (const [index, line] of lines.entries()) {
    if (line === "") {
      documents.push(...parseDocument(open.join("\n")).documents);
      open = [];
      continue;
    }
    if (line.startsWith("data:")) {
      if (isRaw) open = [];
      isRaw = false;
      open.push(line.slice(5));
    } else if (open.length > 0 && isRaw && !/^[eir:]/.test(line)) open.push(line);
    else if (/^[{[]/.test(line)) {
      open = [line];
      isRaw = true;
    } else {
      // A field of the event stream: no JSON without `data:` goes on behind it.
      if (isRaw) open = [];
      continue;
    }
    const value = tryParse(open.join("\n"));
    if (value !== undefined) documents.push(value);
    // No string goes on in the next line: an event that was cut inside one does not swallow the next event.
    const isOver = index < lines.length - 1 || /[\r\n]$/.test(text);
    if (value !== undefined || (isOver && endsInString(open.join("\n"))) || line.trim() === "data: [DONE]") open = [];
  }
  const rest = parseDocument(open.join("\n"));
  documents.push(...rest.documents);
  return { documents, isWhole: open.length === 0 || rest.isWhole || !/[{[]/.test(open.join("")) };
}

/** One JSON text. Of an array that was cut, the elements before the cut. */
function parseDocument(text: string): Parsed {
  const value = tryParse(text);
  if (value !== undefined) return { documents: [value], isWhole: true };
  if (!text.trimStart().startsWith("[")) return { documents: [], isWhole: false };
  for (let end = text.lastIndexOf("}"); end > 0; end = text.lastIndexOf("}", end - 1)) {
    const elements = tryParse(`${text.slice(0, end + 1)}]`);
    if (elements !== undefined) return { documents: [elements], isWhole: false };
  }
  return { documents: [], isWhole: false };
}

function endsInString(json: string): boolean {
  return json.replaceAll(/\\[^]/g, "").split('"').length % 2 === 0;
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
