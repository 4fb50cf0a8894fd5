/** @module Implicit caching: a prompt that begins like an earlier one of the same project and model is partly read from a cache (fact sheet upstream 1.11, 6). */

import { createHash } from "node:crypto";

import { countPartTokens, countTextTokens } from "../answer/count-tokens.ts";
import type { GenerateRequest } from "../answer/gemini-types.ts";
import type { ImplicitCacheOptions } from "../resources/options.ts";

/** The prefixes that one world remembers. */
export interface ImplicitCache {
  /** Tokens of the prompt's beginning that were seen before; remembers this prompt too. Never the whole prompt. */
  read(prompt: CacheablePrompt): number;
  clear(): void;
}

/** A prompt whose beginning may be known. */
export interface CacheablePrompt {
  projectId: string;
  model: string;
  request: GenerateRequest;
  /** Of the whole prompt. */
  tokens: number;
  /** Milliseconds since the epoch. */
  now: number;
}

/** @param options False never finds anything. */
export function createImplicitCache(options: false | ImplicitCacheOptions): ImplicitCache {
  if (options === false) return { read: () => 0, clear: () => undefined };
  const { minTokens = 4_096, ttlMs = 3_600_000 } = options;
  // Prefix -> time of its last use. A map keeps its order: the first is the one unused for longest.
  const seen = new Map<string, number>();
  const remember = (prefix: string, now: number): void => {
    seen.delete(prefix);
    seen.set(prefix, now);
    if (seen.size <= PREFIXES_KEPT) return;
    for (const oldest of seen.keys()) {
      seen.delete(oldest);
      break;
    }
  };
  return {
    read: ({ projectId, model, request, tokens: total, now }) => {
      let cached = 0;
      if (total <= minTokens) return cached;
      for (const { prefix, tokens } of prefixesOf(`${projectId} ${model}`, request, minTokens)) {
        const time = seen.get(prefix);
        if (time !== undefined && now - time < ttlMs) cached = tokens;
        remember(prefix, now);
      }
      return cached;
    },
    clear: () => seen.clear(),
  };
}

// --- helpers ---

/** 100,000 prefixes are about 25 prompts of a million tokens; each takes some 100 bytes. */
const PREFIXES_KEPT = 100_000;
/** Texts are looked at in slices of 256 tokens: what two prompts share is found to that precision. */
const SLICE_UNITS = 1_024;

interface Prefix {
  prefix: string;
  tokens: number;
}

// Beginnings of a prompt that are long enough, shortest first; the whole prompt is not among them.
function prefixesOf(scope: string, request: GenerateRequest, minTokens: number): Prefix[] {
  const running = createHash("sha256").update(scope);
  const prefixes: Prefix[] = [];
  let sum = 0;
  for (const { text, tokens } of piecesOf(request)) {
    if (sum >= minTokens) prefixes.push({ prefix: running.copy().digest("base64url"), tokens: sum });
    running.update(`\0${text}`);
    sum += tokens;
  }
  return prefixes;
}

function* piecesOf(request: GenerateRequest): Generator<{ text: string; tokens: number }> {
  if (request.tools?.length) {
    const text = JSON.stringify(request.tools);
    yield { text, tokens: countTextTokens(text) };
  }
  const contents = [...(request.systemInstruction ? [request.systemInstruction] : []), ...(request.contents ?? [])];
  for (const { role, parts } of contents) {
    for (const part of parts ?? []) {
      if (part.text === undefined)
        yield { text: `${role} ${JSON.stringify(part)}`, tokens: countPartTokens(part).tokens };
      else yield* slicesOf(role ?? "", part.text);
    }
  }
}

function* slicesOf(role: string, text: string): Generator<{ text: string; tokens: number }> {
  for (let start = 0; start < text.length; start += SLICE_UNITS) {
    const slice = text.slice(start, start + SLICE_UNITS);
    yield { text: `${role} ${slice}`, tokens: countTextTokens(slice) };
  }
}
