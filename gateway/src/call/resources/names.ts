/**
 * Names of resources, brought to their one canonical form (core/resources.ts), and how long each kind lives when nobody
 * told (fact sheet upstream 1.11).
 * @module
 */
import type { Digest } from "../../core/ports.ts";
import type { ResourceKind, ResourceName } from "../../core/resources.ts";

/** A canonical name and what it names. */
export interface NamedResource {
  name: ResourceName;
  kind: ResourceKind;
}

const hour = 3_600_000;
const day = 24 * hour;

/** Milliseconds from its creation or last sight that a kind is remembered when its answer tells no time; null: always. */
export const lifetimes: Readonly<Record<ResourceKind, number | null>> = {
  file: 48 * hour,
  upload: 7 * day,
  cache: hour,
  // The job may take 48 hours; its result file (`files/batch-…`, the same binding) is read after that.
  batch: 50 * hour,
  operation: 7 * day,
  store: null,
  "tuned-model": null,
  corpus: null,
  interaction: 55 * day,
  continuation: day,
  "live-handle": day,
  // The longest that Google grants; an answer does not tell what was asked for.
  "auth-token": 20 * hour,
  signature: day,
  video: 48 * hour,
  agent: null,
  // Made by interactions too, one for each: those must not pile up for ever.
  environment: 55 * day,
  credential: null,
  trigger: null,
  voice: null,
  webhook: null,
};

/** Longest id that is taken for one, in characters. Google's own are under 150. */
const longestName = 600;

/**
 * Reads a resource name as Google writes it.
 * @param text decoded: `files/x`, `fileSearchStores/s/documents/d`, `models/m/operations/o`
 * @returns the canonical name (of the parent, for what lies below one), or null when it names nothing that is bound to a
 * project, such as `models/m`
 */
export function toResource(text: string): NamedResource | null {
  const slash = text.indexOf("/");
  if (slash < 1) return null;
  const collection = text.slice(0, slash);
  const next = text.indexOf("/", slash + 1);
  const id = next < 0 ? text.slice(slash + 1) : text.slice(slash + 1, next);
  if (!isId(id)) return null;
  if (collection === "models") {
    if (text.length > longestName) return null;
    const operation = next < 0 ? null : /^operations\/([^/]+)$/.exec(text.slice(next + 1));
    return operation !== null && isId(operation[1] as string) ? { name: text, kind: "operation" } : null;
  }
  const known = collections.get(collection);
  if (known === undefined || (next >= 0 && !known.parent)) return null;
  if (collection === "files" && id.startsWith("batch-") && id.length > 6)
    return { name: `batches/${id.slice(6)}`, kind: "batch" };
  return { name: `${collection}/${id}`, kind: known.kind };
}

/**
 * Whether a text that names nothing is so only because it is too long to be looked into: a reference to somebody's
 * resource may hide in it, so it must not be passed on.
 * @param text decoded; its first 601 characters are enough
 * @param hosts as in `fileOfReference`
 */
export function isOverlongReference(text: string, hosts: readonly string[] = []): boolean {
  const address = /^https?:\/\/([^/?#]*)([/?#]?)/i.exec(text);
  // An authority without an end is nobody's host.
  if (address !== null)
    return text.length > longestName && (address[2] === "" || isApiHost(address[1] as string, hosts));
  const slash = text.indexOf("/");
  const first = slash < 0 ? text : text.slice(0, slash);
  return text.length > longestName && (slash < 0 ? isWordy(text) : first === "models" || collections.has(first));
}

/**
 * Reads a name, or an id that stands without its collection, as OpenAI's and the managed agents' shapes have it.
 * @param collection `videos`, `agents` …
 */
export function toResourceOf(collection: string, text: string): NamedResource | null {
  return text.includes("/") ? prefixed(collection, text) : toResource(`${collection}/${text}`);
}

/**
 * Reads a reference to a file: a bare name, or an address at Google or at one of the hosts given. Addresses elsewhere are
 * none: Google fetches those itself.
 * @param hosts lower-case host names without port under which the API is reached too
 */
export function fileOfReference(text: string, hosts: readonly string[] = []): NamedResource | null {
  if (text.startsWith("files/")) return toResource(dropMethod(text));
  const address = /^https?:\/\/([^/?#]*)([^?#]*)/i.exec(text.length > 4096 ? "" : text);
  if (address === null || !isApiHost(address[1] as string, hosts)) return null;
  const path = /\/v\d\w*\/(files\/[^/:]+)(?::\w+)?\/?$/.exec(decodeOnce(address[2] as string));
  return path === null ? null : toResource(path[1] as string);
}

/** @returns whether an agent is one of Google's own (`deep-research-…`), which every project has. */
export function isBuiltInAgent(id: string): boolean {
  return /^(?:agents\/)?(?:deep-research|antigravity|computer-use|gemini)/.test(id);
}

/** @param token an ephemeral token, with or without `auth_tokens/` before it; it is a secret, so its digest is the name */
export function authTokenName(token: string, digest: Digest): ResourceName {
  return `authTokens/${digest.sha256(token.startsWith("auth_tokens/") ? token.slice(12) : token)}`;
}

/** @param handle of a Live session that can be taken up again */
export function liveHandleName(handle: string, digest: Digest): ResourceName {
  return `liveHandles/${digest.sha256(handle)}`;
}

/** @param token a `continuationToken` of a long answer */
export function continuationName(token: string, digest: Digest): ResourceName {
  return `continuations/${digest.sha256(token)}`;
}

/** @param token the gateway's own, from an upload's address */
export function uploadName(token: string, digest: Digest): ResourceName {
  return `uploads/${digest.sha256(token)}`;
}

/** Percent-decodes once; text that cannot be decoded stays as it is. */
export function decodeOnce(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// --- helpers ---

/** `parent`: what lies below it is bound with it. */
const collections: ReadonlyMap<string, { kind: ResourceKind; parent: boolean }> = new Map([
  ["files", { kind: "file", parent: false }],
  ["generatedFiles", { kind: "file", parent: true }],
  ["cachedContents", { kind: "cache", parent: false }],
  ["batches", { kind: "batch", parent: true }],
  ["operations", { kind: "operation", parent: false }],
  ["fileSearchStores", { kind: "store", parent: true }],
  ["tunedModels", { kind: "tuned-model", parent: true }],
  ["corpora", { kind: "corpus", parent: true }],
  ["interactions", { kind: "interaction", parent: true }],
  ["videos", { kind: "video", parent: true }],
  ["agents", { kind: "agent", parent: true }],
  ["environments", { kind: "environment", parent: true }],
  ["credentials", { kind: "credential", parent: true }],
  ["triggers", { kind: "trigger", parent: true }],
  ["voices", { kind: "voice", parent: true }],
  ["webhooks", { kind: "webhook", parent: true }],
]);

const googleHost = "generativelanguage.googleapis.com";

/** `-` stands for any parent in Google's APIs (AIP-159): nobody owns that. */
function isId(text: string): boolean {
  return text.length <= longestName && /^[\w.~=+@-]+$/.test(text) && text !== "." && text !== ".." && text !== "-";
}

/** Could be an id, but for its length. */
function isWordy(text: string): boolean {
  return /^[\w.~=+@-]+$/.test(text);
}

function prefixed(collection: string, text: string): NamedResource | null {
  return text.startsWith(`${collection}/`) ? toResource(text) : null;
}

function dropMethod(text: string): string {
  const colon = text.indexOf(":");
  return colon < 0 ? text : text.slice(0, colon);
}

/** Google's host, also its mTLS and sandbox names, or one of those given. Written in any case, with a port or a user. */
function isApiHost(authority: string, hosts: readonly string[]): boolean {
  const host = authority
    .slice(authority.lastIndexOf("@") + 1)
    .replace(/:\d*$/, "")
    .replace(/\.$/, "")
    .toLowerCase();
  if (host === googleHost || hosts.includes(host)) return true;
  return host.endsWith(".googleapis.com") && host.includes("generativelanguage");
}
