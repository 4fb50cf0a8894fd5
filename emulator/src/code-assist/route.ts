/** @module Paths of Code Assist: `/v1internal:METHOD`, and `/v1internal/<operation>` for what `onboardUser` started. */

import type { ApiError } from "../errors/api-error.ts";
import type { Call, Route } from "../http/call.ts";
import type { Result } from "../http/result.ts";
import { refusal } from "../http/result.ts";
import { readJson } from "../json/read-json.ts";
import { modelId } from "../state/models.ts";
import { emailOfToken, identifyAccount } from "./caller.ts";
import { serveCodeAssistCount, serveCodeAssistGenerate } from "./generate.ts";
import { serveLoadCodeAssist, serveOnboarding, serveOnboardUser } from "./set-up.ts";
import {
  serveAdminControls,
  serveExperiments,
  serveGetSetting,
  serveMetrics,
  serveSetSetting,
  serveUserQuota,
} from "./settings.ts";

/** Routes a path; null for what is not Code Assist's. */
export function codeAssistRoute(method: string, path: string): Route | null {
  const started = method === "GET" ? /^\/v1internal\/(operations\/[^/:]+)$/.exec(path)?.[1] : undefined;
  if (started !== undefined) {
    return { ...toRoute("codeAssistOperation", serveOnboarding), resource: started };
  }
  const name = /^\/v1internal:(\w+)$/.exec(path)?.[1] ?? "";
  const served = METHODS.get(`${method} ${name}`);
  if (!served) return null;
  const route = toRoute(served.operation, served.serve);
  if (!GENERATES.has(name)) return route;
  const stream = name === "streamGenerateContent";
  return {
    ...route,
    peek: (body) => ({ model: modelIn(body), stream }),
    // Before the first byte of a stream an error is a list, also with `alt=sse` (fact sheet upstream 7.3).
    refuse: (error: ApiError) => refusal(error, { wrap: stream }),
  };
}

// --- helpers ---

const GENERATES = new Set(["generateContent", "streamGenerateContent", "countTokens"]);

const METHODS = new Map<string, { operation: string; serve: (call: Call) => Result }>([
  ["POST loadCodeAssist", { operation: "loadCodeAssist", serve: serveLoadCodeAssist }],
  ["POST onboardUser", { operation: "onboardUser", serve: serveOnboardUser }],
  ["POST generateContent", { operation: "codeAssistGenerate", serve: serveCodeAssistGenerate }],
  ["POST streamGenerateContent", { operation: "codeAssistStream", serve: serveCodeAssistGenerate }],
  ["POST countTokens", { operation: "codeAssistCountTokens", serve: serveCodeAssistCount }],
  ["POST fetchAdminControls", { operation: "fetchAdminControls", serve: serveAdminControls }],
  ["POST retrieveUserQuota", { operation: "retrieveUserQuota", serve: serveUserQuota }],
  ["POST listExperiments", { operation: "listExperiments", serve: serveExperiments }],
  ["POST recordCodeAssistMetrics", { operation: "recordCodeAssistMetrics", serve: serveMetrics }],
  ["GET getCodeAssistGlobalUserSetting", { operation: "getCodeAssistGlobalUserSetting", serve: serveGetSetting }],
  ["POST setCodeAssistGlobalUserSetting", { operation: "setCodeAssistGlobalUserSetting", serve: serveSetSetting }],
]);

function toRoute(operation: string, serve: (call: Call) => Result): Route {
  return {
    surface: "code-assist",
    operation,
    version: "v1internal",
    model: null,
    serve,
    identify: identifyAccount,
    accountOf: emailOfToken,
    refuse: (error) => refusal(error, { wrap: false }),
  };
}

function modelIn(body: string): string | null {
  const read = readJson(body);
  const value = read.ok ? (read.value as { model?: unknown; request?: { model?: unknown } } | null) : null;
  const named = value?.model ?? value?.request?.model;
  return typeof named === "string" ? modelId(named) : null;
}
