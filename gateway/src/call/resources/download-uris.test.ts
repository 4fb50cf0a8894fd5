import { expect, it } from "vitest";
import { rewriteDownloadUris } from "./download-uris.ts";

const google = "https://generativelanguage.googleapis.com";
const base = "https://gw.example.com/proxy";

it("addresses of generated files lead to the gateway, and nothing else changes", () => {
  const text = `{ "a": "${google}/v1beta/files/x-1:download?alt=media",\n "b" : [1.0, "${google}/download/v1/files/y:download"] }`;
  expect(rewriteDownloadUris(text, base)).toBe(
    `{ "a": "${base}/v1beta/files/x-1:download?alt=media",\n "b" : [1.0, "${base}/download/v1/files/y:download"] }`,
  );
});

it("escaped ones too", () => {
  expect(
    rewriteDownloadUris(
      '{"uri":"https:\\/\\/generativelanguage.googleapis.com\\/v1beta\\/files\\/x:download?alt\\u003dmedia"}',
      base,
    ),
  ).toBe(`{"uri":"${base}/v1beta/files/x:download?alt=media"}`);
});

it.each([
  `{"uri":"${google}/v1beta/files/x"}`,
  `{"text":"see ${google}/v1beta/files/x:download?alt=media"}`,
  `{"text":"\\"${google}/v1beta/files/x:download?alt=media\\""}`,
  `{"text":"${google}/v1beta/files/x:download?alt=media and more"}`,
  `{"text":"${google}.evil.com/v1beta/files/x:download"}`,
  `{"text":"https://evil.com/${google}/v1beta/files/x:download"}`,
  `{"text":"http://generativelanguage.googleapis.com/v1beta/files/x:download"}`,
  `{"text":"${google}/v1beta/files/x:download`,
  `{"text":"${google}/v1beta/models/x:download"}`,
  `generativelanguage.googleapis.com`,
  "",
])("is left as it is: %s", (text) => {
  expect(rewriteDownloadUris(text, base)).toBe(text);
});

it("without a base nothing is changed", () => {
  const text = `{"uri":"${google}/v1beta/files/x:download"}`;
  expect(rewriteDownloadUris(text, null)).toBe(text);
});
