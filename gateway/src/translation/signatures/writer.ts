/**
 * Writes signatures where clients keep them: into the id of a call, into an envelope beside it, and into memory (fact sheet
 * translation 5.3).
 * @module
 */
import type { Digest } from "../../core/ports.ts";
import type { SignatureWriter } from "../types.ts";
import { encodeCarrier } from "./carrier.ts";
import type { SignatureCache } from "./memory.ts";
import { textKey, toMemoryValue } from "./memory-value.ts";
import { encodeSignedId, familyTag } from "./signed-id.ts";
import { issuerTag } from "./issuer.ts";

/** Whose answer is written. */
export interface SignatureWriterParts {
  clientId: string;
  /** Project whose credential serves the call. */
  projectId: string;
  /** The real model, with or without `models/`. */
  model: string;
  memory: SignatureCache;
  digest: Digest;
  /** SIGNATURES_IN_IDS. */
  inIds: boolean;
  /** Random, url-safe. */
  newId: () => string;
}

/**
 * Makes the writer of one answer.
 *
 * Google's own id stays part of the client's, behind the dialect's prefix, when it has at most 40 letters, digits, `_` and
 * `-`. That short id, prefix and all, is what goes back to Google: it only has to be the same on call and result.
 */
export function createSignatureWriter(parts: SignatureWriterParts): SignatureWriter {
  const { clientId, projectId, model, memory, digest } = parts;
  const family = familyTag(model);
  const given = new Set<string>();
  let issuer: string | null = null;

  function toShortId(prefix: string, googleId: string | null): string {
    const own = googleId !== null && /^[\w-]{1,40}$/.test(googleId) ? `${prefix}${googleId}` : null;
    // The same id twice in one answer would make two calls one.
    const id = own === null || given.has(own) ? `${prefix}${parts.newId()}` : own;
    given.add(id);
    return id;
  }

  return {
    call({ prefix, googleId, signature }) {
      const id = toShortId(prefix, googleId);
      if (signature === null || signature === "") return { id, carrier: null };
      memory.set(clientId, id, toMemoryValue({ signature, projectId, family }));
      const tag = (issuer ??= issuerTag(projectId, digest));
      return {
        id: parts.inIds ? encodeSignedId({ id, signature, model, issuer: tag }) : id,
        // Made when it is asked for: not every dialect has a place for it.
        get carrier() {
          return encodeCarrier({ model, issuer: tag, entries: [{ for: id, signature }] });
        },
      };
    },
    text({ text, signature }) {
      // All empty texts would be one.
      if (text === "" || signature === "") return;
      memory.set(clientId, textKey(text, digest), toMemoryValue({ signature, projectId, family }));
    },
  };
}
