/**
 * How many tokens a call will take, guessed from its bytes. It is what limits and quotas reserve until the answer tells
 * the truth, so it must be cheap and about right: nothing is parsed, and the work does not grow with the body.
 *
 * Text: four bytes of ASCII or three others make a token (a Chinese character, three bytes, is about one). Media inside the
 * body (base64) are not text: they are found as long runs without blanks, quotes or other marks, wherever they stand and
 * however the body was cut into chunks, and count by their kind (fact sheet upstream 5.2, "Tokens"). Signatures and
 * encrypted reasoning, which are base64 too, count nothing.
 * @module
 */
import type { Bytes } from "../../core/ports.ts";
import { ChunkReader } from "./chunk-reader.ts";
import { isMediaByte, mediaTokens } from "./media.ts";

/** A call's body and what is known of it. */
export interface EstimateQuestion {
  /** The body as far as it was collected. */
  chunks: readonly Uint8Array[];
  /** Of the whole body, in bytes. What is not in `chunks` counts like what is. */
  length: number;
  bytes: Bytes;
  /** Most tokens of the answer, where the caller knows it; otherwise it is looked for. @default null */
  maxOutputTokens?: number | null;
  /** Whether there will be an answer of tokens: not for embeddings. @default true */
  generative?: boolean;
}

/** Tokens of the prompt and of the answer. */
export interface EstimatedTokens {
  inputTokens: number;
  outputTokens: number;
}

/** The answer of a call that does not say how long it may get. */
export const defaultOutputTokens = 1_024;

/** Estimates. Takes some microseconds; for bodies with much base64 up to some tens. Never throws. */
export function estimateTokens(question: EstimateQuestion): EstimatedTokens {
  const reader = new ChunkReader(question.chunks, question.bytes);
  const outputTokens = question.generative === false ? 0 : outputOf(reader, question.maxOutputTokens ?? null);
  let input = reader.length <= smallBytes ? textTokens(reader, reader.length) : largeTokens(reader);
  if (reader.length === 0) input = question.length / asciiBytes;
  else if (question.length > reader.length) input *= question.length / reader.length;
  return { inputTokens: Math.min(inputLimit, Math.ceil(input)), outputTokens };
}

// --- helpers ---

/** Bytes of ASCII, and of everything else, to a token. */
const asciiBytes = 4;
const otherBytes = 3;
/** Below this, media are too small to be told from text, and to matter. */
const smallBytes = 16 * 1024;
/** Largest context of any model, twice: nothing beyond is ever served. */
const inputLimit = 2 * 1_048_576;
/** Largest answer of any model (fact sheet upstream 1.10). */
const outputLimit = 65_536;
/** Looks at a large body: the stride is a 256th of it, or this at least. */
const looks = 256;
const shortestStride = 512;
/** Looks and found media together: a bound against bodies that are made to be slow. */
const mostSteps = 768;
/** Bytes that must all be base64 at a place: longer than words, shorter than any picture. */
const windowBytes = 48;
/** Shorter runs are counted as text. */
const shortestMedia = 1_024;
/** Bytes of media that are searched for their end; the ends of further media are found by looks. */
const mostSearched = 4 * 1024 * 1024;
/** Bytes that are looked at for what is not ASCII. Six hundredths off in the share are half a hundredth in the tokens. */
const samples = 64;
const runLooks = 8;
/** Where limits of the answer are looked for: at both ends, since `generationConfig` comes first or last. */
const edgeBytes = 4_096;

/** A large body: steps through it and jumps over media. */
function largeTokens(reader: ChunkReader): number {
  const stride = Math.max(shortestStride, Math.floor(reader.length / looks));
  let media = 0;
  let mediaBytes = 0;
  let at = 0;
  let textFrom = 0;
  let searchable = mostSearched;
  for (let step = 0; step < mostSteps && at < reader.length; step++) {
    if (!isMediaAt(reader, at)) {
      at += stride;
      continue;
    }
    const start = startOfRun(reader, textFrom, at);
    const quote = reader.indexOfQuote(at, searchable);
    const end = quote >= 0 ? quote : endOfRun(reader, at + searchable, stride);
    searchable = Math.max(0, searchable - (end - at));
    // A name of many characters inside a text is no picture, although the text goes on to the next quote.
    if (end - start < shortestMedia || !isMediaBetween(reader, at, end)) {
      at += stride;
      continue;
    }
    media += mediaTokens(reader, start, end);
    mediaBytes += end - start;
    textFrom = end;
    at = end + 1;
  }
  return textTokens(reader, reader.length - mediaBytes) + media;
}

function isMediaAt(reader: ChunkReader, at: number): boolean {
  if (at + windowBytes > reader.length) return false;
  for (let index = 0; index < windowBytes; index++) if (!isMediaByte(reader.at(at + index))) return false;
  return true;
}

/** Where the run around `inside` ends, found by looks instead of by its quote: what is between two of them is not seen. */
function endOfRun(reader: ChunkReader, inside: number, stride: number): number {
  let before = Math.min(inside, reader.length);
  while (isMediaAt(reader, before + stride)) before += stride;
  let after = Math.min(before + stride, reader.length);
  while (after - before > 1) {
    const middle = (before + after) >> 1;
    if (isMediaAt(reader, middle)) before = middle;
    else after = middle;
  }
  return Math.min(reader.length, before + windowBytes);
}

/** Looks at some places of a run, its end among them. */
function isMediaBetween(reader: ChunkReader, from: number, end: number): boolean {
  const last = end - windowBytes;
  for (let index = 1; index <= runLooks; index++)
    if (!isMediaAt(reader, Math.max(0, Math.floor(from + ((last - from) * index) / runLooks)))) return false;
  return true;
}

/** Where the run around `inside` begins: between `low`, which is before it, and `inside`. */
function startOfRun(reader: ChunkReader, low: number, inside: number): number {
  let before = low;
  let after = inside;
  while (after - before > windowBytes) {
    const middle = (before + after) >> 1;
    if (isMediaAt(reader, middle)) after = middle;
    else before = middle;
  }
  while (after > before && isMediaByte(reader.at(after - 1))) after -= 1;
  return after;
}

/** @param length bytes that are text; which of them is not asked: samples of the whole tell how much is not ASCII */
function textTokens(reader: ChunkReader, length: number): number {
  if (length <= 0) return 0;
  const count = Math.min(samples, reader.length);
  const step = reader.length / count;
  let others = 0;
  for (let index = 0; index < count; index++) if (reader.at(Math.floor(index * step)) >= 0x80) others += 1;
  // Media are ASCII, so whatever is not belongs to the text.
  const otherShare = Math.min(1, ((others / count) * reader.length) / length);
  return length * (otherShare / otherBytes + (1 - otherShare) / asciiBytes);
}

/** The answer's largest length: as told, as found at the body's ends, or a usual one. */
function outputOf(reader: ChunkReader, told: number | null): number {
  const found = told ?? Math.max(limitIn(reader.text(0, edgeBytes)), limitIn(tailOf(reader)));
  return found > 0 ? Math.min(outputLimit, Math.ceil(found)) : defaultOutputTokens;
}

function tailOf(reader: ChunkReader): string {
  return reader.length <= edgeBytes ? "" : reader.text(Math.max(edgeBytes, reader.length - edgeBytes), reader.length);
}

/**
 * All dialects' names. Inside strings quotes are escaped, so that a prompt about limits does not set one; where several
 * stand, the largest is taken: too much is given back, too little would be overdrawn.
 */
function limitIn(text: string): number {
  let largest = 0;
  for (let at = text.indexOf(nameEnd); at >= 0; at = text.indexOf(nameEnd, at + 1)) {
    const match = limitField.exec(text.slice(Math.max(0, at - longestName), at + longestField));
    if (match !== null) largest = Math.max(largest, Number(match[1]));
  }
  return largest;
}

/** What all the names end in: found natively, before any pattern is tried. */
const nameEnd = 'okens"';
const longestName = 24;
const longestField = 36;
const limitField =
  /(?<!\\)"(?:maxOutputTokens|max_output_tokens|max_completion_tokens|max_tokens)"\s{0,8}:\s{0,8}(\d{1,9})/;
