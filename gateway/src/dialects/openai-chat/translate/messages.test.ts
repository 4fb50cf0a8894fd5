import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chatFacts, chatWriter, goodEnd, writeAnswer } from "../../../testkit/any-chat-answer.ts";
import type { Conversation, JsonObject, RequestProblem, Turn } from "../../../translation/types.ts";
import { translateChatRequest } from "./translate-request.ts";

const png = "iVBORw0KGgoAAAANSUhEUg==";
const jpeg = "/9j/4AAQSkZJRg==";

function read(...messages: unknown[]): Conversation {
  const translation = translateChatRequest({ model: "m", messages }, { includeThoughts: true });
  if (!translation.ok) throw new Error(JSON.stringify(translation.problem));
  return translation.conversation;
}

function problemOf(...messages: unknown[]): RequestProblem | null {
  const translation = translateChatRequest({ model: "m", messages }, { includeThoughts: true });
  return translation.ok ? null : translation.problem;
}

function partsOf(content: unknown): Turn["parts"] | undefined {
  return read({ role: "user", content }).turns[0]?.parts;
}

const callOf = (more: JsonObject, called: JsonObject = {}): JsonObject => ({
  role: "assistant",
  content: null,
  tool_calls: [{ id: "call_1", type: "function", function: { name: "f", arguments: "{}", ...called }, ...more }],
});

describe("instructions", () => {
  it("that lead are the system's, all of them, of both roles and in arrays too", () => {
    const { system, turns } = read(
      { role: "system", content: "One" },
      { role: "developer", content: [{ type: "text", text: "Two" }, "Three"] },
      { role: "system", content: "" },
      { role: "user", content: "Hi" },
    );
    expect(system).toEqual(["One", "Two", "Three"]);
    expect(turns).toEqual([{ role: "user", parts: [{ kind: "text", text: "Hi" }] }]);
  });

  it("that come later stay at their place as a reminder", () => {
    const { system, turns } = read(
      { role: "user", content: "Hi" },
      { role: "system", content: "Be brief" },
      { role: "assistant", content: "Yes" },
    );
    expect(system).toEqual([]);
    expect(turns[1]).toEqual({
      role: "user",
      parts: [{ kind: "text", text: "<system-reminder>\nBe brief\n</system-reminder>" }],
    });
  });

  it("have no pictures", () => {
    const content = [{ type: "image_url", image_url: { url: `data:image/png;base64,${png}` } }];
    expect(problemOf({ role: "system", content })).toMatchObject({
      code: "field_unsupported",
      field: "messages[0].content",
    });
  });
});

describe("content", () => {
  it("is a string, null or an array in each role; empty texts are no parts (bugs 9, 16)", () => {
    expect(partsOf("Hi")).toEqual([{ kind: "text", text: "Hi" }]);
    for (const empty of [null, "", [], [{ type: "text", text: "" }], undefined]) expect(partsOf(empty)).toEqual([]);
    const content = [
      { type: "text", text: "a" },
      { type: "refusal", refusal: "no" },
    ];
    for (const role of ["user", "assistant"])
      expect(read({ role, content }).turns[0]?.parts).toEqual([
        { kind: "text", text: "a" },
        { kind: "text", text: "no" },
      ]);
  });

  it("has pictures as data, whatever type they are said to be", () => {
    const url = (text: string) => partsOf([{ type: "image_url", image_url: { url: text, detail: "high" } }])?.[0];
    expect(url(`data:image/png;base64,${png}`)).toEqual({ kind: "media", mimeType: "image/png", data: png });
    expect(url(`DATA:image/JPG;charset=x;BASE64,${jpeg.slice(0, 6)}\n ${jpeg.slice(6)}`)).toEqual({
      kind: "media",
      mimeType: "image/jpeg",
      data: jpeg,
    });
    expect(url(`data:image/png;base64,${jpeg}`)).toMatchObject({ mimeType: "image/jpeg" });
    expect(url(`data:;base64,${png}`)).toMatchObject({ mimeType: "image/png" });
    expect(url("data:image/heic;base64,AAAA-_8=")).toEqual({ kind: "media", mimeType: "image/heic", data: "AAAA+/8=" });
    expect(url("data:image/svg+xml,%3Csvg%2F%3E")).toEqual({
      kind: "media",
      mimeType: "image/svg+xml",
      data: btoa("<svg/>"),
    });
    const webp = Buffer.from("RIFF\u0001\u0002\u0003\u0004WEBPVP8 ", "latin1").toString("base64");
    expect(url(`data:image/png;base64,${webp}`)).toMatchObject({ mimeType: "image/webp" });
  });

  it("has addresses that Google fetches", () => {
    const cases: [string, string | null][] = [
      ["https://example.com/a/cat.JPG?x=1.png", "image/jpeg"],
      ["https://example.com/cat", null],
      ["gs://bucket/film.mp4", "video/mp4"],
      ["files/abc-123", null],
      ["https://generativelanguage.googleapis.com/v1beta/files/abc", null],
      ["http://127.0.0.1:9/v1beta/files/abc", null],
    ];
    for (const [uri, mimeType] of cases) {
      expect(partsOf([{ type: "image_url", image_url: { url: uri } }])).toEqual([{ kind: "file", uri, mimeType }]);
      expect(partsOf([{ type: "image_url", image_url: uri }])).toEqual([{ kind: "file", uri, mimeType }]);
    }
    expect(partsOf([{ type: "video_url", video_url: { url: "https://youtu.be/x" } }])).toEqual([
      { kind: "file", uri: "https://youtu.be/x", mimeType: null },
    ]);
  });

  it("has sound and files", () => {
    const sound = (format: string) =>
      partsOf([{ type: "input_audio", input_audio: { data: "UklGRg==", format } }])?.[0];
    expect(sound("wav")).toEqual({ kind: "media", mimeType: "audio/wav", data: "UklGRg==" });
    expect(sound("mp3")).toMatchObject({ mimeType: "audio/mp3" });
    expect(sound("m4a")).toMatchObject({ mimeType: "audio/mp4" });
    const file = (value: JsonObject) => partsOf([{ type: "file", file: value }])?.[0];
    const pdf = btoa("%PDF-1.7 x");
    expect(file({ filename: "a.pdf", file_data: `data:application/pdf;base64,${pdf}` })).toEqual({
      kind: "media",
      mimeType: "application/pdf",
      data: pdf,
    });
    expect(file({ filename: "a.pdf", file_data: pdf })).toMatchObject({ mimeType: "application/pdf" });
    expect(file({ file_data: pdf })).toMatchObject({ mimeType: "application/pdf" });
    expect(file({ filename: "a.csv", file_data: btoa("a,b") })).toMatchObject({ kind: "media", mimeType: "text/csv" });
    expect(file({ filename: "a.json", file_data: btoa('{"a":1}') })).toEqual({
      kind: "text",
      text: 'a.json:\n{"a":1}',
    });
    expect(file({ filename: "a.rs", file_data: btoa("fn main()") })).toEqual({
      kind: "text",
      text: "a.rs:\nfn main()",
    });
    expect(file({ file_id: "files/abc" })).toEqual({ kind: "file", uri: "files/abc", mimeType: null });
    expect(file({ file_data: "https://example.com/a.pdf" })).toMatchObject({ mimeType: "application/pdf" });
  });

  it.each<[unknown, string, RequestProblem["code"]]>([
    [{ type: "image_url", image_url: { url: "http://example.com/a.png" } }, "image_url.url", "field_unsupported"],
    [{ type: "image_url", image_url: { url: "ftp://x" } }, "image_url.url", "field_invalid"],
    [{ type: "image_url", image_url: {} }, "image_url.url", "field_invalid"],
    [{ type: "image_url", image_url: { url: "data:image/png;base64," } }, "image_url.url", "field_invalid"],
    [{ type: "image_url", image_url: { url: "data:image/png;base64,%%%" } }, "image_url.url", "field_invalid"],
    [{ type: "image_url", image_url: { url: "data:nonsense" } }, "image_url.url", "field_invalid"],
    [{ type: "input_audio", input_audio: { data: "AAAA", format: "midi" } }, "input_audio.format", "field_unsupported"],
    [{ type: "input_audio", input_audio: {} }, "input_audio.data", "field_invalid"],
    [{ type: "file", file: {} }, "file", "field_invalid"],
    [{ type: "file", file: { file_id: "file-abc" } }, "file.file_id", "field_invalid"],
    [{ type: "text", text: 5 }, "text", "field_invalid"],
  ])("that is wrong is named: %j", (part, field, code) => {
    const problem = problemOf({ role: "user", content: "Hi" }, { role: "user", content: [part] });
    expect([problem?.code, problem?.field]).toEqual([code, `messages[1].content[0].${field}`]);
  });
});

describe("the assistant's messages", () => {
  it("keep the text beside calls, text first (bug 16)", () => {
    const message = { ...callOf({}), content: [{ type: "text", text: "Let me see" }] };
    expect(read(message).turns[0]).toEqual({
      role: "model",
      parts: [
        { kind: "text", text: "Let me see" },
        { kind: "call", id: "call_1", name: "f", args: {}, signature: null },
      ],
    });
  });

  it.each<[unknown, JsonObject]>([
    ['{"a":1}', { a: 1 }],
    ["", {}],
    ["  ", {}],
    [null, {}],
    [undefined, {}],
    ["null", {}],
    ['{"a":', { _raw: '{"a":' }],
    ["[1,2]", { value: [1, 2] }],
    ["5", { value: 5 }],
    [{ a: 1 }, { a: 1 }],
    ['{"title":"t","format":"f","default":null}', { title: "t", format: "f", default: null }],
  ])("never lose a call for its arguments: %j (bug 17)", (value, args) => {
    const [turn, result] = read(callOf({}, { arguments: value }), {
      role: "tool",
      tool_call_id: "call_1",
      content: "ok",
    }).turns;
    expect(turn?.parts).toEqual([{ kind: "call", id: "call_1", name: "f", args, signature: null }]);
    expect(result?.parts[0]).toMatchObject({ kind: "result", id: "call_1" });
  });

  it("never send thoughts as text", () => {
    const message = {
      role: "assistant",
      content: [
        { type: "thinking", thinking: "secret" },
        { type: "text", text: "Yes" },
      ],
      reasoning_content: "secret",
      reasoning: "secret",
    };
    expect(read(message).turns).toEqual([{ role: "model", parts: [{ kind: "text", text: "Yes" }] }]);
  });

  it("bring signatures back from beside the call and from the details (bug 28)", () => {
    const extra_content = { google: { thought_signature: "Sig+/a==" } };
    expect(read(callOf({ extra_content })).turns[0]?.parts[0]).toMatchObject({ signature: "Sig+/a==" });
    const details = [
      { type: "reasoning.text", text: "secret" },
      { type: "reasoning.encrypted", id: "call_1", data: "Sig+/b==", format: "google-gemini-v1" },
      { type: "reasoning.encrypted", id: "call_2", data: "gp1.abc", format: "google-gemini-v1" },
      { type: "reasoning.encrypted", id: "call_1", data: "foreign", format: "openai-responses-v1" },
    ];
    const { turns, carriers } = read({ ...callOf({}), reasoning_details: details });
    expect(turns[0]?.parts[0]).toMatchObject({ signature: "Sig+/b==" });
    expect(carriers).toEqual(["gp1.abc"]);
  });

  it("have custom calls, pictures, refusals and calls of the older form", () => {
    const message = {
      role: "assistant",
      content: "Here",
      refusal: "No",
      audio: { id: "audio_1" },
      images: [{ type: "image_url", image_url: { url: `data:image/png;base64,${png}` } }],
      tool_calls: [{ id: "c", type: "custom", custom: { name: "patch", input: "*** Begin" } }],
    };
    expect(read(message).turns[0]?.parts).toEqual([
      { kind: "text", text: "Here" },
      { kind: "text", text: "No" },
      { kind: "media", mimeType: "image/png", data: png },
      { kind: "call", id: "c", name: "patch", args: { input: "*** Begin" }, signature: null },
    ]);
    const legacy = { role: "assistant", content: null, function_call: { name: "f", arguments: '{"a":1}' } };
    const { turns } = read(legacy, { role: "function", name: "f", content: "42" });
    expect(turns[0]?.parts[0]).toMatchObject({ kind: "call", name: "f", args: { a: 1 } });
    expect(turns[1]?.parts[0]).toMatchObject({ kind: "result", name: "f", text: "42" });
    const ids = turns.flatMap(({ parts }) => parts.map((part) => ("id" in part ? part.id : null)));
    expect(ids[0]).toBe(ids[1]);
  });

  it("are refused with a call that has no name", () => {
    expect(problemOf(callOf({}, { name: "" }))?.field).toBe("messages[0].tool_calls[0]");
  });
});

describe("results", () => {
  const resultOf = (message: JsonObject): unknown => read(callOf({}), message).turns[1]?.parts[0];

  it("take their name from the call, never from the id or from what the message says (bug 15)", () => {
    const message = { role: "tool", tool_call_id: "call_1", name: "call_1", content: "ok" };
    expect(resultOf(message)).toEqual({
      kind: "result",
      id: "call_1",
      name: null,
      text: "ok",
      isError: false,
      media: [],
    });
  });

  it("may be arrays with pictures (bugs 16, 34)", () => {
    const content = [
      { type: "text", text: "a" },
      { type: "text", text: "b" },
      { type: "image_url", image_url: { url: `data:image/png;base64,${png}` } },
    ];
    expect(resultOf({ role: "tool", tool_call_id: "call_1", content })).toMatchObject({
      text: "a\nb",
      media: [{ kind: "media", mimeType: "image/png", data: png }],
    });
    expect(resultOf({ role: "tool", tool_call_id: "call_1", content: null })).toMatchObject({ text: "" });
    expect(resultOf({ role: "tool", tool_call_id: "call_1", content: { a: 1 } })).toMatchObject({ text: '{"a":1}' });
  });

  it("without a call are kept, with their name, for the history's repair (bug 12)", () => {
    const orphan = { role: "tool", tool_call_id: "gone", name: "old", content: "ok" };
    expect(read(orphan).turns).toEqual([
      { role: "user", parts: [{ kind: "result", id: "gone", name: "old", text: "ok", isError: false, media: [] }] },
    ]);
  });

  it("without an id go to the last call of their name, else they are refused", () => {
    expect(resultOf({ role: "tool", name: "f", content: "ok" })).toMatchObject({ id: "call_1" });
    expect(problemOf(callOf({}), { role: "tool", content: "ok" })?.field).toBe("messages[1].tool_call_id");
    expect(problemOf({ role: "function", content: "ok" })?.field).toBe("messages[0].name");
  });
});

describe("a history", () => {
  it("keeps order, ids, names, arguments and texts of any conversation", () => {
    const text = fc.string({ minLength: 1 });
    const step = fc.record({
      said: text,
      calls: fc.array(
        fc.dictionary(
          text.filter((key) => key !== "__proto__"),
          fc.jsonValue({ maxDepth: 1 }),
        ),
        {
          maxLength: 3,
        },
      ),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 5 }), (steps) => {
        const messages = steps.flatMap(({ said, calls }, at) => [
          { role: "user", content: said },
          {
            role: "assistant",
            content: said,
            tool_calls: calls.map((args, index) => ({
              id: `call_${at}_${index}`,
              type: "function",
              function: { name: `f${index}`, arguments: JSON.stringify(args) },
            })),
          },
          ...calls.map((_, index) => ({ role: "tool", tool_call_id: `call_${at}_${index}`, content: said })),
        ]);
        const expected = steps.flatMap(({ said, calls }, at) => [
          { kind: "text", text: said },
          { kind: "text", text: said },
          ...calls.map((args, index) => ({
            kind: "call",
            id: `call_${at}_${index}`,
            name: `f${index}`,
            args: JSON.parse(JSON.stringify(args)) as JsonObject,
            signature: null,
          })),
          ...calls.map((_, index) => ({
            kind: "result",
            id: `call_${at}_${index}`,
            name: null,
            text: said,
            isError: false,
            media: [],
          })),
        ]);
        expect(read(...messages).turns.flatMap(({ parts }) => parts)).toEqual(expected);
      }),
    );
  });

  it("that repeats an answer of ours has its text, pictures, calls and signatures", () => {
    const writer = chatWriter({ tools: [{ type: "custom", custom: { name: "patch" } }] }, chatFacts());
    const [, , , , , , body = ""] = writeAnswer(writer, {
      events: [
        { kind: "thought", text: "Hm", signature: null },
        { kind: "text", text: "Here", signature: null },
        { kind: "media", mimeType: "image/png", data: png, signature: null },
        { kind: "call", id: null, name: "f", args: { a: 1 }, signature: "Sig+/a==" },
        { kind: "call", id: null, name: "patch", args: { input: "x" }, signature: null },
      ],
      end: goodEnd,
    });
    const { choices } = JSON.parse(body) as { choices: [{ message: JsonObject }] };
    const { turns, carriers } = read({ role: "user", content: "Hi" }, choices[0].message);
    expect(turns[1]?.parts).toEqual([
      { kind: "text", text: "Here" },
      { kind: "media", mimeType: "image/png", data: png },
      { kind: "call", id: "call_1", name: "f", args: { a: 1 }, signature: "Sig+/a==" },
      { kind: "call", id: "call_2", name: "patch", args: { input: "x" }, signature: null },
    ]);
    expect(carriers).toEqual(["gp1.1"]);
  });
});
