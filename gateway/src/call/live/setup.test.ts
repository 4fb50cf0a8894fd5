import fc from "fast-check";
import { expect, it } from "vitest";
import { portableBytes as bytes } from "../../core/portable-bytes.ts";
import { readSetup, withModel, type LiveSetup } from "./setup.ts";

const digest = { sha256: (text: string): string => `<${text}>` };
const read = (text: string): ReturnType<typeof readSetup> => readSetup(bytes.encode(text), { bytes, digest });
function good(text: string): LiveSetup {
  const outcome = read(text);
  if (!outcome.ok) throw new Error(outcome.words);
  return outcome.setup;
}

it("model, handle and stores are found, however Google's parser would take them", () => {
  const text = `{'setup': {
    "generationConfig": {"responseModalities": ["AUDIO"], "model": "not this"},
    "session_resumption": {"handle": "h\\u002d1"},
    "tools": [{"functionDeclarations": [{"name": "fileSearchStores/none"}]},
              {"file_search": {"file_search_store_names": ["fileSearchStores/a", "fileSearchStores/b/documents/c"]}},
              {"fileSearch": {"fileSearchStoreNames": ["fileSearchStores/a"]}}],
    "model": "models/gemini-live",
  }}`;
  expect(good(text)).toMatchObject({
    model: "gemini-live",
    handle: "h-1",
    names: ["fileSearchStores/a", "fileSearchStores/b"],
  });
});

it("tuned models keep their name, and none is null", () => {
  expect(good(`{"setup":{"model":"tunedModels/x"}}`).model).toBe("tunedModels/x");
  expect(good(`{"setup":{"sessionResumption":{}}}`)).toMatchObject({ model: null, handle: null, names: [] });
});

it.each([
  [`"tools":[{"fileSearch":{"fileSearchStoreNames":["fileSearch\\u0053tores/a"]}}]`, "fileSearchStores/a"],
  [`"tools":[{"fileSearch":{"fileSearch\\StoreNames":["fileSearchStores/a"]}}]`, "fileSearchStores/a"],
  [`"tools":{"fileSearch":{"fileSearchStoreNames":["fileSearchStores/a"]}}`, "fileSearchStores/a"],
  [`"tools":{"fileSearch":{"fileSearchStoreNames":"fileSearchStores/a"}}`, "fileSearchStores/a"],
  [`"systemInstruction":{"parts":[{"fileData":{"fileUri":"files/a"}}]}`, "files/a"],
  [`"cachedContent":"cachedContents/a"`, "cachedContents/a"],
])("what %s names is found", (member, name) => {
  expect(good(`{"setup":{"model":"models/m",${member}}}`).names).toEqual([name]);
});

it("a thousand stores are named, more are refused", () => {
  const setup = (count: number): string =>
    JSON.stringify({
      setup: {
        model: "m",
        tools: [
          { fileSearch: { fileSearchStoreNames: Array.from({ length: count }, (_, n) => `fileSearchStores/${n}`) } },
        ],
      },
    });
  expect(good(setup(1_000)).names).toHaveLength(1_000);
  expect(read(setup(1_001)).ok).toBe(false);
});

it.each([
  `{}`,
  `{"clientContent":{}}`,
  `{"setup":"x"}`,
  `{"setup":[]}`,
  `{"setup":{"model":"m"}`,
  `{"setup":{"model":"m"}}{"setup":{"model":"n"}}`,
  `{"setup":{"model":"m"},"setup":{"model":"n"}}`,
  `{"setup":{"sessionResumption":{"handle":"a"},"session_resumption":{"handle":"b"}}}`,
  `{"setup":{"tools":[],"tools":[]}}`,
])("%s is no setup", (text) => {
  expect(read(text).ok).toBe(false);
});

it("never throws, and reads what JSON.parse reads", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (message) => {
      readSetup(message, { bytes, digest });
    }),
  );
  const name = fc.string({ minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(name, name, fc.jsonValue(), (model, handle, other) => {
      const setup = good(JSON.stringify({ setup: { other, model: `models/${model}`, sessionResumption: { handle } } }));
      expect(setup).toMatchObject({ model, handle });
    }),
  );
});

it("another model takes the name's place, and every other byte stays", () => {
  const text = `{ "setup" : {"a": 1.0, "model": "models/fast" , "b": "ü" } }`;
  const message = bytes.encode(text);
  expect(bytes.decode(withModel(message, good(text), "gemini-live", bytes))).toBe(
    text.replace("models/fast", "models/gemini-live"),
  );
  expect(bytes.decode(withModel(message, good(text), "tunedModels/t", bytes))).toBe(
    text.replace("models/fast", "tunedModels/t"),
  );
});
