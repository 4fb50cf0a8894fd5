/** @module Resumption handles: a session's context, kept for the project that had it (fact sheet upstream 1.11, 9). */

import type { ApiError } from "../errors/api-error.ts";
import { apiError } from "../errors/api-error.ts";
import type { ResourceKind } from "../resources/registry.ts";
import { defineKind } from "../resources/registry.ts";
import type { World } from "../state/world.ts";
import type { HistoryItem } from "./history.ts";

/** What a handle brings back. */
export interface SavedSession {
  /** Model id. */
  model: string;
  items: readonly HistoryItem[];
}

/** The kind of resource that handles are. */
const LIVE_HANDLES: ResourceKind<SavedSession> = defineKind<SavedSession>("liveHandles", { limit: 10_000 });

/** Saves a session; the oldest handle gives way when there are too many. Gives back the handle. */
export function saveSession(world: World, projectId: string, session: SavedSession): string {
  const store = world.resources.of(LIVE_HANDLES);
  const name = `${world.ids.response()}${world.ids.response()}`;
  const expireTime = world.now() + (world.options.live?.handleMs ?? HANDLE_MS);
  if (store.size() >= LIVE_HANDLES.limit) {
    const [oldest] = store.all();
    if (oldest) store.remove(oldest.name);
  }
  store.create({ name, projectId, value: session, expireTime });
  return name;
}

/** The session of a handle. Google does not tell unknown, expired and foreign handles apart. */
export function findSession(
  world: World,
  handle: string,
  wanted: { projectId: string; model: string },
): SavedSession | ApiError {
  const found = world.resources.of(LIVE_HANDLES).own(handle, wanted.projectId);
  if (!found) return apiError("NOT_FOUND", "BidiGenerateContent session not found");
  if (found.value.model === wanted.model) return found.value;
  return apiError("INVALID_ARGUMENT", "The model of a resumed session cannot be changed.");
}

// --- helpers ---

const HANDLE_MS = 2 * 3_600_000;
