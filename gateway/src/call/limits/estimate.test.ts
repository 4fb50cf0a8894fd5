import fc from "fast-check";
import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import type { Bytes } from "../../core/ports.ts";
import { portableBytes } from "../../core/portable-bytes.ts";
import { nodeBytes } from "../../hosts/node/bytes.ts";
import { ChunkReader } from "./chunk-reader.ts";
import { defaultOutputTokens, estimateTokens, type EstimateQuestion } from "./estimate.ts";

const english = "The quick brown fox jumps over the lazy dog, and then it rests. ";

test("English text counts four bytes to a token, Chinese about a token to a character", () => {
  const text = english.repeat(2_000);
  expect(inputOf(textBody(text))).toBeGreaterThan(text.length / 4 - 1);
  expect(inputOf(textBody(text))).toBeLessThan(text.length / 4 + 100);
  const chinese = "敏捷的棕色狐狸跳过了懒狗然后休息了".repeat(500);
  expect(inputOf(textBody(chinese)) / chinese.length).toBeGreaterThan(0.9);
  expect(inputOf(textBody(chinese)) / chinese.length).toBeLessThan(1.15);
});

test("pictures count as pictures, not as text, in every dialect's shape and whatever stands before what", () => {
  const data = base64(300_000);
  const bodies = [
    { contents: [{ parts: [{ text: english }, { inlineData: { mimeType: "image/png", data } }] }] },
    { contents: [{ parts: [{ inline_data: { data, mime_type: "image/png" } }, { text: english }] }] },
    { messages: [{ content: [{ type: "image_url", image_url: { url: `data:image/png;base64,${data}` } }] }] },
    { messages: [{ content: [{ type: "image", source: { type: "base64", media_type: "image/jpeg", data } }] }] },
    { messages: [{ content: [{ type: "image", source: { data: `${data}` } }] }], model: "gemini-3.8-flash" },
  ];
  for (const body of bodies) {
    const tokens = inputOf(bodyOf(body));
    expect(tokens).toBeGreaterThan(1_000);
    expect(tokens).toBeLessThan(1_500);
  }
});

test("each of several pictures counts, and so does the text between them", () => {
  const parts = Array.from({ length: 10 }, () => [
    { text: english.repeat(40) },
    { inlineData: { mimeType: "image/jpeg", data: base64(80_000) } },
  ]).flat();
  const text = (10 * 40 * english.length) / 4;
  const tokens = inputOf(bodyOf({ contents: [{ parts }] }));
  expect(tokens).toBeGreaterThan(0.9 * (text + 10 * 1_120));
  expect(tokens).toBeLessThan(1.1 * (text + 10 * 1_120));
});

test("sound and documents count by their length, signatures and encrypted reasoning nothing", () => {
  const data = base64(600_000);
  const withKind = (mimeType: string): number => inputOf(bodyOf({ parts: [{ inlineData: { mimeType, data } }] }));
  // 600 KB are 37 seconds of MP3.
  expect(withKind("audio/mp3")).toBeGreaterThan(900);
  expect(withKind("audio/mp3")).toBeLessThan(1_500);
  expect(withKind("application/pdf")).toBeGreaterThan(withKind("image/png"));
  expect(withKind("text/plain")).toBeGreaterThan(140_000);
  expect(inputOf(bodyOf({ content: [{ type: "input_audio", input_audio: { data, format: "mp3" } }] }))).toBeLessThan(
    1_500,
  );
  for (const body of [
    { parts: [{ functionCall: { name: "f" }, thoughtSignature: data }] },
    { extra_content: { google: { thought_signature: data } } },
    { input: [{ type: "reasoning", encrypted_content: data }] },
  ])
    expect(inputOf(bodyOf(body))).toBeLessThan(100);
});

test("a long word inside a long text does not make the text a picture", () => {
  const path = "src/very/long/path/to/some/file/that/has/no/blank/in/it/at/all/and/goes/on/";
  const text = Array.from({ length: 3_000 }, (_, index) => (index % 3 === 0 ? path : english)).join(" ");
  expect(inputOf(textBody(text))).toBeGreaterThan(0.95 * (text.length / 4));
});

test("base64 with escaped slashes or line ends is media too", () => {
  const data = base64(200_000);
  const body = `{"inlineData":{"mimeType":"image/png","data":"${data.replaceAll("/", "\\/")}"}}`;
  expect(inputOf(nodeBytes.encode(body))).toBeLessThan(1_500);
  const lines = data.replace(/(.{76})/g, "$1\n");
  expect(inputOf(bodyOf({ inlineData: { mimeType: "image/png", data: lines } }))).toBeLessThan(1_500);
});

test("the estimate does not depend on how the body was cut, nor on the search that the host has", () => {
  const parts = [
    { text: english.repeat(300) },
    { inlineData: { mimeType: "image/png", data: base64(50_000) } },
    { text: "đường phố Hà Nội ".repeat(200) },
  ];
  const body = bodyOf({ contents: [{ parts }], generationConfig: { maxOutputTokens: 77 } });
  const whole = estimateOf(body);
  expect(whole.outputTokens).toBe(77);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 30_000 }), { minLength: 1, maxLength: 40 }), (sizes) => {
      const chunks: Uint8Array[] = [];
      let at = 0;
      for (let index = 0; at < body.length; index++) {
        const size = sizes[index % sizes.length] as number;
        chunks.push(body.subarray(at, at + size));
        at += size;
      }
      expect(estimateTokens({ chunks, length: body.length, bytes: nodeBytes })).toEqual(whole);
      expect(estimateTokens({ chunks, length: body.length, bytes: portableBytes })).toEqual(whole);
    }),
    { numRuns: 50 },
  );
});

test("the answer's length is found at both ends of the body, whatever its name, and the largest counts", () => {
  const text = english.repeat(1_000);
  const outputs = (body: unknown): number => estimateOf(bodyOf(body)).outputTokens;
  expect(outputs({ contents: text, generationConfig: { temperature: 1, maxOutputTokens: 300 } })).toBe(300);
  expect(outputs({ max_tokens: 200, messages: text })).toBe(200);
  expect(outputs({ messages: text, max_completion_tokens: 12 })).toBe(12);
  expect(outputs({ input: text, max_output_tokens: 9 })).toBe(9);
  expect(outputs({ max_tokens: 10, messages: text, max_completion_tokens: 500 })).toBe(500);
  expect(estimateOf(nodeBytes.encode('{"maxOutputTokens" :\n 42}')).outputTokens).toBe(42);
  expect(outputs({ contents: text })).toBe(defaultOutputTokens);
  expect(outputs({ contents: 'say "max_tokens": 5' })).toBe(defaultOutputTokens);
  expect(outputs({ max_tokens: 0 })).toBe(defaultOutputTokens);
  expect(outputs({ max_tokens: 999_999_999 })).toBe(65_536);
});

test("what is told outranks what is found, and what makes no answer has none", () => {
  const body = bodyOf({ max_tokens: 10 });
  expect(estimateOf(body, { maxOutputTokens: 20 }).outputTokens).toBe(20);
  expect(estimateOf(body, { generative: false }).outputTokens).toBe(0);
});

test("what was not collected counts like what was", () => {
  const body = textBody(english.repeat(100));
  const { inputTokens } = estimateOf(body);
  expect(estimateOf(body, { length: body.length * 3 }).inputTokens).toBeGreaterThan(inputTokens * 2.9);
  expect(estimateTokens({ chunks: [], length: 4_000, bytes: nodeBytes }).inputTokens).toBe(1_000);
  expect(estimateTokens({ chunks: [], length: 0, bytes: nodeBytes })).toEqual({
    inputTokens: 0,
    outputTokens: defaultOutputTokens,
  });
});

test("hostile bodies are read in few steps, and the estimate stays within a model's reach", () => {
  const traps = [
    `"${"A".repeat(60)}`.repeat(30_000),
    `"${"A".repeat(1_100)}`.repeat(3_000),
    "A".repeat(3_000_000),
    '"'.repeat(3_000_000),
    "A".repeat(47).concat(" ").repeat(60_000),
  ];
  for (const trap of traps) {
    const body = nodeBytes.encode(trap);
    const { chunk, bytes, reads } = counting(body);
    const { inputTokens } = estimateTokens({ chunks: [chunk], length: body.length, bytes });
    expect(inputTokens).toBeGreaterThanOrEqual(0);
    expect(inputTokens).toBeLessThanOrEqual(2 * 1_048_576);
    // Bytes that were read one by one; at most a small part of three million.
    expect(reads()).toBeLessThan(400_000);
  }
  expect(estimateTokens({ chunks: [], length: Number.MAX_SAFE_INTEGER, bytes: nodeBytes }).inputTokens).toBe(2_097_152);
});

test("the ends of media beyond four megabytes are found without a search", () => {
  const data = base64(9_000_000);
  const body = bodyOf({
    parts: [{ text: english }, { inlineData: { mimeType: "video/mp4", data } }, { text: english }],
  });
  let searched = 0;
  const bytes = {
    ...nodeBytes,
    indexOf(haystack: Uint8Array, needle: string, from?: number): number {
      searched += haystack.length - (from ?? 0);
      return nodeBytes.indexOf(haystack, needle, from);
    },
  };
  const { inputTokens } = estimateTokens({ chunks: [body], length: body.length, bytes });
  expect(searched).toBeLessThanOrEqual(4 * 1024 * 1024);
  expect(inputTokens).toBeGreaterThan(8_000);
  expect(inputTokens).toBeLessThan(10_000);
});

test("a reader over chunks reads what stands in the whole", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 12 }),
      fc.nat(300),
      fc.nat(300),
      (chunks, one, other) => {
        const whole = nodeBytes.concat(chunks);
        const reader = new ChunkReader(chunks, nodeBytes);
        const [from, to] = one < other ? [one, other] : [other, one];
        expect(reader.length).toBe(whole.length);
        expect(reader.at(from)).toBe(whole[from] ?? 0);
        expect(reader.text(from, to)).toBe(nodeBytes.decode(whole.subarray(from, to)));
        const found = from >= whole.length ? -1 : whole.indexOf(0x22, from);
        expect(reader.indexOfQuote(from, 1_000)).toBe(found);
        expect(reader.indexOfQuote(from, 3)).toBe(found >= 0 && found < from + 3 ? found : -1);
      },
    ),
    { numRuns: 500 },
  );
});

// --- helpers ---

function bodyOf(value: unknown): Uint8Array {
  return nodeBytes.encode(JSON.stringify(value));
}

function textBody(text: string): Uint8Array {
  return bodyOf({ contents: [{ parts: [{ text }] }] });
}

function base64(bytes: number): string {
  return randomBytes(bytes).toString("base64");
}

function estimateOf(body: Uint8Array, more: Partial<EstimateQuestion> = {}): ReturnType<typeof estimateTokens> {
  return estimateTokens({ chunks: [body], length: body.length, bytes: nodeBytes, ...more });
}

function inputOf(body: Uint8Array): number {
  return estimateOf(body).inputTokens;
}

/** A body that counts how often a single byte of it is read. */
function counting(body: Uint8Array): { chunk: Uint8Array; bytes: Bytes; reads: () => number } {
  let reads = 0;
  const chunk = new Proxy(body, {
    get(target, name) {
      if (typeof name === "string" && /^\d+$/.test(name)) reads += 1;
      return Reflect.get(target, name, target) as unknown;
    },
  });
  // Native searches want the thing itself.
  const own = (given: Uint8Array): Uint8Array => (given === chunk ? body : given);
  const bytes: Bytes = {
    ...nodeBytes,
    indexOf: (haystack, needle, from) => nodeBytes.indexOf(own(haystack), needle, from),
    decode: (given, start, end) => nodeBytes.decode(own(given), start, end),
  };
  return { chunk, bytes, reads: () => reads };
}
