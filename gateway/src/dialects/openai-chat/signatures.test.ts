import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { signatureSentinel } from "../../translation/signatures/constants.ts";
import { enforcesSignatures, restoreSignatures } from "./signatures.ts";

interface Call {
  id?: string | null;
  type: string;
  function: { name: string; arguments: string };
  extra_content?: unknown;
}

interface Message {
  role: string;
  content?: unknown;
  tool_calls?: Call[];
}

function call(id: string, more: Record<string, unknown> = {}): Call {
  return { id, type: "function", function: { name: "f", arguments: "{}" }, ...more };
}

function restored(
  messages: unknown[],
  known: Record<string, string> = {},
  model = "gemini-3.8-flash",
): (string | null)[] | null {
  const text = restoreSignatures(JSON.stringify({ model, messages }), { model, lookup: (id) => known[id] ?? null });
  if (text === null) return null;
  const parsed = JSON.parse(text) as { messages: Message[] };
  return parsed.messages.flatMap((message) => message.tool_calls ?? []).map(signatureIn);
}

function signatureIn(of: Call): string | null {
  const extra = of.extra_content as { google?: { thought_signature?: string } } | null | undefined;
  return extra?.google?.thought_signature ?? null;
}

const user = { role: "user", content: "do it" };
const result = (id: string): unknown => ({ role: "tool", tool_call_id: id, content: "done" });
const assistant = (...calls: Call[]): Message => ({ role: "assistant", content: null, tool_calls: calls });

describe("restoreSignatures", () => {
  it("puts known signatures back wherever they are missing, on earlier turns too", () => {
    const messages = [
      user,
      assistant(call("a"), call("b")),
      result("a"),
      result("b"),
      user,
      assistant(call("c")),
      result("c"),
    ];
    expect(restored(messages, { a: "sa", c: "sc" })).toStrictEqual(["sa", null, "sc"]);
  });

  it("puts the sentinel on the first call of each step of the current turn, nowhere else", () => {
    const messages = [
      user,
      assistant(call("old")),
      result("old"),
      { role: "assistant", content: "ok" },
      user,
      assistant(call("a"), call("b")),
      result("a"),
      result("b"),
      assistant(call("c")),
      result("c"),
    ];
    expect(restored(messages)).toStrictEqual([null, signatureSentinel, null, signatureSentinel]);
    expect(restored(messages, { b: "sb" })).toStrictEqual([null, signatureSentinel, "sb", signatureSentinel]);
  });

  it("keeps a signature that the client brought, and does not ask for it", () => {
    const signed = call("a", { extra_content: { google: { thought_signature: "mine" } } });
    const lookup = (): string => expect.fail("asked");
    expect(
      restoreSignatures(JSON.stringify({ messages: [user, assistant(signed)] }), { model: "gemini-4-neon", lookup }),
    ).toBe(null);
  });

  it("adds to an extra_content that has no signature, whatever its form", () => {
    for (const extra of [
      null,
      {},
      { other: 1 },
      { google: null },
      { google: {} },
      { google: { x: 1 } },
      { google: { thought_signature: "" } },
      { google: { thought_signature: null } },
    ])
      expect(restored([user, assistant(call("a", { extra_content: extra }))], { a: "s" })).toStrictEqual(["s"]);
  });

  it("uses no sentinel for models that do not insist, but puts known ones back", () => {
    const messages = [user, assistant(call("a")), result("a")];
    expect(restored(messages, {}, "gemini-2.5-pro")).toBe(null);
    expect(restored(messages, { a: "s" }, "gemini-2.5-pro")).toStrictEqual(["s"]);
  });

  it("gives null when there is nothing to do", () => {
    expect(restored([user])).toBe(null);
    expect(restored([{ role: "user", content: 'what are "tool_calls"?' }])).toBe(null);
    expect(restored([assistant()])).toBe(null);
    expect(restored([{ ...assistant(call("a")), role: "tool" }], { a: "s" })).toBe(null);
    for (const text of [
      "",
      "tool_calls",
      '{"tool_calls":[{}]}',
      '{"messages":"tool_calls"}',
      '{"messages":[{"role":"assistant","tool_calls":[{',
    ])
      expect(restoreSignatures(text, { model: "gemini-4-neon", lookup: () => "s" })).toBe(null);
  });

  it("changes no other byte of the body", () => {
    const id = fc.constantFrom("a", "b", "c", "", 'q"\\');
    const anyCall = fc.record(
      {
        id: fc.option(id),
        type: fc.constant("function"),
        function: fc.record({ name: fc.string(), arguments: fc.string({ unit: "grapheme" }) }),
        extra_content: fc.constantFrom({ google: { thought_signature: "own" } }, { google: { n: 1 } }, {}),
      },
      { requiredKeys: ["function"] },
    );
    const message = fc.oneof(
      fc.record({ role: fc.constantFrom("user", "tool", "system"), content: fc.string({ unit: "grapheme" }) }),
      fc.record({
        role: fc.constant("assistant"),
        content: fc.constantFrom(null, "x", '"tool_calls":[{"id":"a"}]'),
        tool_calls: fc.array(anyCall, { maxLength: 3 }),
      }),
    );
    // A number that no JavaScript number can hold.
    const number = '"seed":12345678901234567890.0';
    fc.assert(
      fc.property(fc.array(message, { maxLength: 6 }), fc.constantFrom(undefined, 2), (messages, indent) => {
        const text = `{${number},"messages":${JSON.stringify(messages, null, indent)}}`;
        const known: Record<string, string> = { a: "<<sig a>>", 'q"\\': "<<sig q>>" };
        const out = restoreSignatures(text, { model: "gemini-4-neon", lookup: (asked) => known[asked] ?? null });
        if (out === null) return;
        const added =
          /"extra_content":\{"google":\{"thought_signature":"(<<sig .>>|skip_thought_signature_validator)"\}\},|"google":\{"thought_signature":"(<<sig .>>|skip_thought_signature_validator)"\},?|"thought_signature":"(<<sig .>>|skip_thought_signature_validator)",/g;
        expect(out.replaceAll(added, "")).toBe(text);
        const before = messages.flatMap((one) => ("tool_calls" in one ? one.tool_calls : [])) as Call[];
        const after = (JSON.parse(out) as { messages: Message[] }).messages.flatMap((one) => one.tool_calls ?? []);
        for (const [index, one] of before.entries()) {
          const now = signatureIn(after[index] as Call);
          expect(now).toBe(signatureIn(one) ?? known[one.id ?? ""] ?? now);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("enforcesSignatures", () => {
  it("is true for Gemini 3 and later and for latest names, but not for image models", () => {
    for (const model of [
      "gemini-3-flash-preview",
      "gemini-3.8-flash",
      "models/gemini-4-neon",
      "google/gemini-10-x",
      "gemini-pro-latest",
    ])
      expect(enforcesSignatures(model)).toBe(true);
    for (const model of [
      "gemini-2.5-pro",
      "gemini-1.5-flash-latest",
      "gemini-3-pro-image",
      "gemini-nano-banana-2.1",
      "gemma-4-27b",
      "tunedModels/x",
      "",
    ])
      expect(enforcesSignatures(model)).toBe(false);
  });
});
