import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { portableBytes as bytes } from "../../core/portable-bytes.ts";
import { nodeBytes } from "../../hosts/node/bytes.ts";
import { namesInBody } from "./body-names.ts";
import { cut, digest, find, google } from "../../testkit/named-body.ts";

describe("spellings that no serializer writes", () => {
  const text = "y".repeat(3_000);
  it.each([
    ["file\\Uri", "files/a"],
    ["f\\il\\eUr\\i", "files/a"],
    ["contin\\uationToken", "t"],
    ["cached\\Content", "cachedContents/a"],
    ["cached\\u0043ontent", "cachedContents/a"],
    ["voiceName", "\\voices/a"],
    ["voiceName", "v\\oices/a"],
  ])("%s is found in a long body", (key, value) => {
    const found = find(`{"text":"${text}","${key}":"${value}"}`);
    expect(found).toHaveLength(1);
    expect(found).toEqual(find(`{"${key}":"${value}"}`));
  });

  it("addresses in chats may be percent-encoded, and fill a chunk", () => {
    const chat = { operation: "chat", backend: "gemini-openai" } as const;
    for (const path of ["%66iles/a", "files%2fa", "files%2Fa", "f%49les/a".replace("49", "69")])
      expect(find({ text, image_url: { url: `${google}/${path}` } }, chat)).toEqual(["files/a"]);
    const start = `{"text":"${text}","url":"https:`;
    const rest = `//generativelanguage.googleapis.com/v1beta/files/a?${"a".repeat(2_000)}`;
    expect(find(`${start}${rest}"}`, { ...chat, sizes: [start.length, rest.length] })).toEqual(["files/a"]);
  });

  it("a long address across chunks is found", () => {
    const body = JSON.stringify({ text, fileUri: `${google}/files/a?${"b".repeat(400)}` });
    for (const border of [3_020, 3_040, 3_100, 3_300]) expect(find(body, { sizes: [border] })).toEqual(["files/a"]);
  });

  /** One character of a JSON string in one of the spellings that give it. */
  const spelled = (character: string): fc.Arbitrary<string> =>
    fc.oneof(
      { weight: 8, arbitrary: fc.constant(character) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
          `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`,
          `\\${character}`,
        ),
      },
    );
  const inString = (word: string): fc.Arbitrary<string> =>
    fc.tuple(...[...word].map((character) => spelled(character))).map((all) => all.join(""));
  const keys = fc.constantFrom(
    ..."fileUri file_uri FileUri fileURI file cachedContent cached_content fileSearchStoreNames file_search_store_names voiceName voice voice_id continuationToken continuation_token url file_id model args parameters".split(
      " ",
    ),
  );
  const values = fc.constantFrom(
    ..."files/a cachedContents/a fileSearchStores/a voices/a tunedModels/a agents/a corpora/a token".split(" "),
    `${google}/files/a`,
    `${google}/%66iles/a`,
    "https://example.com/files/a",
  );
  const noise = fc.oneof(
    fc.constantFrom("\\\\", "\\n", '\\"', "\\u003c", "\\u00e9", "\\\\\\", "{", "'", "%", "text", "\\u", " "),
    fc.string({ maxLength: 6 }).map((plain) => JSON.stringify(plain).slice(1, -1)),
  );
  const member = fc.oneof(
    fc
      .tuple(
        keys.chain(inString),
        values.chain(inString),
        fc.constantFrom('"', "'", ""),
        fc.constantFrom(":", " : ", ""),
      )
      .map(([key, value, quote, colon]) => `${quote}${key}${quote}${colon}"${value}"`),
    fc.array(noise, { maxLength: 8 }).map((all) => `"text":"${all.join("")}"`),
    fc.array(noise, { maxLength: 4 }).map((all) => all.join("")),
    fc.constantFrom("{", "}", "[", "]", "\\"),
  );

  it.each([
    ["gemini-api", "generate"],
    ["gemini-openai", "chat"],
  ] as const)("are seen by the search that spares the walk: %s", (backend, operation) => {
    fc.assert(
      fc.property(
        fc.array(member, { maxLength: 6 }),
        fc.integer({ min: 0, max: 6 }),
        fc.array(fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1_020, max: 3_000 })), { maxLength: 8 }),
        fc.constantFrom(" ", "A", "AAAA\n"),
        (members, at, sizes, filler) => {
          const padded = members.toSpliced(at, 0, filler.repeat(Math.ceil(2_200 / filler.length)));
          const body = bytes.encode(`{${padded.join(",")}}`);
          // In pieces this small no search is made: it is the walk.
          const walked = namesInBody({
            chunks: cut(
              body,
              Array.from({ length: body.length }, () => 7),
            ),
            backend,
            operation,
            bytes: nodeBytes,
            digest,
          });
          const chunks = cut(body, sizes);
          expect(namesInBody({ chunks, backend, operation, bytes: nodeBytes, digest })).toEqual(walked);
        },
      ),
      { numRuns: 3_000 },
    );
  });
});

describe("forms", () => {
  const options = { operation: "other", backend: "gemini-openai" } as const;
  const form = (head: string, value: string, before = ""): string =>
    `${before}--b\r\n${head}\r\n\r\n${value}\r\n--b--\r\n`;

  it.each([
    [form('Content-Disposition: form-data; name="extend_video_id"', "videos/v")],
    [form("Content-Disposition: form-data; name=extend_video_id", "videos/v")],
    [form("content-disposition:form-data;NAME=extend_video_id;x=y", "v")],
    [form("Content-Disposition: form-data; name = 'extend_video_id'", "videos/v")],
    [form('Content-Disposition: form-data; name="extend\\_video_id"', "videos/v")],
    [form('Content-Disposition: form-data;\r\n\tname="extend_video_id"', "videos/v")],
    [form('Content-Disposition: form-data; name="extend_video_id"', "videos/v").replaceAll("\r", "")],
    [form('Content-Disposition: form-data; name="extend_video_id"', "videos/v", "\r\n")],
    [form('Content-Disposition: form-data; name="extend_video_id"', "videos/v", '{"a":1}\r\n')],
    [form('X-Other: y\r\nContent-Disposition: form-data; name="extend_video_id"\r\nContent-Type: text/plain', "v")],
    [form('Content-Disposition: form-data; filename="name=x"; name="extend_video_id"', "videos/v")],
  ])("%j names a video", (text) => {
    expect(find(text, options)).toEqual(["videos/v"]);
    for (const border of [1, 20, 60, 80]) expect(find(text, { ...options, sizes: [border] })).toEqual(["videos/v"]);
  });

  it.each([
    form("Content-Disposition: form-data; name*=utf-8''extend%5fvideo_id", "videos/v"),
    form('Content-Disposition: form-data; name="a"; name="extend_video_id"', "videos/v"),
    form('Content-Disposition: form-data; name="extend_video_id"', "v".repeat(9_000)),
    form(`Content-Disposition: form-data; x=${"y".repeat(9_000)}; name=extend_video_id`, "videos/v"),
    form("Content-Disposition: form-data; name=a", "b").repeat(1_001),
  ])("what parsers differ in is refused (%#)", (text) => {
    expect(find(text, options)).toBeNull();
  });

  it("with media in them name nothing", () => {
    const media = "\u0000\nc\u00ff--\r\n".repeat(20_000);
    const head = 'Content-Disposition: form-data; name="input_reference"; filename="a.png"\r\nContent-Type: image/png';
    expect(find(form(head, media), options)).toEqual([]);
    expect(find({ prompt: 'name="extend_video_id"\r\n\r\nvideos/v' }, options)).toEqual([]);
  });
});
