/** @module `POST decisions`: answers to closed questions, the same for the same input (fact sheet upstream 1.9). */

import { hash } from "node:crypto";

import { admitCall, findModel, isRefusal } from "../answer/admit-call.ts";
import { countPartTokens, countTextTokens, sumTokens } from "../answer/count-tokens.ts";
import type { TokensByModality } from "../answer/count-tokens.ts";
import type { GenerateRequest, TokenUsage } from "../answer/gemini-types.ts";
import { zeroUsage } from "../answer/gemini-types.ts";
import type { ApiError } from "../errors/api-error.ts";
import { apiError, malformedJson } from "../errors/api-error.ts";
import { resolveFiles } from "../files/references.ts";
import type { Call } from "../http/call.ts";
import type { Result } from "../http/result.ts";
import { whole } from "../http/result.ts";
import { readJson } from "../json/read-json.ts";
import { modelId } from "../state/models.ts";
import { interactionRefusal } from "./errors.ts";
import { fieldsOf, isFields, textOf } from "./fields.ts";
import { toContents } from "./input.ts";

/** Serves one call. */
export function serveDecide(call: Call): Result {
  const { world, project } = call;
  const refuse = (error: ApiError): Result => interactionRefusal(world, error);
  const read = readJson(call.body);
  if (!read.ok) return refuse(malformedJson(read.reason));
  const body = fieldsOf(read.value);
  const model = findModel(call, modelId(textOf(body["model"]) ?? ""), "decide");
  if (isRefusal(model)) return refuse(model);
  const contents = toContents(body["input"], []);
  const questions = Object.entries(fieldsOf(body["questions"]));
  const asked = isRefusal(contents) ? contents : checkQuestions(questions);
  if (isRefusal(contents) || asked) return refuse(admitCall(call, model, 0) ?? asked ?? NO_QUESTIONS);
  const request: GenerateRequest = { contents };
  const missing = resolveFiles(request, { world, projectId: project.id });
  if (missing) return refuse(missing);
  const byModality = countInput(request, questions);
  const prompt = sumTokens(byModality);
  const refused = admitCall(call, model, prompt);
  if (refused) return refuse(refused);
  const seed = hash("sha256", JSON.stringify(contents), "hex");
  const answers = Object.fromEntries(questions.map(([name, question]) => [name, answer(fieldsOf(question), seed)]));
  const candidates = countTextTokens(JSON.stringify(answers));
  const usage: TokenUsage = { ...zeroUsage(), prompt, candidates, total: prompt + candidates };
  const told = {
    total_input_tokens: prompt,
    total_output_tokens: candidates,
    total_tokens: usage.total,
    input_tokens_by_modality: Object.entries(byModality).map(([modality, tokens]) => ({
      modality: modality.toLowerCase(),
      tokens,
    })),
  };
  return whole({ answers, usage: told }, usage);
}

// --- helpers ---

const NO_QUESTIONS = apiError("INVALID_ARGUMENT", "'questions' must be set.");
const MAX_QUESTIONS = 1_000;

function checkQuestions(questions: [string, unknown][]): ApiError | null {
  if (questions.length === 0 || questions.length > MAX_QUESTIONS) return NO_QUESTIONS;
  for (const [name, question] of questions) {
    const { type, criteria } = fieldsOf(question);
    const fits =
      type === "noul" ||
      (type === "choice" && isFields(criteria) && Object.keys(criteria).length > 0) ||
      (type === "score" && Array.isArray(criteria) && criteria.length > 1);
    if (!fits) return apiError("INVALID_ARGUMENT", `Question '${name}' is malformed.`);
  }
  return null;
}

function countInput({ contents = [] }: GenerateRequest, questions: [string, unknown][]): TokensByModality {
  const sums: TokensByModality = { TEXT: countTextTokens(JSON.stringify(questions)) };
  for (const part of contents.flatMap((content) => content.parts ?? [])) {
    const { modality, tokens } = countPartTokens(part);
    sums[modality] = (sums[modality] ?? 0) + tokens;
  }
  return sums;
}

function answer({ type, criteria, instructions }: Record<string, unknown>, seed: string): Record<string, unknown> {
  const share =
    Number.parseInt(hash("sha256", `${seed} ${textOf(instructions) ?? ""}`, "hex").slice(0, 4), 16) / 65_535;
  const rounded = Math.round(share * 100) / 100;
  if (type === "noul") return { type, noul: rounded, confidence: 0.9 };
  const names =
    type === "choice" ? Object.keys(fieldsOf(criteria)) : (criteria as unknown[]).map((_, index) => String(index));
  const chosen = Math.min(names.length - 1, Math.floor(share * names.length));
  const left = names.length > 1 ? 0.2 / (names.length - 1) : 0;
  const probabilities = Object.fromEntries(
    names.map((name, index) => [name, index === chosen ? (left > 0 ? 0.8 : 1) : left]),
  );
  if (type === "choice") return { type, choice: names[chosen], probabilities };
  const legend = Object.fromEntries((criteria as unknown[]).map((words, index) => [String(index), words]));
  return { type, score: rounded, probabilities, legend };
}
