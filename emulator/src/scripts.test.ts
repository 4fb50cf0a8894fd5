/** @module Tests of scripts over real HTTP: a queue, conditions, what an agent program does between its steps. */

import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { startEmulator } from "./emulator.ts";
import { at, call, to } from "./test-client.ts";

const emulator = await startEmulator();
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

const tools = [{ functionDeclarations: [{ name: "read_file" }, { name: "edit" }] }];
type Turn = { role: string; parts: Record<string, unknown>[] };
const user = (text: string): Turn => ({ role: "user", parts: [{ text }] });
const result = (name: string): Turn => ({ role: "user", parts: [{ functionResponse: { name, response: {} } }] });

const ask = async (contents: Turn[], more: object = { tools }): Promise<unknown> =>
  (await call(emulator, { path: to("gemini-2.5-pro"), body: { contents, ...more } })).json();
const textOf = (answer: unknown): unknown => at(answer, "candidates.0.content.parts.0.text");
const control = async (body: unknown): Promise<{ status: number; body: unknown }> => {
  const response = await fetch(`${emulator.url}/_emulator/script`, { method: "POST", body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
};

describe("a script", () => {
  it("leads an agent through its steps, whatever else it asks in between", async () => {
    await control([
      { when: { hasTool: false }, repeat: true, parts: [{ text: "a title" }] },
      {
        when: { hasTool: "read_file", hasToolResult: "" },
        parts: [{ functionCall: { name: "read_file", args: { path: "a" } } }],
      },
      { when: { hasToolResult: "read_file" }, parts: [{ functionCall: { name: "edit", args: {} } }] },
      { when: { hasToolResult: "edit" }, parts: [{ text: "done" }] },
    ]);
    const contents = [user("please edit a")];
    expect(textOf(await ask(contents, {}))).toBe("a title");
    for (const name of ["read_file", "edit"]) {
      const answer = await ask(contents);
      expect(at(answer, "candidates.0.content.parts.0.functionCall.name")).toBe(name);
      expect(textOf(await ask([user("name this")], {}))).toBe("a title");
      contents.push(at(answer, "candidates.0.content") as Turn, result(name));
    }
    expect(textOf(await ask(contents))).toBe("done");
    expect(textOf(await ask(contents))).toContain("The function answered");
    expect(await (await fetch(`${emulator.url}/_emulator/script`)).json()).toEqual({ left: 0 });
  });

  it("is told apart by texts, expressions, models, surfaces, paths and counts of results", async () => {
    emulator.script(
      { when: { surface: "openai" }, parts: [{ text: "openai" }] },
      { when: { path: "streamGenerate" }, parts: [{ text: "path" }] },
      { when: { stream: true }, parts: [{ text: "stream" }] },
      { when: { model: "models/gemini-2.5-flash" }, parts: [{ text: "flash" }] },
      { when: { systemText: "be brief" }, parts: [{ text: "brief" }] },
      { when: { toolResults: 1 }, parts: [{ text: "one result" }] },
      { when: { lastUserText: /^HELLO/i }, parts: [{ text: "expression" }] },
      { when: { lastUserText: "b" }, parts: [{ text: "text" }] },
    );
    await control({ when: { lastUserText: { regex: "^c+$", flags: "g" } }, repeat: true, parts: [{ text: "json" }] });
    const called = { role: "model", parts: [{ functionCall: { name: "edit", args: {} } }] };
    expect(textOf(await ask([user("hello")]))).toBe("expression");
    expect(textOf(await ask([user("abc")]))).toBe("text");
    expect(textOf(await ask([user("ccc")]))).toBe("json");
    expect(textOf(await ask([user("ccc")]))).toBe("json");
    expect(textOf(await ask([user("x"), called, result("edit")]))).toBe("one result");
    expect(textOf(await ask([user("x")], { systemInstruction: { parts: [{ text: "be brief, please" }] } }))).toBe(
      "brief",
    );
    const flash = await call(emulator, { path: to("gemini-2.5-flash"), body: { contents: [user("x")] } });
    expect(textOf(await flash.json())).toBe("flash");
    const streamed = await call(emulator, {
      path: to("gemini-2.5-pro", "streamGenerateContent"),
      body: { contents: [user("x")] },
    });
    expect(textOf(((await streamed.json()) as unknown[])[0])).toBe("path");
    const chat = await call(emulator, {
      path: "/v1beta/openai/chat/completions",
      body: { model: "gemini-2.5-pro", messages: [{ role: "user", content: "x" }] },
    });
    expect(at(await chat.json(), "choices.0.message.content")).toBe("openai");
    expect(await (await fetch(`${emulator.url}/_emulator/script`)).json()).toEqual({ left: 1 });
  });

  it("is refused when it could never be right, and nothing of it is queued", async () => {
    const good = { parts: [{ text: "good" }] };
    expect(await control([good, { when: { lastText: "x" } }])).toEqual({
      status: 400,
      body: { error: "Unknown script condition: lastText" },
    });
    expect((await control({ when: { lastUserText: { regex: "(" } } })).body).toEqual({ error: "Not an expression: (" });
    expect((await control({ when: { lastUserText: 7 } })).status).toBe(400);
    expect(textOf(await ask([user("hi")]))).toContain("You said");
  });
});
