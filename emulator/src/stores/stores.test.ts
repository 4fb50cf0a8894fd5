import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { FOREIGN, MINE, MINE_TOO, ask, startTwoProjects, upload } from "../resources/test-projects.ts";
import { at, call } from "../test-client.ts";

const emulator = await startTwoProjects({ operationMs: 10_000 });
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

const create = async (): Promise<string> =>
  String(at((await ask(emulator, "fileSearchStores", { body: { displayName: "My Books!" } })).body, "name"));

const importInto = async (store: string): Promise<string> => {
  const file = await upload(emulator, "content");
  const begun = await ask(emulator, `${store}:importFile`, { body: { fileName: file.name } });
  expect(begun.status).toBe(200);
  return String(at(begun.body, "name"));
};

const search = (store: string, key = MINE): ReturnType<typeof ask> =>
  ask(emulator, "models/gemini-3.8-flash:generateContent", {
    key,
    body: {
      contents: [{ parts: [{ text: "find it" }] }],
      tools: [{ file_search: { file_search_store_names: [store] } }],
    },
  });

describe("a file search store", () => {
  it("is named after its display name and lives until it is deleted", async () => {
    const name = await create();
    expect(name).toMatch(/^fileSearchStores\/my-books-[a-z\d]{12}$/);
    emulator.advance(400 * 24 * 3_600_000);
    const { body } = await ask(emulator, name, { key: MINE_TOO });
    expect(body).toMatchObject({ name, displayName: "My Books!", embeddingModel: "models/gemini-embedding-001" });
    expect((await ask(emulator, "fileSearchStores")).body).toMatchObject({ fileSearchStores: [{ name }] });
  });

  it("imports a file by an operation, and counts it when it is done", async () => {
    const store = await create();
    const operation = await importInto(store);
    expect(operation.startsWith(`${store}/operations/`)).toBe(true);
    expect((await ask(emulator, store)).body).toMatchObject({ pendingDocumentsCount: "1" });
    expect((await ask(emulator, operation)).body).toEqual({ name: operation });
    emulator.advance(10_000);
    const done = await ask(emulator, operation);
    expect(done.body).toMatchObject({ done: true, response: { parent: store } });
    expect((await ask(emulator, store)).body).toMatchObject({ activeDocumentsCount: "1", sizeBytes: "7" });
    const documentName = String(at(done.body, "response.documentName"));
    expect((await ask(emulator, documentName)).body).toMatchObject({ state: "STATE_ACTIVE", mimeType: "text/plain" });
    expect((await ask(emulator, `${store}/documents`)).body).toMatchObject({ documents: [{ name: documentName }] });
    expect((await ask(emulator, documentName, { method: "DELETE" })).status).toBe(400);
    expect((await ask(emulator, `${documentName}?force=true`, { method: "DELETE" })).status).toBe(200);
    expect((await ask(emulator, `${store}/documents`)).body).toEqual({});
  });

  it("takes an upload, whose answer is an operation", async () => {
    const store = await create();
    const started = await call(emulator, {
      path: `/upload/v1beta/${store}:uploadToFileSearchStore`,
      key: MINE,
      body: { displayName: "page", mimeType: "text/html" },
      headers: { "x-goog-upload-protocol": "resumable", "x-goog-upload-command": "start" },
    });
    const path = (started.headers.get("x-goog-upload-url") ?? "").replace(
      "https://generativelanguage.googleapis.com",
      "",
    );
    expect(path).toContain(`/upload/v1beta/${store}:uploadToFileSearchStore?`);
    const final = await call(emulator, {
      path,
      key: false,
      body: "<p>hi",
      headers: { "x-goog-upload-command": "upload, finalize", "x-goog-upload-offset": "0" },
    });
    expect(final.headers.get("x-goog-upload-status")).toBe("final");
    const { name } = (await final.json()) as { name: string };
    expect(name.startsWith(`${store}/upload/operations/`)).toBe(true);
    emulator.advance(10_000);
    expect((await ask(emulator, name)).body).toMatchObject({ done: true });
    expect((await ask(emulator, `${store}/documents`)).body).toMatchObject({
      documents: [{ displayName: "page", mimeType: "text/html", sizeBytes: "5" }],
    });
    expect(emulator.record().map(({ operation }) => operation)).toContain("fileSearchStores.uploadChunk");
  });

  it("is not found by other projects, whatever they want of it", async () => {
    const store = await create();
    const operation = await importInto(store);
    emulator.advance(10_000);
    const documentName = String(at((await ask(emulator, operation)).body, "response.documentName"));
    for (const [path, method] of [
      [store, "GET"],
      [`${store}?force=true`, "DELETE"],
      [`${store}:importFile`, "POST"],
      [`${store}/documents`, "GET"],
      [documentName, "GET"],
      [`${documentName}?force=true`, "DELETE"],
      [operation, "GET"],
    ] as const) {
      expect((await ask(emulator, path, { method, key: FOREIGN })).status).toBe(404);
    }
    const start = await call(emulator, {
      path: `/upload/v1beta/${store}:uploadToFileSearchStore`,
      key: FOREIGN,
      body: "",
      headers: { "x-goog-upload-protocol": "resumable", "x-goog-upload-command": "start" },
    });
    expect(start.status).toBe(404);
  });

  it("imports no file of another project", async () => {
    const store = await create();
    const file = await upload(emulator, "secret", { key: FOREIGN });
    expect((await ask(emulator, `${store}:importFile`, { body: { fileName: file.name } })).status).toBe(403);
  });

  it("is deleted with force when it is not empty", async () => {
    const store = await create();
    await importInto(store);
    const refused = await ask(emulator, store, { method: "DELETE" });
    expect([refused.status, at(refused.body, "error.status")]).toEqual([400, "FAILED_PRECONDITION"]);
    expect((await ask(emulator, `${store}?force=true`, { method: "DELETE" })).status).toBe(200);
    expect((await ask(emulator, store)).status).toBe(404);
  });

  it("is searched by its own project only", async () => {
    const store = await create();
    expect((await search(store, MINE_TOO)).status).toBe(200);
    expect((await search(store, FOREIGN)).status).toBe(403);
    expect((await search("fileSearchStores/nothing")).status).toBe(403);
  });
});
