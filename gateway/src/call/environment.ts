/**
 * What every call of a gateway shares: ports, settings, and what is computed once from them.
 * @module
 */
import type { Backend } from "../core/records.ts";
import type { Bytes, Clock, Digest, Logger, Random } from "../core/ports.ts";
import { createIdMaker } from "../core/ids.ts";
import { toSecret, type Secret } from "../core/secret.ts";
import type { Settings } from "../settings/types.ts";
import { createSignatureCache, type SignatureCache } from "../translation/signatures/memory.ts";
import type { ResponseArchive } from "./response-archive.ts";
import { createAnswerCache, type AnswerCache } from "./answer-cache/answer-cache.ts";
import type { HeaderKinds } from "./response-headers.ts";
import type { CapturePort } from "./capture/types.ts";
import type { Control } from "./control.ts";
import { identify, type CredentialHints, type Identity } from "./identity.ts";
import type { KeptFiles } from "./reupload/types.ts";

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
  /** Lower-case host names under which files may be named in bodies, beside Google's own. */
  hosts: readonly string[];
  /** OUTBOUND_PROXY; null: none. */
  proxy: Secret | null;
  /** The address of a backend for a credential with a base URL of its own. Remembered; bounded. */
  addressFor: (backend: Backend, baseUrl: string | null | undefined) => BackendAddress;
  /** Answers of deterministic calls; null: switched off. */
  answers: AnswerCache | null;
  signatures: SignatureCache;
  /** Bytes of uploaded files (KEEP_UPLOADS). Set by hosts that can keep them. @default null, off */
  keptFiles: KeptFiles | null;
  /** Where copies of bodies go (CAPTURE). Set by hosts that can keep them, also while calls are under way. @default null, off */
  capture: CapturePort | null;
  /** Stored responses. Set by hosts that can keep them. @default null, `previous_response_id` is refused */
  responses: ResponseArchive | null;
  /** Schemas that Google refused in their wider form, by model, with the time until which that is remembered. Bounded. */
  loweredSchemas: Map<string, number>;
  /** Counted prompts by digest (count_tokens). Bounded. */
  tokenCounts: Map<string, number>;
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
  const { settings } = parts;
  const addresses = {
    "gemini-api": toAddress(settings.geminiBaseUrl),
    "gemini-openai": toAddress(settings.openaiBaseUrl),
    "code-assist": toAddress(settings.codeAssistBaseUrl),
  };
  return {
    ...parts,
    newId: createIdMaker(parts.random),
    addresses,
    hosts: hostsOf(settings),
    proxy: settings.outboundProxy === null ? null : toSecret(settings.outboundProxy),
    addressFor: createAddressBook(addresses),
    answers: answersOf(settings),
    signatures: createSignatureCache({ clock: parts.clock }),
    keptFiles: null,
    capture: null,
    responses: null,
    loweredSchemas: new Map(),
    tokenCounts: new Map(),
    open: { calls: 0, retrying: 0 },
    buffered: { bytes: 0 },
    identities: new Map(),
    headerKinds: new Map(),
    draining: false,
  };
}

/**
 * Takes over what was computed from settings that have changed; everything else reads them for each call. Answers that
 * were kept are forgotten when their rules change; calls that wait for one still get it.
 * @param environment with the settings in force
 * @param changed fields that differ from before
 */
export function applySettings(environment: CallEnvironment, changed: ReadonlySet<keyof Settings>): void {
  const { settings } = environment;
  if (changed.has("publicUrl")) environment.hosts = hostsOf(settings);
  if (answerFields.some((field) => changed.has(field))) environment.answers = answersOf(settings);
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
  const name = `${hints.google ? "g" : hints.anthropic === true ? "a" : "o"}${method} ${url}`;
  const known = identities.get(name);
  if (known !== undefined) return known;
  const identity = identify(method, url, hints);
  if (identities.size >= identityLimit) identities.clear();
  identities.set(name, identity);
  return identity;
}

// --- helpers ---

const answerFields = ["dedupWindowMs", "responseCacheTtlMs", "responseCacheBytes"] as const;

function answersOf(settings: Settings): AnswerCache | null {
  const ttlMs = Math.max(settings.dedupWindowMs, settings.responseCacheTtlMs);
  return ttlMs === 0 ? null : createAnswerCache({ ttlMs, maxBytes: settings.responseCacheBytes });
}

function hostsOf({ geminiBaseUrl, openaiBaseUrl, publicUrl }: Settings): string[] {
  return [geminiBaseUrl, openaiBaseUrl, publicUrl].flatMap((url) =>
    url === null ? [] : [new URL(url).hostname.toLowerCase()],
  );
}

/** Base URLs remembered; they come from the operator, so they are few. */
const addressLimit = 10_000;

function createAddressBook(
  addresses: Readonly<Record<Backend, BackendAddress>>,
): (backend: Backend, baseUrl: string | null | undefined) => BackendAddress {
  const known = new Map<string, BackendAddress>();
  return (backend, baseUrl) => {
    if (baseUrl == null) return addresses[backend];
    const name = `${backend}\n${baseUrl}`;
    let address = known.get(name);
    if (address === undefined) {
      // Google's OpenAI surface stands below the native one.
      address = toAddress(backend === "gemini-openai" ? `${baseUrl}/v1beta/openai` : baseUrl);
      if (known.size >= addressLimit) known.clear();
      known.set(name, address);
    }
    return address;
  };
}

function toAddress(base: string): BackendAddress {
  const url = new URL(base);
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, "") };
}
