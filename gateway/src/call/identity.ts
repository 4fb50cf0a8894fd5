/**
 * Step one of a call's way: from the path and the headers alone, what is this request?
 * The body is not looked at here; `modelInBody` says when it must be.
 * @module
 */
import type { Backend } from "../core/records.ts";
import type { CredentialHints, Identity } from "./identity-types.ts";
import { messagesIdentity, modelsIdentity, responsesIdentity } from "./identity-translated.ts";
import { noQuery, parseQuery, type Query } from "./query.ts";
import { routeResource } from "./resources/route.ts";
import type { ResourceRoute } from "./resources/route-types.ts";

export type { CredentialHints, Identity } from "./identity-types.ts";

const versionSegment = /^v\d+[a-z0-9]*$/;
const mountPrefixes = ["/api/gproxy/gemini", "/gemini"];
const openaiPrefixes = ["/api/gproxy/openai", "/openai"];
const openaiOnly =
  /^(chat\/completions|completions|embeddings|images\/(generations|edits)|moderations|videos(\/.*)?|responses(\/.*)?|messages(\/.*)?|audio\/.*)$/;
/** The form of Vertex AI, which Gemini CLI uses with GOOGLE_VERTEX_BASE_URL (fact sheet translation 0.1). */
const vertexPath = /^(?:projects\/[^/]+\/locations\/[^/]+\/)?publishers\/google\/(models\/[^/]+)$/;
const openaiShared = /^(models(\/[^:]*)?|files(\/.*)?|batches(\/[^:]*)?)$/;
/** TRACE would send the credential back to the client; WebDAV's and others are no business of the APIs. */
const servedMethods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
/**
 * A dot segment, encoded or not. URL parsers resolve them (fetch does, front ends may): what is asked for would not be
 * what was judged here, and `/openai/../models/…` would show a bearer key where none is taken, which looks like a dead key.
 */
const dotSegment = /(?:[/\\]|%2f|%5c)(?:\.|%2e){1,2}(?:[/\\]|%2f|%5c|$)/i;
/** Kinds whose creation names a model in its body. */
const modelKinds = new Set(["interactions", "decisions", "cachedContents"]);
/** Methods of models that create something which stays in its project. */
const creatingActions = new Set(["batchGenerateContent", "asyncBatchEmbedContent", "predictLongRunning"]);
const repeatableMethods = new Set([
  "generateContent",
  "streamGenerateContent",
  "countTokens",
  "embedContent",
  "batchEmbedContents",
  "generateAnswer",
]);

/**
 * Routes a request.
 * Sources of the rules: fact sheet upstream 2.2 (shared paths are told apart by the credential), 1.1 (methods), 1.3
 * (framing), translation 0.1.
 * @param method HTTP method in upper case
 * @param url the request target as received: path and query
 * @param hints what the headers say
 * @returns the identity, or null when nothing is served at this path
 */
export function identify(method: string, url: string, hints: CredentialHints): Identity | null {
  const mark = url.indexOf("?");
  const rawPath = collapse(decodeUnreserved(mark < 0 ? url : url.slice(0, mark)));
  if (!servedMethods.has(method) || dotSegment.test(rawPath)) return null;
  const query = mark < 0 ? noQuery : parseQuery(url.slice(mark + 1));
  const google = hints.google || query.key !== null;

  for (const prefix of openaiPrefixes) {
    const rest = afterPrefix(rawPath, prefix);
    if (rest !== null) return openai(method, withoutVersion(rest), query, prefix);
  }
  let path = rawPath;
  let mount = "";
  for (const prefix of mountPrefixes) {
    const rest = afterPrefix(path, prefix);
    if (rest === null) continue;
    path = rest;
    mount = prefix;
  }

  const segments = path.split("/");
  const first = segments[1] ?? "";
  if (first === "upload" || first === "download") return native(method, path, query, 2, mount);
  if (first === "$discovery") return native(method, path, query, 1, mount);
  if (!versionSegment.test(first)) {
    // A base URL without version: bare OpenAI paths, or Gemini methods such as /models/x:generateContent.
    const rest = path.slice(1);
    if (openaiOnly.test(rest)) return openai(method, rest, query, mount);
    if (first === "models" || first === "tunedModels") {
      if (!google && openaiShared.test(rest)) return shared(method, rest, query, { mount, hints });
      return native(method, `/v1beta${path}`, query, 2, mount);
    }
    return null;
  }
  // /v1beta/v1beta/… comes from base URLs that already carry the version.
  if (segments[2] === first) {
    segments.splice(2, 1);
    path = segments.join("/");
  }
  if (segments[2] === "openai") return openai(method, withoutVersion(`/${segments.slice(3).join("/")}`), query, mount);
  const rest = segments.slice(2).join("/");
  if (openaiOnly.test(rest)) return openai(method, rest, query, mount);
  if (first === "v1" && !google && openaiShared.test(rest)) return shared(method, rest, query, { mount, hints });
  if (rest === "") return null;
  const vertex = vertexPath.exec(rest);
  if (vertex !== null) return native(method, `/v1beta/${vertex[1] as string}`, query, 2, mount);
  return native(method, path, query, 2, mount);
}

// --- helpers ---

/** Paths that OpenAI and Anthropic share: lists of models. */
function shared(
  method: string,
  rest: string,
  query: Query,
  { mount, hints }: { mount: string; hints: CredentialHints },
): Identity | null {
  const isModels = rest === "models" || rest.startsWith("models/");
  const isRead = method === "GET" || method === "HEAD";
  if (hints.anthropic !== true || !isModels || !isRead) return openai(method, rest, query, mount);
  return modelsIdentity(`/${rest}`, query, mount);
}

function native(method: string, path: string, query: Query, resourceAt: number, mountPrefix: string): Identity {
  const last = lastSegment(path);
  const colon = last.lastIndexOf(":");
  const action = colon < 0 ? "" : last.slice(colon + 1);
  const segments = path.split("/");
  const kind = segments[resourceAt] ?? "";
  const upload = segments[1] === "upload";
  let model: string | null = null;
  if (kind === "models" || kind === "tunedModels") {
    const named = decodeColon(segments.slice(resourceAt + 1).join("/"));
    const end = named.lastIndexOf(":");
    const name = end < 0 ? (named.split("/")[0] ?? "") : named.slice(0, end);
    if (name !== "") model = kind === "models" ? name : `tunedModels/${name}`;
  } else if (kind === "dynamic" && colon >= 0) {
    model = `dynamic/${last.slice(0, colon)}`;
  }
  const streaming = action === "streamGenerateContent";
  const generative = streaming || action === "generateContent";
  const bound = upload || kind !== "models" || segments.includes("operations") || creatingActions.has(action);
  const resource = bound ? routeOf("gemini-api", { method, path, query: query.text }) : null;
  const creates = method === "POST" && segments.length === resourceAt + 1;
  return {
    dialect: "gemini",
    backend: "gemini-api",
    operation: upload ? "upload" : creates && kind === "interactions" ? "interaction" : operationOf(action, kind),
    model,
    translated: false,
    modelInBody: creates && modelKinds.has(kind),
    modelOptional: true,
    mountPrefix,
    resource,
    generative,
    stream: streaming,
    framing: streaming ? (query.sse ? "sse" : "json-array") : "unary",
    bodyMode: upload ? "pass" : "collect",
    repeatable: method === "GET" || method === "HEAD" || (method === "POST" && repeatableMethods.has(action)),
    namesResource: (kind !== "models" && kind !== "") || segments.includes("operations"),
    target: path + query.text,
    path,
    queryKey: query.key,
  };
}

function openai(method: string, rest: string, query: Query, mountPrefix: string): Identity | null {
  const path = rest.startsWith("/") ? rest : `/${rest}`;
  if (path === "/responses" && method === "POST") return responsesIdentity(path, query, mountPrefix);
  if (method === "POST" && /^\/messages(\/count_tokens)?$/.test(path))
    return messagesIdentity(path, query, mountPrefix);
  if (/^\/(messages|responses)(\/|$)/.test(path)) return null;
  const chat = path === "/chat/completions";
  const embeddings = path === "/embeddings";
  const images = path === "/images/generations";
  return {
    dialect: "openai-chat",
    backend: "gemini-openai",
    operation: chat
      ? "chat"
      : embeddings
        ? "embeddings"
        : images
          ? "images"
          : method === "POST" && path === "/videos"
            ? "video"
            : method === "POST" && path === "/batches"
              ? "batch"
              : path === "/models" || path.startsWith("/models/")
                ? "models"
                : "other",
    model: null,
    translated: false,
    modelInBody: method === "POST" && (chat || embeddings || images || path === "/videos"),
    modelOptional: path === "/videos",
    mountPrefix,
    resource: chat || embeddings || images ? null : routeOf("gemini-openai", { method, path, query: query.text }),
    generative: chat,
    stream: false,
    framing: "unary",
    bodyMode: "collect",
    repeatable: method === "GET" || method === "HEAD" || chat || embeddings,
    namesResource: path.startsWith("/videos") || path.startsWith("/batches") || path.startsWith("/files"),
    target: path + query.text,
    path,
    queryKey: query.key,
  };
}

function routeOf(backend: Backend, request: { method: string; path: string; query: string }): ResourceRoute | null {
  // The headers of an upload say how it is sent, which does not change whose it is.
  return routeResource({ ...request, backend, uploadProtocol: null, uploadCommand: null });
}

function operationOf(action: string, kind: string): string {
  switch (action) {
    case "generateContent":
      return "generate";
    case "streamGenerateContent":
      return "stream-generate";
    case "countTokens":
      return "count-tokens";
    case "embedContent":
    case "batchEmbedContents":
      return "embed";
    case "predict":
      return "predict";
    case "predictLongRunning":
      return "video";
    case "batchGenerateContent":
    case "asyncBatchEmbedContent":
      return "batch";
    default:
      return kind === "models" && action === "" ? "models" : "other";
  }
}

function lastSegment(path: string): string {
  return decodeColon(path.slice(path.lastIndexOf("/") + 1));
}

/** Some clients encode the colon before the method; the path is still sent on as it came. */
function decodeColon(text: string): string {
  return text.includes("%") ? text.replace(/%3a/gi, ":").replace(/%2f/gi, "/") : text;
}

/**
 * The same path with every letter, digit, `-`, `.`, `_` and `~` plain: encoded ones mean the same (RFC 3986 6.2.2.2), and
 * would be another method or another model to whoever does not decode them.
 */
function decodeUnreserved(path: string): string {
  if (!path.includes("%")) return path;
  return path.replace(/%([2-7][0-9a-f])/gi, (encoded, code: string) => {
    const letter = String.fromCharCode(Number.parseInt(code, 16));
    return /[A-Za-z0-9._~-]/.test(letter) ? letter : encoded;
  });
}

function collapse(path: string): string {
  if (!path.startsWith("/")) path = `/${path}`;
  return path.includes("//") ? path.replace(/\/{2,}/g, "/") : path;
}

function afterPrefix(path: string, prefix: string): string | null {
  if (!path.startsWith(prefix)) return null;
  if (path.length === prefix.length) return "/";
  return path.charCodeAt(prefix.length) === 47 ? path.slice(prefix.length) : null;
}

/** `/v1/chat/completions` → `chat/completions`; also `/v1beta/openai/…` inside an OpenAI mount. */
function withoutVersion(path: string): string {
  const segments = path.split("/").slice(1);
  while (segments.length > 1 && (versionSegment.test(segments[0] as string) || segments[0] === "openai"))
    segments.shift();
  return segments.join("/");
}
