/** @module One generate call, whatever its surface: gate, rules, script, answer. */

import type { ApiError } from "../errors/api-error.ts";
import { namedError } from "../errors/catalog.ts";
import type { Model } from "../state/models.ts";
import type { Call } from "../state/world.ts";
import { admitCall } from "./admit-call.ts";
import { bendAnswer } from "./bend-answer.ts";
import { checkGenerate } from "./check-turns.ts";
import { countPromptTokens, sumTokens } from "./count-tokens.ts";
import type { Answer, GenerateRequest } from "./gemini-types.ts";
import { makeAnswer } from "./make-answer.ts";

/** Answers a well-formed request, or refuses it. The request counts against the quota either way. */
export function answerCall(
  call: Call,
  options: { request: GenerateRequest; model: Model; stream: boolean },
): Answer | ApiError {
  const { request, model, stream } = options;
  const { world, project, key, route, sequence } = call;
  const byModality = countPromptTokens(request);
  const promptTokens = sumTokens(byModality);
  const refused =
    admitCall(call, model, promptTokens) ?? checkGenerate(request, { model, project: project.id, promptTokens });
  if (refused) return refused;
  const scripted = world.scripts.take({
    sequence,
    key: key.key,
    project: project.id,
    model: model.id,
    surface: route.surface,
    stream,
    body: request,
  });
  if (scripted?.error !== undefined) {
    const context = { key: key.key, project: project.id, model: model.id, version: route.version, path: "" };
    return namedError(scripted.error, { ...context, tier: project.tier ?? "paid1" });
  }
  const { tokenRate } = world.options;
  const answer = makeAnswer({
    request,
    model,
    project: project.id,
    promptTokens: byModality,
    ids: world.ids,
    scripted,
    tokenRate,
  });
  return bendAnswer(answer, call.action);
}
