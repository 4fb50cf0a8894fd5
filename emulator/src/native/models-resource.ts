/** @module `GET models` and `GET models/{m}`. */

import { apiError } from "../errors/api-error.ts";
import type { Result } from "../http/result.ts";
import { refusal, whole } from "../http/result.ts";
import { toModelResource } from "../state/models.ts";
import type { Call } from "../http/call.ts";

/** Lists the models a project can see, 50 a page unless told (1,000 at most). */
export function serveListModels(call: Call): Result {
  const visible = [...call.world.models.values()].filter(
    (model) => model.name.startsWith("models/") && (model.onlyProjects?.includes(call.project.id) ?? true),
  );
  const wanted = Number(call.query.get("pageSize") ?? 50);
  if (!Number.isInteger(wanted) || wanted < 0) {
    return refuse(`Invalid value at 'page_size' (TYPE_INT32), "${call.query.get("pageSize")}"`);
  }
  const size = Math.min(wanted || 50, 1_000);
  const token = call.query.get("pageToken") ?? "";
  const start = token === "" ? 0 : Number(Buffer.from(token, "base64url").toString("latin1").replace("page:", ""));
  if (!Number.isInteger(start)) return refuse("Invalid page token.");
  const end = start + size;
  return whole({
    models: visible.slice(start, end).map(toModelResource),
    ...(end < visible.length ? { nextPageToken: Buffer.from(`page:${end}`).toString("base64url") } : {}),
  });
}

/** One model. */
export function serveGetModel(call: Call): Result {
  const id = call.route.model ?? "";
  const model = call.world.models.get(id);
  if (model && (model.onlyProjects?.includes(call.project.id) ?? true)) return whole(toModelResource(model));
  const name = id.startsWith("tunedModels/") ? id : `models/${id}`;
  return refusal(apiError("NOT_FOUND", `Model is not found: ${name} for api version ${call.route.version}`), {
    wrap: false,
  });
}

// --- helpers ---

function refuse(message: string): Result {
  return refusal(apiError("INVALID_ARGUMENT", message), { wrap: false });
}
