import { describe, expect, it } from "vitest";
import { createSeededRandom } from "../../testkit/simulated.ts";
import { externalBase, rewriteUploadAddress, uploadSession, type UploadAddress } from "./upload-address.ts";

const digest = { sha256: (text: string): string => `<${text}>` };
const google = "https://generativelanguage.googleapis.com";

function rewrite(upstream: string, base: string | null = "https://gw.example.com/proxy"): UploadAddress | null {
  return rewriteUploadAddress({
    upstream,
    base,
    allowedOrigins: ["http://127.0.0.1:9000"],
    random: createSeededRandom(7),
    digest,
  });
}

describe("an upload's address", () => {
  it("leads to the gateway, with a token of its own, and the key stays behind", () => {
    const found = rewrite(`${google}/upload/v1beta/files?key=AIzaSECRET&upload_id=AAnB-1&upload_protocol=resumable`);
    expect(found?.clientUrl).toMatch(
      /^https:\/\/gw\.example\.com\/proxy\/upload\/v1beta\/files\?upload_id=up_[\w-]{43}&upload_protocol=resumable$/,
    );
    expect(found?.upstreamTarget).toBe("/upload/v1beta/files?upload_id=AAnB-1&upload_protocol=resumable");
  });

  it("is found again by its token alone", () => {
    const found = rewrite(`${google}/upload/v1/files?upload_id=AAnB`) as UploadAddress;
    const url = new URL(found.clientUrl);
    expect(uploadSession(url.pathname + url.search, digest)).toBe(found.name);
    expect(uploadSession(`/upload/v1/files?key=gp-x&upload_id=${url.searchParams.get("upload_id")}`, digest)).toBe(
      found.name,
    );
    expect(found.name).toBe(`uploads/<${url.searchParams.get("upload_id")}>`);
  });

  it("keeps the path below a store, and the escapes of the query", () => {
    const found = rewrite(
      `${google}/upload/v1beta/fileSearchStores/s:uploadToFileSearchStore?upload_id=a%2Fb&%6Bey=AIza`,
    );
    expect(found?.clientUrl).toContain("/proxy/upload/v1beta/fileSearchStores/s:uploadToFileSearchStore?upload_id=up_");
    expect(found?.upstreamTarget).toBe("/upload/v1beta/fileSearchStores/s:uploadToFileSearchStore?upload_id=a%2Fb");
  });

  it("the backend's own host is as good as Google's, with its prefix", () => {
    const found = rewrite("http://127.0.0.1:9000/base/upload/v1beta/files?upload_id=x");
    expect(found?.upstreamTarget).toBe("/base/upload/v1beta/files?upload_id=x");
    expect(found?.clientUrl).toContain("https://gw.example.com/proxy/upload/v1beta/files?");
  });

  it.each([
    "https://evil.example.com/upload/v1beta/files?upload_id=x",
    "https://generativelanguage.googleapis.com.evil.com/upload?upload_id=x",
    "https://evil.com@generativelanguage.googleapis.com/upload?upload_id=x",
    "http://generativelanguage.googleapis.com/upload?upload_id=x",
    "https://generativelanguage.googleapis.com:8443/upload?upload_id=x",
    "http://127.0.0.1:9001/upload?upload_id=x",
    "http://169.254.169.254/upload?upload_id=x",
    "file:///etc/passwd",
    "/upload/v1beta/files?upload_id=x",
    "",
    `${google}/upload?upload_id=${"x".repeat(9_000)}`,
  ])("elsewhere it is refused: %s", (upstream) => {
    expect(rewrite(upstream)).toBeNull();
  });

  it("without a base there is none", () => {
    expect(rewrite(`${google}/upload/v1beta/files?upload_id=x`, null)).toBeNull();
  });

  it.each([
    "/upload/v1beta/files",
    "/upload/v1beta/files?upload_id=",
    "/upload/v1beta/files?upload_id=AAnB-google-id",
    `/upload/v1beta/files?upload_id=up_${"a".repeat(42)}`,
    `/upload/v1beta/files?upload_id=up_${"a".repeat(43)}&upload_id=up_${"b".repeat(43)}`,
    `/upload/v1beta/files?xupload_id=up_${"a".repeat(43)}`,
    `/upload/v1beta/files#upload_id=up_${"a".repeat(43)}`,
  ])("%s belongs to no session of the gateway", (target) => {
    expect(uploadSession(target, digest)).toBeNull();
  });
});

describe("the gateway's own address", () => {
  const base = (changes: Partial<Parameters<typeof externalBase>[0]>): string | null =>
    externalBase({ publicUrl: null, host: "gw:8080", forwardedProto: null, mountPrefix: "", ...changes });

  it("is PUBLIC_URL where it is set", () => {
    expect(base({ publicUrl: "https://a.example/p", host: "b.example", mountPrefix: "/gemini" })).toBe(
      "https://a.example/p",
    );
  });

  it("comes from the request else", () => {
    expect(base({})).toBe("http://gw:8080");
    expect(base({ tls: true })).toBe("https://gw:8080");
    expect(base({ forwardedProto: "https, http", host: "GW.example" })).toBe("https://gw.example");
    expect(base({ forwardedProto: "javascript", mountPrefix: "/gemini" })).toBe("http://gw:8080/gemini");
    expect(base({ host: "[::1]:3000" })).toBe("http://[::1]:3000");
    expect(base({ host: "my_gateway" })).toBe("http://my_gateway");
  });

  it.each([
    null,
    "",
    "evil.com/path",
    "a b",
    "user@host",
    "host?x",
    "host#x",
    "a..b",
    ".a",
    "-a",
    "host:99999",
    "host:",
    "a\r\nx: y",
    'a"b',
    "x".repeat(300),
  ])("a host such as %j is refused", (host) => {
    expect(base({ host })).toBeNull();
  });
});
