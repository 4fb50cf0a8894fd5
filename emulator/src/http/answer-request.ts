/** @module From an arrival to a result: commanded errors first, then the credential, then the operation. */

import type { IncomingHttpHeaders } from "node:http";

import { isRefusal } from "../answer/admit-call.ts";
import type { ApiError, ErrorBody } from "../errors/api-error.ts";
import { apiError } from "../errors/api-error.ts";
import type { ErrorContext } from "../errors/catalog.ts";
import { namedError } from "../errors/catalog.ts";
import type { ErrorName } from "../errors/error-names.ts";
import { notFoundPage } from "../errors/html-pages.ts";
import { toPrettyJson } from "../json/write-json.ts";
import { serveCountTokens } from "../native/count.ts";
import { serveEmbed } from "../native/embed.ts";
import { refuseWith, serveGenerate } from "../native/generate.ts";
import { serveGetModel, serveListModels } from "../native/models-resource.ts";
import { serveChat, serveEmbeddings, serveImages, serveOpenaiModel, serveOpenaiModels } from "../openai/serve.ts";
import { limitsOf } from "../state/projects.ts";
import type { Call } from "./call.ts";
import type { World } from "../state/world.ts";
import type { CustomResponse, FaultAction } from "../types.ts";
import type { Arrival } from "./arrival.ts";
import { judgeCredential } from "./authenticate.ts";
import type { ReceivedBody } from "./read-body.ts";
import type { Result } from "./result.ts";
import { JSON_TYPE, refusal } from "./result.ts";
import type { ModelOperation } from "./route.ts";

/** What an answer depends on beside the arrival. */
export interface AnswerSource {
  world: World;
  body: ReceivedBody;
  headers: IncomingHttpHeaders;
  sequence: number;
  action: FaultAction;
  /** Bytes. */
  maxBodyBytes: number;
}

/** Works out the whole result; nothing is sent yet. */
export function answerRequest(arrival: Arrival, source: AnswerSource): Result {
  const { route, credential, query, path } = arrival;
  const { action, body, world } = source;
  const commanded = action.response ? customResult(action.response) : null;
  if (commanded) return counted(commanded, arrival, world);
  const now = world.now();
  if (!route) return refusal(action.error ? named(arrival, action.error, now) : notFoundPage(path), { wrap: false });
  const refuse = route.refuse ?? refuseWith({ route, query });
  if (action.error) return counted(refuse(named(arrival, action.error, now)), arrival, world);
  if (arrival.barred) return refuse(arrival.barred);
  const refused = route.identify ? null : judgeCredential(credential, route);
  if (refused) return refuse(named(arrival, refused, now));
  if (!body.bytes && !route.binary) return refuse(tooLarge(source.maxBodyBytes));
  const key = arrival.caller;
  if (!key) return refuse(named(arrival, "api-key-invalid", now));
  const serve = route.serve ?? SERVERS[route.operation as ModelOperation];
  return serve({
    world,
    route,
    sequence: source.sequence,
    path,
    key,
    project: key.project,
    body: route.binary ? "" : (body.bytes?.toString() ?? ""),
    payload: body,
    headers: source.headers,
    query,
    action,
  });
}

/** The error that a `streamError` fault puts into a stream. */
export function streamErrorBody(arrival: Arrival, action: FaultAction, now: number): ErrorBody {
  const error = named(arrival, action.streamError?.error ?? "high-demand", now);
  if (isRefusal(error) && "error" in error) return error.error;
  return { code: 500, message: "Internal error encountered.", status: "INTERNAL" };
}

// --- helpers ---

const SERVERS: Record<ModelOperation, (call: Call) => Result> = {
  listModels: serveListModels,
  getModel: serveGetModel,
  generateContent: serveGenerate,
  streamGenerateContent: serveGenerate,
  countTokens: serveCountTokens,
  embedContent: serveEmbed,
  batchEmbedContents: serveEmbed,
  chat: serveChat,
  embeddings: serveEmbeddings,
  images: serveImages,
  openaiListModels: serveOpenaiModels,
  openaiGetModel: serveOpenaiModel,
};

// A request that failed inside Google counts against the quota as one that was served (fact sheet upstream 6).
function counted(result: Result & { kind: "whole" }, arrival: Arrival, world: World): Result {
  const project = arrival.caller?.project;
  const model = world.models.get(arrival.model ?? "");
  if (result.status >= 500 && project && model) {
    const limits = limitsOf(project, model);
    world.quotas.admit({ project: project.id, model: model.id, limits, tokens: 0, now: world.now() });
  }
  return result;
}

function named(arrival: Arrival, name: ErrorName, now: number): ApiError {
  const project = arrival.caller?.project;
  const context: ErrorContext = {
    key: arrival.credential.key ?? "",
    project: project?.id ?? "projects/0",
    model: arrival.model ?? "gemini-3.8-flash",
    version: arrival.route?.surface === "openai" ? "v1main" : (arrival.route?.version ?? "v1beta"),
    tier: project?.tier ?? "paid1",
    path: arrival.path,
    now,
  };
  return namedError(name, context);
}

function tooLarge(limit: number): ApiError {
  return apiError("INVALID_ARGUMENT", `Request payload size exceeds the limit: ${limit} bytes.`);
}

function customResult({ status, headers = {}, body = "" }: CustomResponse): Result & { kind: "whole" } {
  const text = typeof body === "string" ? body : `${toPrettyJson(body)}\n`;
  const contentType = headers["content-type"] ?? JSON_TYPE;
  return { kind: "whole", status, contentType, body: text, usage: null, errorStatus: null, delayMs: 0 };
}
