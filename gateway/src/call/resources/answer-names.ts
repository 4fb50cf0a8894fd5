/**
 * What a good answer tells of resources, read as it streams by: what was created, and what else is known to be in the same
 * project now (fact sheet upstream 1.4 to 1.9, 1.11).
 *
 * Generations are only searched natively, for the last signature and the last continuation token. Other answers are read
 * by the field scanner; what can be large in them (answers of a batch, steps of an interaction) is passed over.
 * @module
 */
import type { Bytes, Digest } from "../../core/ports.ts";
import type { ResourceKind, ResourceName } from "../../core/resources.ts";
import { createFieldAnswer, type TakeResource } from "./field-answer.ts";
import { createInteractionEvents } from "./interaction-events.ts";
import { createLastValue, type LastValue, type WatchedKey } from "./last-value.ts";
import { continuationName, lifetimes } from "./names.ts";
import type { ResourceRoute } from "./route-types.ts";
import { signatureName } from "./signature.ts";

/** Something to be bound to the project that answered. */
export interface FoundResource {
  name: ResourceName;
  kind: ResourceKind;
  /** Epoch milliseconds, as the answer tells or else as the kind's lifetime says; null: it stays until it is deleted. */
  expiresAt: number | null;
}

/** Reads one answer. Nothing throws, whatever the bytes are. */
export interface AnswerNames {
  /** Reads on. The chunk must not be overwritten: ends of it may be kept by reference until the next one. */
  push(chunk: Uint8Array): void;
  /** What was found, each name once; at most 5,000. An answer that broke off tells what it told so far. */
  end(): FoundResource[];
}

/** What is known of the call. */
export interface AnswerNamesParts {
  /** The call's route; null: a generation. */
  route: ResourceRoute | null;
  bytes: Bytes;
  digest: Digest;
  /** Epoch milliseconds, for default lifetimes. */
  now: number;
  /** Learn the last thought signature of generations and interactions too. @default true */
  signatures?: boolean;
}

const mostFound = 5_000;

/** A reader for one answer. */
export function createAnswerNames(parts: AnswerNamesParts): AnswerNames {
  const { route, bytes, digest, now } = parts;
  const found = new Map<ResourceName, FoundResource>();
  const take: TakeResource = (name, kind, expiresAt) => {
    const known = found.get(name);
    if (known === undefined ? found.size >= mostFound : expiresAt === null) return;
    const lifetime = lifetimes[kind];
    found.set(name, { name, kind, expiresAt: expiresAt ?? (lifetime === null ? null : now + lifetime) });
  };
  const isInteraction = route !== null && route.family === "interaction";
  const isGeneration = route === null || (route.family === "tuned-model" && route.action === "act");
  const signature =
    parts.signatures !== false && (isGeneration || isInteraction)
      ? createLastValue(isInteraction ? stepSignature : thoughtSignature, bytes)
      : null;
  const token = isGeneration || isInteraction ? createLastValue(isInteraction ? stepToken : longToken, bytes) : null;
  const fields = isGeneration ? null : createFieldAnswer({ route, bytes, digest, take });
  const events = isInteraction && fields !== null ? createInteractionEvents(fields, bytes) : null;

  return {
    push(chunk) {
      if (events !== null) events.push(chunk);
      else fields?.push(chunk);
      signature?.push(chunk);
      token?.push(chunk);
    },
    end() {
      events?.end();
      fields?.end();
      takeSignature(signature, take);
      const text = token === null ? null : token.end();
      if (text !== null) take(continuationName(text, digest), "continuation", null);
      return [...found.values()];
    },
  };
}

// --- helpers ---

const thoughtSignature: WatchedKey = { key: "thoughtSignature", needle: "houghtS", offset: 1 };
const longToken: WatchedKey = { key: "continuationToken", needle: "uationT", offset: 6 };
const stepSignature: WatchedKey = { key: "signature", needle: 'nature"', offset: 3 };
const stepToken: WatchedKey = { key: "continuation_token", needle: "uation_", offset: 6 };

function takeSignature(signature: LastValue | null, take: TakeResource): void {
  const text = signature === null ? null : signature.end();
  const name = text === null ? null : signatureName(text);
  if (name !== null) take(name, "signature", null);
}
