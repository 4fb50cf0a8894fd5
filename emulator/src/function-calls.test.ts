/** @module Tests of function calls, their turns and their signatures over real HTTP. */

import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { DEFAULT_KEY, startEmulator } from "./emulator.ts";
import { at, call, prompt, to } from "./test-client.ts";

const emulator = await startEmulator({
  projects: [
    { id: "projects/1001", keys: [{ key: DEFAULT_KEY }], tier: "unlimited" },
    { id: "projects/2002", keys: [{ key: "AQ.other" }], tier: "unlimited" },
  ],
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

describe("function calls", () => {
  const tools = [
    {
      functionDeclarations: [
        { name: "get_weather", parameters: { type: "OBJECT", properties: { city: { type: "STRING" } } } },
        { name: "get" },
      ],
    },
  ];
  const ask = async (
    body: unknown,
    model = "gemini-3.8-flash",
    key = DEFAULT_KEY,
  ): Promise<{ status: number; body: unknown }> => {
    const response = await call(emulator, { path: to(model), body, key });
    return { status: response.status, body: await response.json() };
  };

  it("calls what the prompt says, with the JSON that follows, an id and a signature", async () => {
    const { body } = await ask(prompt('please call get_weather {"city": "Oslo"} now', { tools }));
    expect(at(body, "candidates.0.content.parts")).toEqual([
      {
        functionCall: { id: expect.stringMatching(/^[a-z\d]{8}$/), name: "get_weather", args: { city: "Oslo" } },
        thoughtSignature: expect.any(String),
      },
    ]);
    expect(at(body, "candidates.0.finishReason")).toBe("STOP");
  });

  it("calls with mode ANY unasked, within allowedFunctionNames, and never with NONE", async () => {
    const config = (mode: string): object => ({
      toolConfig: { functionCallingConfig: { mode, allowedFunctionNames: ["get"] } },
    });
    const any = await ask(prompt("hi", { tools, ...config("ANY") }));
    expect(at(any.body, "candidates.0.content.parts.0.functionCall.name")).toBe("get");
    const none = await ask(prompt("call get", { tools, ...config("NONE") }));
    expect(at(none.body, "candidates.0.content.parts.0.functionCall")).toBeUndefined();
  });

  it("gives older models neither id nor signature", async () => {
    const { body } = await ask(prompt("call get", { tools }), "gemini-2.5-flash");
    expect(at(body, "candidates.0.content.parts")).toEqual([{ functionCall: { name: "get", args: {} } }]);
  });

  it("quotes the result, then accepts the signature only from its own project", async () => {
    const first = await ask(prompt("call get_weather", { tools }));
    const called = at(first.body, "candidates.0.content") as { parts: { functionCall: { id: string } }[] };
    const id = called.parts[0]?.functionCall.id;
    const followUp = (content: unknown): object => ({
      tools,
      contents: [
        { role: "user", parts: [{ text: "call get_weather" }] },
        content,
        { role: "user", parts: [{ functionResponse: { id, name: "get_weather", response: { sky: "blue" } } }] },
      ],
    });
    const quoted = await ask(followUp(called));
    expect(at(quoted.body, "candidates.0.content.parts.0.text")).toBe(
      'The function answered: get_weather → {"sky":"blue"}',
    );
    const foreign = await ask(followUp(called), "gemini-3.8-flash", "AQ.other");
    expect(foreign).toMatchObject({ status: 400, body: { error: { message: "Corrupted thought signature." } } });
    const [part] = called.parts;
    const without = { role: "model", parts: [{ functionCall: part?.functionCall }] };
    const missing = await ask(followUp(without));
    expect(missing.status).toBe(400);
    expect(at(missing.body, "error.message")).toMatch(
      /^Function call is missing a thought_signature in functionCall parts\. .*function call `default_api:get_weather` , position 2\. Please refer/,
    );
    const sentinel = { role: "model", parts: [{ ...part, thoughtSignature: "skip_thought_signature_validator" }] };
    expect((await ask(followUp(sentinel))).status).toBe(200);
    expect((await ask(followUp(without), "gemini-2.5-flash")).status).toBe(200);
  });

  it("wants signatures of the current turn only", async () => {
    const contents = [
      { role: "user", parts: [{ text: "call get" }] },
      { role: "model", parts: [{ functionCall: { name: "get", args: {} } }] },
      { role: "user", parts: [{ functionResponse: { name: "get", response: {} } }] },
      { role: "model", parts: [{ text: "done" }] },
      { role: "user", parts: [{ text: "thanks" }] },
    ];
    expect((await ask({ contents, tools })).status).toBe(200);
  });

  it("refuses turns that do not fit together", async () => {
    const user = { role: "user", parts: [{ text: "x" }] };
    const model = {
      role: "model",
      parts: [{ functionCall: { name: "get", args: {} }, thoughtSignature: "skip_thought_signature_validator" }],
    };
    const result = { role: "user", parts: [{ functionResponse: { name: "get", response: {} } }] };
    const message = async (contents: unknown[]): Promise<unknown> =>
      at((await ask({ contents, tools })).body, "error.message");
    expect(await message([user, model, user])).toContain("number of function response parts is equal");
    expect(await message([result])).toContain("number of function response parts is equal");
    expect(await message([model, result])).toContain("function call turn comes immediately after a user turn");
  });
});
