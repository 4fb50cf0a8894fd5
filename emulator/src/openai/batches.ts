/** @module `POST batches` and `GET batches/{id}` of the OpenAI surface: JSON lines in a file of the project, answered by the clock (fact sheet upstream 3). */

import { findModel, isRefusal } from "../answer/admit-call.ts";
import { checkGenerate } from "../answer/check-generate.ts";
import { countPromptTokens, sumTokens } from "../answer/count-tokens.ts";
import { makeAnswer } from "../answer/make-answer.ts";
import { resolvePrompt } from "../answer/resolve-prompt.ts";
import type { ApiError } from "../errors/api-error.ts";
import { apiError } from "../errors/api-error.ts";
import { createFile, isActive, notActive, ownFile } from "../files/file.ts";
import type { Call } from "../http/call.ts";
import type { Result } from "../http/result.ts";
import { fieldsOf, textOf } from "../interactions/fields.ts";
import { readJson } from "../json/read-json.ts";
import { entityNotFound, storeFull } from "../resources/answers.ts";
import type { Resource, ResourceKind } from "../resources/registry.ts";
import { defineKind } from "../resources/registry.ts";
import { sha256Of } from "../resources/sha256.ts";
import { createIds } from "../state/ids.ts";
import { encodeCompletion } from "./encode-chat.ts";
import { ok, parseObject, refuse } from "./envelope.ts";
import { parseChat } from "./parse-chat.ts";

/** What is known of a batch. */
interface OpenaiBatch {
  inputFile: string;
  endpoint: string;
  metadata: unknown;
  total: number;
  completed: number;
  failed: number;
  status: "validating" | "in_progress" | "completed" | "failed";
  outputFile: string | null;
  /** Milliseconds since the epoch; null until it ends. */
  endTime: number | null;
}

/** Batches of this surface; the native one does not show them. Names are `batches/x`. */
const OPENAI_BATCHES: ResourceKind<OpenaiBatch> = defineKind<OpenaiBatch>("openaiBatches");

/** Begins a batch. */
export function serveCreateBatch(call: Call): Result {
  const { world, project } = call;
  const body = parseObject(call.body);
  if (isRefusal(body)) return refuse(body);
  const inputFile = textOf(body["input_file_id"]);
  const endpoint = textOf(body["endpoint"]);
  if (inputFile === null || endpoint === null || !ENDPOINTS.has(endpoint.replace(/^\/v1/, ""))) return refuse(INVALID);
  const lines = readLines(call, inputFile);
  if (isRefusal(lines)) return refuse(lines);
  const batch = world.resources.of(OPENAI_BATCHES).create({
    name: `batches/${world.ids.resource()}`,
    projectId: project.id,
    expireTime: world.now() + 30 * 86_400_000,
    value: {
      inputFile,
      endpoint,
      metadata: body["metadata"] ?? null,
      total: lines.length,
      completed: 0,
      failed: 0,
      status: "validating",
      outputFile: null,
      endTime: null,
    },
  });
  if (!batch) return refuse(storeFull());
  const began = world.now();
  const { batchMs = 200 } = world.options;
  world.deferred.at(began + batchMs / 2, () => (batch.value.status = "in_progress"));
  world.deferred.at(began + batchMs, (due) => run(call, batch, due));
  world.deferred.settle(began);
  return ok(toBatchObject(batch));
}

/** Shows a batch of the project. */
export function serveGetBatch(call: Call): Result {
  const name = `batches/${call.route.resource ?? ""}`;
  const batch = call.world.resources.of(OPENAI_BATCHES).own(name, call.project.id);
  return batch ? ok(toBatchObject(batch)) : refuse(entityNotFound());
}

// --- helpers ---

const ENDPOINTS = new Set(["/chat/completions"]);
const INVALID = apiError("INVALID_ARGUMENT", "Request contains an invalid argument.");

function readLines(call: Call, name: string): string[] | ApiError {
  const { world, project } = call;
  const file = ownFile(world, name, project.id);
  if (isRefusal(file)) return file;
  if (!isActive(world, file)) return notActive(name);
  if (!file.value.kept) return apiError("INVALID_ARGUMENT", `The file ${name} is not a readable JSONL file.`);
  const text = file.value.kept.bytes.toString();
  return text.split(/\r?\n/).filter((line) => line.trim() !== "");
}

function run(call: Call, batch: Resource<OpenaiBatch>, due: number): void {
  const { world, project } = call;
  const { value, name } = batch;
  value.endTime = due;
  const lines = readLines(call, value.inputFile);
  if (isRefusal(lines)) {
    value.status = "failed";
    return;
  }
  const ids = createIds(Number.parseInt(sha256Of(Buffer.from(name)).slice(0, 8), 16));
  const results = lines.map((line, index) => {
    const read = readJson(line);
    const item = fieldsOf(read.ok ? read.value : null);
    const answered = answerLine(call, fieldsOf(item["body"]), ids);
    const failed = isRefusal(answered);
    value[failed ? "failed" : "completed"]++;
    const status = failed ? answered.status : 200;
    const body = failed ? ("error" in answered ? { error: answered.error } : {}) : answered;
    const response = { status_code: status, request_id: `${name}-${index}`, body };
    return { id: `batch_req_${index}`, custom_id: item["custom_id"] ?? null, response, error: null };
  });
  const bytes = Buffer.from(results.map((result) => `${JSON.stringify(result)}\n`).join(""));
  const file = createFile(world, {
    projectId: project.id,
    name: name.replace("batches/", "batch-"),
    mimeType: "application/jsonl",
    size: bytes.length,
    sha256: sha256Of(bytes),
    bytes,
    source: "GENERATED",
  });
  value.status = isRefusal(file) || !file.value.kept ? "failed" : "completed";
  if (!isRefusal(file)) value.outputFile = file.name;
}

// As an online call, but outside quotas, scripts and the implicit cache.
function answerLine(
  call: Call,
  body: Record<string, unknown>,
  ids: ReturnType<typeof createIds>,
): Record<string, unknown> | ApiError {
  const { world, project } = call;
  const chat = parseChat(body);
  const model = isRefusal(chat) ? chat : findModel(call, chat.model, "generateContent");
  if (isRefusal(chat) || isRefusal(model)) return isRefusal(chat) ? chat : INVALID;
  const resolved = resolvePrompt(chat.request, { world, projectId: project.id, model });
  if (isRefusal(resolved)) return resolved;
  const promptTokens = countPromptTokens(resolved.request);
  const refused = checkGenerate(resolved.request, {
    model,
    project: project.id,
    promptTokens: sumTokens(promptTokens),
    surface: "openai",
  });
  const answer = refused
    ? null
    : makeAnswer({
        request: resolved.request,
        model,
        project: project.id,
        promptTokens,
        cachedTokens: resolved.cached ?? {},
        ids,
      });
  const usage = answer?.chunks.at(-1)?.usage ?? null;
  world.records.addBatched({ project: project.id, model: model.id, usage });
  if (refused ?? !answer) return refused ?? INVALID;
  const created = Math.floor(world.now() / 1_000);
  return encodeCompletion(answer, { model: model.modelVersion, created, digits: () => ids.digits() });
}

function toBatchObject({ name, createTime, value }: Resource<OpenaiBatch>): object {
  const created = Math.floor(createTime / 1_000);
  const ended = value.endTime === null ? null : Math.floor(value.endTime / 1_000);
  return {
    id: name,
    object: "batch",
    endpoint: value.endpoint,
    input_file_id: value.inputFile,
    completion_window: "24h",
    status: value.status,
    output_file_id: value.outputFile,
    error_file_id: null,
    created_at: created,
    expires_at: created + 86_400,
    completed_at: value.status === "completed" ? ended : null,
    failed_at: value.status === "failed" ? ended : null,
    request_counts: { total: value.total, completed: value.completed, failed: value.failed },
    metadata: value.metadata,
  };
}
