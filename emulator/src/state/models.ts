/** @module The models on offer and what their names say about them (fact sheet upstream 0, 1.2, 8). */

import type { AnswerShape, ModelConfig, Tier } from "../types.ts";
import type { QuotaLimits } from "./quota-limits.ts";

/** A model with everything derived. */
export interface Model {
  /** Without `models/`; tuned ones keep `tunedModels/`. */
  id: string;
  /** `models/x` or `tunedModels/x`. */
  name: string;
  displayName: string;
  methods: readonly string[];
  inputTokenLimit: number;
  outputTokenLimit: number;
  /** Null: what the generation allows. */
  outputTokensPerCall: number | null;
  modelVersion: string;
  onlyProjects: readonly string[] | null;
  closedTo: readonly string[];
  answer: AnswerShape;
  /** 2.5, 3.8, 4; 0 when the name has none. */
  generation: number;
  embedding: boolean;
  image: boolean;
  thinking: boolean;
}

/** The models of an emulator by id. */
export type Models = ReadonlyMap<string, Model>;

/** Builds the table; later configurations win over earlier ones and over built-in models. */
export function createModels(configs: readonly ModelConfig[], builtIn: boolean): Models {
  const models = new Map<string, Model>();
  for (const config of [...(builtIn ? BUILT_IN.map((name) => ({ name })) : []), ...configs]) {
    const model = toModel(config);
    models.set(model.id, model);
  }
  return models;
}

/** The Model resource as `GET models/x` answers it. */
export function toModelResource(model: Model): Record<string, unknown> {
  return {
    name: model.name,
    version: model.generation ? String(model.generation) : "001",
    displayName: model.displayName,
    description: `Emulated ${model.displayName}`,
    inputTokenLimit: model.inputTokenLimit,
    outputTokenLimit: model.outputTokenLimit,
    supportedGenerationMethods: model.methods,
    ...(model.embedding ? {} : { temperature: 1, topP: 0.95, topK: 64, maxTemperature: 2 }),
    ...(model.thinking ? { thinking: true } : {}),
  };
}

/** A model's id from its name: `models/x` is `x`. */
export function modelId(name: string): string {
  return name.replace(/^models\//, "");
}

/** Limits of a tier for a model where a project sets none (fact sheet upstream 5.1: observed values). */
export function defaultLimits(model: Model, tier: Tier): QuotaLimits {
  if (tier === "unlimited") return {};
  if (model.embedding) {
    return tier === "free"
      ? { requestsPerMinute: 100, requestsPerDay: 1_000 }
      : { requestsPerMinute: 3_000, requestsPerDay: null };
  }
  if (tier === "free") return freeLimits(model);
  const level = Number(tier.slice(-1));
  return {
    requestsPerMinute: 1_000 * level,
    requestsPerDay: level === 3 ? null : 10_000 * level,
    inputTokensPerMinute: [0, 1_000_000, 3_000_000, 8_000_000][level] ?? null,
  };
}

// --- helpers ---

const BUILT_IN = [
  "gemini-4-neon",
  "gemini-4-hydrogen",
  "gemini-4-carbon",
  "gemini-4-argon",
  "gemini-3.8-flash",
  "gemini-3.7-flash",
  "gemini-3.6-flash",
  "gemini-3.5-flash",
  "gemini-3.5-flash-lite",
  "gemini-3.1-pro-preview",
  "gemini-3.1-flash-lite",
  "gemini-3-flash-preview",
  "gemini-3-pro-image",
  "gemini-nano-banana-2.1",
  "gemini-2.5-pro",
  "gemini-2.5-flash",
  "gemini-2.5-flash-lite",
  "gemini-flash-latest",
  "gemini-flash-lite-latest",
  "gemini-pro-latest",
  "gemini-embedding-001",
  "gemini-embedding-2",
  "gemma-4-27b-it",
  "veo-3.1-generate-preview",
  "veo-3.1-fast-generate-preview",
  "gemini-3.1-flash-live-preview",
  "gemini-2.5-flash-native-audio",
  "lyria-realtime-exp",
  "gemini-decision-1",
];

// Google routes these silently; aliases name what they stand for (fact sheet upstream 0).
const ROUTED: Record<string, string> = {
  "gemini-3.7-flash": "gemini-3.8-flash",
  "gemini-3.5-flash": "gemini-3.6-flash",
  "gemini-flash-latest": "gemini-3.8-flash",
  "gemini-flash-lite-latest": "gemini-3.5-flash-lite",
  "gemini-pro-latest": "gemini-3.1-pro-preview",
};

const GENERATE_METHODS = ["generateContent", "countTokens", "createCachedContent", "batchGenerateContent"];
// Models that do not generate in the usual way, by their names.
const SPECIAL_METHODS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/-live|native-audio/, ["countTokens", "bidiGenerateContent"]],
  [/^lyria-realtime/, ["bidiGenerateMusic"]],
  [/^gemini-decision/, ["decide"]],
  [/^veo-/, ["predictLongRunning"]],
];
const EMBED_METHODS = ["embedContent", "countTextTokens", "countTokens", "asyncBatchEmbedContent"];

function toModel(config: ModelConfig): Model {
  const id = modelId(config.name);
  const modelVersion = config.modelVersion ?? ROUTED[id] ?? id;
  const embedding = modelVersion.includes("embedding");
  const special = SPECIAL_METHODS.find(([pattern]) => pattern.test(modelVersion))?.[1];
  const image = /image|banana/.test(modelVersion);
  const generation = Number(/(?:gemini|banana)-(\d+(?:\.\d+)?)/.exec(modelVersion)?.[1] ?? 0);
  return {
    id,
    name: id.startsWith("tunedModels/") ? id : `models/${id}`,
    displayName: config.displayName ?? titled(id),
    methods: config.methods ?? special ?? (embedding ? EMBED_METHODS : generateMethods(generation)),
    inputTokenLimit: config.inputTokenLimit ?? (embedding ? 2_048 : 1_048_576),
    outputTokenLimit: config.outputTokenLimit ?? (embedding ? 1 : 65_536),
    outputTokensPerCall: config.outputTokensPerCall ?? null,
    modelVersion,
    onlyProjects: config.onlyProjects ?? null,
    closedTo: config.closedTo ?? [],
    answer: config.answer ?? {},
    generation: image && generation < 2.5 ? 3 : generation,
    embedding,
    image,
    thinking: !embedding && !image && generation >= 2.5,
  };
}

// Gemini 4 has no explicit caching (fact sheet upstream 0, 1.4).
function generateMethods(generation: number): string[] {
  return generation >= 4 ? GENERATE_METHODS.filter((method) => method !== "createCachedContent") : GENERATE_METHODS;
}

function titled(id: string): string {
  return id.replaceAll(/[-/]/g, " ").replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase());
}

function freeLimits(model: Model): QuotaLimits {
  if (model.id.startsWith("gemma")) {
    return { requestsPerMinute: 30, requestsPerDay: 14_400, inputTokensPerMinute: null };
  }
  const { modelVersion } = model;
  if (model.image || /-pro|argon|carbon|neon/.test(modelVersion)) {
    return { requestsPerMinute: 0, requestsPerDay: 0, inputTokensPerMinute: 0 };
  }
  if (modelVersion.includes("lite")) {
    return { requestsPerMinute: 15, requestsPerDay: 500, inputTokensPerMinute: 250_000 };
  }
  return { requestsPerMinute: 10, requestsPerDay: 20, inputTokensPerMinute: 250_000 };
}
