/** @module Tests of the pieces an answer is made of: splitting, signatures, counting, limits. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createModels } from "../state/models.ts";
import { countPromptTokens, sumTokens } from "./count-tokens.ts";
import { embedText } from "./embed-text.ts";
import { limitOutput } from "./limit-output.ts";
import { sampleSchema } from "./sample-schema.ts";
import { checkSignature, makeSignature, SIGNATURE_SENTINELS } from "./signatures.ts";
import { splitText } from "./split-text.ts";
import type { Draft } from "./gemini-types.ts";

const model = createModels([], true).get("gemini-3.8-flash");
if (!model) throw new Error("no such model");

describe("splitText", () => {
  it("loses nothing and never cuts a surrogate pair", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", minLength: 1 }),
        fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
        (text, chunks) => {
          const pieces = splitText(text, chunks);
          expect(pieces.join("")).toBe(text);
          for (const piece of pieces) expect(Buffer.from(piece).toString()).toBe(piece);
        },
      ),
    );
  });
});

describe("signatures", () => {
  it("are good for the project that made them only", () => {
    const signature = makeSignature("projects/1", "abc");
    expect(checkSignature(signature, "projects/1")).toBe("ok");
    expect(checkSignature(signature, "projects/2")).toBe("corrupted");
  });

  it("are corrupted by any change of a byte after the mark, and invalid when nobody made them", () => {
    const bytes = Buffer.from(makeSignature("projects/1", "abc"), "base64");
    fc.assert(
      fc.property(fc.integer({ min: 8, max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (place, change) => {
        const changed = Buffer.from(bytes);
        changed[place] = (changed[place] ?? 0) ^ change;
        expect(checkSignature(changed.toString("base64"), "projects/1")).toBe("corrupted");
      }),
    );
    expect(checkSignature("bm90IG91cnM=", "projects/1")).toBe("invalid");
  });

  it("may be replaced by the sentinels", () => {
    for (const sentinel of SIGNATURE_SENTINELS) expect(checkSignature(sentinel, "projects/9")).toBe("ok");
  });
});

describe("token rule", () => {
  it("is a quarter of the characters per part, rounded up; images are 258", () => {
    const request = {
      systemInstruction: { parts: [{ text: "12345" }] },
      contents: [{ parts: [{ text: "1234" }, { text: "1" }, { inlineData: { mimeType: "image/png", data: "AAAA" } }] }],
    };
    expect(countPromptTokens(request)).toEqual({ TEXT: 4, IMAGE: 258 });
  });

  it("does not charge for thought signatures", () => {
    const call = { functionCall: { name: "f", args: {} } };
    const bare = countPromptTokens({ contents: [{ parts: [call] }] });
    expect(countPromptTokens({ contents: [{ parts: [{ ...call, thoughtSignature: "x".repeat(9_000) }] }] })).toEqual(
      bare,
    );
    expect(sumTokens(bare)).toBeGreaterThan(0);
  });
});

describe("limitOutput", () => {
  const drafts = (texts: string[], thoughts = 0): Draft[] =>
    texts.map((text, index) => ({ parts: [{ text }], thoughts: index === 0 ? thoughts : 0, delayMs: 0 }));
  const textOf = (limited: { drafts: Draft[] }): string =>
    limited.drafts.flatMap(({ parts }) => parts.map((part) => part.text)).join("");

  it("stops at a sequence that two chunks share", () => {
    const limited = limitOutput(drafts(["one tw", "o three"]), { stopSequences: ["two"] }, model);
    expect(textOf(limited)).toBe("one ");
    expect(limited.finishReason).toBe("STOP");
  });

  it("counts thoughts against maxOutputTokens, to an empty answer", () => {
    const limited = limitOutput(drafts(["hello"], 50), { maxOutputTokens: 10 }, model);
    expect(limited).toMatchObject({ finishReason: "MAX_TOKENS", drafts: [{ parts: [], thoughts: 10 }] });
  });

  it("never gives more tokens than maxOutputTokens", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1 }), { minLength: 1 }),
        fc.integer({ min: 1, max: 20 }),
        fc.nat(10),
        (texts, limit, thoughts) => {
          const limited = limitOutput(drafts(texts, thoughts), { maxOutputTokens: limit }, model);
          const spent = limited.drafts.reduce(
            (sum, draft) =>
              sum + draft.thoughts + draft.parts.reduce((part, { text = "" }) => part + Math.ceil(text.length / 4), 0),
            0,
          );
          expect(spent).toBeLessThanOrEqual(limit);
          expect(texts.join("").startsWith(textOf(limited))).toBe(true);
        },
      ),
    );
  });
});

describe("samples and embeddings", () => {
  it("fill a schema with what it requires, following references", () => {
    const schema = {
      type: "object",
      required: ["kind", "item"],
      properties: { kind: { enum: ["b", "a"] }, item: { $ref: "#/$defs/item" }, rest: { type: "string" } },
      $defs: { item: { type: "ARRAY", items: { anyOf: [{ type: "integer", minimum: 7 }] } } },
    };
    expect(sampleSchema(schema, "text")).toEqual({ kind: "b", item: [7] });
  });

  it("give the same text the same unit vector of the wanted size", () => {
    const vector = embedText("hello", 64);
    expect(vector).toEqual(embedText("hello", 64));
    expect(vector).not.toEqual(embedText("hullo", 64));
    expect(Math.hypot(...vector)).toBeCloseTo(1, 4);
  });
});
