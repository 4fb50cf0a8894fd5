/** @module What the model says in one turn of a session: scripted, or the emulator's own answer; as text or as sound. */

import { countPartTokens } from "../answer/count-tokens.ts";
import type { TokensByModality } from "../answer/count-tokens.ts";
import { defaultParts } from "../answer/default-parts.ts";
import type { Content, Draft, GenerateRequest, Part, TokenUsage } from "../answer/gemini-types.ts";
import { limitOutput } from "../answer/limit-output.ts";
import { splitText } from "../answer/split-text.ts";
import type { ErrorName } from "../errors/error-names.ts";
import type { KnownKey } from "../state/projects.ts";
import type { Model } from "../state/models.ts";
import type { World } from "../state/world.ts";
import type { ScriptedAnswer } from "../state/script-types.ts";
import type { LiveSetup } from "./client-message.ts";

/** One message of a turn. */
export interface TurnStep {
  parts: Part[];
  /** What is being said, for `outputTranscription`; null when the parts say it. */
  transcription: string | null;
  tokens: TokensByModality;
  thoughts: number;
  /** Milliseconds before it. */
  delayMs: number;
}

/** A function call with its id. */
export interface LiveCall {
  id: string;
  name: string;
  args: Record<string, unknown>;
}

/** A turn, before it is sent. */
export interface TurnPlan {
  steps: TurnStep[];
  calls: LiveCall[];
  /** Tokens of the calls. */
  callTokens: number;
  /** `turnCompleteReason`; null for a turn that ends as it should. */
  reason: string | null;
  /** Counts that replace the computed ones. */
  usage: Partial<TokenUsage>;
  error: ErrorName | null;
}

/** What a turn is planned from. */
export interface TurnRequest {
  world: World;
  model: Model;
  key: KnownKey;
  setup: LiveSetup;
  contents: Content[];
  /** What the user said, should it have been sound; null: the contents say it. */
  heard: string | null;
  sequence: number;
}

/** Plans a turn. The same context gets the same answer. */
export function planTurn(request: TurnRequest): TurnPlan {
  const { world, model, setup } = request;
  const body = toBody(request);
  const scripted = world.scripts.take({
    sequence: request.sequence,
    key: request.key.key,
    project: request.key.project.id,
    model: model.id,
    surface: "native",
    path: "",
    stream: true,
    body,
  });
  const plan: TurnPlan = {
    steps: [],
    calls: [],
    callTokens: 0,
    reason: scripted?.blockReason ?? otherThanStop(scripted?.finishReason),
    usage: scripted?.usage ?? {},
    error: scripted?.error ?? null,
  };
  if (plan.error || scripted?.blockReason !== undefined) return plan;
  const drafts = scripted?.parts || scripted?.chunks ? scriptedDrafts(scripted) : defaultDrafts(body, model);
  const limited = limitOutput(drafts, setup.generationConfig ?? {}, model);
  if (limited.finishReason === "MAX_TOKENS") plan.reason ??= "MAX_TOKENS";
  for (const { parts, delayMs } of limited.drafts) {
    for (const [index, part] of parts.entries()) {
      const { functionCall } = part;
      if (functionCall) {
        const { id = world.ids.call(), name, args = {} } = functionCall;
        plan.calls.push({ id, name, args });
        plan.callTokens += countPartTokens(part).tokens;
      } else plan.steps.push(toStep(part, { setup, world, delayMs: index === 0 ? delayMs : 0 }));
    }
  }
  return plan;
}

// --- helpers ---

/** Sound of one character: 100 bytes, some 2 milliseconds at 24 kHz. Short, so that tests are. */
const AUDIO_BYTES_PER_CHARACTER = 100;

function toBody({ setup, contents, heard }: TurnRequest): GenerateRequest {
  const { systemInstruction, tools, generationConfig } = setup;
  return {
    contents: heard === null ? contents : [...contents, { role: "user", parts: [{ text: heard }] }],
    ...(systemInstruction ? { systemInstruction } : {}),
    ...(tools ? { tools } : {}),
    ...(generationConfig ? { generationConfig } : {}),
  };
}

function scriptedDrafts(scripted: ScriptedAnswer): Draft[] {
  const chunks = scripted.chunks ?? (scripted.parts ?? []).map((part) => ({ parts: [part], delayMs: undefined }));
  return chunks.map(({ parts, delayMs }, index) => ({
    parts,
    thoughts: 0,
    delayMs: delayMs ?? (index === 0 ? 0 : (scripted.chunkDelayMs ?? 0)),
  }));
}

function defaultDrafts(body: GenerateRequest, model: Model): Draft[] {
  // What modality the session speaks is decided when the text is there.
  const { responseModalities: _, ...generationConfig } = body.generationConfig ?? {};
  return defaultParts({ ...body, generationConfig }, model).flatMap((part): Draft[] =>
    part.text === undefined
      ? [{ parts: [part], thoughts: 0, delayMs: 0 }]
      : splitText(part.text, model.answer.chunks).map((text) => ({ parts: [{ text }], thoughts: 0, delayMs: 0 })),
  );
}

function toStep(part: Part, options: { setup: LiveSetup; world: World; delayMs: number }): TurnStep {
  const { setup, world, delayMs } = options;
  const { modality, tokens } = countPartTokens(part);
  if (part.thought) return { parts: [part], transcription: null, tokens: {}, thoughts: tokens, delayMs };
  const modalities = setup.generationConfig?.responseModalities ?? ["AUDIO"];
  const spoken = part.text !== undefined && modalities.some((name) => name.toUpperCase() === "AUDIO");
  const said = spoken ? toSound(part.text ?? "") : part;
  const counted = spoken ? countPartTokens(said) : { modality, tokens };
  const pause = world.options.tokenRate ? (counted.tokens / world.options.tokenRate) * 1_000 : 0;
  return {
    parts: [said],
    transcription: spoken ? (part.text ?? "") : null,
    tokens: { [counted.modality]: counted.tokens },
    thoughts: 0,
    delayMs: delayMs + pause,
  };
}

function toSound(text: string): Part {
  const bytes = Buffer.alloc(text.length * AUDIO_BYTES_PER_CHARACTER, text === "" ? " " : text);
  return { inlineData: { mimeType: "audio/pcm;rate=24000", data: bytes.toString("base64") } };
}

function otherThanStop(finishReason: string | undefined): string | null {
  return finishReason === undefined || finishReason === "STOP" ? null : finishReason;
}
