/** @module From a new batch to its results, moved on by the clock (fact sheet upstream 1.6). */

import { isRefusal } from "../answer/admit-call.ts";
import type { ApiError } from "../errors/api-error.ts";
import { apiError } from "../errors/api-error.ts";
import { createFile, isActive, notActive, ownFile } from "../files/file.ts";
import { readJson } from "../json/read-json.ts";
import { storeFull } from "../resources/answers.ts";
import type { Resource } from "../resources/registry.ts";
import { sha256Of } from "../resources/sha256.ts";
import { createIds } from "../state/ids.ts";
import type { Model } from "../state/models.ts";
import type { World } from "../state/world.ts";
import type { ItemContext } from "./answer-item.ts";
import { answerItem, toStatus } from "./answer-item.ts";
import type { BatchItem, BatchValue, BatchWork } from "./batch.ts";
import { BATCHES, isOpen } from "./batch.ts";

/** Begins a batch, or says why not: too many open ones, an input that is missing, somebody else's or not JSON lines. */
export function startBatch(
  world: World,
  options: {
    projectId: string;
    model: Model;
    work: BatchWork;
    displayName: string;
    /** A file's name, or the requests themselves. */
    input: { fileName: string } | { requests: BatchItem[] };
  },
): Resource<BatchValue> | ApiError {
  const { projectId, model, work, displayName, input } = options;
  const batches = world.resources.of(BATCHES);
  const open = batches.all(projectId).filter(isOpen).length;
  if (open >= (world.options.maxOpenBatches ?? 100)) return storeFull();
  const items = "fileName" in input ? readLines(world, { name: input.fileName, projectId }) : input.requests;
  if (isRefusal(items)) return items;
  if (items.length === 0) return apiError("INVALID_ARGUMENT", "The batch has no requests.");
  const inline = "fileName" in input ? null : world.contents.keep(Buffer.from(JSON.stringify(input.requests)));
  if (!("fileName" in input) && !inline) return storeFull();
  const batch = batches.create({
    name: `batches/${world.ids.resource()}`,
    projectId,
    expireTime: world.now() + LIFETIME_MS,
    value: {
      work,
      model: model.id,
      displayName,
      inputFile: "fileName" in input ? input.fileName : null,
      inline,
      requests: items.length,
      succeeded: 0,
      failed: 0,
      state: "PENDING",
      endTime: null,
      results: null,
      responsesFile: null,
      error: null,
    },
  });
  if (!batch) {
    inline?.release();
    return storeFull();
  }
  schedule(world, { batch, model });
  return batch;
}

/** Stops a batch that has not ended; what it has not done is not billed. */
export function cancelBatch(world: World, batch: Resource<BatchValue>): void {
  if (isOpen(batch)) end(batch, { state: "CANCELLED", at: world.now(), error: { code: 1, message: CANCELLED } });
}

// --- helpers ---

/** Google gives up on a batch after 48 hours. */
const EXPIRY_MS = 48 * 3_600_000;
const LIFETIME_MS = 30 * 24 * 3_600_000;
const CANCELLED = "The operation was cancelled.";

interface Started {
  batch: Resource<BatchValue>;
  model: Model;
}

function schedule(world: World, { batch, model }: Started): void {
  const { batchMs = 200 } = world.options;
  const began = world.now();
  const whileOpen = (work: (due: number) => void) => (due: number) => {
    if (world.resources.of(BATCHES).get(batch.name) === batch && isOpen(batch)) work(due);
  };
  world.deferred.at(
    began + Math.min(batchMs / 2, EXPIRY_MS),
    whileOpen((due) => {
      batch.value.state = "RUNNING";
      batch.updateTime = due;
    }),
  );
  world.deferred.at(
    began + Math.min(batchMs, EXPIRY_MS),
    whileOpen((due) => {
      if (batchMs > EXPIRY_MS) end(batch, { state: "EXPIRED", at: due, error: { code: 4, message: "Batch expired." } });
      else run(world, { batch, model }, due);
    }),
  );
  world.deferred.settle(began);
}

function run(world: World, { batch, model }: Started, at: number): void {
  const { value, projectId, name } = batch;
  const items =
    value.inputFile === null
      ? (JSON.parse(value.inline?.bytes.toString() ?? "[]") as BatchItem[])
      : readLines(world, { name: value.inputFile, projectId });
  if (isRefusal(items)) return end(batch, { state: "FAILED", at, error: toStatus(items) });
  const ids = createIds(Number.parseInt(sha256Of(Buffer.from(name)).slice(0, 8), 16));
  const context: ItemContext = { world, projectId, model, work: value.work, ids };
  const results = items.map((item) => {
    const outcome = answerItem(item.request, context);
    world.records.addBatched({ project: projectId, model: model.id, usage: outcome.ok ? outcome.usage : null });
    value[outcome.ok ? "succeeded" : "failed"]++;
    const { key, metadata } = item;
    return {
      ...(key === undefined ? {} : { key }),
      ...(metadata === undefined ? {} : { metadata }),
      ...(outcome.ok ? { response: outcome.response } : { error: outcome.error }),
    };
  });
  if (!store(world, batch, results)) end(batch, { state: "FAILED", at, error: toStatus(storeFull()) });
  else end(batch, { state: "SUCCEEDED", at, error: null });
}

// Inline requests get inline results, lines get lines.
function store(world: World, { value, name, projectId }: Resource<BatchValue>, results: object[]): boolean {
  if (value.inputFile === null) {
    value.results = world.contents.keep(Buffer.from(JSON.stringify(results)));
    return value.results !== null;
  }
  const bytes = Buffer.from(results.map((result) => `${JSON.stringify(result)}\n`).join(""));
  const file = createFile(world, {
    projectId,
    name: name.replace("batches/", "batch-"),
    mimeType: "application/jsonl",
    size: bytes.length,
    sha256: sha256Of(bytes),
    bytes,
    source: "GENERATED",
  });
  if (isRefusal(file) || !file.value.kept) return false;
  value.responsesFile = file.name;
  return true;
}

function end(
  batch: Resource<BatchValue>,
  { state, at, error }: Pick<BatchValue, "state" | "error"> & { at: number },
): void {
  const { value } = batch;
  value.state = state;
  value.error = error;
  value.endTime = at;
  batch.updateTime = at;
  value.inline?.release();
  value.inline = null;
}

function readLines(world: World, { name, projectId }: { name: string; projectId: string }): BatchItem[] | ApiError {
  const file = ownFile(world, name, projectId);
  if (isRefusal(file)) return file;
  if (!isActive(world, file)) return notActive(name);
  if (!file.value.kept) return apiError("INVALID_ARGUMENT", `The file ${name} is not a readable JSONL file.`);
  const lines = file.value.kept.bytes.toString().split(/\r?\n/);
  return lines.filter((line) => line.trim() !== "").map(readLine);
}

// A line that is no JSON has no request either: it fails alone when its turn comes.
function readLine(line: string): BatchItem {
  const read = readJson(line);
  const value = read.ok && typeof read.value === "object" && read.value !== null ? read.value : {};
  const { key, metadata, request } = value as { key?: unknown; metadata?: unknown; request?: unknown };
  return {
    ...(typeof key === "string" ? { key } : {}),
    ...(metadata === undefined ? {} : { metadata }),
    request,
  };
}
