/**
 * Google's models as Anthropic lists models.
 * @module
 */
import type { JsonObject } from "../../translation/types.ts";
import { isObject } from "./check.ts";

/**
 * The body of `GET /v1/models`: those that generate content, all on one page.
 * @param geminiList `{models: [{name, displayName, supportedGenerationMethods, …}]}`, parsed
 */
export function toAnthropicModels(geminiList: unknown): string {
  const models = isObject(geminiList) && Array.isArray(geminiList["models"]) ? geminiList["models"] : [];
  const data = models.flatMap((model: unknown) => {
    const entry = entryOf(model);
    return entry === null || !generates(model) ? [] : [entry];
  });
  const idOf = (entry: JsonObject | undefined): unknown => entry?.["id"] ?? null;
  return JSON.stringify({ data, has_more: false, first_id: idOf(data[0]), last_id: idOf(data.at(-1)) });
}

/**
 * The body of `GET /v1/models/{id}`.
 * @param geminiModel `{name, displayName, …}`, parsed
 * @returns null: it is no model
 */
export function toAnthropicModel(geminiModel: unknown): string | null {
  const entry = entryOf(geminiModel);
  return entry === null ? null : JSON.stringify(entry);
}

// --- helpers ---

/** Google tells no date. Anthropic's reference: "may be set to an epoch value if the release date is unknown". */
const unknownDate = "1970-01-01T00:00:00Z";

function entryOf(model: unknown): JsonObject | null {
  if (!isObject(model) || typeof model["name"] !== "string") return null;
  const id = model["name"].replace(/^models\//, "");
  const name = model["displayName"];
  const limit = (key: string): number | null => (typeof model[key] === "number" ? model[key] : null);
  return {
    type: "model",
    id,
    display_name: typeof name === "string" && name !== "" ? name : id,
    created_at: unknownDate,
    max_input_tokens: limit("inputTokenLimit"),
    max_tokens: limit("outputTokenLimit"),
  };
}

function generates(model: unknown): boolean {
  const methods = isObject(model) ? model["supportedGenerationMethods"] : null;
  return !Array.isArray(methods) || methods.includes("generateContent");
}
