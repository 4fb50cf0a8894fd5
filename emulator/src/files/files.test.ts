import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { FOREIGN, MINE, MINE_TOO, ask, startTwoProjects, upload } from "../resources/test-projects.ts";
import { at, call, to } from "../test-client.ts";

const emulator = await startTwoProjects({ fileProcessingMs: 5_000 });
const limited = await startTwoProjects({ maxFileBytes: 1_000, maxProjectFileBytes: 1_500 });
afterAll(() => Promise.all([emulator.close(), limited.close()]));
beforeEach(() => emulator.reset());

describe("the files of a project", () => {
  it("become ACTIVE by the clock, a video with its length, and are gone after 48 hours", async () => {
    const { name } = await upload(emulator, "film", { mimeType: "video/mp4" });
    expect((await ask(emulator, name)).body).toMatchObject({ state: "PROCESSING" });
    emulator.advance(5_000);
    expect((await ask(emulator, name)).body).toMatchObject({
      state: "ACTIVE",
      videoMetadata: { videoDuration: "1s" },
    });
    emulator.advance(48 * 3_600_000);
    expect((await ask(emulator, name)).status).toBe(403);
  });

  it("are seen, deleted and listed by its own keys only", async () => {
    const { name } = await upload(emulator, "secret");
    const id = name.replace("files/", "");
    const missing = { ...(await ask(emulator, "files/nothing", { key: FOREIGN })) };
    for (const method of ["GET", "DELETE"]) {
      const refused = await ask(emulator, name, { method, key: FOREIGN });
      expect(refused.status).toBe(403);
      expect(at(refused.body, "error.message")).toBe(
        `You do not have permission to access the File ${id} or it may not exist.`,
      );
    }
    // Nothing tells a foreign file from a missing one.
    expect(JSON.stringify(missing.body).replace("nothing", id)).toBe(
      JSON.stringify((await ask(emulator, name, { key: FOREIGN })).body),
    );
    expect((await ask(emulator, "files", { key: FOREIGN })).body).toEqual({});
    expect((await ask(emulator, "files", { key: MINE_TOO })).body).toMatchObject({ files: [{ name }] });
    expect(await ask(emulator, name, { method: "DELETE", key: MINE_TOO })).toEqual({ status: 200, body: {} });
    expect((await ask(emulator, name)).status).toBe(403);
  });

  it("are listed in pages whose tokens are good for the project only", async () => {
    const names: string[] = [];
    for (let index = 0; index < 12; index++) names.unshift((await upload(emulator, String(index))).name);
    const namesOf = (body: unknown): string[] => (at(body, "files") as { name: string }[]).map(({ name }) => name);
    const first = await ask(emulator, "files");
    expect(namesOf(first.body)).toEqual(names.slice(0, 10));
    const token = String(at(first.body, "nextPageToken"));
    expect(namesOf((await ask(emulator, `files?pageSize=5&pageToken=${token}`)).body)).toEqual(names.slice(10));
    expect((await ask(emulator, `files?pageToken=${token}`, { key: FOREIGN })).status).toBe(400);
    expect((await ask(emulator, "files?pageSize=x")).status).toBe(400);
  });

  it("cannot be downloaded when they were uploaded", async () => {
    const { name } = await upload(emulator, "hello");
    expect((await ask(emulator, `${name}:download?alt=media`)).status).toBe(400);
    expect((await ask(emulator, `${name}:download?alt=media`, { key: FOREIGN })).status).toBe(403);
  });

  it("can be objects of a bucket", async () => {
    const registered = await ask(emulator, "files:register", { body: { uris: ["gs://bucket/object"] } });
    expect(registered.body).toMatchObject({ files: [{ source: "REGISTERED", state: "ACTIVE" }] });
    expect((await ask(emulator, "files:register", { body: { uris: ["http://x"] } })).status).toBe(400);
  });

  it("have a largest size, alone and together", async () => {
    expect((await ask(limited, "files")).body).toEqual({});
    const put = (bytes: number): Promise<Response> =>
      call(limited, { path: "/upload/v1beta/files", key: MINE, body: "x".repeat(bytes) });
    expect((await put(1_001)).status).toBe(400);
    expect((await put(1_000)).status).toBe(200);
    const full = await put(501);
    expect([full.status, at(await full.json(), "error.status")]).toEqual([429, "RESOURCE_EXHAUSTED"]);
    expect((await put(500)).status).toBe(200);
  });
});

describe("a prompt that names a file", () => {
  const use = (uri: string, options: { key?: string; method?: string } = {}): ReturnType<typeof ask> =>
    ask(emulator, to("gemini-3.8-flash", options.method).replace("/v1beta/", ""), {
      body: { contents: [{ role: "user", parts: [{ text: "look" }, { file_data: { file_uri: uri } }] }] },
      key: options.key ?? MINE,
    });

  it("counts the file's tokens by its size", async () => {
    const { uri } = await upload(emulator, "x".repeat(4_000));
    emulator.advance(5_000);
    const answer = await use(uri, { key: MINE_TOO });
    expect(answer.status).toBe(200);
    expect(at(answer.body, "usageMetadata.promptTokenCount")).toBe(1_001);
    expect(at((await use(uri, { method: "countTokens" })).body, "totalTokens")).toBe(1_001);
  });

  it.each(["generateContent", "streamGenerateContent?alt=sse", "countTokens"])(
    "is refused at %s when the file is of another project",
    async (method) => {
      const { uri, name } = await upload(emulator, "secret");
      emulator.advance(5_000);
      const refused = await use(uri, { key: FOREIGN, method });
      expect(refused.status).toBe(403);
      expect(at(refused.body, "error.message")).toBe(
        `You do not have permission to access the File ${name.replace("files/", "")} or it may not exist.`,
      );
    },
  );

  it("is refused while the file is processed", async () => {
    const { uri, name } = await upload(emulator, "film");
    const refused = await use(uri);
    expect(refused.body).toMatchObject({ error: { code: 400, status: "FAILED_PRECONDITION" } });
    expect(at(refused.body, "error.message")).toBe(
      `The File ${name.replace("files/", "")} is not in an ACTIVE state and usage is not allowed.`,
    );
  });

  it("is refused when the file's address is not at Google's host, and passes with a page or video elsewhere", async () => {
    const { name } = await upload(emulator, "hello");
    emulator.advance(5_000);
    expect((await use(`https://gateway.example/v1beta/${name}`)).status).toBe(400);
    expect((await use(name)).status).toBe(200);
    expect((await use("https://www.youtube.com/watch?v=abc")).status).toBe(200);
  });
});

describe("the memory of the emulator", () => {
  it("keeps only what somebody may read, and gives it back", async () => {
    const stored = async (): Promise<unknown> =>
      at(await (await fetch(`${emulator.url}/_emulator/resources`)).json(), "storedBytes");
    await upload(emulator, "film", { mimeType: "video/mp4" });
    expect(await stored()).toBe(0);
    const { name } = await upload(emulator, "lines", { mimeType: "application/jsonl" });
    expect(await stored()).toBe(5);
    await ask(emulator, name, { method: "DELETE" });
    expect(await stored()).toBe(0);
  });
});
