/** @module The routes of batches (fact sheet upstream 1.1, 1.6). */

import { findModel, isRefusal } from "../answer/admit-call.ts";
import type { GenerateRequest } from "../answer/gemini-types.ts";
import { resolvePrompt } from "../answer/resolve-prompt.ts";
import type { ApiError } from "../errors/api-error.ts";
import { apiError } from "../errors/api-error.ts";
import { FILES } from "../files/file.ts";
import type { Call, Route, RoutedPath } from "../http/call.ts";
import type { Result } from "../http/result.ts";
import { entityNotFound, familyRoute, listPage, readMessage, reply } from "../resources/answers.ts";
import type { Model } from "../state/models.ts";
import { modelId } from "../state/models.ts";
import type { BatchItem, BatchWork } from "./batch.ts";
import { BATCHES, toBatchMetadata, toBatchResource } from "./batch.ts";
import { cancelBatch, startBatch } from "./run-batch.ts";

/** `models/{m}:batchGenerateContent`, `:asyncBatchEmbedContent`, `/{v}/batches[/{id}[:cancel]]`. */
export function batchFamily(path: RoutedPath): Route | null {
  if (path.upload) return null;
  const create = /^((?:models|tunedModels)\/[^/:]+):(batchGenerateContent|asyncBatchEmbedContent)$/.exec(path.rest);
  if (create && path.method === "POST") {
    const [, model = "", operation = ""] = create;
    const serve = (call: Call): Result => serveCreate(call, WORK[operation] ?? "generate");
    return familyRoute(path, { operation, serve, model: modelId(model) });
  }
  const match = /^(batches(?:\/[^/:]+)?)(?::(\w+))?$/.exec(path.rest);
  if (!match) return null;
  const [, name = "", method = ""] = match;
  const served = ROUTES[`${path.method} ${name === "batches" ? "" : "id"}${method === "" ? "" : `:${method}`}`];
  return served ? familyRoute(path, { ...served, resource: name, free: true }) : null;
}

// --- helpers ---

const WORK: Record<string, BatchWork> = { batchGenerateContent: "generate", asyncBatchEmbedContent: "embed" };

const ROUTES: Record<string, { operation: string; serve: (call: Call) => Result }> = {
  "GET ": { operation: "batches.list", serve: serveList },
  "GET id": { operation: "batches.get", serve: serveGet },
  "DELETE id": { operation: "batches.delete", serve: serveDelete },
  "POST id:cancel": { operation: "batches.cancel", serve: serveCancel },
  "PATCH id:updateGenerateContentBatch": { operation: "batches.update", serve: serveUpdate },
  "PATCH id:updateEmbedContentBatch": { operation: "batches.update", serve: serveUpdate },
};

/** Inline requests together, in bytes. */
const LARGEST_INLINE = 20_971_520;

function serveCreate(call: Call, work: BatchWork): Result {
  const { world, project, route } = call;
  const model = findModel(call, route.model ?? "", route.operation);
  if (isRefusal(model)) return reply(model);
  const name = work === "generate" ? "BatchGenerateContentRequest" : "AsyncBatchEmbedContentRequest";
  const message = readMessage(call, name);
  if (isRefusal(message)) return reply(message);
  const { displayName = "", inputConfig } = (message["batch"] ?? {}) as WantedBatch;
  const requests = inputConfig?.requests?.requests;
  if (inputConfig?.fileName === undefined && !requests) {
    return reply(apiError("INVALID_ARGUMENT", `* ${name}.batch.input_config: input_config is not specified\n`));
  }
  if (inputConfig?.fileName === undefined && call.payload.size > LARGEST_INLINE) {
    return reply(apiError("INVALID_ARGUMENT", `Request payload size exceeds the limit: ${LARGEST_INLINE} bytes.`));
  }
  const refused = work === "generate" ? checkOwner(call, { model, items: requests ?? [] }) : null;
  if (refused) return reply(refused);
  const batch = startBatch(world, {
    projectId: project.id,
    model,
    work,
    displayName,
    input: inputConfig?.fileName === undefined ? { requests: requests ?? [] } : { fileName: inputConfig.fileName },
  });
  return reply(isRefusal(batch) ? batch : toBatchResource(batch));
}

// What inline requests name must be the project's; what else is wrong with one is its own error later.
function checkOwner({ world, project }: Call, { model, items }: { model: Model; items: BatchItem[] }): ApiError | null {
  for (const { request } of items) {
    const resolved = resolvePrompt(structuredClone(request ?? {}) as GenerateRequest, {
      world,
      projectId: project.id,
      model,
    });
    if (isRefusal(resolved) && resolved.status === 403) return resolved;
  }
  return null;
}

interface WantedBatch {
  displayName?: string;
  inputConfig?: { fileName?: string; requests?: { requests?: BatchItem[] } };
}

function serveList(call: Call): Result {
  const batches = call.world.resources.of(BATCHES);
  return listPage(call, batches, { member: "operations", usual: 50, most: 1_000, encode: toBatchResource });
}

function serveGet(call: Call): Result {
  const batch = call.world.resources.of(BATCHES).own(call.route.resource ?? "", call.project.id);
  return reply(batch ? toBatchResource(batch) : entityNotFound());
}

function serveDelete(call: Call): Result {
  const { resources } = call.world;
  const batch = resources.of(BATCHES).own(call.route.resource ?? "", call.project.id);
  if (!batch) return reply(entityNotFound());
  if (batch.value.responsesFile !== null) resources.of(FILES).remove(batch.value.responsesFile);
  resources.of(BATCHES).remove(batch.name);
  return reply({});
}

function serveCancel(call: Call): Result {
  const batch = call.world.resources.of(BATCHES).own(call.route.resource ?? "", call.project.id);
  if (!batch) return reply(entityNotFound());
  cancelBatch(call.world, batch);
  return reply({});
}

function serveUpdate(call: Call): Result {
  const batch = call.world.resources.of(BATCHES).own(call.route.resource ?? "", call.project.id);
  if (!batch) return reply(entityNotFound());
  const message = readMessage(call, "GenerateContentBatch");
  if (isRefusal(message)) return reply(message);
  if (typeof message["displayName"] === "string") batch.value.displayName = message["displayName"];
  batch.updateTime = call.world.now();
  return reply(toBatchMetadata(batch));
}
