import fc from "fast-check";
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { portableBytes } from "../../core/portable-bytes.ts";
import { identify } from "../identity.ts";
import type { Identity } from "../identity.ts";
import { createAnswerCache, type AnswerLead, type KeptAnswer } from "./answer-cache.ts";
import { answerKey } from "./deterministic.ts";

describe("kept answers", () => {
  test("one call leads, others wait for its answer, later ones get the kept one until it is old", () => {
    const cache = createAnswerCache({ ttlMs: 100, maxBytes: 1_000_000 });
    const waiting = follower();
    const lead = leadOf(cache.ask("a", follower(), 0));
    expect(cache.ask("a", waiting, 1).kind).toBe("wait");
    lead.offer(answer("one"), 5);
    expect(waiting.got).toEqual(["one"]);
    expect(cache.ask("a", follower(), 104)).toMatchObject({ kind: "hit" });
    expect(cache.ask("a", follower(), 105).kind).toBe("lead");
  });

  test("when the leading call fails each waiting one makes its own, and nothing is kept", () => {
    const cache = createAnswerCache({ ttlMs: 100, maxBytes: 1_000_000 });
    const lead = leadOf(cache.ask("a", follower(), 0));
    const [one, two] = [follower(), follower()];
    cache.ask("a", one, 0);
    cache.ask("a", two, 0);
    lead.fail();
    lead.offer(answer("late"), 0);
    expect([one.got, two.got]).toEqual([["abandoned"], ["abandoned"]]);
    expect(cache.size().answers).toBe(0);
  });

  test("a client that left is not told", () => {
    const cache = createAnswerCache({ ttlMs: 100, maxBytes: 1_000_000 });
    const lead = leadOf(cache.ask("a", follower(), 0));
    const gone = follower();
    const choice = cache.ask("a", gone, 0);
    if (choice.kind === "wait") choice.leave();
    lead.offer(answer("one"), 0);
    expect(gone.got).toEqual([]);
  });

  test("never holds more bytes than it may, and never gives an answer to another key", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ key: fc.nat(20), size: fc.nat(3_000), step: fc.nat(30) }), { maxLength: 200 }),
        (steps) => {
          const cache = createAnswerCache({ ttlMs: 100, maxBytes: 8_192 });
          let now = 0;
          for (const { key, size, step } of steps) {
            now += step;
            const choice = cache.ask(`k${key}`, follower(), now);
            if (choice.kind === "hit") expect(choice.answer.modelServed).toBe(`k${key}`);
            else leadOf(choice).offer({ ...answer("x".repeat(size)), modelServed: `k${key}` }, now);
            expect(cache.size().bytes).toBeLessThanOrEqual(8_192);
          }
        },
      ),
    );
  });
});

describe("deterministic calls", () => {
  const digest = { sha256: (text: string) => createHash("sha256").update(text).digest("hex") };
  const key = (url: string, body: unknown, clientId = "c1"): string | null => {
    const chunk = portableBytes.encode(typeof body === "string" ? body : JSON.stringify(body));
    const identity = identify("POST", url, { google: true }) as Identity;
    return answerKey({
      clientId,
      method: "POST",
      identity,
      body: { chunks: [chunk], length: chunk.length },
      contentType: "application/json",
      bytes: portableBytes,
      digest,
    });
  };
  const generate = "/v1beta/models/m:generateContent";

  test("are token counts, embeddings, and generations with temperature 0 or a seed", () => {
    expect(key("/v1beta/models/m:countTokens", {})).not.toBeNull();
    expect(key("/v1beta/models/m:embedContent", {})).not.toBeNull();
    expect(key(generate, { generationConfig: { temperature: 0 } })).not.toBeNull();
    expect(key(generate, { generation_config: { seed: 7 } })).not.toBeNull();
    expect(key("/v1/chat/completions", { temperature: 0 })).not.toBeNull();
  });

  test("are no others", () => {
    expect(key(generate, {})).toBeNull();
    expect(key(generate, { generationConfig: { temperature: 0.1 } })).toBeNull();
    expect(key(generate, "{'generationConfig':{'temperature':0}}")).toBeNull();
    expect(key(generate, { generationConfig: { temperature: 0 }, tools: [{ googleSearch: {} }] })).toBeNull();
    expect(key(generate, { generationConfig: { temperature: 0 }, cachedContent: "cachedContents/x" })).toBeNull();
    expect(key("/v1beta/models/m:streamGenerateContent?alt=sse", { generationConfig: { temperature: 0 } })).toBeNull();
    expect(key("/v1beta/models/m:batchGenerateContent", { generationConfig: { temperature: 0 } })).toBeNull();
  });

  test("of two clients, models or bodies never share a key", () => {
    const body = { generationConfig: { temperature: 0 } };
    const keys = [
      key(generate, body),
      key(generate, body, "c2"),
      key("/v1beta/models/n:generateContent", body),
      key(generate, { ...body, contents: [] }),
    ];
    expect(new Set(keys).size).toBe(4);
    expect(key(generate, body)).toBe(keys[0]);
  });
});

// --- helpers ---

function follower(): { got: string[]; answered(answer: KeptAnswer): void; abandoned(): void } {
  const got: string[] = [];
  return {
    got,
    answered: (kept) => void got.push(portableBytes.decode(portableBytes.concat(kept.chunks))),
    abandoned: () => void got.push("abandoned"),
  };
}

function leadOf(choice: { kind: string; lead?: AnswerLead }): AnswerLead {
  expect(choice.kind).toBe("lead");
  return choice.lead as AnswerLead;
}

function answer(text: string): KeptAnswer {
  const chunk = portableBytes.encode(text);
  return { status: 200, headers: [], chunks: [chunk], length: chunk.length, modelServed: null };
}
