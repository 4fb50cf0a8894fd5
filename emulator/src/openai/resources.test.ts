import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { FOREIGN, MINE, MINE_TOO, ask, startTwoProjects, upload } from "../resources/test-projects.ts";
import { at, call } from "../test-client.ts";

const emulator = await startTwoProjects({ batchMs: 10_000, operationMs: 10_000 });
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

const line = (custom_id: string, body: object): string =>
  JSON.stringify({ custom_id, method: "POST", url: "/v1/chat/completions", body });
const LINES = [
  line("a", { model: "gemini-3.8-flash", messages: [{ role: "user", content: "1234" }] }),
  line("b", { model: "gemini-3.8-flash", messages: [] }),
].join("\n");

describe("a batch of the OpenAI surface", () => {
  it("answers the lines of a file of its project, into another", async () => {
    const { name } = await upload(emulator, LINES, { mimeType: "application/jsonl" });
    const body = {
      input_file_id: name,
      endpoint: "/v1/chat/completions",
      completion_window: "24h",
      metadata: { a: "b" },
    };
    const created = await ask(emulator, "openai/batches", { body });
    expect(created.body).toMatchObject({
      object: "batch",
      status: "validating",
      input_file_id: name,
      metadata: { a: "b" },
    });
    const id = String(at(created.body, "id"));
    expect(id).toMatch(/^batches\/[a-z\d]{12}$/);
    emulator.advance(5_000);
    expect(at((await ask(emulator, `openai/${id}`)).body, "status")).toBe("in_progress");
    emulator.advance(5_000);
    const done = await ask(emulator, `openai/batches/${encodeURIComponent(id)}`, { key: MINE_TOO });
    expect(done.body).toMatchObject({ status: "completed", request_counts: { total: 2, completed: 1, failed: 1 } });
    const path = `/v1beta/${String(at(done.body, "output_file_id"))}:download?alt=media`;
    const text = await (await call(emulator, { path, key: MINE })).text();
    const lines = text
      .trim()
      .split("\n")
      .map((result) => JSON.parse(result) as unknown);
    expect(lines).toMatchObject([
      {
        custom_id: "a",
        response: { status_code: 200, body: { object: "chat.completion", usage: { prompt_tokens: 1 } } },
      },
      { custom_id: "b", response: { status_code: 400 } },
    ]);
    expect(emulator.totals().batch).toMatchObject({ succeeded: 1, tokens: { prompt: 1 } });
    expect((await ask(emulator, `openai/${id}`, { key: FOREIGN })).status).toBe(404);
  });

  it("does not read the files of another project, nor what is no endpoint", async () => {
    const { name } = await upload(emulator, LINES, { mimeType: "application/jsonl" });
    const body = { input_file_id: name, endpoint: "/v1/chat/completions" };
    const foreign = await ask(emulator, "openai/batches", { body, key: FOREIGN });
    expect(foreign).toMatchObject({ status: 403, body: [{ error: { status: "PERMISSION_DENIED" } }] });
    const odd = await ask(emulator, "openai/batches", { body: { ...body, endpoint: "/v1/audio" } });
    expect(odd.status).toBe(400);
  });
});

describe("a video of the OpenAI surface", () => {
  const model = "veo-3.1-generate-preview";

  it("comes from a form, and ends as a file of its project", async () => {
    const form = new FormData();
    form.set("model", model);
    form.set("prompt", "a cat");
    form.set("input_reference", new Blob(["bytes"]), "cat.png");
    const response = await fetch(`${emulator.url}/v1beta/openai/videos`, {
      method: "POST",
      body: form,
      headers: { authorization: `Bearer ${MINE}` },
    });
    const created = (await response.json()) as { id: string };
    expect(created).toMatchObject({ object: "video", status: "queued", model, progress: 0 });
    expect(emulator.record()[0]).toMatchObject({ operation: "openaiCreateVideo", model });
    emulator.advance(10_000);
    const done = await ask(emulator, `openai/videos/${created.id}`, { key: MINE_TOO });
    expect(done.body).toMatchObject({ status: "completed", progress: 100 });
    const url = new URL(String(at(done.body, "url")));
    const bytes = await call(emulator, { path: url.pathname + url.search, key: MINE });
    expect(await bytes.text()).toContain("a cat");
    expect((await ask(emulator, `openai/videos/${created.id}`, { key: FOREIGN })).status).toBe(404);
  });

  it("extends only what its project has, and comes from models that make videos", async () => {
    const created = await ask(emulator, "openai/videos", { body: { model, prompt: "a cat" } });
    const extend_video_id = at(created.body, "id");
    const more = { model, prompt: "goes on", extra_body: { google: { extend_video_id } } };
    expect((await ask(emulator, "openai/videos", { body: more })).status).toBe(200);
    expect((await ask(emulator, "openai/videos", { body: more, key: FOREIGN })).status).toBe(404);
    expect((await ask(emulator, "openai/videos", { body: { model: "gemini-3.8-flash", prompt: "x" } })).status).toBe(
      404,
    );
    expect((await ask(emulator, "openai/videos", { body: { model } })).status).toBe(400);
  });
});
