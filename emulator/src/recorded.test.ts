/**
 * @module Holds the emulator against recorded answers of the real API: same members, same types, same order, same framing.
 * The recordings are no part of the project: a folder `recorded/gemini` is looked for in the repository, beside it, and where
 * GEMINI_RECORDINGS points. Without it, the built-in expectations below still hold the shapes.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { startEmulator } from "./emulator.ts";
import { call, prompt, sseEvents, to } from "./test-client.ts";

const folder = findRecordings();
const emulator = await startEmulator();
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

/** The order of members at every place, and the type of each leaf; lists are merged, so that their length does not matter. */
function shapeOf(value: unknown, path = "$", shape: Map<string, string> = new Map()): Map<string, string> {
  if (Array.isArray(value)) for (const item of value) shapeOf(item, `${path}[]`, shape);
  else if (typeof value === "object" && value !== null) {
    for (const [name, member] of Object.entries(value)) shapeOf(member, `${path}.${name}`, shape);
  } else shape.set(path, typeof value);
  return shape;
}

/** Members that depend on the model's generation or on what was asked, not on the API. */
const OPTIONAL = /safetyRatings|avgLogprobs|candidatesTokensDetails|DebugInfo|responseId|\.index$|thoughtsTokenCount/;

/** What one has and the other has not, and members in another order; empty when the shapes are the same. */
function differences(ours: unknown, recorded: unknown): string[] {
  const mine = shapeOf(ours);
  const theirs = shapeOf(recorded);
  const shared = [...theirs.keys()].filter((path) => mine.has(path));
  const order = [...mine.keys()].filter((path) => theirs.has(path));
  return [
    ...[...theirs]
      .filter(([path, type]) => !OPTIONAL.test(path) && mine.get(path) !== type)
      .map(([path]) => `lacks ${path}`),
    ...[...mine.keys()].filter((path) => !OPTIONAL.test(path) && !theirs.has(path)).map((path) => `invents ${path}`),
    ...shared.filter((path, index) => order[index] !== path).map((path) => `misplaces ${path}`),
  ];
}

const read = (name: string): string => readFileSync(join(folder ?? "", name), "utf8");
const ask = async (path: string, body: unknown, key?: string): Promise<string> =>
  (await call(emulator, { path, body, ...(key === undefined ? {} : { key }) })).text();

const noThinking = { generationConfig: { thinkingConfig: { thinkingBudget: 0 } } };
const stream = to("gemini-2.5-flash", "streamGenerateContent", "?alt=sse");

// Chosen here and not by skipping: a run without recordings says so by name.
const describeRecorded = folder === undefined ? describeAbsent : describe;

describeRecorded("recorded answers", () => {
  it("unary: a short reply has the members of ours", async () => {
    const ours: unknown = JSON.parse(await ask(to("gemini-2.5-flash"), prompt("where is it", noThinking)));
    expect(differences(ours, JSON.parse(read("googleai/unary-success-basic-reply-short.json")))).toEqual([]);
  });

  it("unary: pretty-printing is ours to the byte", () => {
    for (const name of [
      "unary-success-basic-reply-short",
      "unary-failure-finish-reason-safety",
      "unary-success-google-search-grounding",
    ]) {
      const text = read(`googleai/${name}.json`);
      // Numbers with more digits than a double keeps, and escapes, are the only freedom.
      expect(lines(JSON.stringify(JSON.parse(text), null, 2))).toEqual(lines(text));
    }
  });

  it("stream: every recorded event has the members, the order and the framing of ours", async () => {
    const text = await ask(
      stream,
      prompt("a question", { generationConfig: { thinkingConfig: { includeThoughts: true } } }),
    );
    const recorded = read("googleai/streaming-success-thinking-reply-thought-summary.txt");
    const theirs = sseEvents(recorded);
    const ours = sseEvents(text);
    expect(differences(ours, theirs)).toEqual([]);
    for (const [mine, real] of [
      [ours[0], theirs[0]],
      [ours.at(-1), theirs.at(-1)],
    ])
      expect(differences(mine, real)).toEqual([]);
    const skeleton = (body: string): string[] => [...new Set(body.match(/^data: \{"[a-zA-Z]+": |\r\n\r\n|\n/g))].sort();
    expect(skeleton(text)).toEqual(skeleton(recorded));
  });

  it("stream: written by our writer, recorded events come out byte for byte", async () => {
    const { encodeFrame } = await import("./http/result.ts");
    for (const name of [
      "basic-reply-short",
      "basic-reply-long",
      "thinking-reply-thought-summary",
      "empty-parts",
      "code-execution",
    ]) {
      const recorded = read(`googleai/streaming-success-${name}.txt`);
      const written = sseEvents(recorded)
        .map((event, index) => encodeFrame("sse", event, index))
        .join("");
      expect(written).toBe(recorded);
    }
  });

  it("function call: members, order and signature as recorded", async () => {
    const tools = [{ functionDeclarations: [{ name: "now" }] }];
    const config = { generationConfig: { thinkingConfig: { includeThoughts: true } } };
    const ours: unknown = JSON.parse(await ask(to("gemini-3.8-flash"), prompt("call now", { tools, ...config })));
    const recorded = shapeOf(
      JSON.parse(read("googleai/unary-success-thinking-function-call-thought-summary-signature.json")),
    );
    for (const [path, type] of recorded) expect([path, shapeOf(ours).get(path)]).toEqual([path, type]);
  });

  it("cached tokens: usage in the recorded order", async () => {
    emulator.script({ parts: [{ text: "x" }], usage: { cached: 3, thoughts: 5 } });
    const ours: unknown = JSON.parse(await ask(to("gemini-2.5-flash"), prompt("a longer question")));
    const usage = (value: unknown): unknown => (value as { usageMetadata: unknown }).usageMetadata;
    const recorded: unknown = JSON.parse(read("vertexai/unary-success-implicit-caching.json"));
    expect(differences(usage(ours), usage(recorded))).toEqual([]);
  });

  it("errors: a bad key and an unknown model read as recorded", async () => {
    expect(await ask(to("gemini-2.5-flash"), prompt("x"), "key1234")).toBe(read("googleai/unary-failure-api-key.json"));
    const unknown: unknown = JSON.parse(await ask("/v1/models/gemini-5.0-flash:generateContent", prompt("x")));
    const recorded = JSON.parse(read("googleai/unary-failure-unknown-model.json")) as { error: { message: string } };
    // The wording of the hint has changed since it was recorded.
    expect(JSON.stringify(unknown)).toContain(recorded.error.message.split(" Call ")[0]);
  });

  it("errors: a request the model refuses, before an SSE stream, is plain pretty JSON", async () => {
    emulator.fault({ do: { error: "invalid-argument" } });
    expect(await ask(stream, prompt("x"))).toBe(`${read("googleai/streaming-failure-image-rejected.txt").trimEnd()}\n`);
  });

  it("errors: service quota and location carry the recorded texts", async () => {
    emulator.fault({ do: { error: "quota-service" } });
    const quota = JSON.parse(await ask(to("gemini-2.5-flash"), prompt("x"))) as { error: { message: string } };
    const recorded = JSON.parse(read("vertexai/unary-failure-quota-exceeded.json")) as { error: { message: string } };
    expect(differences(quota, recorded)).toEqual([]);
    expect(quota.error.message.replace(/\d{4,}/, "N")).toBe(recorded.error.message.replace(/\d{4,}/, "N"));
    emulator.fault({ do: { error: "location-unsupported" } });
    const location = JSON.parse(await ask(to("gemini-2.5-flash"), prompt("x"))) as { error: object };
    const real = JSON.parse(read("vertexai/unary-failure-unsupported-user-location.json")) as {
      error: { details: unknown };
    };
    const { details: _, ...error } = real.error;
    expect(location.error).toEqual(error);
  });

  it("unknown path: the front end's page has the recorded structure", async () => {
    const page = await ask("/v1beta/nowhere", {});
    const recorded = read("vertexai/unary-failure-invalid-location-url-not-found.html");
    const tags = (html: string): string[] =>
      [...html.replace(/<style>.*?<\/style>/s, "").matchAll(/<[a-z!][^ >]*/gi)].map(([tag]) => tag);
    expect(tags(page)).toEqual(tags(recorded).filter((tag) => tag !== "<style"));
    expect(page).toContain(
      "<p><b>404.</b> <ins>That’s an error.</ins>\n  <p>The requested URL <code>/v1beta/nowhere</code> was not found on this server.  <ins>That’s all we know.</ins>",
    );
  });
});

describe("built-in expectations", () => {
  it("hold the members of a unary answer in Google's order", async () => {
    const ours = JSON.parse(await ask(to("gemini-2.5-flash"), prompt("x"))) as Record<string, unknown>;
    expect([...shapeOf(ours).keys()]).toEqual([
      "$.candidates[].content.parts[].text",
      "$.candidates[].content.role",
      "$.candidates[].finishReason",
      "$.candidates[].index",
      "$.usageMetadata.promptTokenCount",
      "$.usageMetadata.candidatesTokenCount",
      "$.usageMetadata.totalTokenCount",
      "$.usageMetadata.promptTokensDetails[].modality",
      "$.usageMetadata.promptTokensDetails[].tokenCount",
      "$.usageMetadata.thoughtsTokenCount",
      "$.modelVersion",
      "$.responseId",
    ]);
  });
});

// --- helpers ---

function lines(text: string): string[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) =>
      line
        .replace(/: -?\d+\.\d+/, ": number")
        .replaceAll(String.raw`\u003c`, "<")
        .replaceAll(String.raw`\u003e`, ">"),
    );
}

function findRecordings(): string | undefined {
  const repository = join(import.meta.dirname, "../..");
  const around = [repository, join(repository, "..")].flatMap((place) => [
    place,
    ...readdirSync(place, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(place, name)),
  ]);
  const candidates = [process.env["GEMINI_RECORDINGS"] ?? "", ...around.map((place) => join(place, "recorded/gemini"))];
  return candidates.find((candidate) => candidate !== "" && existsSync(candidate));
}

function describeAbsent(): void {
  describe("recorded answers", () => {
    it("are absent (no folder recorded/gemini, GEMINI_RECORDINGS not set): built-in expectations only", () => {
      expect(folder).toBeUndefined();
    });
  });
}
