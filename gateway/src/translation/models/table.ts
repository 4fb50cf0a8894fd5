/**
 * What is known of Gemini's models, one line a fact: when Google changes something, one line here changes (fact sheet
 * upstream 0 and 8, translation 1.2 to 1.5). The first pattern that fits counts.
 * @module
 */

/** What a model is made for; decided by its name. */
export type ModelKind = "text" | "image" | "speech" | "embedding" | "gemma";

/** Google's levels, from little to much. */
export const levelLadder = ["MINIMAL", "LOW", "MEDIUM", "HIGH", "XHIGH"] as const;

export type ThinkingLevel = (typeof levelLadder)[number];

/** Ids without a number are taken for this generation: new models behave like the newest, not like the oldest. */
export const newestGeneration = 4;

/** Names that stand for another model. What they stand for changes: they are never given what only older models take. */
export const aliases: ReadonlyMap<string, string> = new Map([
  ["gemini-flash-latest", "gemini-3.8-flash"],
  ["gemini-flash-lite-latest", "gemini-3.5-flash-lite"],
  ["gemini-pro-latest", "gemini-3.1-pro-preview"],
]);

/** Kinds by name; others are `text`. */
export const kinds: readonly (readonly [RegExp, ModelKind])[] = [
  [/^gemma-/, "gemma"],
  [/embedding/, "embedding"],
  [/image|banana/, "image"],
  [/-tts\b/, "speech"],
];

/** Generations that the name does not tell. */
export const generations: readonly (readonly [RegExp, number])[] = [[/nano-banana/, 3]];

/** First generation that does it. */
export const since = {
  thinking: 2.5,
  thinkingLevels: 3,
  /** Before, the client's own temperature is as good as any; since, Google wants 1 left unset. */
  ownTemperature: 3,
  enforcedSignatures: 3,
  mediaInResults: 3,
  serverToolsWithFunctions: 3,
  jsonWithTools: 3,
} as const;

/** Last generation that does it. */
export const until = {
  sampling: 3.5,
  candidates: 3.6,
  /** A model turn at the end, which the model goes on with. */
  prefill: 3.6,
} as const;

/** Thinking levels from `since.thinkingLevels` on. */
export const levels: readonly (readonly [RegExp, readonly ThinkingLevel[]])[] = [
  [/^gemini-4.*(hydrogen|neon)/, ["LOW", "MEDIUM", "HIGH", "XHIGH"]],
  [/^gemini-3-pro/, ["LOW", "HIGH"]],
  [/^gemini-3.*flash-lite/, ["MINIMAL", "LOW", "MEDIUM", "HIGH"]],
  [/^gemini-3(\.[1-6])?-flash/, ["MINIMAL", "LOW", "MEDIUM", "HIGH"]],
  [/^/, ["LOW", "MEDIUM", "HIGH"]],
];

/** Thinking budgets before that, in tokens. `canBeOff`: 0 is taken. `byDefault`: thinks when nothing is said. */
export const budgets: readonly (readonly [
  RegExp,
  { min: number; max: number; canBeOff: boolean; byDefault: boolean },
])[] = [
  [/pro/, { min: 128, max: 32_768, canBeOff: false, byDefault: true }],
  [/flash-lite/, { min: 512, max: 24_576, canBeOff: true, byDefault: false }],
  [/^/, { min: 1, max: 24_576, canBeOff: true, byDefault: true }],
];

/** Most output tokens of one request; more is a 400. */
export const outputTokenLimits: readonly (readonly [RegExp, number])[] = [
  [/^gemma-[1-3]/, 8_192],
  [/^gemma-/, 32_768],
  [/-tts\b/, 16_384],
  [/image|banana/, 32_768],
  [/^gemini-(1|2\.0)/, 8_192],
  [/^/, 65_536],
];

/** Kinds that do not take it. */
export const kindsWithout: Readonly<
  Record<
    "systemInstruction" | "thinking" | "functions" | "jsonAnswers" | "validatedMode" | "signatures" | "prefill",
    readonly ModelKind[]
  >
> = {
  systemInstruction: ["gemma", "speech", "embedding"],
  thinking: ["gemma", "image", "speech", "embedding"],
  functions: ["image", "speech", "embedding"],
  jsonAnswers: ["gemma", "image", "speech", "embedding"],
  validatedMode: ["gemma"],
  signatures: ["gemma", "speech", "embedding"],
  prefill: ["gemma", "image", "speech", "embedding"],
};

/** Single models that take no functions although their kind does. */
export const withoutFunctions: readonly RegExp[] = [/^gemma-[1-3]/];

/** Media that go into a function's result itself; others stand beside it. */
export const resultMedia: RegExp = /^(image\/|text\/|application\/pdf$)/;
