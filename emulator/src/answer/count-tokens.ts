/**
 * @module The token rule. One token is four UTF-16 code units of text, rounded up per part; calls, responses and tools count as their JSON text.
 * Media, inline or a file: an image is 258 tokens, a PDF 258 per started 100 kB, audio and video one per started 1,000 bytes.
 * The rule is the emulator's own: it is exact and cheap, so that bills can be reconciled to the token.
 */

import type { Content, GenerateRequest, Part } from "./gemini-types.ts";

/** Tokens by modality, e.g. `{TEXT: 12, IMAGE: 258}`. */
export type TokensByModality = Record<string, number>;

/** Tokens of a text: `ceil(length / 4)`. */
export function countTextTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

/** Tokens of a part of the model's answer or of a prompt, with its modality. */
export function countPartTokens(part: Part): { modality: string; tokens: number } {
  if (part.inlineData) return countMedia(part.inlineData.mimeType, ((part.inlineData.data ?? "").length * 3) / 4);
  if (part.fileData) return countMedia(part.fileData.mimeType ?? "text/plain", part.fileData.sizeBytes ?? 1_000);
  if (part.text !== undefined) return { modality: "TEXT", tokens: countTextTokens(part.text) };
  const { thoughtSignature: _, ...rest } = part;
  return { modality: "TEXT", tokens: countTextTokens(JSON.stringify(rest)) };
}

/** Tokens of the whole prompt: system instruction, contents, tools. Thought signatures are free. */
export function countPromptTokens(request: GenerateRequest): TokensByModality {
  const sums: TokensByModality = {};
  if (request.systemInstruction) addContent(sums, request.systemInstruction);
  for (const content of request.contents ?? []) addContent(sums, content);
  if (request.tools?.length) add(sums, "TEXT", countTextTokens(JSON.stringify(request.tools)));
  return sums;
}

/** Sum over the modalities. */
export function sumTokens(tokens: TokensByModality): number {
  let sum = 0;
  for (const modality in tokens) sum += tokens[modality] ?? 0;
  return sum;
}

// --- helpers ---

function addContent(sums: TokensByModality, content: Content): void {
  for (const part of content.parts ?? []) {
    const { modality, tokens } = countPartTokens(part);
    add(sums, modality, tokens);
  }
}

function add(sums: TokensByModality, modality: string, tokens: number): void {
  if (tokens > 0) sums[modality] = (sums[modality] ?? 0) + tokens;
}

function countMedia(mimeType: string | undefined, bytes: number): { modality: string; tokens: number } {
  const kind = mimeType?.split("/")[0];
  if (kind === "image") return { modality: "IMAGE", tokens: 258 };
  if (kind === "audio") return { modality: "AUDIO", tokens: Math.ceil(bytes / 1_000) };
  if (kind === "video") return { modality: "VIDEO", tokens: Math.ceil(bytes / 1_000) };
  if (kind === "text") return { modality: "TEXT", tokens: Math.ceil(bytes / 4) };
  return { modality: "DOCUMENT", tokens: 258 * Math.ceil(bytes / 100_000) };
}
