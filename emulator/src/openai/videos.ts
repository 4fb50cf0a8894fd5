/** @module `POST videos` and `GET videos/{id}` of the OpenAI surface: form fields in, a generated file out, by the clock (fact sheet upstream 3). */

import { admitCall, findModel, isRefusal } from "../answer/admit-call.ts";
import { countTextTokens } from "../answer/count-tokens.ts";
import { apiError } from "../errors/api-error.ts";
import { createFile } from "../files/file.ts";
import type { Call } from "../http/call.ts";
import type { Result } from "../http/result.ts";
import { fieldsOf, textOf } from "../interactions/fields.ts";
import { readJson } from "../json/read-json.ts";
import { entityNotFound, storeFull } from "../resources/answers.ts";
import { publicUrl } from "../resources/public-url.ts";
import type { Resource, ResourceKind } from "../resources/registry.ts";
import { defineKind } from "../resources/registry.ts";
import { sha256Of } from "../resources/sha256.ts";
import { modelId } from "../state/models.ts";
import { ok, refuse } from "./envelope.ts";

/** What is known of a video. */
interface OpenaiVideo {
  model: string;
  seconds: string;
  status: "queued" | "completed" | "failed";
  url: string | null;
  /** Milliseconds since the epoch; null until it ends. */
  endTime: number | null;
}

/** Videos are kept for 48 hours; names are `videos/x`. */
const OPENAI_VIDEOS: ResourceKind<OpenaiVideo> = defineKind<OpenaiVideo>("openaiVideos");

/** Begins a video. */
export function serveCreateVideo(call: Call): Result {
  const { world, project, route } = call;
  const fields = readFields(call.body);
  const model = findModel(call, modelId(fields["model"] ?? ""), "predictLongRunning");
  if (isRefusal(model)) return refuse(model);
  const prompt = fields["prompt"] ?? "";
  const refused = admitCall(call, model, countTextTokens(prompt)) ?? (prompt === "" ? INVALID : null);
  if (refused) return refuse(refused);
  const videos = world.resources.of(OPENAI_VIDEOS);
  const extended = fields["extend_video_id"];
  if (extended !== undefined && !videos.own(toName(extended), project.id)) return refuse(entityNotFound());
  const video = videos.create({
    name: `videos/${world.ids.resource()}`,
    projectId: project.id,
    expireTime: world.now() + 48 * 3_600_000,
    value: { model: model.id, seconds: fields["seconds"] ?? "8", status: "queued", url: null, endTime: null },
  });
  if (!video) return refuse(storeFull());
  const base = `${publicUrl(call)}/${route.version}`;
  world.deferred.at(world.now() + (world.options.operationMs ?? 200), (due) => {
    const bytes = Buffer.from(`ftypisom emulated video of: ${prompt}\n`);
    const mimeType = "video/mp4";
    const content = { mimeType, size: bytes.length, sha256: sha256Of(bytes), bytes };
    const file = createFile(world, { projectId: project.id, ...content, source: "GENERATED" });
    video.value.endTime = due;
    video.value.status = isRefusal(file) ? "failed" : "completed";
    if (!isRefusal(file)) video.value.url = `${base}/${file.name}:download?alt=media`;
  });
  world.deferred.settle(world.now());
  return ok(toVideoObject(video));
}

/** Shows a video of the project. */
export function serveGetVideo(call: Call): Result {
  const video = call.world.resources.of(OPENAI_VIDEOS).own(toName(call.route.resource ?? ""), call.project.id);
  return video ? ok(toVideoObject(video)) : refuse(entityNotFound());
}

/** The model in a body, for faults and the record. */
export function peekVideo(body: string): { model: string | null; stream: boolean } {
  const model = readFields(body)["model"];
  return { model: model === undefined ? null : modelId(model), stream: false };
}

// --- helpers ---

const INVALID = apiError("INVALID_ARGUMENT", "Request contains an invalid argument.");
const MAX_FIELDS = 64;

function toName(id: string): string {
  return `videos/${id.replace(/^videos\//, "")}`;
}

function toVideoObject({ name, createTime, value }: Resource<OpenaiVideo>): object {
  return {
    id: name.replace("videos/", ""),
    object: "video",
    created_at: Math.floor(createTime / 1_000),
    completed_at: value.endTime === null ? null : Math.floor(value.endTime / 1_000),
    model: value.model,
    progress: value.endTime === null ? 0 : 100,
    seconds: value.seconds,
    status: value.status,
    ...(value.url === null ? {} : { url: value.url }),
  };
}

// `multipart/form-data` as the SDK sends it, or JSON; files among the fields are passed over.
function readFields(body: string): Record<string, string> {
  const fields: Record<string, string> = {};
  const boundary = /^--([^\r\n]{1,200})\r?\n/.exec(body)?.[1];
  if (boundary === undefined) {
    const read = readJson(body);
    const given = fieldsOf(read.ok ? read.value : null);
    const extra = fieldsOf(fieldsOf(given["extra_body"])["google"]);
    for (const [name, value] of Object.entries({ ...given, ...extra })) {
      const text = textOf(value);
      if (text !== null) fields[name] = text;
    }
    return fields;
  }
  for (const part of body.split(`--${boundary}`).slice(1, MAX_FIELDS)) {
    const match = /^\r?\n([^]*?)\r?\n\r?\n([^]*?)\r?\n$/.exec(part.slice(0, 100_000));
    const name = /name="([^"]{1,100})"/.exec(match?.[1] ?? "")?.[1];
    if (name !== undefined && !/filename=/.test(match?.[1] ?? "")) fields[name] = match?.[2] ?? "";
  }
  return fields;
}
