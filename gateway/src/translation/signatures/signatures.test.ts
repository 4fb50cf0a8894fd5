import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSimulatedClock } from "../../testkit/simulated.ts";
import type { SignatureReader, SignatureWriter } from "../types.ts";
import { encodeCarrier } from "./carrier.ts";
import { signatureSentinel } from "./constants.ts";
import { issuerTag } from "./issuer.ts";
import { createSignatureCache, type SignatureCache } from "./memory.ts";
import { fromMemoryValue, toMemoryValue } from "./memory-value.ts";
import { createSignatureReader } from "./reader.ts";
import { modelFamily } from "./model-family.ts";
import { createSignatureWriter } from "./writer.ts";

const digest = { sha256: (text: string) => createHash("sha256").update(text).digest("hex") };
const model = "gemini-3.8-flash";
const signature = `${"CqwBAdHtim9+/ab".repeat(20)}==`;
const other = `${"EpQCCpECAcu98P".repeat(20)}=`;
let ids = 0;

function memoryOf(): SignatureCache {
  return createSignatureCache({ clock: createSimulatedClock() });
}

function writerOf(memory: SignatureCache, more: object = {}): SignatureWriter {
  const parts = { clientId: "client_1", projectId: "p1", model, memory, digest, inIds: true };
  return createSignatureWriter({ ...parts, newId: () => `n${String(++ids).padStart(23, "0")}`, ...more });
}

function readerOf(memory: SignatureCache, more: object = {}): SignatureReader {
  return createSignatureReader({ clientId: "client_1", model, memory, digest, carriers: [], ...more });
}

const call = (signed: string | null, googleId: string | null = "lpndqlku") => ({
  prefix: "call_",
  googleId,
  signature: signed,
});

describe("signatures of calls", () => {
  it("come back through the id alone: after a restart, from clients that drop every field they do not know (bug 28)", () => {
    const { id } = writerOf(memoryOf()).call(call(signature));
    expect(id).toMatch(/^[a-zA-Z0-9_-]+$/);
    const reader = readerOf(memoryOf());
    expect(reader.shortId(id)).toBe("call_lpndqlku");
    expect(reader.call({ id, native: null })).toBe(signature);
    expect([...reader.issuers]).toEqual([issuerTag("p1", digest)]);
  });

  it("come back from memory alone when the client cut the id, or ids carry none (bug 30)", () => {
    for (const inIds of [true, false]) {
      const memory = memoryOf();
      const { id } = writerOf(memory, { inIds }).call(call(signature));
      if (!inIds) expect(id).toBe("call_lpndqlku");
      const reader = readerOf(memory);
      expect(reader.call({ id: id.slice(0, 64), native: null })).toBe(signature);
      expect([...reader.issuers]).toEqual([issuerTag("p1", digest)]);
      expect(readerOf(memory, { clientId: "client_2" }).call({ id: id.slice(0, 64), native: null })).toBeNull();
    }
  });

  it("come back through an envelope, among foreign ones or beside the call", () => {
    const { id, carrier } = writerOf(memoryOf(), { inIds: false }).call(call(signature));
    const carriers = ["gAAAAforeign", carrier as string, "gp1.broken"];
    const reader = readerOf(memoryOf(), { carriers });
    expect(reader.call({ id, native: null })).toBe(signature);
    expect(reader.call({ id: "call_unknown", native: null })).toBeNull();
    expect([...reader.issuers]).toEqual([issuerTag("p1", digest)]);
    expect(readerOf(memoryOf()).call({ id, native: carrier })).toBe(signature);
    expect(readerOf(memoryOf()).call({ id: "call_unknown", native: carrier })).toBeNull();
  });

  it("are read beside the call first, then from envelopes, then from the id, then from memory", () => {
    const memory = memoryOf();
    const marks = ["nat", "env", "ids", "mem"].map((name) => Buffer.from(name.repeat(8)).toString("base64"));
    const [native = "", enveloped = "", inId = "", inMemory = ""] = marks;
    const { id } = writerOf(memory).call(call(inId));
    writerOf(memory).call(call(inMemory));
    const tag = { model, issuer: "00000000" };
    const carriers = [encodeCarrier({ ...tag, entries: [{ for: "call_lpndqlku", signature: enveloped }] })];
    expect(readerOf(memory, { carriers }).call({ id, native })).toBe(native);
    expect(readerOf(memory, { carriers }).call({ id, native: null })).toBe(enveloped);
    expect(readerOf(memory).call({ id, native: null })).toBe(inId);
    expect(readerOf(memory).call({ id: "call_lpndqlku", native: null })).toBe(inMemory);
  });

  it("of another model are dropped wherever they were kept, those of another release of the same one are not (bug 31)", () => {
    const memory = memoryOf();
    const { id, carrier } = writerOf(memory).call(call(signature));
    for (const [asked, expected] of [
      ["gemini-4-neon", null],
      ["gemini-3.8-flash-lite", null],
      ["models/gemini-3.8-flash-001", signature],
      ["gemini-3.8-flash-preview-09-2026", signature],
    ] as const) {
      const found = [
        readerOf(memory, { model: asked }).call({ id: "call_lpndqlku", native: null }),
        readerOf(memoryOf(), { model: asked }).call({ id, native: null }),
        readerOf(memoryOf(), { model: asked }).call({ id: "call_lpndqlku", native: carrier }),
        readerOf(memoryOf(), { model: asked, carriers: [carrier] }).call({ id: "call_lpndqlku", native: null }),
        // Beside the call without a mark, but known from elsewhere.
        readerOf(memory, { model: asked }).call({ id: "call_lpndqlku", native: signature }),
        readerOf(memoryOf(), { model: asked }).call({ id, native: signature }),
      ];
      expect(found).toEqual(Array.from({ length: 6 }, () => expected));
    }
    const reader = readerOf(memory, { model: "gemini-4-neon" });
    reader.call({ id, native: signature });
    expect(reader.issuers.size).toBe(0);
  });

  it("tell every project that made them, so that a change of project is seen before Google refuses (bug 31)", () => {
    const memory = memoryOf();
    const first = writerOf(memory).call(call(signature, "aaaaaaaa"));
    const second = writerOf(memory, { projectId: "p2" }).call(call(other, "bbbbbbbb"));
    const reader = readerOf(memoryOf());
    reader.call({ id: first.id, native: signature });
    reader.call({ id: second.id, native: null });
    expect(reader.issuers).toEqual(new Set([issuerTag("p1", digest), issuerTag("p2", digest)]));
  });

  it("stay on the call that had them when calls are parallel or change their order (5.3.8)", () => {
    const memory = memoryOf();
    const writer = writerOf(memory);
    const calls = [call(signature, "a1"), call(null, "b2"), call(null, null)].map((each) => writer.call(each));
    expect(calls.slice(1).map(({ id, carrier }) => [id.length < 40, carrier])).toEqual([
      [true, null],
      [true, null],
    ]);
    for (const reader of [readerOf(memory), readerOf(memoryOf())])
      expect(calls.toReversed().map(({ id }) => reader.call({ id, native: null }))).toEqual([null, null, signature]);
  });

  it("carried by a client without our mark are given as they are; sentinels and what Google could not decode are not", () => {
    const reader = readerOf(memoryOf());
    expect(reader.call({ id: "call_x", native: signature })).toBe(signature);
    expect(reader.call({ id: "call_x", native: signature.replaceAll("+", "-").replaceAll("/", "_") })).not.toBeNull();
    for (const native of ["", signatureSentinel, "not base64!", "gp1.AAAA", "dümmy"])
      expect(reader.call({ id: "call_x", native })).toBeNull();
    expect(reader.issuers.size).toBe(0);
  });

  it("of more than 8 KB stand in memory and in the envelope only", () => {
    const memory = memoryOf();
    const long = "A".repeat(12_000);
    const { id, carrier } = writerOf(memory).call(call(long));
    expect(id).toBe("call_lpndqlku");
    expect(readerOf(memory).call({ id, native: null })).toBe(long);
    expect(readerOf(memoryOf(), { carriers: [carrier] }).call({ id, native: null })).toBe(long);
  });
});

describe("ids of calls", () => {
  it("keep Google's own behind the prefix when it fits, and are new when it does not, or came twice", () => {
    const writer = writerOf(memoryOf());
    const idOf = (googleId: string | null): string => writer.call(call(null, googleId)).id;
    expect([idOf("lpndqlku"), idOf("a".repeat(40))]).toEqual(["call_lpndqlku", `call_${"a".repeat(40)}`]);
    for (const googleId of ["lpndqlku", "a".repeat(41), "", "a b", "ü", null])
      expect(idOf(googleId)).toMatch(/^call_n\d{23}$/);
  });

  it("give the same short id on call and result, whatever the client made of them, and never throw", () => {
    const reader = readerOf(memoryOf());
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (id, native) => {
        expect(reader.shortId(id)).toBe(id);
        expect(reader.call({ id, native: null })).toBeNull();
        reader.call({ id, native });
      }),
    );
  });
});

describe("signatures of texts", () => {
  it("are found by the text itself, for the same client and model only", () => {
    const memory = memoryOf();
    writerOf(memory).text({ text: "Hello, world.", signature });
    const reader = readerOf(memory);
    expect([reader.text("Hello, world."), reader.text("Hello, world")]).toEqual([signature, null]);
    expect([...reader.issuers]).toEqual([issuerTag("p1", digest)]);
    expect(readerOf(memory, { clientId: "client_2" }).text("Hello, world.")).toBeNull();
    expect(readerOf(memory, { model: "gemini-4-neon" }).text("Hello, world.")).toBeNull();
    expect(readerOf(memoryOf()).text("Hello, world.")).toBeNull();
  });

  it("that are empty are not remembered: all of them would be one", () => {
    const memory = memoryOf();
    writerOf(memory).text({ text: "", signature });
    writerOf(memory).text({ text: "x", signature: "" });
    expect(memory.size).toBe(0);
    expect(readerOf(memory).text("")).toBeNull();
  });
});

describe("what is remembered", () => {
  it("of native calls is found by translated ones, and what translated calls remember looks to native ones like another project's", () => {
    const memory = memoryOf();
    memory.set("client_1", "function-call-1", `p7\n${signature}`);
    const reader = readerOf(memory, { model: "gemini-4-neon" });
    expect(reader.call({ id: "function-call-1", native: null })).toBe(signature);
    expect([...reader.issuers]).toEqual([issuerTag("p7", digest)]);
    writerOf(memory, { projectId: "p7" }).call(call(signature));
    expect(memory.get("client_1", "call_lpndqlku")?.startsWith("p7\n")).toBe(false);
  });

  it("comes back as it was, whatever is in the signature", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.stringMatching(/^[\w:.-]{1,30}$/), (text, projectId) => {
        const facts = { signature: text, projectId, family: "ab_-" };
        expect(fromMemoryValue(toMemoryValue(facts))).toEqual(facts);
        expect(fromMemoryValue(`${projectId}\n${text}`)).toEqual({ ...facts, family: null });
      }),
    );
  });
});

describe("marks", () => {
  it("name a project by eight characters of hex, and a model without what changes between its releases", () => {
    expect(issuerTag("p1", digest)).toMatch(/^[0-9a-f]{8}$/);
    expect(issuerTag("p1", digest)).not.toBe(issuerTag("p2", digest));
    const names = ["models/gemini-3.1-pro-preview-customtools", "google/gemini-2.5-flash-002", "gemini-flash-latest"];
    expect(names.map(modelFamily)).toEqual(["gemini-3.1-pro", "gemini-2.5-flash", "gemini-flash"]);
    expect(["gemini-4-neon", "gemini-4-neon-cyber-permissive", ""].map(modelFamily)).toEqual([
      "gemini-4-neon",
      "gemini-4-neon-cyber-permissive",
      "",
    ]);
  });
});
