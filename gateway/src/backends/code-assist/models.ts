/**
 * Code Assist has no list of models; this one is what its own client offers (fact sheet upstream 7.8). Others may be asked
 * for all the same: the upstream says whether it has them.
 * @module
 */

/** One model as the Gemini API lists models. */
export interface ListedModel {
  name: string;
  displayName: string;
  inputTokenLimit: number;
  outputTokenLimit: number;
  supportedGenerationMethods: string[];
}

const names: readonly (readonly [string, string])[] = [
  ["gemini-3.1-pro-preview", "Gemini 3.1 Pro Preview"],
  ["gemini-3-pro-preview", "Gemini 3 Pro Preview"],
  ["gemini-3-flash-preview", "Gemini 3 Flash Preview"],
  ["gemini-3-flash", "Gemini 3 Flash"],
  ["gemini-3.1-flash-lite", "Gemini 3.1 Flash-Lite"],
  ["gemini-2.5-pro", "Gemini 2.5 Pro"],
  ["gemini-2.5-flash", "Gemini 2.5 Flash"],
  ["gemini-2.5-flash-lite", "Gemini 2.5 Flash-Lite"],
];

/** The list, in the shape of `GET /v1beta/models`. */
export function modelsOfAccounts(): { models: ListedModel[] } {
  return {
    models: names.map(([id, displayName]) => ({
      name: `models/${id}`,
      displayName,
      inputTokenLimit: 1_048_576,
      outputTokenLimit: 65_536,
      supportedGenerationMethods: ["generateContent", "countTokens"],
    })),
  };
}
