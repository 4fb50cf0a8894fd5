import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { called, streamed, translated, writerFacts } from "../../testkit/responses-answer.ts";
import { createSignatureCache } from "../../translation/signatures/memory.ts";
import { createSignatureReader } from "../../translation/signatures/reader.ts";
import { createSignatureWriter } from "../../translation/signatures/writer.ts";
import type { JsonObject, SignatureReader, TurnPart } from "../../translation/types.ts";

const digest = { sha256: (text: string): string => createHash("sha256").update(text).digest("hex") };
const model = "gemini-3.8-flash";
const clientId = "client1";
const signature = "AbC+/d".repeat(500);
const emptyMemory = (): ReturnType<typeof createSignatureCache> =>
  createSignatureCache({ clock: { now: () => 0, monotonic: () => 0 } });

/** The output of an answer with one signed call. */
function signedOutput(): JsonObject[] {
  const signatures = createSignatureWriter({
    clientId,
    projectId: "p1",
    model,
    memory: emptyMemory(),
    digest,
    inIds: true,
    newId: () => "n".repeat(24),
  });
  const { writer } = streamed({}, [called("f", {}, { id: "g1", signature })], { facts: writerFacts({ signatures }) });
  const turns = (writer.stored?.()?.turns ?? []) as JsonObject[];
  return turns.slice(1);
}

/** The call as the next request repeats it, and a reader with nothing in memory. */
function replayed(output: readonly JsonObject[]): {
  call: Extract<TurnPart, { kind: "call" }>;
  reader: SignatureReader;
} {
  const { conversation } = translated({ input: [{ role: "user", content: "hi" }, ...output] });
  const call = conversation.turns[1]?.parts[0];
  if (call?.kind !== "call") throw new Error("no call");
  const { carriers } = conversation;
  return { call, reader: createSignatureReader({ clientId, model, memory: emptyMemory(), digest, carriers }) };
}

describe("a signature that Google gave with a call", () => {
  it("comes back whole from clients that keep encrypted_content, with its issuer (bug 31)", () => {
    const { call, reader } = replayed(signedOutput());
    expect(reader.call({ id: call.id, native: call.signature })).toBe(signature);
    expect(reader.issuers.size).toBe(1);
  });

  it("comes back from clients that drop reasoning items", () => {
    const { call, reader } = replayed(signedOutput().filter(({ type }) => type !== "reasoning"));
    expect(reader.call({ id: call.id, native: call.signature })).toBe(signature);
  });

  it("comes back when a client cuts the id, as long as the envelope is there (bug 30)", () => {
    const cut = signedOutput().map((item) =>
      "call_id" in item ? { ...item, call_id: String(item["call_id"]).slice(0, 64) } : item,
    );
    const { call, reader } = replayed(cut);
    expect(reader.call({ id: call.id, native: call.signature })).toBe(signature);
  });

  it("is in no item's id (bug 30)", () => {
    for (const item of signedOutput()) expect(String(item["id"]).length).toBeLessThanOrEqual(64);
  });
});
