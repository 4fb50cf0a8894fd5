import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { FOREIGN, MINE, MINE_TOO, ask, startTwoProjects, upload } from "../resources/test-projects.ts";
import { at } from "../test-client.ts";

const emulator = await startTwoProjects();
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

const MODEL = "models/gemini-3.8-flash";
/** 2,000 tokens. */
const LONG = "x".repeat(8_000);
const user = (text: string): object => ({ role: "user", parts: [{ text }] });

const create = (more: object = {}, key?: string): ReturnType<typeof ask> =>
  ask(emulator, "cachedContents", {
    body: { model: MODEL, contents: [user(LONG)], ...more },
    ...(key === undefined ? {} : { key }),
  });

const nameOf = async (more: object = {}): Promise<string> => String(at((await create(more)).body, "name"));

const use = (name: string, more: object = {}, options: { key?: string; path?: string } = {}): ReturnType<typeof ask> =>
  ask(emulator, options.path ?? `${MODEL}:generateContent`, {
    body: { contents: [user("and now?")], cachedContent: name, ...more },
    key: options.key ?? MINE,
  });

describe("an explicit cache", () => {
  it("is created with its tokens and lives for an hour unless told", async () => {
    const { status, body } = await create({ displayName: "book" });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      name: expect.stringMatching(/^cachedContents\/[a-z\d]{12}$/) as string,
      model: MODEL,
      displayName: "book",
      usageMetadata: { totalTokenCount: 2_000 },
    });
    const lasts = Date.parse(String(at(body, "expireTime"))) - Date.parse(String(at(body, "createTime")));
    expect(lasts).toBe(3_600_000);
    const name = String(at(body, "name"));
    emulator.advance(3_599_999);
    expect((await ask(emulator, name)).status).toBe(200);
    emulator.advance(1);
    expect((await ask(emulator, name)).status).toBe(403);
    expect((await use(name)).status).toBe(403);
  });

  it("is used by any key of its project, and billed as cached", async () => {
    const name = await nameOf();
    const { status, body } = await use(name, {}, { key: MINE_TOO });
    expect(status).toBe(200);
    expect(at(body, "usageMetadata")).toMatchObject({
      promptTokenCount: 2_002,
      cachedContentTokenCount: 2_000,
      cacheTokensDetails: [{ modality: "TEXT", tokenCount: 2_000 }],
    });
    expect(at(body, "candidates.0.content.parts.0.text")).toContain("and now?");
    expect(emulator.record().at(-1)).toMatchObject({ operation: "generateContent", usage: { cached: 2_000 } });
  });

  it("is counted by countTokens and used by the OpenAI surface", async () => {
    const name = await nameOf();
    const counted = await ask(emulator, `${MODEL}:countTokens`, {
      body: { generateContentRequest: { model: MODEL, contents: [user("and now?")], cachedContent: name } },
    });
    expect(counted.body).toMatchObject({ totalTokens: 2_002, cachedContentTokenCount: 2_000 });
    const chat = await ask(emulator, "openai/chat/completions", {
      body: {
        model: "gemini-3.8-flash",
        messages: [{ role: "user", content: "and now?" }],
        extra_body: { google: { cached_content: name } },
      },
    });
    expect(at(chat.body, "usage.prompt_tokens_details.cached_tokens")).toBe(2_000);
  });

  it.each([
    ["of another project", FOREIGN, null],
    ["that never was", MINE, "cachedContents/nothing"],
  ])("%s is refused alike everywhere", async (_, key, missing) => {
    const name = missing ?? (await nameOf());
    for (const refused of [
      await use(name, {}, { key }),
      await use(name, {}, { key, path: `${MODEL}:streamGenerateContent?alt=sse` }),
      await ask(emulator, name, { key }),
      await ask(emulator, name, { key, method: "DELETE" }),
      await ask(emulator, name, { key, method: "PATCH", body: { ttl: "60s" } }),
    ]) {
      expect(refused).toEqual({
        status: 403,
        body: {
          error: {
            code: 403,
            message: "CachedContent not found (or permission denied)",
            status: "PERMISSION_DENIED",
          },
        },
      });
    }
  });

  it("wants its own model, and no instruction, tools or tool settings beside it", async () => {
    const name = await nameOf();
    const other = await use(name, {}, { path: "models/gemini-2.5-flash:generateContent" });
    expect(other.status).toBe(400);
    expect(at(other.body, "error.message")).toBe(
      "Model used by GenerateContent request (models/gemini-2.5-flash) and CachedContent (models/gemini-3.8-flash) has to be the same.",
    );
    for (const more of [
      { systemInstruction: user("be kind") },
      { tools: [{ functionDeclarations: [{ name: "f" }] }] },
      { toolConfig: { functionCallingConfig: { mode: "AUTO" } } },
    ]) {
      const refused = await use(name, more);
      expect(refused.status).toBe(400);
      expect(at(refused.body, "error.message")).toContain("CachedContent can not be used with");
    }
  });

  it("brings its instruction and tools along", async () => {
    const tools = [{ functionDeclarations: [{ name: "look" }] }];
    const name = await nameOf({ systemInstruction: user("be kind"), tools });
    const { body } = await use(name, { contents: [user("call look")] });
    expect(at(body, "candidates.0.content.parts.0.functionCall.name")).toBe("look");
  });

  it("is refused when it is too small, naming how small it may be", async () => {
    const refused = await create({ contents: [user("x".repeat(400))] });
    expect(refused.status).toBe(400);
    expect(at(refused.body, "error.message")).toBe(
      "Cached content is too small. total_token_count=100, min_total_token_count=1024",
    );
    const pro = await create({ model: "models/gemini-2.5-pro" });
    expect(at(pro.body, "error.message")).toContain("min_total_token_count=4096");
  });

  it("is not there for Gemini 4", async () => {
    const refused = await create({ model: "models/gemini-4-argon" });
    expect(refused.status).toBe(404);
    expect(at(refused.body, "error.message")).toContain("is not supported for createCachedContent");
  });

  it("refuses a lifetime that is none", async () => {
    for (const more of [
      { ttl: "soon" },
      { ttl: "-5s" },
      { expireTime: "tomorrow" },
      { expireTime: "2001-01-01T00:00:00Z" },
      { ttl: "5s", expireTime: "2101-01-01T00:00:00Z" },
    ]) {
      expect((await create(more)).status).toBe(400);
    }
  });

  it("gets a new lifetime by PATCH, and nothing else", async () => {
    const name = await nameOf({ ttl: "10s" });
    const patched = await ask(emulator, `${name}?updateMask=ttl`, { method: "PATCH", body: { ttl: "300s" } });
    const { expireTime, updateTime } = patched.body as Record<string, string>;
    expect(Date.parse(expireTime ?? "") - Date.parse(updateTime ?? "")).toBe(300_000);
    emulator.advance(299_999);
    expect((await ask(emulator, name)).status).toBe(200);
    const wrong = await ask(emulator, `${name}?updateMask=model`, { method: "PATCH", body: { model: MODEL } });
    expect(wrong.status).toBe(400);
  });

  it("is listed and deleted by its project", async () => {
    const name = await nameOf();
    expect((await ask(emulator, "cachedContents")).body).toMatchObject({ cachedContents: [{ name }] });
    expect((await ask(emulator, "cachedContents", { key: FOREIGN })).body).toEqual({});
    expect(await ask(emulator, name, { method: "DELETE" })).toEqual({ status: 200, body: {} });
    expect((await use(name)).status).toBe(403);
  });

  it("may hold a file of its project only", async () => {
    const { uri } = await upload(emulator, LONG, { mimeType: "text/plain" });
    const contents = [{ role: "user", parts: [{ fileData: { fileUri: uri, mimeType: "text/plain" } }] }];
    expect((await create({ contents }, FOREIGN)).status).toBe(403);
    const { body } = await create({ contents });
    expect(at(body, "usageMetadata.totalTokenCount")).toBe(2_000);
  });

  it("is free to look at, but not to make, for who cannot pay", async () => {
    const name = String(at((await create({}, FOREIGN)).body, "name"));
    emulator.setProject({ id: "projects/2", keys: [{ key: FOREIGN }], state: "prepaid-depleted" });
    expect((await ask(emulator, name, { key: FOREIGN })).status).toBe(200);
    expect((await create({}, FOREIGN)).status).toBe(429);
    expect((await ask(emulator, name, { key: FOREIGN, method: "DELETE" })).status).toBe(200);
  });

  it("can be hit by faults and refuses unknown keys like any call", async () => {
    const name = await nameOf();
    emulator.fault({ match: { operation: "cachedContents.get" }, do: { error: "overloaded" } });
    expect((await ask(emulator, name)).status).toBe(503);
    expect((await ask(emulator, name, { key: "AQ.unknown" })).status).toBe(401);
  });
});
