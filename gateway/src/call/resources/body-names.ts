/**
 * Which resources a request's body names, exactly: only values of the fields that Google reads as names count (fact sheet
 * upstream 1.11), never text that mentions one, nor the arguments and answers of functions.
 *
 * Bodies of generations are first searched for markers natively (body-markers.ts); only where one is found, and in other
 * bodies, the JSON is walked: about 1 ns a byte of structure and escaped text, next to nothing in media.
 * @module
 */
import type { Bytes, Digest } from "../../core/ports.ts";
import type { Backend } from "../../core/records.ts";
import type { ResourceKind, ResourceName } from "../../core/resources.ts";
import { findFields } from "../../core/scan/find-fields.ts";
import { chatMarkers, hasMarker, nativeMarkers } from "./body-markers.ts";
import {
  allFields,
  chatFields,
  formRules,
  nativeFields,
  FILE,
  ADDRESS,
  NAME,
  INTERACTION,
  CONTINUATION,
  VIDEO,
  AGENT,
  ENVIRONMENT,
  FILE_ID,
  VOICE,
  MODEL,
} from "./body-fields.ts";
import type { FieldRule, FieldTable } from "./field-table.ts";
import { readFormFields } from "./form-fields.ts";
import {
  continuationName,
  fileOfReference,
  isBuiltInAgent,
  isOverlongReference,
  toResource,
  toResourceOf,
  type NamedResource,
} from "./names.ts";
import { createFieldScan, scanFields, type FieldScan } from "./scan-fields.ts";

/** What is looked at. */
export interface BodyNamesRequest {
  /** The body as it came. Nothing is joined or copied. */
  chunks: readonly Uint8Array[];
  backend: Backend;
  /** `Identity.operation`: generations have fewer fields that count. */
  operation: string;
  bytes: Bytes;
  digest: Digest;
  /** Lower-case host names, beside Google's, under which the API is reached: the backend's and the gateway's own. @default none */
  hosts?: readonly string[];
}

const nothing: readonly ResourceName[] = [];
const mostNames = 1_000;
const formNames: ReadonlySet<string> = new Set(Object.keys(formRules));
/** In smaller bodies the walk costs less than the calls of the searches. */
const smallBody = 2_048;
/** A continuation token can be long; all other names are short. */
const longestValue = 1_048_576;

/**
 * Finds the names.
 * @returns canonical names, each once, in the order of their first place; bodies that are no JSON name nothing, but for
 * multipart forms of the OpenAI surface. Null, to be refused: more than 1,000, which nobody needs, or a reference that is
 * too long to be told whose it is
 */
export function namesInBody(request: BodyNamesRequest): readonly ResourceName[] | null {
  const { chunks, bytes, digest, hosts = [] } = request;
  if (chunks.length === 0) return nothing;
  const isGeneration = generations.has(request.operation);
  if (
    isGeneration &&
    !isSmall(chunks) &&
    !hasMarker(chunks, request.backend === "gemini-api" ? nativeMarkers : chatMarkers, bytes)
  )
    return nothing;
  const found: Found = { names: null, refused: false };
  const take = (rule: FieldRule, text: string, isInner: boolean): void => {
    const name =
      rule === CONTINUATION ? continuationOf(text, digest) : (resourceOf(rule, text, isInner, hosts)?.name ?? null);
    if (name === null) found.refused ||= isOverlong(rule, text, hosts);
    else if (found.names === null || found.names.size <= mostNames) (found.names ??= new Set()).add(name);
  };
  const scan = createFieldScan({
    bytes,
    table: isGeneration ? generationFields(request.backend) : allFields,
    longest: longestValue,
    taker: {
      value: (rule, text, at) => take(rule, text, at.depth > 1),
      passed(rule, head) {
        // A continuation of that length is none of Google's.
        found.refused ||= rule === CONTINUATION || isOverlong(rule, head, hosts);
      },
    },
  });
  for (const chunk of chunks) scanFields(scan, chunk);
  // Whatever stands before its first boundary, a body of this surface may be a form.
  if (request.backend === "gemini-openai" && !isGeneration) {
    const fields = readFormFields({ chunks, names: formNames, bytes });
    if (fields === null) return null;
    for (const { name, value } of fields) take(formRules[name] as FieldRule, value, false);
  }
  return found.refused ? null : toNames(found.names);
}

/** Whether a body's outermost object names an agent, which runs a model of its own beside or instead of the body's. */
export function namesAgent(chunks: readonly Uint8Array[], bytes: Bytes): boolean {
  return findFields({ body: chunks, names: ["agent"], bytes }).fields.agent !== null;
}

/** The fields of a generation's body that can name resources, for other walks over the same places. */
export function generationFields(backend: Backend): FieldTable {
  return backend === "gemini-api" ? nativeFields : chatFields;
}

/** What a value of one of those fields names; null: nothing. */
export function namedBy(rule: FieldRule, text: string, scan: FieldScan): NamedResource | null {
  return resourceOf(rule, text, scan.depth > 1, []);
}

// --- helpers ---

interface Found {
  names: Set<ResourceName> | null;
  refused: boolean;
}

const generations: ReadonlySet<string> = new Set([
  "generate",
  "stream-generate",
  "count-tokens",
  "embed",
  "chat",
  "messages",
  "responses",
  "embeddings",
]);

const longestReference = 4096;
/** As in names.ts: up to here every id is looked at. */
const longestId = 600;

function isSmall(chunks: readonly Uint8Array[]): boolean {
  return chunks.length === 1 && (chunks[0] as Uint8Array).length <= smallBody;
}

function resourceOf(rule: FieldRule, text: string, isInner: boolean, hosts: readonly string[]): NamedResource | null {
  if (text.length > longestReference) return null;
  switch (rule) {
    case FILE:
      return fileOfReference(text, hosts);
    case ADDRESS:
      return text.startsWith("http") ? fileOfReference(text, hosts) : null;
    case FILE_ID:
      return text.includes("/") ? fileOfReference(text, hosts) : toResourceOf("files", text);
    case NAME:
      return toResource(text);
    case VOICE:
      return ofKind(toResource(text), "voice");
    case MODEL:
      return ofKind(toResource(text), "tuned-model");
    case INTERACTION:
      return toResourceOf("interactions", text);
    case VIDEO:
      return toResourceOf("videos", text);
    case AGENT:
      return isBuiltInAgent(text) ? null : toResourceOf("agents", text);
    case ENVIRONMENT:
      // Also a word (`remote`, or a browser's kind in tools); ids have digits.
      return text.includes("/") || (!isInner && /\d/.test(text)) ? toResourceOf("environments", text) : null;
    default:
      return null;
  }
}

function continuationOf(text: string, digest: Digest): ResourceName | null {
  return text === "" ? null : continuationName(text, digest);
}

function toNames(names: ReadonlySet<ResourceName> | null): readonly ResourceName[] | null {
  if (names === null) return nothing;
  return names.size > mostNames ? null : [...names];
}

function ofKind(named: NamedResource | null, kind: ResourceKind): NamedResource | null {
  return named !== null && named.kind === kind ? named : null;
}

/** A reference may hide in what is too long to be read as one. */
function isOverlong(rule: FieldRule, text: string, hosts: readonly string[]): boolean {
  if (text.length <= longestId) return false;
  switch (rule) {
    case ADDRESS:
      return text.startsWith("http") && isOverlongReference(text, hosts);
    case FILE:
      return text.includes("/") && isOverlongReference(text, hosts);
    case VOICE:
    case MODEL:
    case NAME:
      return text.includes("/") && isOverlongReference(text);
    default:
      return isOverlongReference(text, hosts);
  }
}
