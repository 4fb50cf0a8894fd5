/** @module The routes of file search stores and their documents (fact sheet upstream 1.1). */

import { isRefusal } from "../answer/admit-call.ts";
import type { ApiError } from "../errors/api-error.ts";
import { apiError } from "../errors/api-error.ts";
import { isActive, notActive, ownFile } from "../files/file.ts";
import { uploadRoute } from "../files/upload.ts";
import type { UploadTarget } from "../files/upload-target.ts";
import type { Call, Route, RoutedPath } from "../http/call.ts";
import type { Result } from "../http/result.ts";
import { parseMessage } from "../native/parse-message.ts";
import { toOperationResource } from "../operations/operation.ts";
import { entityNotFound, familyRoute, listPage, readMessage, reply } from "../resources/answers.ts";
import { importDocument } from "./import-document.ts";
import { DOCUMENTS, STORES, createStore, documentsOf, ownStore, toDocumentResource, toStoreResource } from "./store.ts";

/** `/{v}/fileSearchStores…`, `/upload/{v}/fileSearchStores/{s}:uploadToFileSearchStore`. */
export function storeFamily(path: RoutedPath): Route | null {
  if (path.upload) {
    const store = /^(fileSearchStores\/[^/:]+):uploadToFileSearchStore$/.exec(path.rest)?.[1];
    if (store === undefined) return null;
    const targets = (call: Call, metadata: string): UploadTarget | ApiError => storeTarget(call, { store, metadata });
    return uploadRoute(path, { operation: "fileSearchStores.upload", targets });
  }
  for (const [pattern, routes] of ROUTES) {
    const match = pattern.exec(path.rest);
    const served = match && routes[path.method];
    if (served) return familyRoute(path, { ...served, resource: match[1] ?? "" });
  }
  return null;
}

// --- helpers ---

interface Served {
  operation: string;
  serve: (call: Call) => Result;
  free?: boolean;
}

const ROUTES: readonly (readonly [RegExp, Record<string, Served>])[] = [
  [
    /^fileSearchStores$/,
    {
      POST: { operation: "fileSearchStores.create", serve: serveCreate },
      GET: { operation: "fileSearchStores.list", serve: serveList, free: true },
    },
  ],
  [
    /^(fileSearchStores\/[^/:]+)$/,
    {
      GET: { operation: "fileSearchStores.get", serve: serveGet, free: true },
      DELETE: { operation: "fileSearchStores.delete", serve: serveDelete, free: true },
    },
  ],
  [
    /^(fileSearchStores\/[^/:]+):importFile$/,
    { POST: { operation: "fileSearchStores.importFile", serve: serveImport } },
  ],
  [
    /^(fileSearchStores\/[^/:]+)\/documents$/,
    { GET: { operation: "documents.list", serve: serveDocuments, free: true } },
  ],
  [
    /^(fileSearchStores\/[^/:]+\/documents\/[^/:]+)$/,
    {
      GET: { operation: "documents.get", serve: serveDocument, free: true },
      DELETE: { operation: "documents.delete", serve: serveDeleteDocument, free: true },
    },
  ],
];

function serveCreate(call: Call): Result {
  const message = readMessage(call, "FileSearchStore");
  if (isRefusal(message)) return reply(message);
  const { displayName = "", embeddingModel = "models/gemini-embedding-001" } = message as Record<string, string>;
  const store = createStore(call.world, { projectId: call.project.id, displayName, embeddingModel });
  return reply(isRefusal(store) ? store : toStoreResource(call.world, store));
}

function serveList(call: Call): Result {
  const { world } = call;
  return listPage(call, world.resources.of(STORES), {
    member: "fileSearchStores",
    usual: 10,
    most: 20,
    encode: (store) => toStoreResource(world, store),
  });
}

function serveGet(call: Call): Result {
  const store = storeOf(call);
  return reply(isRefusal(store) ? store : toStoreResource(call.world, store));
}

function serveDelete(call: Call): Result {
  const { world } = call;
  const store = storeOf(call);
  if (isRefusal(store)) return reply(store);
  const documents = documentsOf(world, store);
  if (documents.length > 0 && !isForced(call)) {
    return reply(apiError("FAILED_PRECONDITION", "Cannot delete non-empty FileSearchStore."));
  }
  for (const { name } of documents) world.resources.of(DOCUMENTS).remove(name);
  world.resources.of(STORES).remove(store.name);
  return reply({});
}

function serveImport(call: Call): Result {
  const { world, project } = call;
  const store = storeOf(call);
  if (isRefusal(store)) return reply(store);
  const message = readMessage(call, "ImportFileRequest");
  if (isRefusal(message)) return reply(message);
  const { fileName, customMetadata } = message;
  if (typeof fileName !== "string" || fileName === "") {
    return reply(apiError("INVALID_ARGUMENT", "* ImportFileRequest.file_name: file_name is not specified\n"));
  }
  const file = ownFile(world, fileName, project.id);
  if (isRefusal(file)) return reply(file);
  if (!isActive(world, file)) return reply(notActive(file.name));
  const { displayName, mimeType, size } = file.value;
  const operation = importDocument(world, {
    store,
    document: { displayName: displayName ?? file.name, mimeType, size, customMetadata },
    upload: false,
  });
  return reply(isRefusal(operation) ? operation : toOperationResource(operation));
}

function storeTarget(
  { world, project }: Call,
  { store: name, metadata }: { store: string; metadata: string },
): UploadTarget | ApiError {
  const store = ownStore(world, name, project.id);
  if (isRefusal(store)) return store;
  const message = parseMessage(metadata, "UploadToFileSearchStoreRequest");
  if (isRefusal(message)) return message;
  const { displayName, mimeType = null, customMetadata } = message as Record<string, string | undefined>;
  return {
    path: `${name}:uploadToFileSearchStore`,
    mimeType,
    wantsBytes: false,
    admit: (_world, { size }) =>
      size > LARGEST_DOCUMENT
        ? apiError("INVALID_ARGUMENT", `File size exceeds the limit of ${LARGEST_DOCUMENT} bytes.`)
        : null,
    finish: (call, content) => {
      // The store may be gone by the time the last byte is there.
      const still = ownStore(call.world, name, call.project.id);
      if (isRefusal(still)) return still;
      const document = {
        displayName: displayName ?? content.fileName ?? "",
        mimeType: content.mimeType,
        size: content.size,
        customMetadata,
      };
      const operation = importDocument(call.world, { store: still, document, upload: true });
      return isRefusal(operation) ? operation : toOperationResource(operation);
    },
  };
}

/** 100 MB a document. */
const LARGEST_DOCUMENT = 104_857_600;

function serveDocuments(call: Call): Result {
  const store = storeOf(call);
  if (isRefusal(store)) return reply(store);
  return listPage(call, call.world.resources.of(DOCUMENTS), {
    member: "documents",
    usual: 10,
    most: 20,
    encode: toDocumentResource,
    where: ({ value }) => value.store === store.name,
  });
}

function serveDocument(call: Call): Result {
  const document = call.world.resources.of(DOCUMENTS).own(call.route.resource ?? "", call.project.id);
  return reply(document ? toDocumentResource(document) : entityNotFound());
}

function serveDeleteDocument(call: Call): Result {
  const documents = call.world.resources.of(DOCUMENTS);
  const document = documents.own(call.route.resource ?? "", call.project.id);
  if (!document) return reply(entityNotFound());
  if (document.value.state === "STATE_ACTIVE" && !isForced(call)) {
    return reply(apiError("FAILED_PRECONDITION", "Cannot delete non-empty Document."));
  }
  documents.remove(document.name);
  return reply({});
}

function storeOf(call: Call): ReturnType<typeof ownStore> {
  return ownStore(call.world, call.route.resource ?? "", call.project.id);
}

function isForced({ query }: Call): boolean {
  return query.get("force") === "true";
}
