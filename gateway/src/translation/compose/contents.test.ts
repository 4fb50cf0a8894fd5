/**
 * The history as Google accepts it: each step of the repair, and the reported bugs that it avoids.
 * @module
 */
import { describe, expect, it } from "vitest";
import {
  call,
  composeOptions,
  conversation,
  model,
  picture,
  result,
  signaturesOf,
  tool,
  user,
} from "../../testkit/conversation.ts";
import { signatureSentinel } from "../signatures/constants.ts";
import type { ComposeOptions } from "../types-request.ts";
import type { Turn } from "../types.ts";
import { compose } from "./compose.ts";

const old = "gemini-2.5-pro";
const current = "gemini-4-carbon";

/** Contents of a request to a model that neither wants signatures nor minds prefill, unless said otherwise. */
function contentsOf(turns: Turn[], options: Partial<ComposeOptions> = {}): unknown {
  const of = conversation({ model: old, turns });
  return compose(of, composeOptions(of, options))["contents"];
}

const says = (text: string): unknown => ({ role: "user", parts: [{ text }] });
const answers = (text: string): unknown => ({ role: "model", parts: [{ text }] });
const calls = (id: string, name: string): unknown => ({ functionCall: { id, name, args: {} } });
const gave = (id: string, name: string, output: string): unknown => ({
  functionResponse: { id, name, response: { output } },
});
const gaveNothing = (id: string, name: string): unknown => ({
  functionResponse: { id, name, response: { error: "no result: the call was interrupted" } },
});

describe("empty parts and turns", () => {
  it("bug 9: drops parts without data", () => {
    const turns = [
      user("", "hi", picture(""), { kind: "file", uri: "", mimeType: null }),
      model("", "yes"),
      user("so"),
    ];
    expect(contentsOf(turns)).toEqual([says("hi"), answers("yes"), says("so")]);
  });

  it("bug 9: drops empty turns of the model, and lets those of the user say a space", () => {
    expect(contentsOf([user("a"), model(""), user("b")])).toEqual([
      { role: "user", parts: [{ text: "a" }, { text: "b" }] },
    ]);
    expect(contentsOf([user("a"), model("b"), user()])).toEqual([says("a"), answers("b"), says(" ")]);
    expect(contentsOf([user("a"), model("b"), user(""), model("c"), user("d")])).toEqual([
      says("a"),
      answers("b"),
      says(" "),
      answers("c"),
      says("d"),
    ]);
  });

  it("has a content even when the conversation has none", () => {
    expect(contentsOf([])).toEqual([says(" ")]);
    expect(contentsOf([user("")])).toEqual([says(" ")]);
  });

  it("merges neighbours of one role, but never their parts", () => {
    expect(contentsOf([user("a", "b"), user("c"), model("d"), model("e"), user("f")])).toEqual([
      { role: "user", parts: [{ text: "a" }, { text: "b" }, { text: "c" }] },
      { role: "model", parts: [{ text: "d" }, { text: "e" }] },
      says("f"),
    ]);
  });
});

describe("calls and results", () => {
  it("bug 16: keeps text and calls of one message in one content", () => {
    const turns = [
      user("go"),
      model("I look.", call("1", "read"), call("2", "list")),
      user(result("1", "x"), result("2", "y")),
    ];
    expect(contentsOf(turns)).toEqual([
      says("go"),
      { role: "model", parts: [{ text: "I look." }, calls("1", "read"), calls("2", "list")] },
      { role: "user", parts: [gave("1", "read", "x"), gave("2", "list", "y")] },
    ]);
  });

  it("bug 11: puts all results of a step in one content, in the order of the calls, before everything else", () => {
    const turns = [
      user("go"),
      model(call("1", "read")),
      model(call("2", "list")),
      user("wait,", result("2", "y")),
      user(result("1", "x"), "and go on"),
    ];
    expect(contentsOf(turns)).toEqual([
      says("go"),
      { role: "model", parts: [calls("1", "read"), calls("2", "list")] },
      {
        role: "user",
        parts: [gave("1", "read", "x"), gave("2", "list", "y"), { text: "wait," }, { text: "and go on" }],
      },
    ]);
  });

  it("bug 11: gives calls without result one that says so", () => {
    expect(contentsOf([user("go"), model(call("1", "read"), call("2", "list")), user(result("2", "y"))])).toEqual([
      says("go"),
      { role: "model", parts: [calls("1", "read"), calls("2", "list")] },
      { role: "user", parts: [gaveNothing("1", "read"), gave("2", "list", "y")] },
    ]);
    expect(contentsOf([user("go"), model(call("1", "read")), user("stop")])).toEqual([
      says("go"),
      { role: "model", parts: [calls("1", "read")] },
      { role: "user", parts: [gaveNothing("1", "read"), { text: "stop" }] },
    ]);
    expect(contentsOf([user("go"), model(call("1", "read"))])).toEqual([
      says("go"),
      { role: "model", parts: [calls("1", "read")] },
      { role: "user", parts: [gaveNothing("1", "read")] },
    ]);
  });

  it("bug 12: turns results without call into text, at their place", () => {
    const turns = [
      user(result("9", "lost", { name: "read" }), "hi", result("8", "bad", { isError: true })),
      model("ok"),
      user("so"),
    ];
    expect(contentsOf(turns)).toEqual([
      {
        role: "user",
        parts: [
          { text: "Result of earlier tool call read: lost" },
          { text: "hi" },
          { text: "Error of an earlier tool call: bad" },
        ],
      },
      answers("ok"),
      says("so"),
    ]);
  });

  it("turns a second result of a call into text with the call's name and its pictures", () => {
    const turns = [
      user("go"),
      model(call("1", "read")),
      user(result("1", "x"), result("1", "again", { media: [picture("AAAA")] })),
    ];
    expect(contentsOf(turns)).toEqual([
      says("go"),
      { role: "model", parts: [calls("1", "read")] },
      {
        role: "user",
        parts: [
          gave("1", "read", "x"),
          { text: "Result of earlier tool call read: again" },
          { inlineData: { mimeType: "image/png", data: "AAAA" } },
        ],
      },
    ]);
  });

  it("brings a late result to its call", () => {
    const turns = [user("go"), model(call("1", "read")), user("hurry"), model("wait"), user(result("1", "x"), "so?")];
    expect(contentsOf(turns)).toEqual([
      says("go"),
      { role: "model", parts: [calls("1", "read")] },
      { role: "user", parts: [gave("1", "read", "x"), { text: "hurry" }] },
      answers("wait"),
      says("so?"),
    ]);
  });

  it("pairs ids that are used again with the call just before", () => {
    const step = (name: string, output: string): Turn[] => [model(call("c", name)), user(result("c", output))];
    expect(contentsOf([user("go"), ...step("read", "x"), ...step("list", "y")])).toEqual([
      says("go"),
      { role: "model", parts: [calls("c", "read")] },
      { role: "user", parts: [gave("c", "read", "x")] },
      { role: "model", parts: [calls("c", "list")] },
      { role: "user", parts: [gave("c", "list", "y")] },
    ]);
  });

  it("tells calls of one step apart that share an id", () => {
    const turns = [user("go"), model(call("c", "read"), call("c", "list")), user(result("c", "x"), result("c", "y"))];
    const response = contentsOf(turns) as { parts: { functionResponse: { id: string } }[] }[];
    expect(response[2]?.parts.map((part) => part.functionResponse)).toEqual([
      { id: "c", name: "read", response: { output: "x" } },
      { id: "c_2", name: "list", response: { output: "y" } },
    ]);
  });

  it("pairs by name when a client changed the id, or has none", () => {
    const turns = [
      user("go"),
      model(call("call_long", "read"), call("", "list")),
      user(result("", "y"), result("cut", "x", { name: "read" })),
    ];
    expect(contentsOf(turns)).toEqual([
      says("go"),
      { role: "model", parts: [calls("call_long", "read"), { functionCall: { name: "list", args: {} } }] },
      {
        role: "user",
        parts: [gave("call_long", "read", "x"), { functionResponse: { name: "list", response: { output: "y" } } }],
      },
    ]);
  });

  it("bug 15: names each result by its call, whatever the client says", () => {
    const turns = [user("go"), model(call("toolu_1", "read")), user(result("toolu_1", "x", { name: "toolu_1" }))];
    expect(contentsOf(turns)).toMatchObject([{}, {}, { parts: [gave("toolu_1", "read", "x")] }]);
  });

  it("bug 17: keeps calls whose arguments could not be read, with their results", () => {
    const args = { _raw: '{"path": "a' };
    const turns = [user("go"), model(call("1", "read", { args })), user(result("1", "x"))];
    expect(contentsOf(turns)).toMatchObject([
      {},
      { parts: [{ functionCall: { id: "1", name: "read", args } }] },
      { parts: [gave("1", "read", "x")] },
    ]);
  });

  it("bug 18, bug 20: leaves names and arguments alone that look like words of JSON Schema", () => {
    const args = { $ref: "#/x", ref: "a", title: "t", format: "f", default: 1, const: 2 };
    const turns = [
      user("go"),
      model(call("1", "ref", { args }), call("2", "$ref")),
      user(result("1", "x"), result("2", "y")),
    ];
    expect(contentsOf(turns)).toMatchObject([
      {},
      { parts: [{ functionCall: { name: "ref", args } }, { functionCall: { name: expect.stringMatching(/^_ref_/) } }] },
      {
        parts: [{ functionResponse: { name: "ref" } }, { functionResponse: { name: expect.stringMatching(/^_ref_/) } }],
      },
    ]);
  });

  it("bug 26: sends results as strings, also when they are JSON with $ref in it", () => {
    const json = '{"$ref":"#/definitions/x"}';
    const turns = [
      user("go"),
      model(call("1", "read"), call("2", "read"), call("3", "read")),
      user(result("1", json), result("2", json, { isError: true }), result("3", "")),
    ];
    expect(contentsOf(turns)).toMatchObject([
      {},
      {},
      {
        parts: [
          { functionResponse: { response: { output: json } } },
          { functionResponse: { response: { error: json } } },
          { functionResponse: { response: { output: "" } } },
        ],
      },
    ]);
  });

  it("bug 27: uses in the history the names under which tools are declared", () => {
    const of = conversation({
      model: old,
      tools: [tool("server/read file")],
      turns: [user("go"), model(call("1", "server/read file")), user(result("1", "x"))],
    });
    const body = compose(of, composeOptions(of)) as {
      contents: unknown;
      tools: { functionDeclarations: { name: string }[] }[];
    };
    const name = body.tools[0]?.functionDeclarations[0]?.name ?? "";
    expect(name).toMatch(/^server_read_file_[0-9a-f]{8}$/);
    expect(body.contents).toMatchObject([{}, { parts: [calls("1", name)] }, { parts: [gave("1", name, "x")] }]);
  });

  it("bug 34: puts pictures of results into the result from Gemini 3 on, and beside it before", () => {
    const media = [
      picture("AAAA"),
      picture("BBBB", "audio/wav"),
      { kind: "file" as const, uri: "https://a/b.pdf", mimeType: null },
    ];
    const turns = [
      user("go"),
      model(call("1", "see"), call("2", "see")),
      user(result("1", "x", { media }), result("2", "y"), "look"),
    ];
    const png = { inlineData: { mimeType: "image/png", data: "AAAA" } };
    const others = [
      { inlineData: { mimeType: "audio/wav", data: "BBBB" } },
      { fileData: { fileUri: "https://a/b.pdf" } },
    ];
    expect(contentsOf(turns)).toMatchObject([
      {},
      {},
      { parts: [gave("1", "see", "x"), gave("2", "see", "y"), png, ...others, { text: "look" }] },
    ]);
    const newer = contentsOf(turns, { model: current }) as { parts: unknown[] }[];
    expect(newer[2]?.parts).toEqual([
      { functionResponse: { id: "1", name: "see", response: { output: "x" }, parts: [png] } },
      gave("2", "see", "y"),
      ...others,
      { text: "look" },
    ]);
  });

  it("tells models without functions about calls in words", () => {
    const turns = [user("go"), model(call("1", "read", { args: { a: 1 } })), user(result("1", "x"))];
    expect(contentsOf(turns, { model: "gemma-3-27b-it" })).toEqual([
      says("go"),
      answers('Call of tool read: {"a":1}'),
      says("Result of earlier tool call read: x"),
    ]);
  });
});

describe("first and last content", () => {
  it("bug 13: never begins with the model", () => {
    expect(contentsOf([model("hello"), user("hi")])).toEqual([says(" "), answers("hello"), says("hi")]);
    expect(contentsOf([model(call("1", "read")), user(result("1", "x"))])).toEqual([
      says(" "),
      { role: "model", parts: [calls("1", "read")] },
      { role: "user", parts: [gave("1", "read", "x")] },
    ]);
  });

  it("bug 14: never ends with a model that does not go on with its own words", () => {
    const turns = [user("hi"), model("The answer is")];
    expect(contentsOf(turns, { model: "gemini-3.6-flash" })).toEqual([says("hi"), answers("The answer is")]);
    for (const newer of ["gemini-3.7-flash", current, "gemini-pro-latest", "unheard-of"]) {
      expect(contentsOf(turns, { model: newer })).toEqual([says("hi"), answers("The answer is"), says("Continue.")]);
    }
  });
});

describe("signatures", () => {
  const signatures = signaturesOf({ calls: { call_1_sig_abc: "S1", call_2: "S2" }, texts: { "The end": "ST" } });

  it("sends ids without what was put into them, on both sides, and the signature on the call", () => {
    const turns = [user("go"), model(call("call_1_sig_abc", "read")), user(result("call_1_sig_abc", "x"))];
    expect(contentsOf(turns, { signatures })).toEqual([
      says("go"),
      { role: "model", parts: [{ functionCall: { id: "call_1", name: "read", args: {} }, thoughtSignature: "S1" }] },
      { role: "user", parts: [gave("call_1", "read", "x")] },
    ]);
  });

  it("hands the signature that stands beside a call to the reader", () => {
    const turns = [user("go"), model(call("9", "read", { signature: "beside" })), user(result("9", "x"))];
    expect(contentsOf(turns, { signatures })).toMatchObject([{}, { parts: [{ thoughtSignature: "beside" }] }, {}]);
  });

  it("puts the signature of a text on the last text of the model's turn only", () => {
    const turns = [user("The end"), model("The end", "The end"), model("The end"), user("The end")];
    expect(contentsOf(turns, { signatures })).toEqual([
      says("The end"),
      {
        role: "model",
        parts: [
          { text: "The end" },
          { text: "The end", thoughtSignature: "ST" },
          { text: "The end", thoughtSignature: "ST" },
        ],
      },
      says("The end"),
    ]);
  });

  const agent: Turn[] = [
    user("first"),
    model(call("a", "read")),
    user(result("a", "x")),
    model("done"),
    user("second"),
    model(call("b", "read"), call("c", "read")),
    user(result("b", "x"), result("c", "y")),
    model("thinking aloud", call("call_2", "read")),
    user(result("call_2", "z")),
    model(call("e", "read")),
    user(result("e", "z")),
  ];

  it("bug 28: puts the sentinel on the first call of each step of the current turn that nobody has a signature of", () => {
    const signed = (options: Partial<ComposeOptions>): unknown[] =>
      (contentsOf(agent, options) as { parts: { functionCall?: { id: string }; thoughtSignature?: string }[] }[])
        .flatMap((content) => content.parts)
        .filter((part) => part.functionCall !== undefined)
        .map((part) => [part.functionCall?.id, part.thoughtSignature]);
    expect(signed({ model: current, signatures })).toEqual([
      ["a", undefined],
      ["b", signatureSentinel],
      ["c", undefined],
      ["call_2", "S2"],
      ["e", signatureSentinel],
    ]);
    expect(signed({ model: old, signatures })).toEqual([
      ["a", undefined],
      ["b", undefined],
      ["c", undefined],
      ["call_2", "S2"],
      ["e", undefined],
    ]);
  });

  it("bug 28: begins the current turn with results that come with words of the user", () => {
    const turns = [user("go"), model(call("a", "read")), user(result("a", "x"), "and now?")];
    expect(contentsOf(turns, { model: current })).toEqual([
      says("go"),
      { role: "model", parts: [calls("a", "read")] },
      { role: "user", parts: [gave("a", "read", "x"), { text: "and now?" }] },
    ]);
  });

  it("keeps a real signature on a later call of a step, and sends the sentinel on the first", () => {
    const turns = [
      user("go"),
      model(call("a", "read"), call("call_2", "read")),
      user(result("a", "x"), result("call_2", "y")),
    ];
    expect(contentsOf(turns, { model: current, signatures })).toMatchObject([
      {},
      { parts: [{ thoughtSignature: signatureSentinel }, { thoughtSignature: "S2" }] },
      {},
    ]);
  });

  it("signs the model's own pictures for image models, and nothing for models without signatures", () => {
    const turns = [user("draw"), model("here", picture("AAAA")), user("bigger", picture("BBBB"))];
    const image = contentsOf(turns, { model: "gemini-3-pro-image" }) as { parts: { thoughtSignature?: string }[] }[];
    expect(image.map((content) => content.parts.map((part) => part.thoughtSignature))).toEqual([
      [undefined],
      [undefined, signatureSentinel],
      [undefined, undefined],
    ]);
    const gemma = contentsOf([user("go"), model("The end", call("call_2", "read")), user(result("call_2", "x"))], {
      model: "gemma-4-31b-it",
      signatures,
    });
    expect(JSON.stringify(gemma)).not.toContain("thoughtSignature");
  });
});
