/**
 * Finds signatures again in a request: beside the call, in envelopes, in ids, in memory (fact sheet translation 5.3.4).
 * @module
 */
import type { Digest } from "../../core/ports.ts";
import type { SignatureReader } from "../types.ts";
import { decodeCarrier, isCarrier, type Carrier } from "./carrier.ts";
import { signatureSentinel } from "./constants.ts";
import type { SignatureCache } from "./memory.ts";
import { fromMemoryValue, textKey } from "./memory-value.ts";
import { decodeSignedId, familyTag, shortIdOf } from "./signed-id.ts";
import { issuerTag } from "./issuer.ts";

/** For whom signatures are looked for. */
export interface SignatureReaderParts {
  clientId: string;
  /** The real model that is asked, with or without `models/`: what another family made is not given. */
  model: string;
  memory: SignatureCache;
  digest: Digest;
  /** `Conversation.carriers`; foreign ones are passed over. */
  carriers: readonly string[];
  /** Tag of the only project whose signatures are given (`issuerTag`); null: of any. @default null */
  issuer?: string | null;
}

/**
 * Makes the reader of one request.
 *
 * What is found belongs to the projects in `issuers`; whoever chooses another one takes the signatures out. A signature that
 * a client carried without our mark counts as the model's own, since nothing tells: its issuer is in no set.
 */
export function createSignatureReader(parts: SignatureReaderParts): SignatureReader {
  const { clientId, memory, digest, issuer = null } = parts;
  const family = familyTag(parts.model);
  const issuers = new Set<string>();
  const tags = new Map<string, string>();
  let enveloped: Map<string, Found> | null = null;

  function tagOf(projectId: string): string {
    let tag = tags.get(projectId);
    if (tag === undefined) tags.set(projectId, (tag = issuerTag(projectId, digest)));
    return tag;
  }

  function remembered(key: string): Found | null {
    const value = memory.size === 0 ? null : memory.get(clientId, key);
    if (value === null) return null;
    const { signature, projectId, family: made } = fromMemoryValue(value);
    return { signature, family: made ?? family, issuer: tagOf(projectId) };
  }

  /** Of what we wrote ourselves, the places in the order in which they are believed. Later ones are only looked at in need. */
  function* places(id: string, native: string | null): Generator<Found | null> {
    const shortId = shortIdOf(id);
    if (native !== null && isCarrier(native)) yield inCarrier(native, shortId);
    enveloped ??= readAll(parts.carriers);
    yield enveloped.get(shortId) ?? null;
    yield decodeSignedId(id).signed;
    yield remembered(shortId);
  }

  function give(found: Found): string | null {
    issuers.add(found.issuer);
    return issuer === null || found.issuer === issuer ? found.signature : null;
  }

  return {
    issuers,
    shortId: shortIdOf,
    call({ id, native }) {
      const raw = native !== null && isSignature(native) ? native : null;
      for (const found of places(id, native)) {
        if (found === null) continue;
        if (raw === null ? found.family === family : found.signature === raw)
          return found.family === family ? give(found) : null;
      }
      return raw;
    },
    text(text) {
      // Most requests have no signed text to find, and histories are long: no digest for nothing.
      const found = text === "" || memory.size === 0 ? null : remembered(textKey(text, digest));
      return found !== null && found.family === family ? give(found) : null;
    },
  };
}

// --- helpers ---

interface Found {
  signature: string;
  family: string;
  issuer: string;
}

/** Base64 of either alphabet: anything else Google answers with 400, and the sentinel is asked for anew where it is due. */
function isSignature(text: string): boolean {
  return text !== signatureSentinel && /^[A-Za-z0-9+/_-]+={0,2}$/.test(text);
}

/** The last word on a call counts. Signatures of texts have no name here: they are found by the text, in memory. */
function readAll(carriers: readonly string[]): Map<string, Found> {
  const all = new Map<string, Found>();
  for (const text of carriers) {
    const carrier = decodeCarrier(text);
    if (carrier === null) continue;
    const found = toFound(carrier);
    for (const entry of carrier.entries) all.set(entry.for, { ...found, signature: entry.signature });
  }
  return all;
}

function inCarrier(text: string, shortId: string): Found | null {
  const carrier = decodeCarrier(text);
  const entry = carrier?.entries.findLast((each) => each.for === shortId);
  return carrier === null || entry === undefined ? null : { ...toFound(carrier), signature: entry.signature };
}

function toFound({ model, issuer }: Carrier): Omit<Found, "signature"> {
  return { family: familyTag(model), issuer };
}
