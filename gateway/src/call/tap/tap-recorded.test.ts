import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { portableBytes } from "../../core/portable-bytes.ts";
import { nodeBytes } from "../../hosts/node/bytes.ts";
import type { Framing, TapResult } from "../tap-types.ts";
import { readSlowly } from "./slow-reference.ts";
import { createTap } from "./tap.ts";

const folder = findRecordings();

/**
 * The recordings are no part of the project: `recorded/gemini` is looked for in the repository, beside it, and where
 * GEMINI_RECORDINGS points.
 */
function findRecordings(): string | undefined {
  const candidates = [process.env["GEMINI_RECORDINGS"]];
  for (let at = dirname(fileURLToPath(import.meta.url)); dirname(at) !== at; at = dirname(at)) {
    candidates.push(join(at, "recorded/gemini"));
    if (existsSync(at)) for (const name of readdirSync(at)) candidates.push(join(at, name, "recorded/gemini"));
  }
  return candidates.find((path) => path !== undefined && existsSync(path));
}

/** What a recording must tell, beside what the slow reference says. */
const expected: Record<string, Partial<TapResult>> = {
  "googleai/streaming-success-basic-reply-short.txt": {
    usage: {
      promptTokens: 7,
      cachedTokens: 0,
      outputTokens: 10,
      thoughtsTokens: 0,
      toolUseTokens: 0,
      totalTokens: 17,
      modalities: { prompt: { TEXT: 7 }, output: { TEXT: 10 } },
      serviceTier: null,
    },
    finishReason: "STOP",
    modelServed: "gemini-2.0-flash",
    empty: false,
    complete: true,
  },
  "googleai/streaming-success-basic-reply-long.txt": { finishReason: "STOP", complete: true, empty: false },
  "googleai/streaming-success-code-execution.txt": { finishReason: "STOP", complete: true },
  "googleai/streaming-success-empty-parts.txt": { finishReason: "STOP", complete: true, empty: false },
  "googleai/streaming-success-thinking-reply-thought-summary.txt": { finishReason: "STOP", complete: true },
  "googleai/streaming-failure-prompt-blocked-safety.txt": { blockReason: "SAFETY", complete: true, empty: false },
  "googleai/streaming-failure-image-rejected.txt": { complete: false, empty: false },
  "googleai/unary-success-basic-reply-short.json": {
    finishReason: "STOP",
    modelServed: "gemini-2.0-flash",
    complete: true,
  },
  "googleai/unary-success-google-search-grounding.json": { finishReason: "STOP", complete: true },
  "googleai/unary-success-thinking-function-call-thought-summary-signature.json": {
    finishReason: "STOP",
    complete: true,
  },
  "googleai/unary-failure-finish-reason-safety.json": { finishReason: "SAFETY", complete: true, empty: false },
  "vertexai/streaming-success-function-call-short.txt": {
    finishReason: "STOP",
    usage: null,
    complete: true,
    empty: false,
  },
  "vertexai/unary-success-implicit-caching.json": { finishReason: "STOP", complete: true },
  "vertexai/unary-success-function-call-parallel-calls.json": { finishReason: "STOP", usage: null, complete: true },
  "vertexai/unary-success-detailed-token-response.json": { usage: null, empty: false, complete: true },
};

// Chosen here and not by skipping: a run without recordings says so by name.
const cases: [string, Partial<TapResult>][] = folder === undefined ? [] : Object.entries(expected);

describe("recorded answers", () => {
  it(`are ${folder === undefined ? "absent: set GEMINI_RECORDINGS to their folder" : "there"}`, () => {
    expect(cases.length === 0).toBe(folder === undefined);
  });

  for (const [name, facts] of cases) {
    it(`${name} is read the same whole and cut anywhere`, () => {
      const body = new Uint8Array(readFileSync(join(folder as string, name)));
      const framing: Framing = name.endsWith(".txt") ? "sse" : "unary";
      const reference = readSlowly(body, framing, "gemini");
      expect(reference).toMatchObject(facts);
      for (const bytes of [nodeBytes, portableBytes]) {
        for (const length of [body.length, 1, 2, 3, 7, 61, 300, 1448, 4096]) {
          const tap = createTap({ framing, surface: "gemini", bytes });
          for (let at = 0; at < body.length; at += length) tap.push(body.subarray(at, at + length));
          expect(withoutBody(tap.end())).toEqual(withoutBody(reference));
        }
      }
    });

    it(`${name} cut off anywhere is never taken for whole`, () => {
      const body = new Uint8Array(readFileSync(join(folder as string, name)));
      const framing: Framing = name.endsWith(".txt") ? "sse" : "unary";
      for (let end = 0; end < body.length; end += Math.max(1, Math.floor(body.length / 400))) {
        const tap = createTap({ framing, surface: "gemini", bytes: nodeBytes });
        tap.push(body.subarray(0, end));
        const { empty, ...rest } = withoutBody(readSlowly(body.subarray(0, end), framing, "gemini"));
        const result = withoutBody(tap.end());
        expect(result).toMatchObject(rest);
        expect(result.empty).toBe(empty && !tap.committed);
      }
    });
  }
});

/** An error's body is spaced as it was sent: compared by its other fields. */
function withoutBody(result: TapResult): TapResult {
  return result.error === null ? result : { ...result, error: { ...result.error, body: "" } };
}
