/** @module The routes of Veo and of operations: `models/{m}/operations/{o}`, those of stores and of tuned models (fact sheet upstream 1.1, 1.7). */

import { isRefusal } from "../answer/admit-call.ts";
import type { Call, Route, RoutedPath } from "../http/call.ts";
import type { Result } from "../http/result.ts";
import { familyRoute, reply } from "../resources/answers.ts";
import { modelId } from "../state/models.ts";
import { ownOperation, toOperationResource } from "./operation.ts";
import { servePredict } from "./video.ts";

/** `POST models/{m}:predictLongRunning`, `GET {parent}/operations/{o}`. */
export function operationFamily(path: RoutedPath): Route | null {
  if (path.upload) return null;
  const predict = /^(models\/[^/:]+):predictLongRunning$/.exec(path.rest)?.[1];
  if (path.method === "POST" && predict !== undefined) {
    return familyRoute(path, { operation: "predictLongRunning", serve: servePredict, model: modelId(predict) });
  }
  const match = NAMES.exec(path.rest);
  if (path.method !== "GET" || !match) return null;
  const { model } = match.groups ?? {};
  return familyRoute(path, {
    operation: "operations.get",
    serve: serveGet,
    resource: path.rest,
    free: true,
    ...(model === undefined ? {} : { model }),
  });
}

// --- helpers ---

const NAMES =
  /^(?:models\/(?<model>[^/:]+)|tunedModels\/[^/:]+|fileSearchStores\/[^/:]+(?:\/upload)?)\/operations\/[^/:]+$/;

function serveGet(call: Call): Result {
  const operation = ownOperation(call.world, call.route.resource ?? "", call.project.id);
  return reply(isRefusal(operation) ? operation : toOperationResource(operation));
}
