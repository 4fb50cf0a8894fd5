/** @module The gate of a session: token, model, handle, sessions at once, quota; in this order. */

import { setTimeout as wait } from "node:timers/promises";

import { admitCall, findModel, isRefusal } from "../answer/admit-call.ts";
import type { ApiError } from "../errors/api-error.ts";
import { apiError } from "../errors/api-error.ts";
import { namedError } from "../errors/catalog.ts";
import type { ErrorName } from "../errors/error-names.ts";
import { modelId } from "../state/models.ts";
import { lockSetup, useAuthToken } from "../tokens/auth-tokens.ts";
import type { FaultAction } from "../types.ts";
import type { LiveSetup } from "./client-message.ts";
import { findSession } from "./handles.ts";
import { createHistory } from "./history.ts";
import type { OpenSession, SessionOptions } from "./session-types.ts";

/** What the gate lets through. */
export type AcceptedSetup = Omit<OpenSession, "fail" | "expect">;

/** Opens a session, or says why not; null when the client left. Waits as long as the first byte of an answer would. */
export async function openSetup(options: SessionOptions, asked: LiveSetup): Promise<AcceptedSetup | ApiError | null> {
  const { world, caller, connection, entry } = options;
  const setup = caller.token ? lockSetup(caller.token.value, asked) : asked;
  const id = modelId(setup.model ?? "");
  entry.entry.model = id === "" ? null : id;
  const action = strike(options, "liveSetup", id);
  const project = caller.key.project;
  const pause = (world.options.latencyMs ?? 0) + (project.firstByteDelayMs ?? 0) + (action.delayMs ?? 0);
  if (pause > 0) await wait(pause, undefined, { signal: connection.ended }).catch(() => undefined);
  if (connection.closing()) return null;
  return action.error ? liveError(options, action.error, id) : judge(options, setup, id);
}

/** The fault that hits a session or a turn now; its place in the record is noted. */
export function strike(options: SessionOptions, operation: "liveSetup" | "liveTurn", model: string): FaultAction {
  const { world, base, caller } = options;
  const fault = world.faults.take({
    key: base.key,
    project: caller.key.project.id,
    model,
    path: base.path,
    surface: "native",
    account: null,
    operation,
    stream: true,
  });
  if (!fault) return {};
  options.entry.entry.fault ??= fault.id;
  options.outbox.arm(fault.action);
  return fault.action;
}

/** A named error in the words of this session. */
export function liveError({ caller, route }: SessionOptions, name: ErrorName, model: string): ApiError {
  const { key, project } = caller.key;
  const context = { key, project: project.id, model, version: route.version, path: "" };
  return namedError(name, { ...context, tier: project.tier ?? "paid1" });
}

// --- helpers ---

function judge(options: SessionOptions, setup: LiveSetup, id: string): AcceptedSetup | ApiError {
  const { world, caller, route } = options;
  const { project } = caller.key;
  const call = { world, project, route: { surface: "native", version: route.version } } as const;
  const model = findModel(call, id, "bidiGenerateContent");
  if (isRefusal(model)) return model;
  const handle = setup.sessionResumption?.handle ?? "";
  const saved = handle === "" ? null : findSession(world, handle, { projectId: project.id, model: model.id });
  if (saved && isRefusal(saved)) return saved;
  // Resuming a session is not a use of its token (documented with the SDKs).
  const spent = caller.token && !saved ? useAuthToken(world, caller.token) : null;
  if (spent) return spent;
  if (!options.admit()) return apiError("RESOURCE_EXHAUSTED", SESSIONS_EXCEEDED);
  const exceeded = admitCall(call, model, 0);
  if (exceeded) return exceeded;
  return { options, setup, model, history: createHistory(saved?.items) };
}

const SESSIONS_EXCEEDED =
  "You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.";
