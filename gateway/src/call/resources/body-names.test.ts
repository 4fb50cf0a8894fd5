import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { portableBytes as bytes } from "../../core/portable-bytes.ts";
import { nodeBytes } from "../../hosts/node/bytes.ts";
import { namesAgent, namesInBody } from "./body-names.ts";
import { cut, digest, find, google } from "../../testkit/named-body.ts";

describe("generations", () => {
  it("name files, caches, stores, voices and continuations", () => {
    expect(
      find({
        contents: [
          { parts: [{ text: "x" }, { fileData: { mimeType: "a/b", fileUri: `${google}/files/a` } }] },
          { parts: [{ file_data: { file_uri: "files/b" } }] },
          { parts: [{ functionResponse: { name: "f", parts: [{ fileData: { fileUri: `${google}/files/c` } }] } }] },
        ],
        cachedContent: "cachedContents/k",
        tools: [{ fileSearch: { fileSearchStoreNames: ["fileSearchStores/s", "fileSearchStores/t"] } }],
        generationConfig: { speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: "voices/v" } } } },
        continuationToken: "token-of-a-long-answer",
      }),
    ).toEqual([
      "files/a",
      "files/b",
      "files/c",
      "cachedContents/k",
      "fileSearchStores/s",
      "fileSearchStores/t",
      "voices/v",
      "continuations/<22:token-of>",
    ]);
  });

  it("name each only once, and a result file by its batch", () => {
    expect(
      find({ a: { fileUri: "files/a" }, b: { fileUri: `${google}/files/a` }, c: { fileUri: "files/batch-b" } }),
    ).toEqual(["files/a", "batches/b"]);
  });

  it("do not name what a text mentions, nor what functions were given or answered", () => {
    expect(
      find({
        contents: [
          { parts: [{ text: 'use {"fileUri": "files/x"} and "cachedContent":"cachedContents/x"' }] },
          { parts: [{ text: "files/x" }, { text: '\\"fileUri\\":\\"files/x\\"' }] },
          { parts: [{ functionCall: { name: "f", args: { fileUri: "files/x", deep: [{ file_uri: "files/x" }] } } }] },
          { parts: [{ functionResponse: { name: "f", response: { fileUri: "files/x" } } }] },
          { parts: [{ fileData: { fileUri: "https://example.com/v1beta/files/x" } }] },
          { parts: [{ fileData: { fileUri: "https://youtu.be/abc" } }] },
        ],
        labels: { fileUri: "files/x" },
      }),
    ).toEqual([]);
  });

  it("are read as Google's parser reads them", () => {
    expect(find("{'contents':[{'parts':[{'fileData':{'fileUri':'files/a'}}]}]}")).toEqual(["files/a"]);
    expect(find('{contents:[{parts:[{fileData:{fileUri : "files/a",}}]}],}')).toEqual(["files/a"]);
    expect(find('{"fileData":{"file\\u0055ri":"files/a"}}')).toEqual(["files/a"]);
    expect(find('{"fileData":{"\\u0066ileUri":"files/a"}}')).toEqual(["files/a"]);
    expect(find('{"fileData":{"fileUri":"\\u0066iles\\/a"}}')).toEqual(["files/a"]);
    expect(find('{"fileData":{"fileUri":"files/a","fileUri":"files/b"}}')).toEqual(["files/a", "files/b"]);
    expect(find('\ufeff{"fileData":{"fileUri":"files/a"}}')).toEqual(["files/a"]);
    expect(find('{"fileData":{"fileUri":"files/a"')).toEqual(["files/a"]);
    expect(find('{"voiceName":"voices\\u002fv"}')).toEqual(["voices/v"]);
  });

  it("escapes that serializers write do no harm", () => {
    const many = "\\u003c\\u003e\\u00e9".repeat(200);
    expect(find(`{"contents":[{"parts":[{"text":"${many}"}]}]}`)).toEqual([]);
    expect(find(`{"contents":[{"parts":[{"text":"${many}"},{"fileData":{"fileUri":"files/a"}}]}]}`)).toEqual([
      "files/a",
    ]);
  });

  it("are found behind media of many chunks, also when a name lies across their borders", () => {
    const image = { inlineData: { mimeType: "image/png", data: "QUJD".repeat(50_000) } };
    const body = JSON.stringify({ contents: [{ parts: [image, { fileData: { fileUri: "files/a" } }, image] }] });
    const at = body.indexOf("fileUri");
    for (let border = at - 3; border < at + 22; border += 1)
      expect(find(body, { sizes: [border] })).toEqual(["files/a"]);
    expect(find(body, { sizes: Array.from({ length: 5 }, () => 65_536) })).toEqual(["files/a"]);
    expect(find({ contents: [{ parts: [image, image] }] }, { sizes: [65_536, 65_536] })).toEqual([]);
  });

  it("an unquoted key at the end of a chunk without quotes is not missed", () => {
    const start = `{contents:[{parts:[{inlineData:{data:"${"A".repeat(3_000)}"}},{fileData:{`;
    const chunk = `${" ".repeat(100)}fileUri${" ".repeat(2_000)}`;
    expect(find(`${start}${chunk}:"files/a"}}]}]}`, { sizes: [start.length, chunk.length] })).toEqual(["files/a"]);
  });
});

describe("chat", () => {
  const chat = { operation: "chat", backend: "gemini-openai" } as const;

  it("names files, caches and tuned models", () => {
    expect(
      find(
        {
          model: "tunedModels/t",
          messages: [
            {
              role: "user",
              content: [
                { type: "file", file: { file_id: "files/a" } },
                { type: "image_url", image_url: { url: `${google}/files/b` } },
                { type: "image_url", image_url: { url: "https://example.com/files/x.png" } },
                { type: "image_url", image_url: { url: `data:image/png;base64,${"A".repeat(10_000)}` } },
              ],
            },
          ],
          extra_body: { google: { cached_content: "cachedContents/k" } },
        },
        chat,
      ),
    ).toEqual(["tunedModels/t", "files/a", "files/b", "cachedContents/k"]);
  });

  it("does not name what tools were called with", () => {
    expect(
      find(
        {
          messages: [
            {
              role: "assistant",
              tool_calls: [{ id: "1", function: { name: "f", arguments: '{"file_id":"files/x"}' } }],
            },
            { role: "tool", tool_call_id: "1", content: '{"url":"files/x"}' },
          ],
        },
        chat,
      ),
    ).toEqual([]);
  });
});

describe("other bodies", () => {
  const other = { operation: "other" };

  it("batches, imports and embeddings name their input", () => {
    expect(find({ batch: { inputConfig: { fileName: "files/in" } } }, other)).toEqual(["files/in"]);
    expect(find({ batch: { input_config: { file_name: "files/in" } } }, other)).toEqual(["files/in"]);
    expect(find({ fileName: "files/in", customMetadata: [{ key: "k", stringValue: "files/x" }] }, other)).toEqual([
      "files/in",
    ]);
    expect(
      find(
        { batch: { inputConfig: { requests: { requests: [{ request: { cachedContent: "cachedContents/k" } }] } } } },
        other,
      ),
    ).toEqual(["cachedContents/k"]);
    expect(find({ input_file_id: "files/in" }, { ...other, backend: "gemini-openai" })).toEqual(["files/in"]);
    expect(find({ input_file_id: "in" }, { ...other, backend: "gemini-openai" })).toEqual(["files/in"]);
  });

  it("videos and grounded answers name their sources", () => {
    expect(
      find({ instances: [{ prompt: "p", video: { uri: `${google}/files/v:download?alt=media` } }] }, other),
    ).toEqual(["files/v"]);
    expect(find({ semanticRetriever: { source: "corpora/c/documents/d", query: {} } }, other)).toEqual(["corpora/c"]);
    expect(find({ prompt: "p", extra_body: { google: { extend_video_id: "v1" } } }, other)).toEqual(["videos/v1"]);
  });

  it("interactions name what they go on from, and what they use", () => {
    expect(
      find(
        {
          model: "gemini-3.8-flash",
          previous_interaction_id: "v1_abc",
          input: [
            { type: "image", uri: `${google}/files/a` },
            { type: "text", text: "files/x" },
          ],
          tools: [
            { type: "file_search", file_search_store_names: ["fileSearchStores/s"] },
            { type: "computer_use", environment: "browser2" },
          ],
          agent: "my-agent",
          environment: "env_12",
          cached_content: "cachedContents/k",
          continuation_token: "t",
        },
        { operation: "interaction" },
      ),
    ).toEqual([
      "interactions/v1_abc",
      "files/a",
      "fileSearchStores/s",
      "agents/my-agent",
      "environments/env_12",
      "cachedContents/k",
      "continuations/<1:t>",
    ]);
    expect(
      find({ agent: "deep-research-preview-04-2026", environment: "remote" }, { operation: "interaction" }),
    ).toEqual([]);
  });

  it("forms of the OpenAI surface name videos and files", () => {
    const form = [
      "--b",
      'Content-Disposition: form-data; name="prompt"',
      "",
      'name="extend_video_id" files/x',
      "--b",
      'Content-Disposition: form-data; name="extend_video_id"',
      "",
      "videos/v1",
      "--b--",
      "",
    ].join("\r\n");
    expect(find(form, { ...other, backend: "gemini-openai" })).toEqual(["videos/v1"]);
    expect(find(form, other)).toEqual([]);
  });

  it("addresses at the gateway's own host are names too", () => {
    const body = { input: [{ type: "image", uri: "https://gw.example.com/v1beta/files/a" }] };
    expect(find(body, { operation: "interaction", hosts: ["gw.example.com"] })).toEqual(["files/a"]);
    expect(find(body, { operation: "interaction" })).toEqual([]);
  });
});

describe("other people's data", () => {
  const shape = {
    type: "object",
    fileUri: "files/x",
    file_uri: "files/x",
    deep: [{ cachedContent: "cachedContents/x" }],
  };

  it.each([
    { generationConfig: { responseJsonSchema: shape, responseSchema: shape } },
    { generation_config: { response_json_schema: shape, response_schema: shape } },
    { tools: [{ functionDeclarations: [{ name: "f", parameters: shape, response: shape }] }] },
    { tools: [{ functionDeclarations: [{ parametersJsonSchema: shape, responseJsonSchema: shape }] }] },
    { tools: [{ function_declarations: [{ parameters_json_schema: shape }] }] },
  ])("in %j names nothing", (body) => {
    expect(find(body)).toEqual([]);
    expect(find(body, { operation: "other" })).toEqual([]);
    expect(find({ ...body, x: { fileUri: "files/a" } })).toEqual(["files/a"]);
  });

  it("of OpenAI's shapes and of interactions names nothing", () => {
    const foreign = { url: `${google}/files/x`, file_id: "files/x" };
    const chat = { operation: "chat", backend: "gemini-openai" } as const;
    const response_format = { type: "json_schema", json_schema: { schema: foreign } };
    const tools = [{ type: "function", function: { name: "f", parameters: foreign } }];
    expect(find({ model: "m", response_format, tools, metadata: foreign }, chat)).toEqual([]);
    const flat = [{ type: "function", name: "f", parameters: { uri: "files/x" } }];
    expect(
      find({ model: "m", response_format: { uri: "files/x" }, tools: flat }, { operation: "interaction" }),
    ).toEqual([]);
  });

  it("is not what a prediction's parameters are", () => {
    expect(find({ instances: [], parameters: { video: { uri: "files/a" } } }, { operation: "other" })).toEqual([
      "files/a",
    ]);
  });

  it("names no voice or model where it names another kind", () => {
    expect(find({ voiceName: "files/x" })).toEqual([]);
    expect(find({ model: "agents/x" }, { operation: "chat", backend: "gemini-openai" })).toEqual([]);
  });
});

describe("references that are too long to be looked into", () => {
  const long = "a".repeat(4_100);
  it.each([
    ["fileUri", `${google}/files/x?${long}`],
    ["fileUri", `files/${"a".repeat(601)}`],
    ["fileUri", `https://${long}@generativelanguage.googleapis.com/v1beta/files/x`],
    ["cachedContent", `cachedContents/${"a".repeat(601)}`],
    ["fileSearchStoreNames", `fileSearchStores/${long}`],
    ["fileUri", `${google}/files/x?${"a".repeat(1_100_000)}`],
  ])("in %s are refused", (field, value) => {
    const body = { text: "x".repeat(3_000), [field]: value };
    expect(find(body)).toBeNull();
    expect(find(body, { sizes: [3_100, 200, 5_000] })).toBeNull();
  });

  it("in fields of ids are refused", () => {
    const interaction = { operation: "interaction" };
    expect(find({ previous_interaction_id: "a".repeat(601) }, interaction)).toBeNull();
    expect(find({ extend_video_id: "a".repeat(601) }, { operation: "other" })).toBeNull();
    expect(find({ agent: `a ${"word ".repeat(200)}` }, interaction)).toEqual([]);
  });

  it("elsewhere, and media, are nobody's", () => {
    expect(find({ fileUri: `https://bucket.example.com/x?signature=${long}` })).toEqual([]);
    const url = `data:image/png;base64,${"A/A".repeat(500_000)}`;
    expect(find({ image_url: { url } }, { operation: "chat", backend: "gemini-openai" })).toEqual([]);
    expect(find({ uri: url }, { operation: "interaction" })).toEqual([]);
  });

  it("below a parent with a short name are the parent's", () => {
    const other = { operation: "other" };
    expect(find({ source: `corpora/c/documents/${"a".repeat(700)}` }, other)).toEqual(["corpora/c"]);
  });
});

it("an agent beside an allowed model is seen", () => {
  const agent = (text: string): boolean => namesAgent([bytes.encode(text)], nodeBytes);
  expect(agent('{"model":"allowed","agent":"x"}')).toBe(true);
  expect(agent("{model:'allowed','\\u0061gent':{\"id\":\"x\"}}")).toBe(true);
  expect(agent('{"model":"allowed","input":{"agent":"x"}}')).toBe(false);
});

describe("hostile bodies", () => {
  it("a thousand names are taken, one more is refused", () => {
    const naming = (count: number): unknown => ({
      parts: Array.from({ length: count }, (_, index) => ({ fileData: { fileUri: `files/f${index}` } })),
    });
    expect(find(naming(1_000))).toHaveLength(1_000);
    expect(find(naming(1_001))).toBeNull();
    expect(find(naming(50_000))).toBeNull();
  });

  it("depth, broken text and binary are got through", () => {
    expect(find(`${'{"a":['.repeat(50_000)}`)).toEqual([]);
    expect(find(`${"[".repeat(100_000)}{"fileUri":"files/a"}`)).toEqual([]);
    expect(find('{"fileUri":"files/a\\')).toEqual([]);
    expect(find(']]]}}}{"fileUri":"files/a"}')).toEqual(["files/a"]);
    expect(find("")).toEqual([]);
    expect(find(`{"fileUri":"files/${"a".repeat(2_000_000)}"}`, { sizes: [1_000, 500_000] })).toBeNull();
  });
});

// --- properties ---

const words = fc.oneof(
  fc.constantFrom(
    'mentions {"fileUri":"files/no"}',
    "files/no",
    `${google}/files/no`,
    '"cachedContent": "cachedContents/no"',
    "\\",
    '\\"',
    "it's",
    "ü𝄞 \u2028",
    "fileUri",
    "{[",
  ),
  fc.string(),
);
const harmlessKeys = fc.constantFrom("text", "role", "parts", "mimeType", "data", "name", "id", "title", "xfileUri");

/** A JSON value, and in `names` what it names. */
function named(depth: number): fc.Arbitrary<{ value: unknown; names: string[] }> {
  const leaf = fc.oneof(
    words.map((value) => ({ value: value as unknown, names: [] as string[] })),
    fc.constantFrom(1, null, true, -2.5e3).map((value) => ({ value: value as unknown, names: [] as string[] })),
    fc.nat(99).map((id) => ({ value: { fileUri: `${google}/files/f${id}` } as unknown, names: [`files/f${id}`] })),
    fc.nat(99).map((id) => ({ value: { cached_content: `cachedContents/c${id}` }, names: [`cachedContents/c${id}`] })),
    fc.nat(99).map((id) => ({ value: { args: { fileUri: `files/no${id}` } }, names: [] as string[] })),
    fc.array(fc.nat(99), { maxLength: 3 }).map((ids) => ({
      value: { fileSearch: { fileSearchStoreNames: ids.map((id) => `fileSearchStores/s${id}`) } },
      names: ids.map((id) => `fileSearchStores/s${id}`),
    })),
  );
  if (depth === 0) return leaf;
  const inner = named(depth - 1);
  return fc.oneof(
    leaf,
    fc.array(inner, { maxLength: 4 }).map((all) => ({
      value: all.map(({ value }) => value),
      names: all.flatMap(({ names }) => names),
    })),
    fc.array(fc.tuple(harmlessKeys, inner), { maxLength: 4 }).map((all) => {
      const members = new Map(all);
      return {
        value: Object.fromEntries([...members].map(([key, { value }]) => [key, value])),
        names: [...members.values()].flatMap(({ names }) => names),
      };
    }),
  );
}

it("finds exactly what is named, however the body is nested, spelled and cut", () => {
  fc.assert(
    fc.property(
      named(4),
      fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 41, max: 2_000 })), { maxLength: 30 }),
      fc.constantFrom(undefined, 1, "\t"),
      fc.constantFrom("generate", "other", "chat"),
      fc.boolean(),
      ({ value, names }, sizes, space, operation, escapes) => {
        let text = JSON.stringify({ contents: [value] }, null, space);
        if (escapes) text = text.replaceAll("/", "\\/").replaceAll("é", "\\u00e9");
        const wanted = operation === "chat" ? names.filter((name) => name.startsWith("cached")) : names;
        const options = { operation, sizes, backend: operation === "chat" ? "gemini-openai" : "gemini-api" } as const;
        expect(new Set(find(text, options))).toEqual(new Set(wanted));
        // The same by the search without Buffer.
        expect(namesInBody({ ...options, chunks: cut(bytes.encode(text), sizes), bytes, digest })).toEqual(
          find(text, options),
        );
      },
    ),
    { numRuns: 400 },
  );
});

it("never throws, whatever the bytes are", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.integer({ min: 1, max: 20 })), (body, sizes) => {
      for (const operation of ["generate", "other"])
        expect(
          namesInBody({ chunks: cut(body, sizes), backend: "gemini-api", operation, bytes: nodeBytes, digest }),
        ).not.toBeNull();
    }),
  );
});
