/**
 * From a request's method and path: which resource is it about, and what becomes of it? Sources: fact sheet upstream 1.1
 * (paths), 1.5 (uploads), 1.11 (what is bound to a project), 3 (OpenAI's paths).
 * @module
 */
import type { Backend } from "../../core/records.ts";
import type { ResourceKind, ResourceName } from "../../core/resources.ts";
import { decodeOnce, toResource, type NamedResource } from "./names.ts";
import type { ResourceAction, ResourceFamily, ResourceRoute } from "./route-types.ts";

/** What of a request tells its route. */
export interface RouteRequest {
  backend: Backend;
  /** Upper case. */
  method: string;
  /** `Identity.path`: without mount prefix and query; native ones with version, OpenAI's without. */
  path: string;
  /** The query, with or without `?`; empty: none. */
  query: string;
  /** Header `x-goog-upload-protocol`, or null. */
  uploadProtocol: string | null;
  /** Header `x-goog-upload-command`, or null. */
  uploadCommand: string | null;
}

/**
 * Routes a request to resources.
 * @returns null when neither the path names something bound nor its answer tells of something new. What a body names is
 * `namesInBody`'s business.
 */
export function routeResource(request: RouteRequest): ResourceRoute | null {
  // Longer paths are nobody's but an attacker's; upload ids stand in the query.
  if (request.path.length > 2_000) return refusedRoute;
  const segments = decodeOnce(request.path)
    .split("/")
    .filter((segment) => segment !== "");
  // Some server on the way could take these for steps, and then it is another path.
  if (segments.some((segment) => segment === "." || segment === "..")) return refusedRoute;
  if (request.backend === "gemini-openai") return openaiRoute(request.method, segments);
  const first = segments[0] ?? "";
  const via = first === "upload" || first === "download" ? first : null;
  const rest = segments.slice(via === null ? 0 : 1);
  if (!/^v\d/.test(rest[0] ?? "")) return null;
  rest.shift();
  const last = rest.pop() ?? "";
  const colon = last.lastIndexOf(":");
  rest.push(colon < 0 ? last : last.slice(0, colon));
  const parts: Parts = { request, via, rest, verb: colon < 0 ? null : last.slice(colon + 1) };
  const collection = rest[0] as string;
  if (collection === "models" || collection === "tunedModels") {
    const started = startedBy(parts);
    if (started !== null) return started;
  }
  if (collection === "models") return modelOperation(parts);
  const known = collections.get(collection);
  return known === undefined ? null : nativeRoute(parts, collection, known);
}

// --- helpers ---

interface Parts {
  request: RouteRequest;
  via: "upload" | "download" | null;
  /** Path segments behind the version; the last without its method. */
  rest: string[];
  /** What stands behind the colon of the last segment; null: nothing. */
  verb: string | null;
}

interface Collection {
  kind: ResourceKind;
  listField: string;
  /** Several projects' lists make one; false: the collection cannot be listed for one client. */
  fanOut: boolean;
  /** What is made or done here runs a model that the body, or something it names, tells. */
  usesModel: boolean;
}

const one = (kind: ResourceKind, listField: string, usesModel: boolean, fanOut = true): Collection => ({
  kind,
  listField,
  fanOut,
  usesModel,
});

const collections: ReadonlyMap<string, Collection> = new Map([
  ["files", one("file", "files", false)],
  ["generatedFiles", one("file", "generatedFiles", false)],
  ["cachedContents", one("cache", "cachedContents", true)],
  ["batches", one("batch", "operations", false)],
  ["operations", one("operation", "operations", false)],
  ["fileSearchStores", one("store", "fileSearchStores", false)],
  ["tunedModels", one("tuned-model", "tunedModels", true)],
  ["corpora", one("corpus", "corpora", false)],
  ["interactions", one("interaction", "interactions", true)],
  // Tokens are bound by their digests, and Google has no list of them (fact sheet upstream 1.1).
  ["auth_tokens", one("auth-token", "authTokens", true, false)],
  ["agents", one("agent", "agents", true)],
  ["environments", one("environment", "environments", false)],
  ["credentials", one("credential", "credentials", false)],
  ["triggers", one("trigger", "triggers", true)],
  ["voices", one("voice", "voices", false)],
  ["webhooks", one("webhook", "webhooks", false)],
]);

/** Google has no lists here (fact sheet upstream 3). */
const openaiCollections: ReadonlyMap<string, Collection> = new Map([
  ["files", one("file", "data", false, false)],
  ["batches", one("batch", "data", true, false)],
  ["videos", one("video", "data", true, false)],
]);

/** Methods of a model that start something long, and what. */
const starters: ReadonlyMap<string, { family: ResourceFamily; kind: ResourceKind }> = new Map([
  ["batchGenerateContent", { family: "batch", kind: "batch" }],
  ["asyncBatchEmbedContent", { family: "batch", kind: "batch" }],
  ["predictLongRunning", { family: "model-operation", kind: "operation" }],
]);

function startedBy({ request, rest, verb }: Parts): ResourceRoute | null {
  const starter = verb === null ? undefined : starters.get(verb);
  if (starter === undefined || request.method !== "POST" || rest.length !== 2) return null;
  return { ...plain, ...starter, action: "create", names: namesOf(rest), creates: true };
}

function modelOperation({ request, rest, verb }: Parts): ResourceRoute | null {
  if (rest[2] !== "operations") return null;
  const base = { ...plain, family: "model-operation", kind: "operation" } as const;
  if (rest.length === 3)
    return isRead(request.method) && verb === null
      ? { ...base, action: "list", listField: "operations", fanOut: true }
      : refusedRoute;
  const names = namesOf(rest);
  if (names.length === 0) return refusedRoute;
  const action = actionOf(request.method, verb);
  return { ...base, action, names, forgets: action === "delete" ? (names[0] ?? null) : null };
}

function nativeRoute(parts: Parts, collection: string, known: Collection): ResourceRoute {
  const { request, rest, verb, via } = parts;
  const { kind } = known;
  const base = { ...plain, family: kind, kind } as const;
  const isCollection = rest.length === 1;
  const named = isCollection ? null : toResource(rest.join("/"));
  const names = named === null ? [] : [named.name];
  if (named === null && !isCollection) return refusedRoute;
  if (via === "upload") return { ...base, action: uploadAction(request), names, creates: true };
  if (isCollection) return collectionRoute(request.method, verb, base, known);
  if (
    via === "download" ||
    verb === "download" ||
    (isRead(request.method) && /(^|[?&])(\$|%24)?alt=media(&|$)/.test(request.query))
  )
    return { ...base, ...kindOf(named), action: "download", names };
  // `interactions/x/cancel` has its method as a segment.
  const method = verb ?? (collection === "interactions" && rest[2] === "cancel" ? "cancel" : null);
  const isChild = rest.length > 2 && method === verb;
  const isChildCollection = isChild && verb === null && isChildCollectionAt(rest);
  const isList = isChildCollection && isRead(request.method);
  const action = isList ? "list" : actionOf(request.method, method, isChildCollection);
  return {
    ...base,
    ...kindOf(named),
    action,
    names,
    forgets: action === "delete" && !isChild ? (names[0] ?? null) : null,
    listField: isList ? (rest.at(-1) as string) : null,
    usesModel:
      known.usesModel && (action === "act" || action === "create" || (action === "update" && !isChild && runs(kind))),
  };
}

function collectionRoute(
  method: string,
  verb: string | null,
  base: Pick<ResourceRoute, "family" | "kind"> & typeof plain,
  known: Collection,
): ResourceRoute {
  if (isRead(method) && verb === null)
    return {
      ...base,
      action: "list",
      listField: known.listField,
      fanOut: known.fanOut,
      unlistable: !known.fanOut,
    };
  // Also `files:register`.
  if (method === "POST") return { ...base, action: "create", creates: true, usesModel: known.usesModel };
  return { ...base, action: "act" };
}

function openaiRoute(method: string, segments: string[]): ResourceRoute | null {
  const collection = segments[0] ?? "";
  const known = openaiCollections.get(collection);
  if (known === undefined) return null;
  // Ids of Google's carry the collection (`batches/x`), and so does the path then.
  const rest = segments[1] === collection ? segments.slice(1) : segments;
  const base = { ...plain, family: known.kind, kind: known.kind } as const;
  if (rest.length === 1) return collectionRoute(method, null, base, known);
  const named = toResource(rest.slice(0, 2).join("/"));
  if (named === null) return refusedRoute;
  const names = [named.name];
  const verb = rest[2] ?? null;
  if (isRead(method) && verb !== null) return { ...base, ...kindOf(named), action: "download", names };
  const action = actionOf(method, verb);
  return {
    ...base,
    ...kindOf(named),
    action,
    names,
    // `videos/x/remix` makes another video.
    creates: action === "act" && known.kind === "video",
    forgets: action === "delete" ? named.name : null,
    usesModel: action === "act" && known.usesModel,
  };
}

const plain = {
  names: [],
  creates: false,
  forgets: null,
  listField: null,
  fanOut: false,
  unlistable: false,
  refused: false,
  usesModel: false,
} as const;

const refusedRoute: ResourceRoute = { ...plain, family: "file", kind: "file", action: "act", refused: true };

/** Changing one of these may change what it runs. */
function runs(kind: ResourceKind): boolean {
  return kind === "agent" || kind === "trigger";
}

const childCollections: ReadonlySet<string> = new Set([
  "documents",
  "chunks",
  "permissions",
  "operations",
  "executions",
  "files",
]);

/** `environments/e/files/a/b` is a path of a file, however deep. */
function isChildCollectionAt(rest: readonly string[]): boolean {
  if (rest.length !== 3 && (rest.length !== 5 || rest[0] === "environments")) return false;
  return childCollections.has(rest.at(-1) as string);
}

function namesOf(rest: readonly string[]): ResourceName[] {
  const named = toResource(rest.join("/"));
  return named === null ? [] : [named.name];
}

/** `files/batch-x` is the result of a batch, and bound as such. */
function kindOf(named: NamedResource | null): { family?: ResourceKind; kind?: ResourceKind } {
  return named === null ? {} : { family: named.kind, kind: named.kind };
}

function isRead(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

function actionOf(method: string, verb: string | null, isChildCollection = false): ResourceAction {
  if (verb === "cancel") return "cancel";
  if (verb !== null && verb.startsWith("update")) return "update";
  if (verb !== null) return "act";
  if (isRead(method)) return "get";
  if (method === "DELETE") return "delete";
  if (method === "PATCH" || method === "PUT") return "update";
  return method === "POST" && isChildCollection ? "create" : "act";
}

/** Fact sheet upstream 1.5. `uploadType` is what the older client libraries send instead of headers. */
function uploadAction({ query, uploadProtocol, uploadCommand }: RouteRequest): ResourceAction {
  if (/(^|[?&])upload_id=/.test(query)) return "upload-chunk";
  const commands = (uploadCommand ?? "").toLowerCase().split(/[\s,]+/);
  if (commands.includes("start")) return commands.includes("finalize") ? "upload-whole" : "upload-start";
  if (commands.some((command) => chunkCommands.has(command))) return "upload-chunk";
  const resumable =
    uploadProtocol === null
      ? /(^|[?&])uploadType=resumable(&|$)/i.test(query)
      : /^\s*resumable\s*$/i.test(uploadProtocol);
  return resumable ? "upload-start" : "upload-whole";
}

const chunkCommands: ReadonlySet<string> = new Set(["upload", "finalize", "query", "cancel"]);
