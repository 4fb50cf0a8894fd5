import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEmulator, type Emulator } from "../../../../emulator/src/emulator.ts";
import { call, prompt, to } from "../../../../emulator/src/test-client.ts";
import { nodeBytes } from "../../hosts/node/bytes.ts";
import type { ReaderState } from "../types-request.ts";
import type { AnswerEvent } from "../types.ts";
import { createAnswerReader } from "./reader.ts";

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

interface Told {
  kinds: string[];
  state: Partial<ReaderState>;
}

const said = { hasContent: true, hasVisible: true, isBroken: false };

const expected: Record<string, Told> = {
  "googleai/streaming-success-basic-reply-short.txt": {
    kinds: ["text"],
    state: { ...said, finishReason: "STOP" },
  },
  "googleai/streaming-success-basic-reply-long.txt": { kinds: ["text"], state: { ...said, finishReason: "STOP" } },
  "googleai/streaming-success-code-execution.txt": {
    kinds: ["text", "code", "code-result", "text"],
    state: { ...said, finishReason: "STOP" },
  },
  "googleai/streaming-success-empty-parts.txt": { kinds: ["text", "media"], state: { ...said, finishReason: "STOP" } },
  "googleai/streaming-success-thinking-reply-thought-summary.txt": {
    kinds: ["thought", "text"],
    state: { ...said, finishReason: "STOP" },
  },
  "googleai/streaming-failure-prompt-blocked-safety.txt": {
    kinds: [],
    state: { blockReason: "SAFETY", hasContent: false, isBroken: false },
  },
  "googleai/unary-success-basic-reply-short.json": { kinds: ["text"], state: { ...said, finishReason: "STOP" } },
  "googleai/unary-success-google-search-grounding.json": {
    kinds: ["text", "grounding"],
    state: { ...said, finishReason: "STOP" },
  },
  "googleai/unary-success-thinking-function-call-thought-summary-signature.json": {
    kinds: ["thought", "call"],
    state: { ...said, hasCalls: true, finishReason: "STOP" },
  },
  "googleai/unary-failure-finish-reason-safety.json": { kinds: ["text"], state: { finishReason: "SAFETY" } },
  "vertexai/streaming-success-function-call-short.txt": {
    kinds: ["call"],
    state: { ...said, hasCalls: true, finishReason: "STOP" },
  },
  "vertexai/unary-success-function-call-parallel-calls.json": {
    kinds: ["call", "call", "call"],
    state: { ...said, hasCalls: true, finishReason: "STOP" },
  },
};

function read(
  body: Uint8Array,
  framing: "sse" | "unary",
  length = body.length,
): { kinds: string[]; events: AnswerEvent[]; state: ReaderState } {
  const names = { toGoogle: (name: string) => name, toClient: (name: string) => name };
  const reader = createAnswerReader({ framing, names, decoder: nodeBytes, maxEventBytes: 1_000_000 });
  const events: AnswerEvent[] = [];
  for (let at = 0; at < body.length; at += length) events.push(...reader.push(body.subarray(at, at + length)));
  events.push(...reader.end());
  const kinds = events.map(({ kind }) => kind);
  const isText = (kind: string | undefined): boolean => kind === "text" || kind === "thought";
  return {
    kinds: kinds.filter((kind, index) => !(isText(kind) && kind === kinds[index - 1])),
    events,
    state: { ...reader.state },
  };
}

// Chosen here and not by skipping: a run without recordings says so by name.
const cases = folder === undefined ? [] : Object.entries(expected);

describe("recorded answers", () => {
  it(`are ${folder === undefined ? "absent: set GEMINI_RECORDINGS to their folder" : "there"}`, () => {
    expect(cases.length === 0).toBe(folder === undefined);
  });

  for (const [name, { kinds, state }] of cases) {
    it(`${name} is read the same whole and cut anywhere`, () => {
      const body = new Uint8Array(readFileSync(join(folder as string, name)));
      const framing = name.endsWith(".txt") ? "sse" : "unary";
      const whole = read(body, framing);
      expect(whole.kinds).toEqual(kinds);
      expect(whole.state).toMatchObject(state);
      for (const length of [1, 2, 3, 7, 61, 300, 1448]) expect(read(body, framing, length)).toEqual(whole);
    });
  }
});

describe("answers of the emulator", () => {
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await startEmulator();
  });
  afterAll(() => emulator.close());

  const tools = [
    {
      functionDeclarations: [
        { name: "read_file", parameters: { type: "OBJECT", properties: { path: { type: "STRING" } } } },
      ],
    },
  ];

  it("say the same as a stream and in one piece", async () => {
    for (const words of ["hello", 'call read_file {"path": "/a/ö"}']) {
      const body = prompt(words, { tools });
      const stream = await call(emulator, { path: to("gemini-3.8-flash", "streamGenerateContent", "?alt=sse"), body });
      const unary = await call(emulator, { path: to("gemini-3.8-flash"), body });
      const streamed = read(new Uint8Array(await stream.arrayBuffer()), "sse", 17);
      const whole = read(new Uint8Array(await unary.arrayBuffer()), "unary");
      expect(streamed.state).toMatchObject({ finishReason: "STOP", hasVisible: true, isBroken: false });
      expect(streamed.state.usage?.promptTokens).toBe(whole.state.usage?.promptTokens);
      expect(streamed.kinds.at(-1)).toBe(whole.kinds.at(-1));
      expect(streamed.state.hasCalls).toBe(words.startsWith("call"));
      const calls = streamed.events.filter(({ kind }) => kind === "call");
      expect(calls.map((event) => event.kind === "call" && event.args)).toEqual(
        words.startsWith("call") ? [{ path: "/a/ö" }] : [],
      );
    }
  });

  it("are given as a list too, as without alt=sse", async () => {
    const response = await call(emulator, {
      path: to("gemini-3.8-flash", "streamGenerateContent"),
      body: prompt("hi"),
    });
    const { state, kinds } = read(new Uint8Array(await response.arrayBuffer()), "unary");
    expect(state).toMatchObject({ finishReason: "STOP", hasVisible: true, isBroken: false });
    expect(kinds).toContain("text");
  });
});
