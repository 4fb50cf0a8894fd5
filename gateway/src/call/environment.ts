/**
 * What every call of a gateway shares: ports, settings, and what is computed once from them.
 * @module
 */
import type { Backend } from "../core/records.ts";
import type { Bytes, Clock, Digest, Logger, Random } from "../core/ports.ts";
import { createIdMaker } from "../core/ids.ts";
import type { Settings } from "../settings/types.ts";
import { createSignatureCache, type SignatureCache } from "../dialects/openai-chat/signatures.ts";
import type { HeaderKinds } from "./response-headers.ts";
import type { Control } from "./control.ts";
import { identify, type CredentialHints, type Identity } from "./identity.ts";

/** Where a backend is reached. */
export interface BackendAddress {
  /** `https://host[:port]`. */
  origin: string;
  /** Path before the call's own, without trailing slash. */
  prefix: string;
}

/** Shared by all calls of one gateway. */
export interface CallEnvironment {
  settings: Settings;
  clock: Clock;
  random: Random;
  logger: Logger;
  bytes: Bytes;
  digest: Digest;
  control: Control;
  newId: (now: number) => string;
  addresses: Readonly<Record<Backend, BackendAddress>>;
  signatures: SignatureCache;
  /** Calls under way, and those of them that repeat a transient fault (the retry budget, as Envoy's). */
  open: { calls: number; retrying: number };
  /** Bytes of request bodies held at this moment, all calls together (MAX_BUFFERED_BYTES). Counted by the host. */
  buffered: { bytes: number };
  /** What paths mean, by method and URL: clients ask the same few again and again. Bounded. */
  identities: Map<string, Identity | null>;
  headerKinds: HeaderKinds;
  /** Set while the host drains: new calls are refused. */
  draining: boolean;
}

/**
 * Makes the shared part.
 * @param parts ports and parsed settings
 */
export function createCallEnvironment(
  parts: Pick<CallEnvironment, "settings" | "clock" | "random" | "logger" | "bytes" | "digest" | "control">,
): CallEnvironment {
  return {
    ...parts,
    newId: createIdMaker(parts.random),
    addresses: {
      "gemini-api": toAddress(parts.settings.geminiBaseUrl),
      "gemini-openai": toAddress(parts.settings.openaiBaseUrl),
    },
    signatures: createSignatureCache({ clock: parts.clock }),
    open: { calls: 0, retrying: 0 },
    buffered: { bytes: 0 },
    identities: new Map(),
    headerKinds: new Map(),
    draining: false,
  };
}

/** Paths remembered; hostile ones must not fill the memory, so the table is emptied when it is full. */
const identityLimit = 2_000;
/** Longer ones carry continuation tokens and the like, and never come again. */
const longestKnownUrl = 200;

/** `identify`, remembered. */
export function identifyKnown(
  environment: CallEnvironment,
  method: string,
  url: string,
  hints: CredentialHints,
): Identity | null {
  const { identities } = environment;
  // A key in the query is a secret, and belongs to one client: such URLs are not kept.
  if (url.length > longestKnownUrl || url.includes("key=") || url.includes("%")) return identify(method, url, hints);
  const name = `${hints.google ? "g" : "o"}${method} ${url}`;
  const known = identities.get(name);
  if (known !== undefined) return known;
  const identity = identify(method, url, hints);
  if (identities.size >= identityLimit) identities.clear();
  identities.set(name, identity);
  return identity;
}

// --- helpers ---

function toAddress(base: string): BackendAddress {
  const url = new URL(base);
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, "") };
}
