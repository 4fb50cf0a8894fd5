import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { routeResource, type RouteRequest } from "./route.ts";
import type { ResourceRoute } from "./route-types.ts";

function route(method: string, url: string, changes: Partial<RouteRequest> = {}): ResourceRoute | null {
  const mark = url.indexOf("?");
  return routeResource({
    backend: "gemini-api",
    method,
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? "" : url.slice(mark),
    uploadProtocol: null,
    uploadCommand: null,
    ...changes,
  });
}

function openai(method: string, url: string): ResourceRoute | null {
  return route(method, url, { backend: "gemini-openai" });
}

describe("native paths", () => {
  it.each([
    ["POST", "/v1beta/files", "file", "create", []],
    ["POST", "/v1beta/files:register", "file", "create", []],
    ["GET", "/v1/files", "file", "list", []],
    ["GET", "/v1beta/files/abc", "file", "get", ["files/abc"]],
    ["DELETE", "/v1beta/files/abc", "file", "delete", ["files/abc"]],
    ["GET", "/v1beta/files/abc:download?alt=media", "file", "download", ["files/abc"]],
    ["GET", "/v1beta/files/abc%3Adownload?alt=media", "file", "download", ["files/abc"]],
    ["GET", "/download/v1beta/files/abc:download?alt=media", "file", "download", ["files/abc"]],
    ["GET", "/v1beta/files/batch-b1:download", "batch", "download", ["batches/b1"]],
    ["GET", "/v1beta/files/batch-b1", "batch", "get", ["batches/b1"]],
    ["POST", "/v1beta/cachedContents", "cache", "create", []],
    ["PATCH", "/v1beta/cachedContents/c?updateMask=ttl", "cache", "update", ["cachedContents/c"]],
    ["GET", "/v1beta/batches/b", "batch", "get", ["batches/b"]],
    ["POST", "/v1beta/batches/b:cancel", "batch", "cancel", ["batches/b"]],
    ["PATCH", "/v1beta/batches/b:updateGenerateContentBatch", "batch", "update", ["batches/b"]],
    ["POST", "/v1beta/models/m:batchGenerateContent", "batch", "create", []],
    ["POST", "/v1beta/models/m:asyncBatchEmbedContent", "batch", "create", []],
    ["POST", "/v1beta/tunedModels/t:batchGenerateContent", "batch", "create", ["tunedModels/t"]],
    ["POST", "/v1beta/models/veo:predictLongRunning", "model-operation", "create", []],
    ["GET", "/v1beta/models/veo/operations/o", "model-operation", "get", ["models/veo/operations/o"]],
    ["POST", "/v1beta/models/veo/operations/o:cancel", "model-operation", "cancel", ["models/veo/operations/o"]],
    ["GET", "/v1beta/operations/o", "operation", "get", ["operations/o"]],
    ["POST", "/v1beta/fileSearchStores", "store", "create", []],
    ["POST", "/v1beta/fileSearchStores/s:importFile", "store", "act", ["fileSearchStores/s"]],
    ["GET", "/v1beta/fileSearchStores/s/documents", "store", "list", ["fileSearchStores/s"]],
    ["DELETE", "/v1beta/fileSearchStores/s?force=true", "store", "delete", ["fileSearchStores/s"]],
    ["DELETE", "/v1beta/fileSearchStores/s/documents/d", "store", "delete", ["fileSearchStores/s"]],
    ["GET", "/v1beta/fileSearchStores/s/operations/o", "store", "get", ["fileSearchStores/s"]],
    ["GET", "/v1beta/fileSearchStores/s/upload/operations/o", "store", "get", ["fileSearchStores/s"]],
    ["POST", "/v1beta/tunedModels/t:generateContent", "tuned-model", "act", ["tunedModels/t"]],
    ["POST", "/v1beta/tunedModels/t/permissions", "tuned-model", "create", ["tunedModels/t"]],
    ["POST", "/v1beta/corpora/c:query", "corpus", "act", ["corpora/c"]],
    ["GET", "/v1beta/corpora/c/documents/d/chunks", "corpus", "list", ["corpora/c"]],
    ["POST", "/v1beta/interactions?alt=sse", "interaction", "create", []],
    ["GET", "/v1beta/interactions/v1_x?stream=true", "interaction", "get", ["interactions/v1_x"]],
    ["POST", "/v1beta/interactions/v1_x/cancel", "interaction", "cancel", ["interactions/v1_x"]],
    ["POST", "/v1alpha/auth_tokens", "auth-token", "create", []],
    ["GET", "/v1beta/agents/a", "agent", "get", ["agents/a"]],
    ["GET", "/v1beta/environments/e/files/a/b/c.txt", "environment", "get", ["environments/e"]],
    ["GET", "/v1beta/environments/e/files", "environment", "list", ["environments/e"]],
    ["POST", "/v1beta/triggers/t/executions", "trigger", "create", ["triggers/t"]],
    ["POST", "/v1beta/webhooks/w:rotateSigningSecret", "webhook", "act", ["webhooks/w"]],
    ["HEAD", "/v1beta/files/abc", "file", "get", ["files/abc"]],
    ["GET", "/v1beta/files%2Fabc", "file", "get", ["files/abc"]],
    ["GET", "/v1beta/generatedFiles/g/operations/o", "file", "get", ["generatedFiles/g"]],
  ])("%s %s: %s %s", (method, url, family, action, names) => {
    expect(route(method, url)).toMatchObject({ family, action, names });
  });

  it.each([
    ["POST", "/v1beta/models/m:generateContent"],
    ["POST", "/v1beta/models/m:streamGenerateContent?alt=sse"],
    ["GET", "/v1beta/models"],
    ["GET", "/v1beta/models/m"],
    ["GET", "/v1beta/models/m:batchGenerateContent"],
    ["POST", "/v1beta/decisions"],
    ["GET", "/$discovery/rest"],
    ["GET", "/"],
    ["GET", "/v1beta"],
    ["GET", "/v1beta/"],
    ["GET", "/files/abc"],
    ["GET", "/v1beta/Files/abc"],
  ])("%s %s concerns no resource", (method, url) => {
    expect(route(method, url)).toBeNull();
  });
});

describe("lists", () => {
  it.each([
    ["files", "files"],
    ["cachedContents", "cachedContents"],
    ["batches", "operations"],
    ["fileSearchStores", "fileSearchStores"],
    ["tunedModels", "tunedModels"],
    ["corpora", "corpora"],
    ["agents", "agents"],
    ["voices", "voices"],
    ["operations", "operations"],
    ["interactions", "interactions"],
    ["models/m/operations", "operations"],
    ["models/-/operations", "operations"],
  ])("%s are asked of all projects", (collection, field) => {
    expect(route("GET", `/v1beta/${collection}?pageSize=5`)).toMatchObject({
      action: "list",
      fanOut: true,
      unlistable: false,
      listField: field,
      names: [],
    });
  });

  it("what lies below one resource is asked of its project alone", () => {
    expect(route("GET", "/v1beta/fileSearchStores/s/documents")).toMatchObject({
      fanOut: false,
      listField: "documents",
    });
  });
});

describe("what cannot be told whose it is", () => {
  it.each([
    `/v1beta/files/${"a".repeat(2_000)}`,
    `/v1beta/files/${"a".repeat(700)}`,
    "/v1beta/files/a b",
    "/v1beta/files/a/b",
    "/v1beta/fileSearchStores/-/documents",
    "/v1beta/fileSearchStores/%2D/documents",
    "/v1beta/corpora/-/documents",
    "/v1beta/models/m/operations/a b",
    "/v1beta/models/m/operations/o/x",
    "/v1beta/voices/../files/a",
    "/v1beta/voices/%2e%2e/files/a",
    "/v1beta/./files/a",
    "/v1beta/auth_tokens/x",
  ])("%s is refused", (path) => {
    for (const method of ["GET", "DELETE"])
      expect(route(method, path)).toMatchObject({ refused: true, names: [], forgets: null, creates: false });
  });

  it("OpenAI's paths too", () => {
    expect(openai("GET", `/videos/${"a".repeat(700)}`)).toMatchObject({ refused: true });
    expect(openai("GET", "/batches/../files/x")).toMatchObject({ refused: true });
  });

  it("long paths of files in an environment are its own", () => {
    const path = `/v1beta/environments/e/files/${"directory/".repeat(100)}a`;
    expect(route("GET", path)).toMatchObject({ refused: false, names: ["environments/e"] });
  });

  it("no list of a whole collection goes out as it is", () => {
    const collections =
      "files generatedFiles cachedContents batches operations fileSearchStores tunedModels corpora interactions auth_tokens agents environments credentials triggers voices webhooks models/m/operations";
    for (const collection of collections.split(" "))
      for (const method of ["GET", "HEAD"]) {
        const found = route(method, `/v1beta/${collection}`);
        expect(found).toMatchObject({ action: "list" });
        expect(found?.fanOut !== found?.unlistable).toBe(true);
      }
    for (const collection of ["files", "batches", "videos"])
      expect(openai("GET", `/${collection}?limit=5`)).toMatchObject({ unlistable: true, fanOut: false });
    expect(route("GET", "/v1beta/auth_tokens")).toMatchObject({ unlistable: true });
  });
});

describe("what becomes of a resource", () => {
  it("only the deletion of the resource itself forgets it", () => {
    expect(route("DELETE", "/v1beta/files/abc")?.forgets).toBe("files/abc");
    expect(route("DELETE", "/v1beta/fileSearchStores/s")?.forgets).toBe("fileSearchStores/s");
    expect(route("DELETE", "/v1beta/models/m/operations/o")?.forgets).toBe("models/m/operations/o");
    expect(route("DELETE", "/v1beta/fileSearchStores/s/documents/d")?.forgets).toBeNull();
    expect(route("DELETE", "/v1beta/environments/e/files/a")?.forgets).toBeNull();
    expect(route("POST", "/v1beta/batches/b:cancel")?.forgets).toBeNull();
  });

  it("what creates, and what runs a model of the body's choice", () => {
    expect(route("POST", "/v1beta/cachedContents")).toMatchObject({ creates: true, usesModel: true });
    expect(route("POST", "/v1beta/files")).toMatchObject({ creates: true, usesModel: false });
    expect(route("POST", "/upload/v1beta/files")).toMatchObject({ creates: true, usesModel: false });
    expect(route("POST", "/v1beta/models/m:predictLongRunning")).toMatchObject({ creates: true, usesModel: false });
    expect(route("POST", "/v1beta/interactions")).toMatchObject({ creates: true, usesModel: true });
    expect(route("POST", "/v1beta/interactions/v1_x/cancel")).toMatchObject({ creates: false, usesModel: false });
    expect(route("POST", "/v1beta/triggers/t/executions")).toMatchObject({ creates: false, usesModel: true });
    for (const method of ["PATCH", "PUT"]) {
      expect(route(method, "/v1beta/agents/a")).toMatchObject({ action: "update", usesModel: true });
      expect(route(method, "/v1beta/triggers/t")).toMatchObject({ action: "update", usesModel: true });
      expect(route(method, "/v1beta/cachedContents/c")).toMatchObject({ action: "update", usesModel: false });
    }
    expect(route("POST", "/v1beta/fileSearchStores/s:importFile")).toMatchObject({ creates: false, usesModel: false });
    expect(route("GET", "/v1beta/files")).toMatchObject({ creates: false });
  });
});

describe("uploads", () => {
  const upload = (query: string, uploadProtocol: string | null, uploadCommand: string | null): string | undefined =>
    route("POST", `/upload/v1beta/files${query}`, { uploadProtocol, uploadCommand })?.action;

  it("are told by headers and query", () => {
    expect(upload("", "resumable", "start")).toBe("upload-start");
    expect(upload("", "Resumable", null)).toBe("upload-start");
    expect(upload("?uploadType=resumable", null, null)).toBe("upload-start");
    expect(upload("", "multipart", null)).toBe("upload-whole");
    expect(upload("", "raw", null)).toBe("upload-whole");
    expect(upload("?uploadType=media", null, null)).toBe("upload-whole");
    expect(upload("", "resumable", "start, upload, finalize")).toBe("upload-whole");
    expect(upload("?upload_id=x&upload_protocol=resumable", null, "upload, finalize")).toBe("upload-chunk");
    expect(upload("?a=b&upload_id=x", null, null)).toBe("upload-chunk");
    expect(upload("", null, "query")).toBe("upload-chunk");
  });

  it("name the store or environment they go to", () => {
    expect(route("POST", "/upload/v1beta/fileSearchStores/s:uploadToFileSearchStore")).toMatchObject({
      family: "store",
      names: ["fileSearchStores/s"],
    });
    expect(route("POST", "/upload/v1beta/environments/e/files/a/b")).toMatchObject({
      family: "environment",
      names: ["environments/e"],
    });
  });
});

describe("OpenAI paths", () => {
  it.each([
    ["POST", "/batches", "batch", "create", []],
    ["GET", "/batches/ab", "batch", "get", ["batches/ab"]],
    ["GET", "/batches/batches%2Fab", "batch", "get", ["batches/ab"]],
    ["GET", "/batches/batches/ab", "batch", "get", ["batches/ab"]],
    ["POST", "/batches/ab/cancel", "batch", "cancel", ["batches/ab"]],
    ["POST", "/videos", "video", "create", []],
    ["GET", "/videos/v", "video", "get", ["videos/v"]],
    ["GET", "/videos/v/content", "video", "download", ["videos/v"]],
    ["DELETE", "/videos/v", "video", "delete", ["videos/v"]],
    ["GET", "/files/abc/content", "file", "download", ["files/abc"]],
  ])("%s %s: %s %s", (method, url, family, action, names) => {
    expect(openai(method, url)).toMatchObject({ family, action, names });
  });

  it("chat and models concern no resource, and no list is asked of all projects", () => {
    for (const path of ["/chat/completions", "/models", "/models/x", "/embeddings", "/"])
      expect(openai("POST", path)).toBeNull();
    expect(openai("GET", "/batches")).toMatchObject({ action: "list", fanOut: false, unlistable: true });
  });
});

it("names nothing but canonical names, whatever the path", () => {
  const piece = fc.oneof(
    fc.constantFrom("files", "batches", "v1beta", "upload", "models", "operations", "%2F", "%", "..", ":", "a", "%00"),
    fc.string({ maxLength: 12 }),
  );
  fc.assert(
    fc.property(
      fc.constantFrom("GET", "POST", "DELETE", "PATCH", "OPTIONS"),
      fc.array(piece, { maxLength: 8 }),
      fc.constantFrom("gemini-api" as const, "gemini-openai" as const),
      (method, pieces, backend) => {
        const found = route(method, `/${pieces.join("/")}`.replaceAll("?", ""), { backend });
        for (const name of found?.names ?? []) expect(name).toMatch(/^[\w.]+(\/[\w.~=+@-]+){1,3}$/);
        expect(found?.names.length ?? 0).toBeLessThanOrEqual(1);
      },
    ),
  );
  expect(route("GET", `/v1beta/files/${"a".repeat(5_000)}`)).toMatchObject({ refused: true });
});
