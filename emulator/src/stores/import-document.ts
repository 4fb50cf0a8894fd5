/** @module From a file or an upload to a document of a store: an operation, as long as any other. */

import type { ApiError } from "../errors/api-error.ts";
import type { OperationValue } from "../operations/operation.ts";
import { startOperation } from "../operations/operation.ts";
import { storeFull } from "../resources/answers.ts";
import type { Resource } from "../resources/registry.ts";
import type { World } from "../state/world.ts";
import type { DocumentValue, StoreValue } from "./store.ts";
import { DOCUMENTS } from "./store.ts";

/** Adds a pending document to a store and begins the operation that makes it active. */
export function importDocument(
  world: World,
  options: {
    store: Resource<StoreValue>;
    document: Pick<DocumentValue, "displayName" | "mimeType" | "size" | "customMetadata">;
    /** An upload's operation has another name than an import's. */
    upload: boolean;
  },
): Resource<OperationValue> | ApiError {
  const { store, upload } = options;
  const { projectId } = store;
  const id = world.ids.resource();
  const created = world.resources.of(DOCUMENTS).create({
    name: `${store.name}/documents/${id}`,
    projectId,
    value: { ...options.document, store: store.name, state: "STATE_PENDING" },
  });
  if (!created) return storeFull();
  return startOperation(world, {
    projectId,
    parent: upload ? `${store.name}/upload` : store.name,
    finish: () => {
      created.value.state = "STATE_ACTIVE";
      created.updateTime = world.now();
      const type = upload ? "UploadToFileSearchStoreResponse" : "ImportFileResponse";
      return {
        response: {
          "@type": `type.googleapis.com/google.ai.generativelanguage.v1main.${type}`,
          parent: store.name,
          documentName: created.name,
        },
      };
    },
  });
}
