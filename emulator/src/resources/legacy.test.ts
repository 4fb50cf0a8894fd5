import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { at } from "../test-client.ts";
import { FOREIGN, MINE_TOO, ask, startTwoProjects } from "./test-projects.ts";

const emulator = await startTwoProjects({ models: [{ name: "tunedModels/poet", onlyProjects: ["projects/1"] }] });
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

describe("a tuned model", () => {
  it("is seen and used by its own project only", async () => {
    expect((await ask(emulator, "tunedModels")).body).toMatchObject({ tunedModels: [{ name: "tunedModels/poet" }] });
    expect((await ask(emulator, "tunedModels", { key: FOREIGN })).body).toEqual({});
    const use = { body: { contents: [{ role: "user", parts: [{ text: "hi" }] }] } };
    expect((await ask(emulator, "tunedModels/poet:generateContent", use)).status).toBe(200);
    for (const [path, options] of [
      ["tunedModels/poet", {}],
      ["tunedModels/poet", { method: "DELETE" }],
      ["tunedModels/poet/permissions", {}],
      ["tunedModels/poet:generateContent", use],
    ] as const) {
      const refused = await ask(emulator, path, { ...options, key: FOREIGN });
      expect([refused.status, at(refused.body, "error.status")]).toEqual([403, "PERMISSION_DENIED"]);
    }
    expect(emulator.record().at(-1)).toMatchObject({ model: "tunedModels/poet", project: "projects/2" });
  });

  it("can be deleted, until the emulator is reset", async () => {
    expect((await ask(emulator, "tunedModels/poet", { method: "DELETE", key: MINE_TOO })).status).toBe(200);
    expect((await ask(emulator, "tunedModels/poet")).status).toBe(403);
    emulator.reset();
    expect((await ask(emulator, "tunedModels/poet")).status).toBe(200);
  });

  it("has permissions that can be given and taken", async () => {
    const given = await ask(emulator, "tunedModels/poet/permissions", {
      body: { granteeType: "EVERYONE", role: "READER" },
    });
    const name = String(at(given.body, "name"));
    expect((await ask(emulator, "tunedModels/poet/permissions")).body).toMatchObject({
      permissions: [{ name, role: "READER" }],
    });
    await ask(emulator, name, { method: "PATCH", body: { role: "WRITER" } });
    expect((await ask(emulator, name)).body).toMatchObject({ role: "WRITER", granteeType: "EVERYONE" });
    expect((await ask(emulator, name, { method: "DELETE" })).status).toBe(200);
    expect((await ask(emulator, name)).status).toBe(404);
  });
});

describe("a corpus", () => {
  it("has documents and chunks, which go with it", async () => {
    const corpus = String(at((await ask(emulator, "corpora", { body: { displayName: "c" } })).body, "name"));
    const documentName = String(at((await ask(emulator, `${corpus}/documents`, { body: {} })).body, "name"));
    const chunk = await ask(emulator, `${documentName}/chunks`, { body: { data: { stringValue: "x" } } });
    const chunkName = String(at(chunk.body, "name"));
    expect((await ask(emulator, "corpora")).body).toMatchObject({ corpora: [{ name: corpus }] });
    expect((await ask(emulator, `${documentName}/chunks`)).body).toMatchObject({ chunks: [{ name: chunkName }] });
    expect((await ask(emulator, `${corpus}:query`, { body: { query: "x" } })).body).toEqual({ relevantChunks: [] });
    expect((await ask(emulator, corpus, { method: "DELETE" })).status).toBe(200);
    expect((await ask(emulator, chunkName)).status).toBe(404);
  });

  it("is not found by other projects, nor is anything in it", async () => {
    const corpus = String(at((await ask(emulator, "corpora", { body: {} })).body, "name"));
    const documentName = String(at((await ask(emulator, `${corpus}/documents`, { body: {} })).body, "name"));
    for (const [path, options] of [
      [corpus, {}],
      [`${corpus}/documents`, {}],
      [`${corpus}/documents`, { body: {} }],
      [documentName, { method: "DELETE" }],
      [`${corpus}:query`, { body: {} }],
    ] as const) {
      expect((await ask(emulator, path, { ...options, key: FOREIGN })).status).toBe(404);
    }
    expect((await ask(emulator, documentName)).status).toBe(200);
  });
});
