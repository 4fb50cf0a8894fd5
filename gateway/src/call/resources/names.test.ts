import { describe, expect, it } from "vitest";
import { authTokenName, fileOfReference, isBuiltInAgent, toResource, toResourceOf } from "./names.ts";

const digest = { sha256: (text: string): string => `<${text}>` };

describe("canonical names", () => {
  it.each([
    ["files/abc-12", "files/abc-12", "file"],
    ["files/batch-ab12", "batches/ab12", "batch"],
    ["files/batch-", "files/batch-", "file"],
    ["cachedContents/lf0nt062ulc1", "cachedContents/lf0nt062ulc1", "cache"],
    ["batches/ab12", "batches/ab12", "batch"],
    ["models/veo-3.1-generate-preview/operations/xyz", "models/veo-3.1-generate-preview/operations/xyz", "operation"],
    ["fileSearchStores/s", "fileSearchStores/s", "store"],
    ["fileSearchStores/s/documents/d", "fileSearchStores/s", "store"],
    ["fileSearchStores/s/upload/operations/o", "fileSearchStores/s", "store"],
    ["tunedModels/t/operations/o", "tunedModels/t", "tuned-model"],
    ["corpora/c/documents/d/chunks/k", "corpora/c", "corpus"],
    ["interactions/v1_ChdTbXNI", "interactions/v1_ChdTbXNI", "interaction"],
    ["environments/e/files/a/b", "environments/e", "environment"],
    ["generatedFiles/g/operations/o", "generatedFiles/g", "file"],
  ])("%s is %s", (text, name, kind) => {
    expect(toResource(text)).toEqual({ name, kind });
  });

  it.each([
    "models/gemini-3.8-flash",
    "models/m/operations",
    "models/m/operations/o/x",
    "models/m/operations/..",
    "files",
    "files/",
    "files/a/b",
    "/files/a",
    "Files/a",
    "files/a b",
    "files/..",
    "files/%61",
    "toString/a",
    `files/${"a".repeat(700)}`,
    "",
  ])("%s is none", (text) => {
    expect(toResource(text)).toBeNull();
  });

  it("ids that stand alone get their collection; names of other collections are not taken for them", () => {
    expect(toResourceOf("videos", "abc")).toEqual({ name: "videos/abc", kind: "video" });
    expect(toResourceOf("videos", "videos/abc")).toEqual({ name: "videos/abc", kind: "video" });
    expect(toResourceOf("videos", "files/abc")).toBeNull();
  });

  it("a token is named by its digest, with or without its collection", () => {
    expect(authTokenName("auth_tokens/abc", digest)).toBe("authTokens/<abc>");
    expect(authTokenName("abc", digest)).toBe("authTokens/<abc>");
  });

  it("knows Google's own agents", () => {
    expect(isBuiltInAgent("deep-research-preview-04-2026")).toBe(true);
    expect(isBuiltInAgent("my-agent")).toBe(false);
  });
});

describe("references to files", () => {
  it.each([
    "files/abc",
    "files/abc:download",
    "https://generativelanguage.googleapis.com/v1beta/files/abc",
    "https://generativelanguage.googleapis.com/v1/files/abc:download?alt=media",
    "https://generativelanguage.googleapis.com/download/v1beta/files/abc:download?alt=media",
    "HTTPS://GenerativeLanguage.googleapis.com:443/v1beta/files/abc",
    "http://user@generativelanguage.googleapis.com./v1beta/files/abc#x",
    "https://generativelanguage.googleapis.com/v1beta/files%2Fabc",
    "https://generativelanguage.googleapis.com/v1beta/files/%61bc",
    "https://generativelanguage.mtls.googleapis.com/v1beta/files/abc",
    "https://gw.example.com:8080/proxy/v1beta/files/abc",
  ])("%s", (text) => {
    expect(fileOfReference(text, ["gw.example.com"])).toEqual({ name: "files/abc", kind: "file" });
  });

  it.each([
    "https://example.com/v1beta/files/abc",
    "https://evil.com/generativelanguage.googleapis.com/v1beta/files/abc",
    "https://generativelanguage.googleapis.com.evil.com/v1beta/files/abc",
    "https://storage.googleapis.com/v1beta/files/abc",
    "https://generativelanguage.googleapis.com/v1beta/models/abc",
    "https://youtube.com/watch?v=files/abc",
    "gs://bucket/files/abc",
    "see files/abc",
    "data:image/png;base64,files/abc",
    `https://generativelanguage.googleapis.com/${"v".repeat(5_000)}/files/abc`,
  ])("%s is none", (text) => {
    expect(fileOfReference(text, ["gw.example.com"])).toBeNull();
  });
});
