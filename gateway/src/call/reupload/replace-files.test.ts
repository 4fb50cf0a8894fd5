import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { portableBytes } from "../../core/portable-bytes.ts";
import { fileUri } from "../../testkit/kept-files.ts";
import { replaceFiles } from "./replace-files.ts";

const places = new Map(
  ["one", "two"].map((id) => [`files/${id}`, { name: `files/${id}-copy`, uri: fileUri(`files/${id}-copy`) }]),
);

/** Replaces in a body that is cut at these places. */
function replaced(
  text: string,
  options: { cuts?: readonly number[]; backend?: "gemini-api" | "gemini-openai"; only?: string } = {},
): string | null {
  const whole = portableBytes.encode(text);
  const cuts = [...new Set((options.cuts ?? []).map((cut) => cut % (whole.length + 1)))].sort((a, b) => a - b);
  const chunks = [0, ...cuts].map((start, index) => whole.subarray(start, cuts[index] ?? whole.length));
  const { backend = "gemini-api", only } = options;
  const wanted = only === undefined ? places : new Map([[only, places.get(only) as { name: string; uri: string }]]);
  const body = replaceFiles({ body: { chunks, length: whole.length }, backend, places: wanted, bytes: portableBytes });
  if (body === null) return null;
  const joined = portableBytes.concat(body.chunks);
  expect(body.length).toBe(joined.length);
  return portableBytes.decode(joined);
}

const body = (one: string, two: string): string =>
  `{ "contents" :[{"parts":[ {"fileData":{"fileUri":"${one}"} ,"x":1.50e3},\n\t{"file_data":{"mime_type":"a/b",file_uri: '${two}'}},{"text":"see ${"files/one"} and \\"fileUri\\":\\"files/one\\" – ü"},{"functionCall":{"name":"f","args":{"fileUri":"files/one"}}}]}],}\n`;

describe("files in a body", () => {
  it("are replaced where Google reads them as such, and every other byte stays", () => {
    expect(replaced(body(fileUri("files/one"), "files/two"))).toBe(body(fileUri("files/one-copy"), "files/two-copy"));
  });

  it("are replaced wherever the body is cut into chunks", () => {
    const text = body(fileUri("files/one"), "files/two");
    const wanted = body(fileUri("files/one-copy"), "files/two-copy");
    fc.assert(
      fc.property(fc.array(fc.nat(2_000), { maxLength: 12 }), (cuts) => {
        expect(replaced(text, { cuts })).toBe(wanted);
      }),
    );
  });

  it("are replaced at every single cut, one byte a chunk too", () => {
    const text = body("https:\\/\\/generativelanguage.googleapis.com\\/v1\\/files\\/one", "files/two");
    const wanted = body(fileUri("files/one-copy"), "files/two-copy");
    const length = portableBytes.encode(text).length;
    for (let cut = 0; cut <= length; cut += 1) expect(replaced(text, { cuts: [cut] })).toBe(wanted);
    expect(replaced(text, { cuts: Array.from({ length }, (_, index) => index) })).toBe(wanted);
  });

  it("are replaced each time they are named, and others stay", () => {
    const text = (name: string): string =>
      `{"contents":[{"parts":[{"fileData":{"fileUri":"${name}"}},{"fileData":{"fileUri":"files/two"}},{"fileData":{"fileUri":"${name}"}}]}]}`;
    expect(replaced(text("files/one"), { only: "files/one" })).toBe(text("files/one-copy"));
  });

  it("that the body does not name are told", () => {
    expect(replaced('{"contents":[{"parts":[{"fileData":{"fileUri":"files/one"}}]}]}')).toBeNull();
    expect(replaced('{"contents":[{"parts":[{"text":"files/one files/two"}]}]}')).toBeNull();
  });

  it("of OpenAI's shapes are replaced too", () => {
    const text = (one: string, two: string): string =>
      `{"model":"m","messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"${one}"}},{"type":"image_url","image_url":{"url":"${two}"}}]}]}`;
    expect(replaced(text("files/one", fileUri("files/two")), { backend: "gemini-openai" })).toBe(
      text("files/one-copy", fileUri("files/two-copy")),
    );
  });

  it("in a large body are replaced without copying it", () => {
    const media = new Uint8Array(400_000).fill(0x61);
    const chunks = [
      portableBytes.encode('{"contents":[{"parts":[{"fileData":{"fileUri":"files/one"}},{"inlineData":{"data":"'),
      media,
      portableBytes.encode('"}},{"fileData":{"fileUri":"files/two"}}]}]}'),
    ];
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const made = replaceFiles({ body: { chunks, length }, backend: "gemini-api", places, bytes: portableBytes });
    expect(made?.chunks.some((chunk) => chunk.buffer === media.buffer && chunk.length === media.length)).toBe(true);
    expect(made?.length).toBe(length + 2 * "-copy".length);
  });
});
