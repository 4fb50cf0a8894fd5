/** @module File search stores that a prompt names: they belong to the project of the key (fact sheet upstream 1.11). */

import type { GenerateRequest } from "../answer/gemini-types.ts";
import type { ApiError } from "../errors/api-error.ts";
import { apiError } from "../errors/api-error.ts";
import type { World } from "../state/world.ts";
import { STORES } from "./store.ts";

/** The refusal of a request whose `fileSearch` tool names a store that is not the project's. */
export function checkStores(
  { tools }: Pick<GenerateRequest, "tools">,
  { world, projectId }: { world: World; projectId: string },
): ApiError | null {
  const stores = world.resources.of(STORES);
  for (const tool of tools ?? []) {
    for (const name of namesIn(tool)) if (!stores.own(name, projectId)) return storeForbidden(name);
  }
  return null;
}

// --- helpers ---

// 403 of a store in a prompt, whether it is missing or of somebody else.
function storeForbidden(name: string): ApiError {
  const id = name.replace(/^fileSearchStores\//, "");
  return apiError(
    "PERMISSION_DENIED",
    `You do not have permission to access the FileSearchStore ${id} or it may not exist.`,
  );
}

function namesIn(tool: Record<string, unknown>): string[] {
  const search = tool["fileSearch"];
  if (typeof search !== "object" || search === null) return [];
  const { fileSearchStoreNames, file_search_store_names } = search as Record<string, unknown>;
  const names = fileSearchStoreNames ?? file_search_store_names;
  return Array.isArray(names) ? names.filter((name): name is string => typeof name === "string") : [];
}
