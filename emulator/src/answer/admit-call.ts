/** @module The gate both surfaces share: is there such a model for this project, and is there quota. */

import { isAccountProject } from "../accounts/accounts.ts";
import { accountQuotaError } from "../errors/code-assist-errors.ts";
import type { ApiError } from "../errors/api-error.ts";
import { apiError } from "../errors/api-error.ts";
import { modelNotFound, modelRetired } from "../errors/catalog.ts";
import { quotaError } from "../errors/quota-error.ts";
import type { Model } from "../state/models.ts";
import { limitsOf } from "../state/projects.ts";
import type { Call } from "../http/call.ts";

/** Whose model is looked for, and where. */
export type ModelCall = Pick<Call, "project" | "world"> & { route: Pick<Call["route"], "surface" | "version"> };

/** Finds the model, or the refusal: unknown, without the method, of other projects, closed to this one. */
export function findModel(call: ModelCall, id: string, method: string): Model | ApiError {
  const model = call.world.models.get(id);
  const version = call.route.surface === "openai" ? "v1main" : call.route.version;
  const hidden = model?.onlyProjects && !model.onlyProjects.includes(call.project.id);
  if (!model || hidden) {
    if (!id.startsWith("tunedModels/")) return modelNotFound(id, version, method);
    return apiError("PERMISSION_DENIED", `You do not have permission to access tuned model ${id} or it may not exist.`);
  }
  if (model.closedTo.includes(call.project.id)) return modelRetired(model.id);
  return model.methods.includes(method) ? model : modelNotFound(id, version, method);
}

/** Counts the request against the project's quota for the model; the 429, when there is no room. */
export function admitCall(call: Pick<Call, "project" | "world">, model: Model, tokens: number): ApiError | null {
  const { project, world } = call;
  const exceeded = world.quotas.admit({
    project: project.id,
    model: model.id,
    limits: limitsOf(project, model),
    tokens,
    now: world.now(),
  });
  if (exceeded.length === 0) return null;
  if (isAccountProject(project)) return accountQuotaError(exceeded, { model: model.id, now: world.now() });
  return quotaError({ model: model.id, tier: project.tier ?? "paid1", exceeded, embedding: model.embedding });
}

/** Tells a refusal from anything else. */
export function isRefusal(value: object): value is ApiError {
  return "status" in value && ("error" in value || "html" in value || "oauth" in value);
}
