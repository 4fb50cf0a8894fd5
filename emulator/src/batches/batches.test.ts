import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { FOREIGN, MINE, MINE_TOO, ask, startTwoProjects, upload } from "../resources/test-projects.ts";
import { at, call } from "../test-client.ts";

const emulator = await startTwoProjects({ batchMs: 10_000, maxOpenBatches: 3, maxStoredBytes: 100_000 });
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

const MODEL = "models/gemini-3.8-flash";
const EMBEDDER = "models/gemini-embedding-001";
const user = (text: string): object => ({ contents: [{ role: "user", parts: [{ text }] }] });

const create = (inputConfig: object, options: { key?: string; path?: string } = {}): ReturnType<typeof ask> =>
  ask(emulator, options.path ?? `${MODEL}:batchGenerateContent`, {
    body: { batch: { display_name: "night", input_config: inputConfig } },
    key: options.key ?? MINE,
  });

const inline = (...requests: object[]): object => ({
  requests: { requests: requests.map((request, index) => ({ request, metadata: { key: `r${index}` } })) },
});

const nameOf = ({ body }: { body: unknown }): string => String(at(body, "name"));
const stateOf = ({ body }: { body: unknown }): unknown => at(body, "metadata.state");

describe("a batch with inline requests", () => {
  it("goes from PENDING over RUNNING to SUCCEEDED by the clock, with one result a request", async () => {
    const created = await create(inline(user("one"), user("two"), { contents: [] }));
    const name = nameOf(created);
    expect(created.body).toMatchObject({
      name: expect.stringMatching(/^batches\/[a-z\d]{12}$/) as string,
      metadata: {
        "@type": "type.googleapis.com/google.ai.generativelanguage.v1main.GenerateContentBatch",
        name,
        model: MODEL,
        displayName: "night",
        state: "BATCH_STATE_PENDING",
        batchStats: { requestCount: "3", pendingRequestCount: "3" },
      },
    });
    expect(at(created.body, "done")).toBeUndefined();
    emulator.advance(5_000);
    expect(stateOf(await ask(emulator, name))).toBe("BATCH_STATE_RUNNING");
    emulator.advance(5_000);
    const done = await ask(emulator, name, { key: MINE_TOO });
    expect(done.body).toMatchObject({
      done: true,
      metadata: {
        state: "BATCH_STATE_SUCCEEDED",
        batchStats: { requestCount: "3", successfulRequestCount: "2", failedRequestCount: "1" },
        endTime: expect.any(String) as string,
      },
    });
    expect(at(done.body, "response.inlinedResponses.inlinedResponses")).toMatchObject([
      {
        metadata: { key: "r0" },
        response: { candidates: [{ finishReason: "STOP" }], modelVersion: "gemini-3.8-flash" },
      },
      { metadata: { key: "r1" }, response: { usageMetadata: { promptTokenCount: 1 } } },
      { metadata: { key: "r2" }, error: { code: 3 } },
    ]);
  });

  it("gives the same answers whenever one looks", async () => {
    const run = async (more: () => Promise<unknown>): Promise<unknown> => {
      emulator.reset();
      const name = nameOf(await create(inline(user("one"))));
      await more();
      emulator.advance(10_000);
      return at((await ask(emulator, name)).body, "response");
    };
    const quiet = await run(() => Promise.resolve());
    expect(await run(() => ask(emulator, `${MODEL}:generateContent`, { body: user("between") }))).toEqual(quiet);
  });

  it("has sums of its own: the record's stay those of online calls", async () => {
    const name = nameOf(await create(inline(user("12345678"), { contents: [] })));
    await ask(emulator, `${MODEL}:generateContent`, { body: user("1234") });
    const online = emulator.totals();
    expect(online.batch).toMatchObject({ succeeded: 0, failed: 0 });
    emulator.advance(10_000);
    // Nobody has looked at the batch yet.
    const { batch, tokens } = emulator.totals();
    expect(tokens).toEqual(online.tokens);
    expect(batch).toMatchObject({ succeeded: 1, failed: 1, tokens: { prompt: 2 } });
    expect(batch.byProject["projects/1"]).toEqual(batch.tokens);
    expect(batch.byModel["gemini-3.8-flash"]).toEqual(batch.tokens);
    await ask(emulator, name);
    expect(emulator.record().map(({ operation, usage }) => [operation, usage === null])).toEqual([
      ["batchGenerateContent", true],
      ["generateContent", false],
      ["batches.get", true],
    ]);
  });
});

describe("a batch with a file", () => {
  const LINES = [
    JSON.stringify({ key: "a", request: user("one") }),
    "{'key': 'b', 'request': {'contents': [{'parts': [{'text': 'single quotes'}]}]}}",
    "not json",
    "",
  ].join("\n");

  it("ends in a file of lines that only its project can download", async () => {
    const input = await upload(emulator, LINES, { mimeType: "application/jsonl" });
    const created = await create({ fileName: input.name });
    const name = nameOf(created);
    expect(at(created.body, "metadata.inputConfig.fileName")).toBe(input.name);
    const output = name.replace("batches/", "files/batch-");
    expect((await ask(emulator, output)).status).toBe(403);
    emulator.advance(10_000);
    const done = await ask(emulator, name);
    expect(done.body).toMatchObject({
      metadata: { output: { responsesFile: output } },
      response: { responsesFile: output },
    });
    const path = `/v1beta/${output}:download?alt=media`;
    const response = await call(emulator, { path, key: MINE_TOO });
    const lines = (await response.text()).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { key: "a", response: { candidates: [{}] } },
      { key: "b", response: { candidates: [{}] } },
      { error: { code: 3 } },
    ]);
    expect((await call(emulator, { path, key: FOREIGN })).status).toBe(403);
    expect((await ask(emulator, output)).body).toMatchObject({ source: "GENERATED" });
    expect(emulator.record().at(-1)).toMatchObject({ operation: "files.get", project: "projects/1" });
  });

  it("is refused with the file of another project, and fails when the file goes before it runs", async () => {
    const input = await upload(emulator, LINES, { mimeType: "application/jsonl" });
    expect((await create({ fileName: input.name }, { key: FOREIGN })).status).toBe(403);
    const name = nameOf(await create({ fileName: input.name }));
    await ask(emulator, input.name, { method: "DELETE" });
    emulator.advance(10_000);
    expect((await ask(emulator, name)).body).toMatchObject({
      done: true,
      metadata: { state: "BATCH_STATE_FAILED" },
      error: { code: 7 },
    });
  });
});

describe("a batch of embeddings", () => {
  it("ends in vectors", async () => {
    const requests = inline({ content: { parts: [{ text: "one" }] }, outputDimensionality: 4 });
    const created = await create(requests, { path: `${EMBEDDER}:asyncBatchEmbedContent` });
    expect(at(created.body, "metadata.@type")).toMatch(/EmbedContentBatch$/);
    emulator.advance(10_000);
    const [first] = at((await ask(emulator, nameOf(created))).body, "response.inlinedResponses.inlinedResponses") as [
      unknown,
    ];
    expect(at(first, "response.embedding.values")).toHaveLength(4);
    expect((await create(inline(user("x")), { path: `${EMBEDDER}:batchGenerateContent` })).status).toBe(404);
  });
});

describe("batches", () => {
  it("of others are not found, by any method", async () => {
    const name = nameOf(await create(inline(user("one"))));
    for (const [path, method] of [
      [name, "GET"],
      [name, "DELETE"],
      [`${name}:cancel`, "POST"],
    ] as const) {
      const refused = await ask(emulator, path, { method, key: FOREIGN });
      expect([refused.status, at(refused.body, "error.status")]).toEqual([404, "NOT_FOUND"]);
    }
    expect((await ask(emulator, "batches", { key: FOREIGN })).body).toEqual({});
    expect((await ask(emulator, "batches")).body).toMatchObject({ operations: [{ name }] });
  });

  it("can be cancelled, and then bill nothing", async () => {
    const name = nameOf(await create(inline(user("one"))));
    expect(await ask(emulator, `${name}:cancel`, { method: "POST" })).toEqual({ status: 200, body: {} });
    emulator.advance(10_000);
    const cancelled = await ask(emulator, name);
    expect(stateOf(cancelled)).toBe("BATCH_STATE_CANCELLED");
    expect(emulator.totals().batch.tokens.total).toBe(0);
  });

  it("can be deleted with their results, and get another name", async () => {
    const input = await upload(emulator, JSON.stringify({ key: "a", request: user("one") }), {
      mimeType: "application/jsonl",
    });
    const name = nameOf(await create({ fileName: input.name }));
    const patched = await ask(emulator, `${name}:updateGenerateContentBatch`, {
      method: "PATCH",
      body: { displayName: "day" },
    });
    expect(patched.body).toMatchObject({ displayName: "day", name });
    emulator.advance(10_000);
    expect((await ask(emulator, name, { method: "DELETE" })).status).toBe(200);
    expect((await ask(emulator, name)).status).toBe(404);
    expect((await ask(emulator, name.replace("batches/", "files/batch-"))).status).toBe(403);
  });

  it("are limited in number while they are open, by project", async () => {
    for (let index = 0; index < 3; index++) expect((await create(inline(user("one")))).status).toBe(200);
    expect((await create(inline(user("one")))).status).toBe(429);
    expect((await create(inline(user("one")), { key: FOREIGN })).status).toBe(200);
    emulator.advance(10_000);
    expect((await create(inline(user("one")))).status).toBe(200);
  });

  it("are refused without requests, without a model, and with a file or cache of another project", async () => {
    expect((await create({})).status).toBe(400);
    expect((await create({ requests: { requests: [] } })).status).toBe(400);
    expect((await create(inline(user("x")), { path: "models/nothing:batchGenerateContent" })).status).toBe(404);
    const { uri } = await upload(emulator, "secret");
    const naming = { contents: [{ parts: [{ fileData: { fileUri: uri } }] }] };
    expect((await create(inline(naming), { key: FOREIGN })).status).toBe(403);
    const mine = await create(inline(naming));
    emulator.advance(10_000);
    expect((await ask(emulator, nameOf(mine))).body).toMatchObject({
      metadata: { batchStats: { successfulRequestCount: "1" } },
    });
  });

  it("keep no more than the emulator's memory for contents, and give it back", async () => {
    expect((await create(inline(user("x".repeat(100_000))))).status).toBe(429);
    const name = nameOf(await create(inline(user("one"))));
    emulator.advance(10_000);
    await ask(emulator, name, { method: "DELETE" });
    const left: unknown = await (await fetch(`${emulator.url}/_emulator/resources`)).json();
    expect(at(left, "storedBytes")).toBe(0);
  });
});
