/**
 * Google's list of models as OpenAI's clients read one, for pools that have no API key and so no surface of Google's that
 * would write it.
 * @module
 */
import { isObject, objectOf, textOf } from "./values.ts";

/**
 * Writes the list.
 * @param geminiList the parsed answer of `GET models`: `{models: [{name: "models/…"}]}`; what is no list gives an empty one
 * @param createdAt epoch milliseconds, named for each model: Google tells no time
 * @returns the JSON body
 */
export function toOpenAiModels(geminiList: unknown, createdAt: number): string {
  const models = objectOf(geminiList)?.["models"];
  const texts = (Array.isArray(models) ? (models as unknown[]) : []).filter(isNamed).map((model) => {
    return modelText(model, createdAt);
  });
  return `{"object":"list","data":[${texts.join(",")}]}`;
}

/**
 * Writes one model, for `GET models/{id}`.
 * @param geminiModel the parsed answer: `{name: "models/…"}`
 * @param createdAt epoch milliseconds
 * @returns the JSON body
 */
export function toOpenAiModel(geminiModel: unknown, createdAt: number): string {
  return modelText(isNamed(geminiModel) ? geminiModel : { name: "" }, createdAt);
}

// --- helpers ---

interface Named {
  name: string;
}

function isNamed(model: unknown): model is Named {
  return isObject(model) && textOf(model["name"]) !== null;
}

function modelText(model: Named, createdAt: number): string {
  const id = model.name.replace(/^models\//, "");
  return JSON.stringify({ id, object: "model", created: Math.floor(createdAt / 1000), owned_by: "google" });
}
