/**
 * What a model takes and what it does, by its name.
 * @module
 */
import {
  aliases,
  budgets,
  generations,
  kinds,
  kindsWithout,
  levels,
  newestGeneration,
  outputTokenLimits,
  since,
  until,
  withoutFunctions,
  type ModelKind,
  type ThinkingLevel,
} from "./table.ts";

/** How a model's thinking is set. */
export type ThinkingControl =
  | { kind: "none" }
  /** `min`, `max`: tokens. `canBeOff`: 0 is taken. `byDefault`: thinks when nothing is said. */
  | { kind: "budget"; min: number; max: number; canBeOff: boolean; byDefault: boolean }
  /** From little to much. */
  | { kind: "levels"; levels: readonly ThinkingLevel[] };

/** What is known of a model. */
export interface ModelFacts {
  /** 2.5, 3.8, 4; the newest for names that do not tell; 0: not a Gemini. */
  generation: number;
  kind: ModelKind;
  thinking: ThinkingControl;
  /** temperature, topP, topK; later models ignore them. */
  takesSampling: boolean;
  /** A temperature of 1 is its own and better left unset. */
  temperatureOneIsUnset: boolean;
  /** `candidateCount` over 1. */
  takesCandidates: boolean;
  /** The conversation may end with a turn of the model, which it goes on with. */
  takesPrefill: boolean;
  /** Tokens of one request. */
  outputTokenLimit: number;
  takesSignatures: boolean;
  /** Refuses calls of the current turn without their signatures. */
  enforcesSignatures: boolean;
  /** Refuses its own pictures without their signatures. */
  enforcesMediaSignatures: boolean;
  takesSystemInstruction: boolean;
  takesFunctions: boolean;
  /** Function calling mode VALIDATED. */
  takesValidatedMode: boolean;
  /** `functionResponse.parts`. */
  takesMediaInResults: boolean;
  /** Search and the like beside functions. */
  mixesTools: boolean;
  /** `responseMimeType` application/json. */
  takesJson: boolean;
  takesJsonWithTools: boolean;
}

/**
 * What is known of a model. Remembered: names are asked for with every call.
 * @param model with or without `models/`
 */
export function modelFacts(model: string): ModelFacts {
  const known = remembered.get(model);
  if (known !== undefined) return known;
  const facts = Object.freeze(findFacts(model));
  // Names come from clients: the table must not grow with them.
  if (remembered.size >= mostRemembered) remembered.clear();
  remembered.set(model, facts);
  return facts;
}

// --- helpers ---

const mostRemembered = 500;
const remembered = new Map<string, ModelFacts>();

function findFacts(model: string): ModelFacts {
  const asked = model.slice(model.lastIndexOf("/") + 1);
  const id = aliases.get(asked) ?? asked;
  const kind = firstMatch(kinds, id) ?? "text";
  const generation = generationOf(id, kind);
  const lacks = (list: readonly ModelKind[]): boolean => list.includes(kind);
  const isMoving = id !== asked;
  return {
    generation,
    kind,
    thinking: thinkingOf(id, { kind, generation }),
    takesSampling: generation <= until.sampling,
    temperatureOneIsUnset: generation >= since.ownTemperature,
    takesCandidates: generation <= until.candidates && !isMoving,
    takesPrefill: generation <= until.prefill && !isMoving && !lacks(kindsWithout.prefill),
    outputTokenLimit: firstMatch(outputTokenLimits, id) ?? 0,
    takesSignatures: generation >= since.thinking && !lacks(kindsWithout.signatures),
    enforcesSignatures: generation >= since.enforcedSignatures && kind === "text",
    enforcesMediaSignatures: generation >= since.enforcedSignatures && kind === "image",
    takesSystemInstruction: !lacks(kindsWithout.systemInstruction),
    takesFunctions: !lacks(kindsWithout.functions) && !withoutFunctions.some((pattern) => pattern.test(id)),
    takesValidatedMode: !lacks(kindsWithout.validatedMode),
    takesMediaInResults: generation >= since.mediaInResults,
    mixesTools: generation >= since.serverToolsWithFunctions,
    takesJson: !lacks(kindsWithout.jsonAnswers),
    takesJsonWithTools: generation >= since.jsonWithTools,
  };
}

function firstMatch<Value>(rows: readonly (readonly [RegExp, Value])[], id: string): Value | undefined {
  return rows.find(([pattern]) => pattern.test(id))?.[1];
}

function generationOf(id: string, kind: ModelKind): number {
  if (kind === "gemma") return 0;
  const told = /^gemini-(\d+(?:\.\d+)?)/.exec(id)?.[1];
  return told === undefined ? (firstMatch(generations, id) ?? newestGeneration) : Number(told);
}

function thinkingOf(id: string, { kind, generation }: { kind: ModelKind; generation: number }): ThinkingControl {
  if (kindsWithout.thinking.includes(kind) || generation < since.thinking) return { kind: "none" };
  if (generation >= since.thinkingLevels) return { kind: "levels", levels: firstMatch(levels, id) ?? [] };
  const range = firstMatch(budgets, id);
  return range === undefined ? { kind: "none" } : { kind: "budget", ...range };
}
