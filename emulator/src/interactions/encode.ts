/** @module An answer as an interaction: steps, usage, and the events of its stream (fact sheet upstream 1.8). */

import type { Answer, DetailedUsage, Part, TokenUsage } from "../answer/gemini-types.ts";
import type { Frame } from "../http/result.ts";
import type { InteractionEvent } from "./interaction.ts";

/** What an interaction is called. */
export interface InteractionNames {
  id: string;
  /** Whose answer it is: `{"model": …}` or `{"agent": …}`. */
  author: Record<string, string>;
  /** `2026-05-15T18:51:55Z` */
  created: string;
  updated: string;
}

/** An answer in both of its shapes. */
export interface EncodedInteraction {
  resource: Record<string, unknown>;
  frames: Frame[];
}

/** Encodes an answer. `unfinished` leaves the last event out, as a stream that breaks does. */
export function encodeInteraction(
  answer: Answer,
  names: InteractionNames,
  options: { unfinished: boolean },
): EncodedInteraction {
  const { id, author, created, updated } = names;
  const usage = answer.chunks.at(-1)?.usage;
  const { steps, frames } = toSteps(answer);
  const token = answer.chunks.at(-1)?.candidate?.["continuationToken"];
  const status = statusOf(answer);
  const tail = {
    ...(usage ? { usage: encodeUsage(usage) } : {}),
    created,
    updated,
    service_tier: answer.serviceTier ?? "standard",
    ...(status === "requires_continuation" ? { continuation_token: token } : {}),
  };
  const kind = { object: "interaction", ...author };
  const begin: InteractionEvent[] = [
    { interaction: { id, status: "in_progress", ...kind }, event_type: "interaction.created" },
    { interaction_id: id, status: "in_progress", event_type: "interaction.status_update" },
  ];
  const end = { interaction: { id, status, ...tail, ...kind }, event_type: "interaction.completed" };
  const last: Frame[] = options.unfinished ? [] : [{ value: end, usage: usage ?? null, delayMs: 0 }];
  const started = begin.map((value): Frame => ({
    value,
    usage: answer.chunks[0] ? promptOnly(answer.chunks[0].usage) : null,
    delayMs: 0,
  }));
  const all = [...started, ...frames, ...last].map((frame, index) => ({
    ...frame,
    value: { ...(frame.value as object), event_id: eventId(id, index) },
  }));
  return { resource: { id, status, ...tail, steps, ...kind }, frames: all };
}

/** The events that follow the one with this id; all of them without one, null for one that is not among them. */
export function eventsAfter(
  events: readonly InteractionEvent[],
  lastEventId: string | null,
): InteractionEvent[] | null {
  if (lastEventId === null) return [...events];
  const place = events.findIndex((event) => event["event_id"] === lastEventId);
  return place < 0 ? null : events.slice(place + 1);
}

/** `usage`: all sums, zeros too. */
function encodeUsage(usage: DetailedUsage): Record<string, unknown> {
  return {
    total_tokens: usage.total,
    total_input_tokens: usage.prompt,
    input_tokens_by_modality: Object.entries(usage.promptByModality)
      .filter(([, tokens]) => tokens > 0)
      .map(([modality, tokens]) => ({ modality: modality.toLowerCase(), tokens })),
    total_cached_tokens: usage.cached,
    total_output_tokens: usage.candidates,
    total_tool_use_tokens: usage.toolUse,
    total_thought_tokens: usage.thoughts,
  };
}

// --- helpers ---

// An id names a place in one stream; nothing else can be read out of it.
function eventId(id: string, index: number): string {
  return Buffer.from(`${id.slice(-8)}.${index}`).toString("base64url");
}

function promptOnly(usage: DetailedUsage): TokenUsage {
  return { ...usage, candidates: 0, thoughts: 0, total: usage.prompt + usage.toolUse };
}

function statusOf({ chunks, blockReason }: Answer): string {
  if (blockReason !== undefined) return "failed";
  if (chunks.some(({ parts }) => parts.some((part) => part.functionCall))) return "requires_action";
  const reason = chunks.at(-1)?.finishReason;
  if (reason === "CONTINUATION") return "requires_continuation";
  return reason === "MAX_TOKENS" ? "incomplete" : "completed";
}

interface Step {
  [member: string]: unknown;
  type: string;
}

// Events and steps grow together: what the stream told is what the resource says.
function toSteps(answer: Answer): { steps: Step[]; frames: Frame[] } {
  const steps: Step[] = [];
  const frames: Frame[] = [];
  let open = false;
  let usage: DetailedUsage | undefined = answer.chunks[0]?.usage;
  let delayMs = 0;
  const emit = (value: Record<string, unknown>): void => {
    frames.push({ value, usage: usage ?? null, delayMs });
    delayMs = 0;
  };
  const start = (step: Step, shown: Record<string, unknown>): void => {
    stop();
    open = true;
    steps.push(step);
    emit({ index: steps.length - 1, step: shown, event_type: "step.start" });
  };
  const delta = (value: Record<string, unknown>): void => {
    emit({ index: steps.length - 1, delta: value, event_type: "step.delta" });
  };
  const stop = (): void => {
    if (open) emit({ index: steps.length - 1, event_type: "step.stop" });
    open = false;
  };
  const parts = answer.chunks.flatMap((chunk) => chunk.parts);
  // The signature of an answer stands before it, whatever part it came with.
  const signature = parts.find((part) => part.thoughtSignature)?.thoughtSignature;
  if (signature !== undefined || parts.some((part) => part.thought)) {
    const summary = parts.filter((part) => part.thought).map(({ text = "" }) => text);
    const step: Step = { ...(signature === undefined ? {} : { signature }), type: "thought" };
    if (summary.length > 0) step["summary"] = [{ text: summary.join(""), type: "text" }];
    start(step, { type: "thought" });
    for (const text of summary) delta({ content: { text, type: "text" }, type: "thought_summary" });
    if (signature !== undefined) delta({ signature, type: "thought_signature" });
    stop();
  }
  for (const chunk of answer.chunks) {
    ({ usage } = chunk);
    delayMs += chunk.delayMs;
    for (const part of chunk.parts) say(part, { steps, start, delta, stop, isOpen: () => open });
  }
  stop();
  return { steps, frames };
}

interface Saying {
  steps: Step[];
  start: (step: Step, shown: Record<string, unknown>) => void;
  delta: (value: Record<string, unknown>) => void;
  stop: () => void;
  isOpen: () => boolean;
}

function say(part: Part, { steps, start, delta, stop, isOpen }: Saying): void {
  if (part.thought) return;
  const { functionCall, inlineData, text } = part;
  if (functionCall) {
    const { id, name, args = {} } = functionCall;
    const step = { id, signature: "", type: "function_call", name };
    start({ ...step, arguments: args }, { ...step, arguments: {} });
    delta({ arguments: JSON.stringify(args), type: "arguments_delta" });
    stop();
    return;
  }
  if (text === "" || (text === undefined && !inlineData)) return;
  const last = steps.at(-1);
  const content = isOpen() && last?.type === "model_output" ? (last["content"] as Record<string, unknown>[]) : [];
  if (content.length === 0) start({ content, type: "model_output" }, { type: "model_output" });
  const before = content.at(-1);
  if (inlineData) {
    const image = { data: inlineData.data, mime_type: inlineData.mimeType, type: "image" };
    content.push(image);
    delta(image);
    return;
  }
  if (before?.["type"] === "text") before["text"] = `${String(before["text"])}${text}`;
  else content.push({ text, type: "text" });
  delta({ text, type: "text" });
}
