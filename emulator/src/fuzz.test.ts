/** @module Whatever JSON comes, the emulator answers like Google and goes on: no dropped connection, no lost entry. */

import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";

import { startEmulator } from "./emulator.ts";
import { MESSAGES } from "./json/request-schema.ts";
import { call, to } from "./test-client.ts";

const emulator = await startEmulator();
afterAll(() => emulator.close());

const NATIVE = [...new Set(Object.values(MESSAGES).flatMap((fields) => Object.keys(fields)))];
const CHAT = (
  "model messages role content type text image_url url input_audio data format tool_calls tool_call_id id function name " +
  "arguments parameters extra_content google thought_signature tools tool_choice stream stop n response_format json_schema " +
  "schema reasoning_effort extra_body thinking_config max_tokens input encoding_format dimensions prompt"
).split(" ");
const VALUES = [
  "",
  "hi",
  "user",
  "model",
  "assistant",
  "tool",
  "text",
  "image_url",
  "gemini-3.8-flash",
  "call f",
  "ANY",
  "OBJECT",
  "AA==",
];

/** Trees of the surface's own names with any values in any place. */
const treeOf = (names: string[]): fc.Arbitrary<unknown> =>
  fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 6, depthSize: "large" },
      fc.constantFrom<unknown>(...VALUES, null, true, 0, 1, -1.5),
      fc.dictionary(fc.constantFrom(...names), tie("node"), { maxKeys: 6 }),
      fc.array(tie("node"), { maxLength: 3 }),
    ),
  })).node;

const objectOf = (names: string[], model: string): fc.Arbitrary<object> =>
  fc.dictionary(fc.constantFrom(...names), treeOf(names)).map((body) => ({ ...body, model }));

describe("any JSON", () => {
  it.each([
    [to("gemini-3.8-flash"), objectOf(NATIVE, "models/gemini-3.8-flash")],
    [to("gemini-3.8-flash", "streamGenerateContent"), objectOf(NATIVE, "models/gemini-3.8-flash")],
    [to("gemini-3.8-flash", "countTokens"), objectOf(NATIVE, "models/gemini-3.8-flash")],
    [to("gemini-embedding-001", "batchEmbedContents"), objectOf(NATIVE, "models/gemini-embedding-001")],
    ["/v1beta/openai/chat/completions", objectOf(CHAT, "gemini-3.8-flash")],
    ["/v1beta/openai/embeddings", objectOf(CHAT, "gemini-embedding-001")],
    ["/v1beta/openai/images/generations", objectOf(CHAT, "gemini-3-pro-image")],
  ])("at %s is answered with 200, 400 or 403 and recorded", async (path, bodies) => {
    emulator.reset();
    let calls = 0;
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        const response = await call(emulator, { path, body });
        await response.text();
        calls++;
        // 403: a file, cache or store that is not there.
        expect([200, 400, 403]).toContain(response.status);
      }),
      { numRuns: 200 },
    );
    expect(emulator.totals()).toMatchObject({ requests: calls, inFlight: 0, byOutcome: { complete: calls } });
  });
});

describe("any JSON for a resource", () => {
  it.each([
    ["/v1beta/files", "file"],
    ["/upload/v1beta/files?uploadType=resumable", "file"],
    ["/v1beta/files:register", "uris"],
    ["/v1beta/cachedContents", "contents"],
    ["/v1beta/fileSearchStores", "display_name"],
    ["/v1beta/corpora", "name"],
    [to("gemini-3.8-flash", "batchGenerateContent"), "batch"],
    [to("gemini-embedding-001", "asyncBatchEmbedContent"), "batch"],
    [to("veo-3.1-generate-preview", "predictLongRunning"), "instances"],
  ])("at %s is answered, whatever it is, and recorded", async (path, member) => {
    emulator.reset();
    let calls = 0;
    await fc.assert(
      fc.asyncProperty(objectOf(NATIVE, "models/gemini-3.8-flash"), treeOf(NATIVE), async (body, tree) => {
        const response = await call(emulator, { path, body: { ...body, [member]: tree } });
        await response.text();
        emulator.advance(200);
        calls++;
        expect([200, 400, 403, 404, 409]).toContain(response.status);
      }),
      { numRuns: 150 },
    );
    expect(emulator.totals()).toMatchObject({ requests: calls, inFlight: 0, byOutcome: { complete: calls } });
  });
});
