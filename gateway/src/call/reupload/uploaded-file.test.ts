import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isFileUri, parseUploadedFile } from "./uploaded-file.ts";

const now = Date.UTC(2026, 10, 21);
const file = {
  name: "files/abc",
  displayName: "Big Buck Bunny",
  mimeType: "video/mp4",
  sizeBytes: "64657027",
  expirationTime: "2026-11-23T00:00:00.5Z",
  sha256Hash: "Zjc4",
  uri: "https://generativelanguage.googleapis.com/v1beta/files/abc",
  state: "PROCESSING",
};

describe("Google's file resource", () => {
  it("is read from an upload's answer and from its own", () => {
    const read = {
      name: "files/abc",
      uri: file.uri,
      mimeType: "video/mp4",
      displayName: "Big Buck Bunny",
      bytes: 64_657_027,
      sha256: "Zjc4",
      expiresAt: Date.UTC(2026, 10, 23) + 500,
      state: "processing",
    };
    expect(parseUploadedFile(JSON.stringify({ file }), now)).toEqual(read);
    expect(parseUploadedFile(JSON.stringify(file), now)).toEqual(read);
  });

  it("without a time, a type or a state is an active one of unknown type for 48 hours", () => {
    const { name, uri, sizeBytes } = file;
    expect(parseUploadedFile(JSON.stringify({ name, uri, sizeBytes }), now)).toMatchObject({
      mimeType: "application/octet-stream",
      displayName: null,
      sha256: null,
      expiresAt: now + 48 * 3_600_000,
      state: "active",
    });
  });

  it.each([
    ["another collection", { name: "cachedContents/abc" }],
    ["a batch's result", { name: "files/batch-abc" }],
    ["a path below", { name: "files/abc/../x" }],
    ["an address with a quote", { uri: 'https://x.example/"' }],
    ["an address with a backslash", { uri: "https://x.example/\\" }],
    ["no address", { uri: "files/abc" }],
    ["no size", { sizeBytes: undefined }],
    ["a size below zero", { sizeBytes: "-1" }],
  ])("with %s is none", (_what, change) => {
    expect(parseUploadedFile(JSON.stringify({ file: { ...file, ...change } }), now)).toBeNull();
  });

  it("with a type that is no header is of unknown type", () => {
    const answer = JSON.stringify({ ...file, mimeType: "a/b\r\nx: y" });
    expect(parseUploadedFile(answer, now)?.mimeType).toBe("application/octet-stream");
  });

  it("is found in nothing else, and nothing throws", () => {
    for (const text of ["", "null", "[]", '"x"', "{", "{}", '{"file":[]}'])
      expect(parseUploadedFile(text, now)).toBeNull();
    fc.assert(fc.property(fc.json(), (text) => void parseUploadedFile(text, now)));
  });

  it("has an address that stands in JSON as it is", () => {
    fc.assert(
      fc.property(fc.string(), (tail) => {
        const uri = `https://x.example/${tail}`;
        if (isFileUri(uri)) expect(JSON.stringify(uri)).toBe(`"${uri}"`);
      }),
    );
  });
});
