import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { FOREIGN, MINE, MINE_TOO, ask, startTwoProjects, upload } from "../resources/test-projects.ts";
import { at, call } from "../test-client.ts";

const emulator = await startTwoProjects({
  models: [{ name: "gemini-4-argon", outputTokensPerCall: 60, answer: { characters: 400, chunks: 8 } }],
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

const MODEL = "gemini-3.8-flash";
const TOOL = { type: "function", name: "lookUp", description: "d", parameters: { type: "object", properties: {} } };
const create = (body: Record<string, unknown>, key = MINE): ReturnType<typeof ask> =>
  ask(emulator, "interactions", { body: { model: MODEL, ...body }, key });
const idOf = ({ body }: { body: unknown }): string => String(at(body, "id"));
const stepsOf = ({ body }: { body: unknown }): Record<string, unknown>[] =>
  at(body, "steps") as Record<string, unknown>[];
const textOf = (answer: { body: unknown }): unknown =>
  at(
    stepsOf(answer).find(({ type }) => type === "model_output"),
    "content.0.text",
  );

/** The events of a stream, and what ends it. */
const events = async (path: string, body?: unknown, key = MINE): Promise<Record<string, unknown>[]> => {
  const response = await call(emulator, { path: `/v1beta/${path}`, ...(body === undefined ? {} : { body }), key });
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const text = await response.text();
  expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  return text
    .split("\n\n")
    .slice(0, -2)
    .map((event) => JSON.parse(event.replace(/^data: /, "")) as Record<string, unknown>);
};

describe("an interaction", () => {
  it("answers a text with steps and usage, in snake_case, and is billed as it says", async () => {
    const answer = await create({ input: "12345678" });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        id: expect.stringMatching(/^v1_/),
        object: "interaction",
        status: "completed",
        model: MODEL,
        service_tier: "standard",
        created: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      },
    });
    expect(stepsOf(answer).map(({ type }) => type)).toEqual(["thought", "model_output"]);
    expect(textOf(answer)).toContain("You said: “12345678”");
    const usage = at(answer.body, "usage") as Record<string, number>;
    expect(usage).toMatchObject({ total_input_tokens: 2, total_cached_tokens: 0, total_tool_use_tokens: 0 });
    expect(usage["input_tokens_by_modality"]).toEqual([{ modality: "text", tokens: 2 }]);
    const [entry] = emulator.record();
    expect(entry).toMatchObject({ operation: "interactions.create", model: MODEL, stream: false });
    expect(entry?.usage).toMatchObject({
      prompt: usage["total_input_tokens"],
      candidates: usage["total_output_tokens"],
      thoughts: usage["total_thought_tokens"],
      total: usage["total_tokens"],
    });
  });

  it("takes content, a list of content, and steps", async () => {
    const image = { type: "image", mime_type: "image/png", data: "AAAA" };
    const inputs = [
      { type: "text", text: "one" },
      [{ type: "text", text: "one" }, image],
      [{ type: "user_input", content: [{ type: "text", text: "one" }] }],
      [{ role: "user", content: "zero" }, { role: "model", content: "nothing" }, "one"],
    ];
    for (const input of inputs) expect(textOf(await create({ input }))).toContain("You said: “one”");
    const seen = await create({ input: inputs[1] });
    expect(at(seen.body, "usage.input_tokens_by_modality")).toEqual([
      { modality: "text", tokens: 1 },
      { modality: "image", tokens: 258 },
    ]);
  });

  it("streams the same as events: created, status, steps, completed, [DONE]", async () => {
    const told = await events("interactions", { model: MODEL, input: "hello", stream: true });
    const types = told.map((event) => event["event_type"]);
    expect(types.slice(0, 2)).toEqual(["interaction.created", "interaction.status_update"]);
    expect(types.at(-1)).toBe("interaction.completed");
    expect(told.map((event) => at(event, "delta.type")).filter(Boolean)).toEqual([
      "thought_signature",
      ...told.filter((event) => at(event, "delta.type") === "text").map(() => "text"),
    ]);
    const id = String(at(told[0], "interaction.id"));
    const whole = await ask(emulator, `interactions/${id}`, { key: MINE_TOO });
    const deltas = told.map((event) => at(event, "delta.text")).filter((text) => typeof text === "string");
    expect(deltas.length).toBeGreaterThan(3);
    expect(textOf(whole)).toBe(deltas.join(""));
    expect(at(told.at(-1), "interaction.usage")).toEqual(at(whole.body, "usage"));
    expect(emulator.record()[0]).toMatchObject({
      stream: true,
      usage: { total: at(whole.body, "usage.total_tokens") },
    });
    expect(emulator.record()[1]).toMatchObject({ operation: "interactions.get", usage: null });
  });

  it("can be told again from any event on", async () => {
    const told = await events("interactions", { model: MODEL, input: "hello", stream: true });
    const id = String(at(told[0], "interaction.id"));
    expect(await events(`interactions/${id}?stream=true`)).toEqual(told);
    const after = String(told[3]?.["event_id"]);
    expect(await events(`interactions/${id}?stream=true&last_event_id=${after}`)).toEqual(told.slice(4));
    const lost = await ask(emulator, `interactions/${id}?stream=true&last_event_id=nothing`);
    expect(lost).toMatchObject({ status: 400, body: { error: { code: "invalid_request" } } });
  });

  it("calls functions and goes on with their results", async () => {
    const first = await create({ input: 'call lookUp {"city":"Bern"}', tools: [TOOL] });
    expect(at(first.body, "status")).toBe("requires_action");
    const step = stepsOf(first).find(({ type }) => type === "function_call");
    expect(step).toMatchObject({ name: "lookUp", arguments: { city: "Bern" }, signature: "" });
    const result = { type: "function_result", call_id: step?.["id"], result: { sun: true } };
    const second = await create({ input: [result], tools: [TOOL], previous_interaction_id: idOf(first) });
    expect(textOf(second)).toContain('lookUp → {"sun":true}');
    const streamed = await events("interactions", { model: MODEL, input: "call lookUp", tools: [TOOL], stream: true });
    const start = streamed.find((event) => at(event, "step.type") === "function_call");
    expect(at(start, "step")).toMatchObject({ name: "lookUp", arguments: {} });
    expect(streamed.map((event) => at(event, "delta.arguments")).filter(Boolean)).toEqual(["{}"]);
    expect(at(streamed.at(-1), "interaction.status")).toBe("requires_action");
  });

  it("takes its own steps back without being stored, and refuses those of another project", async () => {
    const asked = { type: "user_input", content: [{ type: "text", text: "call lookUp" }] };
    const first = await create({ input: [asked], tools: [TOOL], store: false });
    const call_id = stepsOf(first).at(-1)?.["id"];
    const result = { type: "function_result", call_id, name: "lookUp", result: "fine" };
    const history = { input: [asked, ...stepsOf(first), result], tools: [TOOL], store: false };
    expect(textOf(await create(history))).toContain('lookUp → {"result":"fine"}');
    const stolen = await create(history, FOREIGN);
    expect(stolen).toMatchObject({ status: 400, body: { error: { message: "Corrupted thought signature." } } });
    expect((await ask(emulator, `interactions/${idOf(first)}`)).status).toBe(404);
  });

  it("goes on from a previous one of its project only, and pays for what was said", async () => {
    const first = await create({ input: "1234" });
    const second = await create({ input: "5678", previous_interaction_id: idOf(first) });
    const spoken = Number(at(first.body, "usage.total_output_tokens"));
    const read = Number(at(second.body, "usage.total_input_tokens"));
    expect(read).toBeGreaterThan(spoken / 2);
    const foreign = await create({ input: "5678", previous_interaction_id: idOf(first) }, FOREIGN);
    expect(foreign).toEqual({
      status: 404,
      body: { error: { message: "Interaction not found.", code: "not_found" } },
    });
  });

  it("is read, cancelled and deleted by its project only", async () => {
    const id = idOf(await create({ input: "hi" }));
    for (const [path, method] of [
      ["", "GET"],
      ["/cancel", "POST"],
      ["", "DELETE"],
    ] as const) {
      const options = { method, key: FOREIGN, ...(method === "POST" ? { body: {} } : {}) };
      expect((await ask(emulator, `interactions/${id}${path}`, options)).status).toBe(404);
    }
    const input = await ask(emulator, `interactions/${id}?include_input=true`);
    expect(input.body).toMatchObject({ id, input: "hi", status: "completed" });
    expect((await ask(emulator, `interactions/${id}`, { method: "DELETE" })).body).toEqual({});
    expect((await ask(emulator, `interactions/${id}`)).status).toBe(404);
  });

  it("is forgotten after 55 days", async () => {
    const id = idOf(await create({ input: "hi" }));
    emulator.advance(55 * 86_400_000 - 1);
    expect((await ask(emulator, `interactions/${id}`)).status).toBe(200);
    emulator.advance(1);
    expect((await ask(emulator, `interactions/${id}`)).status).toBe(404);
  });

  it("works in the background until its time has come, unless it is cancelled", async () => {
    const created = await create({ input: "hi", background: true });
    expect(created.body).toMatchObject({ status: "in_progress" });
    expect(stepsOf(created)).toBeUndefined();
    const early = await create({ input: "more", previous_interaction_id: idOf(created) });
    expect(early).toMatchObject({ status: 400, body: { error: { code: "failed_precondition" } } });
    const other = await create({ input: "hi", background: true });
    const cancelled = await ask(emulator, `interactions/${idOf(other)}/cancel`, { body: {} });
    expect(cancelled.body).toMatchObject({ status: "cancelled" });
    emulator.advance(200);
    expect((await ask(emulator, `interactions/${idOf(created)}`)).body).toMatchObject({
      status: "completed",
      steps: [{ type: "thought" }, { type: "model_output" }],
    });
    expect((await ask(emulator, `interactions/${idOf(other)}`)).body).toMatchObject({ status: "cancelled" });
    expect((await ask(emulator, `interactions/${idOf(created)}/cancel`, { body: {} })).status).toBe(400);
    const bills = emulator.record().filter(({ usage }) => usage !== null);
    expect(bills.map(({ operation }) => operation)).toEqual(["interactions.create", "interactions.create"]);
  });

  it("goes on where a long answer stopped", async () => {
    const said: unknown[] = [];
    let answer = await create({ model: "gemini-4-argon", input: "a long one" });
    for (; at(answer.body, "status") === "requires_continuation" && said.length < 20;) {
      said.push(textOf(answer));
      const continuation_token = at(answer.body, "continuation_token");
      const previous_interaction_id = idOf(answer);
      answer = await create({ model: "gemini-4-argon", previous_interaction_id, continuation_token });
    }
    expect(at(answer.body, "status")).toBe("completed");
    expect(said.length).toBeGreaterThan(0);
    expect([...said, textOf(answer)].join("")).toHaveLength(400);
  });

  it("refuses files, agents and environments of another project", async () => {
    const { uri } = await upload(emulator, "text");
    const document = { type: "document", mime_type: "text/plain", uri };
    expect((await create({ input: [document] })).status).toBe(200);
    expect((await create({ input: [document] }, FOREIGN)).status).toBe(403);
    const agent = String(at((await ask(emulator, "agents", { body: {} })).body, "name"));
    const asked = { body: { agent, input: "hi" } };
    expect((await ask(emulator, "interactions", asked)).body).toMatchObject({ agent, status: "completed" });
    expect((await ask(emulator, "interactions", { ...asked, key: FOREIGN })).status).toBe(404);
    const environment = String(at((await ask(emulator, "environments", { body: {} })).body, "name"));
    expect((await create({ input: "hi", environment })).status).toBe(200);
    expect((await create({ input: "hi", environment }, FOREIGN)).status).toBe(404);
  });

  it.each([
    ["no input", {}],
    ["an empty input", { input: [] }],
    ["an unknown parameter", { input: "hi", generationConfig: {} }],
    ["model and agent", { input: "hi", agent: "deep-research-preview-04-2026" }],
    ["an unknown kind of step", { input: [{ type: "telepathy" }] }],
    ["background that is not stored", { input: "hi", background: true, store: false }],
    ["a continuation of nothing", { continuation_token: "x", previous_interaction_id: "v1_x" }],
  ])("is refused with %s", async (_, body) => {
    const { status, body: answer } = await create(body);
    expect([400, 404]).toContain(status);
    expect(at(answer, "error.code")).toMatch(/^(invalid_request|not_found)$/);
  });

  it("breaks in its stream as commanded: an error event, or no end", async () => {
    emulator.fault({ do: { streamError: { afterChunks: 3, shape: "event" } } });
    const body = { model: MODEL, input: "hi", stream: true };
    const broken = await (await call(emulator, { path: "/v1beta/interactions", body, key: MINE })).text();
    expect(broken).toMatch(/data: {"event_type":"error","error":{"code":"unavailable","message":"[^"]+"}}\n\n$/);
    emulator.fault({ do: { empty: "no-finish" } });
    const cut = await (await call(emulator, { path: "/v1beta/interactions", body, key: MINE })).text();
    expect(cut).not.toContain("interaction.completed");
    expect(cut).not.toContain("[DONE]");
  });

  it("is answered whatever JSON comes", async () => {
    const names = "type text role content input id name call_id result arguments summary signature uri data mime_type";
    const leaf = fc.constantFrom<unknown>("", "text", "thought", "function_call", "user_input", null, true, 1, "AA==");
    const tree = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie("node"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...names.split(" ")), tie("node"), { maxKeys: 4 }),
      ),
    })).node;
    await fc.assert(
      fc.asyncProperty(tree, tree, tree, async (input, config, tools) => {
        const { status } = await create({ input, generation_config: config, response_format: config, tools });
        expect([200, 400, 404]).toContain(status);
      }),
      { numRuns: 60 },
    );
  });
});

describe("errors of Interactions", () => {
  it("come in Google's envelope and in a list, where that is wanted", async () => {
    const other = await startTwoProjects({ interactions: { errors: "array" } });
    const { status, body } = await ask(other, "interactions/v1_none");
    expect(status).toBe(404);
    expect(body).toMatchObject([{ error: { code: 404, status: "NOT_FOUND" } }]);
    await other.close();
  });

  it("tell of quotas in Google's envelope, with their details", async () => {
    const other = await startTwoProjects({
      projects: [{ id: "projects/1", keys: [{ key: MINE }], tier: "free", quotas: { "*": { requestsPerMinute: 0 } } }],
    });
    const { status, body } = await ask(other, "interactions", { body: { model: MODEL, input: "hi" } });
    expect(status).toBe(429);
    expect(at(body, "error.details.1.@type")).toBe("type.googleapis.com/google.rpc.QuotaFailure");
    await other.close();
  });
});

describe("decisions", () => {
  const questions = {
    q1: { type: "noul", instructions: "Is it?" },
    q2: { type: "choice", criteria: { a: "first", b: null } },
    q3: { type: "score", criteria: ["bad", "good"] },
  };

  it("answer closed questions, the same way each time, and bill them", async () => {
    const body = { model: "gemini-decision-1", input: [{ type: "text", text: "12345678" }], questions };
    const { status, body: answer } = await ask(emulator, "decisions", { body });
    expect(status).toBe(200);
    expect(at(answer, "answers.q1.noul")).toBeTypeOf("number");
    expect(["a", "b"]).toContain(at(answer, "answers.q2.choice"));
    expect(at(answer, "answers.q3.legend")).toEqual({ 0: "bad", 1: "good" });
    expect((await ask(emulator, "decisions", { body })).body).toEqual(answer);
    expect(emulator.record()[0]).toMatchObject({
      operation: "decisions.create",
      model: "gemini-decision-1",
      usage: { total: at(answer, "usage.total_tokens") },
    });
  });

  it("are refused without questions, and by other models", async () => {
    const input = [{ type: "text", text: "x" }];
    expect((await ask(emulator, "decisions", { body: { model: "gemini-decision-1", input } })).status).toBe(400);
    expect((await ask(emulator, "decisions", { body: { model: MODEL, input, questions } })).status).toBe(404);
  });
});
