/** @module `:predictLongRunning`: an operation that ends with a video among the project's files (fact sheet upstream 1.7). */

import { admitCall, findModel, isRefusal } from "../answer/admit-call.ts";
import { countTextTokens } from "../answer/count-tokens.ts";
import type { ApiError } from "../errors/api-error.ts";
import { apiError } from "../errors/api-error.ts";
import { createFile, ownFile } from "../files/file.ts";
import { fileNameIn } from "../files/references.ts";
import type { Call } from "../http/call.ts";
import type { Result } from "../http/result.ts";
import { readMessage, reply } from "../resources/answers.ts";
import { publicUrl } from "../resources/public-url.ts";
import { sha256Of } from "../resources/sha256.ts";
import { startOperation, toOperationResource } from "./operation.ts";

/** Serves one prediction. */
export function servePredict(call: Call): Result {
  const model = findModel(call, call.route.model ?? "", "predictLongRunning");
  if (isRefusal(model)) return reply(model);
  const message = readMessage(call, "PredictLongRunningRequest");
  if (isRefusal(message)) return reply(admitCall(call, model, 0) ?? message);
  const instances = readInstances(message["instances"]);
  const [instance] = instances;
  const refused = admitCall(call, model, countTextTokens(instance?.prompt ?? "")) ?? checkInstances(call, instances);
  if (refused) return reply(refused);
  const count = sampleCount(message["parameters"]);
  const { world, project, route } = call;
  const base = `${publicUrl(call)}/${route.version}`;
  const operation = startOperation(world, {
    projectId: project.id,
    parent: model.name,
    finish: () => finish(call, { base, count, prompt: instance?.prompt ?? "" }),
  });
  return reply(isRefusal(operation) ? operation : toOperationResource(operation));
}

// --- helpers ---

interface Instance {
  prompt: string;
  /** Address of the video to extend. */
  video: string | null;
}

function readInstances(value: unknown): Instance[] {
  if (!Array.isArray(value)) return [];
  return value
    .filter((item): item is Record<string, unknown> => typeof item === "object" && item !== null)
    .map(({ prompt, video }) => {
      const uri = (video as { uri?: unknown } | null | undefined)?.uri;
      return { prompt: typeof prompt === "string" ? prompt : "", video: typeof uri === "string" ? uri : null };
    });
}

function checkInstances(call: Call, instances: Instance[]): ApiError | null {
  if (instances.length === 0) {
    return apiError("INVALID_ARGUMENT", "* PredictLongRunningRequest.instances: instances is not specified\n");
  }
  // A video that is extended is a generated file of the same project.
  for (const { video } of instances) {
    const name = video === null ? null : fileNameIn(video, call.world);
    const file = name === null ? null : ownFile(call.world, name, call.project.id);
    if (file && isRefusal(file)) return file;
  }
  return null;
}

function sampleCount(parameters: unknown): number {
  const wanted = Number((parameters as { sampleCount?: unknown } | undefined)?.sampleCount ?? 1);
  return Number.isInteger(wanted) ? Math.min(4, Math.max(1, wanted)) : 1;
}

function finish(
  { world, project }: Call,
  { base, count, prompt }: { base: string; count: number; prompt: string },
): { response: object } | { error: { code: number; message: string } } {
  const generatedSamples: object[] = [];
  for (let index = 0; index < count; index++) {
    // Not a film, but bytes that differ from prompt to prompt.
    const bytes = Buffer.from(`ftypisom emulated video ${index} of: ${prompt}\n`);
    const file = createFile(world, {
      projectId: project.id,
      mimeType: "video/mp4",
      size: bytes.length,
      sha256: sha256Of(bytes),
      bytes,
      source: "GENERATED",
    });
    if (isRefusal(file)) return { error: { code: 8, message: "Resource has been exhausted (e.g. check quota)." } };
    generatedSamples.push({ video: { uri: `${base}/${file.name}:download?alt=media` } });
  }
  return { response: { "@type": RESPONSE_TYPE, generateVideoResponse: { generatedSamples } } };
}

const RESPONSE_TYPE = "type.googleapis.com/google.ai.generativelanguage.v1beta.PredictLongRunningResponse";
