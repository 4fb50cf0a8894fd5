/** @module The Gemini shapes the emulator works on, after normalisation to camelCase. */

/** A part of a content. Only the members the emulator reads are named. */
export interface Part {
  text?: string;
  thought?: boolean;
  thoughtSignature?: string;
  functionCall?: { id?: string; name: string; args?: Record<string, unknown> };
  functionResponse?: { id?: string; name: string; response?: Record<string, unknown>; parts?: Part[] };
  inlineData?: { mimeType?: string; data?: string; displayName?: string };
  /** `sizeBytes` is the emulator's own: of the file that was looked up. */
  fileData?: { mimeType?: string; fileUri?: string; sizeBytes?: number };
  [member: string]: unknown;
}

/** A turn. */
export interface Content {
  role?: string;
  parts?: Part[];
}

/** A declared function. */
export interface FunctionDeclaration {
  name: string;
  description?: string;
  parameters?: Record<string, unknown>;
  parametersJsonSchema?: Record<string, unknown>;
}

/** `thinkingConfig`. */
export interface ThinkingConfig {
  includeThoughts?: boolean;
  thinkingLevel?: string;
  thinkingBudget?: number;
}

/** `generationConfig`, the members that change an answer. */
export interface GenerationConfig {
  maxOutputTokens?: number;
  stopSequences?: string[];
  candidateCount?: number;
  presencePenalty?: number;
  frequencyPenalty?: number;
  responseMimeType?: string;
  responseSchema?: Record<string, unknown>;
  responseJsonSchema?: Record<string, unknown>;
  responseModalities?: string[];
  thinkingConfig?: ThinkingConfig;
  [member: string]: unknown;
}

/** A generateContent request. */
export interface GenerateRequest {
  model?: string;
  contents?: Content[];
  systemInstruction?: Content;
  tools?: { functionDeclarations?: FunctionDeclaration[]; [member: string]: unknown }[];
  toolConfig?: {
    functionCallingConfig?: { mode?: string; allowedFunctionNames?: string[] };
    includeServerSideToolInvocations?: boolean;
  };
  generationConfig?: GenerationConfig;
  serviceTier?: string;
  cachedContent?: string;
  [member: string]: unknown;
}

/** Token counts by kind. `prompt` includes `cached`; `candidates` excludes `thoughts` (fact sheet upstream 6). */
export interface TokenUsage {
  prompt: number;
  cached: number;
  candidates: number;
  thoughts: number;
  toolUse: number;
  total: number;
}

/** Counts with the modalities they came from. */
export interface DetailedUsage extends TokenUsage {
  promptByModality: Record<string, number>;
  /** What `cached` is made of; absent: text. */
  cachedByModality?: Record<string, number>;
  /** Non-text output only. */
  candidatesByModality: Record<string, number>;
}

/** One chunk of an answer. */
export interface AnswerChunk {
  parts: Part[];
  /** Cumulative. */
  usage: DetailedUsage;
  finishReason?: string;
  finishMessage?: string;
  /** Further members of the candidate. */
  candidate?: Record<string, unknown>;
  /** Milliseconds to wait before it. */
  delayMs: number;
}

/** A chunk before its usage is known. */
export interface Draft {
  parts: Part[];
  /** Thinking tokens spent in this chunk, whether shown or not. */
  thoughts: number;
  delayMs: number;
}

/** A whole answer, before it is put on a wire. */
export interface Answer {
  modelVersion: string;
  responseId: string;
  serviceTier: string | null;
  chunks: AnswerChunk[];
  /** A blocked prompt: one chunk without candidates. */
  blockReason?: string;
  /** 200 with `candidates: []`. */
  noCandidates?: boolean;
}

/** No tokens. */
export function zeroUsage(): TokenUsage {
  return { prompt: 0, cached: 0, candidates: 0, thoughts: 0, toolUse: 0, total: 0 };
}
