/**
 * Names in answers that tell of resources: files, caches, batches, operations, stores and what else has a project.
 * @module
 */
import type { Bytes, Digest } from "../../core/ports.ts";
import type { ResourceKind, ResourceName } from "../../core/resources.ts";
import { defineFields, opaque } from "./field-table.ts";
import { authTokenName, fileOfReference, toResource, toResourceOf, type NamedResource } from "./names.ts";
import type { ResourceRoute } from "./route-types.ts";
import { createFieldScan, scanFields, type FieldScan } from "./scan-fields.ts";

/** Takes what is found. `expiresAt`: epoch milliseconds; null: not told. */
export type TakeResource = (name: ResourceName, kind: ResourceKind, expiresAt: number | null) => void;

/** Reads JSON, whole or one document after the other. */
export interface FieldAnswer {
  push(chunk: Uint8Array): void;
  /** Forgets the place in a document that is not going on: the next chunk begins a new one. */
  restart(): void;
  /** Takes what objects that are not closed said: the answer broke off. */
  end(): void;
  /** Something was found. */
  readonly found: boolean;
}

/** @param parts.route tells whose ids stand without their collection; null: none do */
export function createFieldAnswer(parts: {
  route: ResourceRoute | null;
  bytes: Bytes;
  digest: Digest;
  take: TakeResource;
}): FieldAnswer {
  const { bytes, digest } = parts;
  const collection = parts.route === null ? undefined : collections.get(parts.route.kind);
  /** By depth: what an object said of itself up to now. */
  let objects: (Said | undefined)[] = [];
  let scan = begin();
  let found = false;

  return {
    push: (chunk) => scanFields(scan, chunk),
    restart() {
      if (scan.depth === 0 && scan.mode === 0) return;
      objects = [];
      scan = begin();
    },
    end() {
      for (const said of objects) if (said !== undefined) take(said.named, said.expiresAt);
      objects = [];
    },
    get found() {
      return found;
    },
  };

  function begin(): FieldScan {
    return createFieldScan({ bytes, table: fields, longest: 8192, taker: { value, close } });
  }

  function take(named: NamedResource | null, expiresAt: number | null): void {
    if (named === null) return;
    found = true;
    parts.take(named.name, named.kind, expiresAt);
  }

  function value(rule: number, text: string, at: FieldScan): void {
    switch (rule) {
      case NAME:
        (objects[at.depth] ??= { named: null, expiresAt: null }).named = named(text);
        return;
      case EXPIRES: {
        const time = Date.parse(text);
        if (Number.isFinite(time)) (objects[at.depth] ??= { named: null, expiresAt: null }).expiresAt = time;
        return;
      }
      case ID:
        // Ids deeper down are those of steps and calls.
        if (collection !== undefined && (at.depth === 1 || at.rules[at.depth] === HOLDER))
          (objects[at.depth] ??= { named: null, expiresAt: null }).named = toResourceOf(collection, text);
        return;
      case INTERACTION:
        return take(toResourceOf("interactions", text), null);
      case ENVIRONMENT:
        return take(toResourceOf("environments", text), null);
      case RESULT:
        return take(toResource(text), null);
      case ADDRESS:
        // Addresses of what can be downloaded: generated media. Others repeat the name beside them.
        if (text.includes(":download")) take(fileOfReference(text), null);
        return;
    }
  }

  function named(text: string): NamedResource | null {
    return text.startsWith("auth_tokens/")
      ? { name: authTokenName(text, digest), kind: "auth-token" }
      : toResource(text);
  }

  function close(at: FieldScan): void {
    const said = objects[at.depth];
    if (said === undefined) return;
    objects[at.depth] = undefined;
    take(said.named, said.expiresAt);
  }
}

// --- helpers ---

interface Said {
  named: NamedResource | null;
  /** Epoch milliseconds; null: not told. */
  expiresAt: number | null;
}

const NAME = 1;
const EXPIRES = 2;
const ID = 3;
/** Objects under this key (or in a list under it) have an `id` that counts. */
const HOLDER = 4;
const INTERACTION = 5;
const ENVIRONMENT = 6;
const RESULT = 7;
const ADDRESS = 8;

const fields = defineFields({
  name: NAME,
  documentName: NAME,
  expirationTime: EXPIRES,
  expiration_time: EXPIRES,
  expireTime: EXPIRES,
  expire_time: EXPIRES,
  id: ID,
  interaction: HOLDER,
  data: HOLDER,
  agents: HOLDER,
  environments: HOLDER,
  credentials: HOLDER,
  triggers: HOLDER,
  voices: HOLDER,
  webhooks: HOLDER,
  interaction_id: INTERACTION,
  environment_id: ENVIRONMENT,
  responsesFile: RESULT,
  output_file_id: RESULT,
  error_file_id: RESULT,
  uri: ADDRESS,
  downloadUri: ADDRESS,
  // Large, or somebody's own data.
  inlinedResponses: opaque,
  inlinedEmbedContentResponses: opaque,
  requests: opaque,
  contents: opaque,
  candidates: opaque,
  input: opaque,
  steps: opaque,
  step: opaque,
  delta: opaque,
  outputs: opaque,
  usage: opaque,
  tools: opaque,
  systemInstruction: opaque,
  customMetadata: opaque,
  generationConfig: opaque,
  bidiGenerateContentSetup: opaque,
});

/** Kinds whose answers have an `id`, and the collection that it is completed with (fact sheet upstream 1.8, 3). */
const collections: ReadonlyMap<ResourceKind, string> = new Map([
  ["interaction", "interactions"],
  ["video", "videos"],
  ["batch", "batches"],
  ["agent", "agents"],
  ["environment", "environments"],
  ["credential", "credentials"],
  ["trigger", "triggers"],
  ["voice", "voices"],
  ["webhook", "webhooks"],
]);
