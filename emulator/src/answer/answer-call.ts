/** @module One generate call, whatever its surface: gate, rules, script, answer. */

import type { ApiError } from "../errors/api-error.ts";
import { namedError } from "../errors/catalog.ts";
import type { Model } from "../state/models.ts";
import type { Call } from "../http/call.ts";
import { admitCall, isRefusal } from "./admit-call.ts";
import { bendAnswer } from "./bend-answer.ts";
import { checkGenerate } from "./check-generate.ts";
import { continueAnswer, readContinuation } from "./continuation.ts";
import type { TokensByModality } from "./count-tokens.ts";
import { countPromptTokens, sumTokens } from "./count-tokens.ts";
import type { Answer, GenerateRequest } from "./gemini-types.ts";
import { makeAnswer } from "./make-answer.ts";
import { resolvePrompt } from "./resolve-prompt.ts";

/** Answers a well-formed request, or refuses it. The request counts against the quota either way. */
export function answerCall(
  call: Call,
  options: { request: GenerateRequest; model: Model; stream: boolean },
): Answer | ApiError {
  const { model, stream } = options;
  const { world, project, key, route, sequence } = call;
  const resolved = resolvePrompt(options.request, { world, projectId: project.id, model });
  if (isRefusal(resolved)) return admitCall(call, model, 0) ?? resolved;
  const { request } = resolved;
  const scope = { project: project.id, model: model.id, request: options.request };
  const progress = readContinuation(scope);
  if (isRefusal(progress)) return admitCall(call, model, 0) ?? progress;
  const byModality = countPromptTokens(request);
  if (progress.tokens > 0) byModality["TEXT"] = (byModality["TEXT"] ?? 0) + progress.tokens;
  const promptTokens = sumTokens(byModality);
  const refused =
    admitCall(call, model, promptTokens) ??
    checkGenerate(request, { model, project: project.id, promptTokens, surface: route.surface });
  if (refused) return refused;
  const scripted = world.scripts.take({
    sequence,
    key: key.key,
    project: project.id,
    model: model.id,
    surface: route.surface,
    path: call.path,
    stream,
    body: options.request,
  });
  if (scripted?.error !== undefined) {
    const context = {
      key: key.key,
      project: project.id,
      model: model.id,
      version: route.version,
      path: "",
      now: world.now(),
    };
    return namedError(scripted.error, { ...context, tier: project.tier ?? "paid1" });
  }
  const { tokenRate } = world.options;
  const answer = makeAnswer({
    request,
    model,
    project: project.id,
    promptTokens: byModality,
    cachedTokens: resolved.cached ?? implicitlyCached(call, { model, request, tokens: promptTokens }),
    ids: world.ids,
    scripted,
    tokenRate,
  });
  const isScripted = scripted?.parts !== undefined || scripted?.chunks !== undefined;
  const given = continueAnswer(answer, { progress, model, stream, scripted: isScripted, scope });
  return bendAnswer(given, call.action);
}

// --- helpers ---

// Models before 2.5 have no implicit cache (fact sheet upstream 6).
function implicitlyCached(
  { world, project }: Call,
  { model, request, tokens }: { model: Model; request: GenerateRequest; tokens: number },
): TokensByModality {
  if (model.generation < 2.5 || model.embedding) return {};
  const now = world.now();
  const cached = world.implicitCache.read({ projectId: project.id, model: model.id, request, tokens, now });
  return cached > 0 ? { TEXT: cached } : {};
}
