/**
 * Another model than the one that was asked for: aliases and fallbacks. Only the name changes, in the path or in the body.
 * @module
 */
import type { Bytes } from "../../core/ports.ts";
import { findFields } from "../../core/scan/find-fields.ts";
import type { CollectedBody } from "../host.ts";
import type { Identity } from "../identity.ts";

/**
 * The identity for another model named in the path.
 * @param model without `models/`; `tunedModels/x` stays as it is
 * @returns the same identity when its path names no model
 */
export function withModel(identity: Identity, model: string): Identity {
  if (identity.modelInBody) return { ...identity, model };
  if (identity.model === null) return identity;
  return {
    ...identity,
    model,
    target: renamePath(identity.target, model),
    path: renamePath(identity.path, model),
  };
}

/**
 * The body with another value of its outermost `model`.
 * @returns the same body when it has none
 */
export function renameInBody(body: CollectedBody, model: string, bytes: Bytes): CollectedBody {
  const { fields } = findFields({ body: body.chunks, names: ["model"], bytes });
  const field = fields.model;
  if (field === null || typeof field.value !== "string") return body;
  const whole = bytes.concat(body.chunks);
  const prefix = field.value.startsWith("models/") && !model.includes("/") ? "models/" : "";
  const value = bytes.encode(JSON.stringify(prefix + model));
  const chunks = [whole.subarray(0, field.start), value, whole.subarray(field.end)];
  return { chunks, length: whole.length - (field.end - field.start) + value.length };
}

// --- helpers ---

/** `/v1beta/models/old:generateContent?alt=sse`; the colon may be encoded, the name itself may hold slashes. */
const modelInPath =
  /^(\/(?:upload\/|download\/)?[^/?]+\/)(?:models|tunedModels)\/((?:(?!%3a)[^:?])+?)(?=(?::|%3a|\?|$|\/operations\/))/i;

function renamePath(target: string, model: string): string {
  const segment = model.startsWith("tunedModels/") ? model : `models/${model}`;
  return target.replace(
    modelInPath,
    (_all, start: string) => start + segment.split("/").map(encodeURIComponent).join("/"),
  );
}
