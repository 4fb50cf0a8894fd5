/**
 * Signatures between clients: whatever one of them sends, it gets nothing to Google but what stands in its own request, or
 * what the gateway remembers of that client itself.
 * @module
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { testDigest } from "../../testkit/conversation.ts";
import { composeForTest, translateForTest } from "../../testkit/translate.ts";
import { decodeCarrier, encodeCarrier } from "./carrier.ts";
import { issuerTag } from "./issuer.ts";
import { createSignatureCache } from "./memory.ts";
import { createSignatureReader } from "./reader.ts";
import { decodeSignedId } from "./signed-id.ts";
import { createSignatureWriter } from "./writer.ts";

const model = "gemini-3.8-flash";
const clock = { now: () => 0, monotonic: () => 0 };

/** What client `a` was given, and the memory in which it stands. */
function givenToA(options: { inIds: boolean; signatures: readonly string[] }) {
  const memory = createSignatureCache({ clock });
  let next = 0;
  const writer = createSignatureWriter({
    clientId: "a",
    projectId: "project-of-a",
    model,
    memory,
    digest: testDigest,
    inIds: options.inIds,
    newId: () => `random${next++}`,
  });
  const calls = options.signatures.map((signature) => writer.call({ prefix: "call_", googleId: null, signature }));
  writer.text({ text: "Done.", signature: "secretTextSignature" });
  return { memory, calls };
}

const readerOf = (clientId: string, memory: ReturnType<typeof createSignatureCache>, carriers: readonly string[]) =>
  createSignatureReader({ clientId, model, memory, digest: testDigest, carriers });

const base64 = fc.stringMatching(/^[A-Za-z0-9+/]{20,60}$/);

describe("what another client was given", () => {
  it("is not found by its ids, nor by its texts, in memory", () => {
    const { memory, calls } = givenToA({ inIds: false, signatures: ["secretCallSignature0"] });
    const [call] = calls;
    if (call === undefined) throw new Error("no call");
    expect(readerOf("a", memory, []).call({ id: call.id, native: null })).toBe("secretCallSignature0");
    expect(readerOf("a", memory, []).text("Done.")).toBe("secretTextSignature");
    for (const other of ["b", "", "a\n", "A", "a2"]) {
      const reader = readerOf(other, memory, []);
      expect(reader.call({ id: call.id, native: null })).toBeNull();
      expect(reader.text("Done.")).toBeNull();
      expect(reader.issuers.size).toBe(0);
    }
  });

  it("is sent as far as the other hands it on itself, and nothing of it is told by what is not whole", () => {
    fc.assert(
      fc.property(
        fc.array(base64, { minLength: 1, maxLength: 4 }),
        fc.nat(),
        fc.integer({ min: -40, max: 40 }),
        (signatures, at, cut) => {
          const { memory, calls } = givenToA({ inIds: true, signatures });
          const call = calls[at % calls.length];
          if (call === undefined || call.carrier === null) throw new Error("no call");
          const sentId = cut < 0 ? call.id.slice(0, cut) : call.id + "x".repeat(cut);
          const sentCarrier = cut < 0 ? call.carrier.slice(0, cut) : call.carrier;
          const reader = readerOf("b", memory, [sentCarrier]);
          const found = reader.call({ id: sentId, native: null });
          const own = [
            decodeSignedId(sentId).signed?.signature,
            ...(decodeCarrier(sentCarrier)?.entries.map((entry) => entry.signature) ?? []),
          ];
          if (found !== null) expect(own).toContain(found);
        },
      ),
    );
  });

  it("cannot be had by envelopes that somebody wrote: they give what was written into them", () => {
    const { memory, calls } = givenToA({ inIds: false, signatures: ["secretCallSignature0"] });
    const id = calls[0]?.id ?? "";
    const issuer = issuerTag("project-of-a", testDigest);
    const forged = encodeCarrier({ model, issuer, entries: [{ for: id, signature: "forgedSignature" }] }) ?? "";
    expect(readerOf("b", memory, [forged]).call({ id, native: null })).toBe("forgedSignature");
    const empty = `gp1.${Buffer.from(JSON.stringify({ v: 1, model, issuer, entries: [] })).toString("base64url")}`;
    expect(readerOf("b", memory, [empty]).call({ id, native: null })).toBeNull();
    expect(readerOf("b", memory, [empty]).call({ id, native: empty })).toBeNull();
  });

  it("is in no request of a client that repeats ids, texts and broken envelopes of all dialects", () => {
    const { calls } = givenToA({ inIds: false, signatures: ["secretCallSignature0"] });
    const { id, carrier } = calls[0] ?? { id: "", carrier: "" };
    const broken = `${carrier?.slice(0, -8)}AAAAAAAA`;
    const bodies = [
      [
        "openai-chat",
        {
          messages: [
            {
              role: "assistant",
              content: "Done.",
              reasoning_details: [{ type: "reasoning.encrypted", data: broken, id }],
              tool_calls: [{ id, function: { name: "f" }, extra_content: { google: { thought_signature: broken } } }],
            },
          ],
        },
      ],
      [
        "openai-responses",
        {
          input: [
            { type: "reasoning", encrypted_content: broken },
            { type: "function_call", call_id: id, name: "f" },
          ],
        },
      ],
      [
        "anthropic",
        {
          messages: [
            {
              role: "assistant",
              content: [
                { type: "thinking", thinking: "", signature: broken },
                { type: "tool_use", id, name: "f", input: {} },
              ],
            },
          ],
        },
      ],
    ] as const;
    for (const [dialect, body] of bodies) {
      const translation = translateForTest(dialect, { model, ...body });
      if (!translation.ok) throw new Error(translation.problem.message);
      const json = JSON.stringify(composeForTest(translation.conversation, model));
      expect(json).toContain('"thoughtSignature":"skip_thought_signature_validator"');
      expect(json).not.toContain("secret");
      expect(json).not.toContain("gp1.");
    }
  });
});
