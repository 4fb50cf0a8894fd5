import fc from "fast-check";
import { expect, it } from "vitest";
import { portableBytes as bytes } from "../../core/portable-bytes.ts";
import { readSetup, withModel, type LiveSetup } from "./setup.ts";

const read = (text: string): ReturnType<typeof readSetup> => readSetup(bytes.encode(text), bytes);
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
    stores: ["fileSearchStores/a", "fileSearchStores/b"],
  });
});

it("tuned models keep their name, and none is null", () => {
  expect(good(`{"setup":{"model":"tunedModels/x"}}`).model).toBe("tunedModels/x");
  expect(good(`{"setup":{"sessionResumption":{}}}`)).toMatchObject({ model: null, handle: null, stores: [] });
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
      readSetup(message, bytes);
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
