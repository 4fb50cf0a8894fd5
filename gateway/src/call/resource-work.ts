/**
 * What one call has to do with resources of projects: which it names, what it creates, which project has them. Made for
 * calls that have to do with some; the others carry nothing of it.
 * @module
 */
import type { ClientKey } from "../clients/types.ts";
import type { Lease } from "../core/credential.ts";
import { headerOf, type RawHeaders } from "../core/headers.ts";
import {
  foundDetail,
  type ResourceBinding,
  type ResourceClient,
  type ResourceName,
  type ResourceOwner,
} from "../core/resources.ts";
import type { Attempt } from "./attempt.ts";
import type { Plan, PlanRequest } from "./control.ts";
import type { CallEnvironment } from "./environment.ts";
import type { CollectedBody } from "./host.ts";
import type { Identity } from "./identity.ts";
import type { ScannedHeaders } from "./request-headers.ts";
import { toBindings } from "./bindings.ts";
import { createAnswerNames, type AnswerNames, type FoundResource } from "./resources/answer-names.ts";
import { namesInBody } from "./resources/body-names.ts";
import { rewriteDownloadUris } from "./resources/download-uris.ts";
import { createListMerge, type ListMerge, type ListPage } from "./resources/list-merge.ts";
import { lifetimes, toResource } from "./resources/names.ts";
import type { ResourceRoute } from "./resources/route-types.ts";
import { lastSignature } from "./resources/signature.ts";
import { externalBase, rewriteUploadAddress } from "./resources/upload-address.ts";

/** What a body names. */
export interface NamedInBody {
  /** Null: more than a call may name. */
  names: readonly ResourceName[] | null;
  signature: ResourceName | null;
}

const none: readonly never[] = [];
/** Of the start of an upload; `location` in the older protocol (`uploadType=resumable`). */
const addressHeaders: ReadonlySet<string> = new Set(["x-goog-upload-url", "x-goog-upload-control-url", "location"]);
/** Upload sessions of Google's last about a week (fact sheet upstream 1.11). */
const sessionLifeMs = 7 * 86_400_000;

/** One call's resources. */
export class ResourceWork {
  readonly client: ResourceClient;
  readonly route: ResourceRoute | null;
  names: readonly ResourceName[];
  signature: ResourceName | null = null;
  /** The upload session that the call belongs to; null: none. */
  session: ResourceBinding | null = null;
  merge: ListMerge | null = null;
  searching = false;
  /** Projects whose part of a list could not be had. */
  skipped = 0;
  readonly #env: CallEnvironment;
  readonly #headers: ScannedHeaders;
  readonly #clientId: string;
  readonly #identity: Identity;
  readonly #tls: boolean;
  /** Addresses of generated files in the answer lead to the gateway (REWRITE_DOWNLOADS, as it was when the call began). */
  readonly rewrites: boolean;
  #unknown: readonly ResourceName[] = none;
  #owner: ResourceOwner | null = null;
  #listedAfter = "";
  #listed = "";

  constructor(
    environment: CallEnvironment,
    facts: { identity: Identity; headers: ScannedHeaders; client: ClientKey; tls: boolean },
  ) {
    const { identity, client } = facts;
    this.#env = environment;
    this.#headers = facts.headers;
    this.#clientId = client.id;
    this.#identity = identity;
    this.#tls = facts.tls;
    this.route = identity.resource;
    this.rewrites = environment.settings.rewriteDownloads && this.route !== null && this.route.kind === "operation";
    this.names = this.route === null ? none : this.route.names;
    this.client = {
      id: client.id,
      shared: client.resourceScope === "shared" || environment.settings.resourceSharing === "all",
    };
    if (this.route?.action === "list" && this.route.fanOut)
      this.merge = createListMerge({ field: this.route.listField as string, target: identity.target });
  }

  /** What a body names; null: nothing, and the call needs no `ResourceWork` for it. */
  static named(
    environment: CallEnvironment,
    facts: { identity: Identity; body: CollectedBody | "pass" | null },
  ): NamedInBody | null {
    const { body, identity } = facts;
    if (body === null || body === "pass") return null;
    const { bytes } = environment;
    const { chunks } = body;
    const { backend, operation } = identity;
    const { digest, hosts } = environment;
    let names = namesInBody({ chunks, backend, operation, bytes, digest, hosts });
    // It was named in the client's body, and stands in the path now.
    const tuned = identity.translated && identity.model !== null ? toResource(identity.model) : null;
    if (names !== null && tuned !== null) names = [...names, tuned.name];
    const isInteraction = operation === "interaction";
    const signature =
      isInteraction || (identity.generative && backend === "gemini-api")
        ? lastSignature({ chunks, bytes, isInteraction })
        : null;
    return names !== null && names.length === 0 && signature === null ? null : { names, signature };
  }

  /** @returns false when the body names more than a call may */
  add(named: NamedInBody): boolean {
    if (named.names === null) return false;
    if (named.names.length > 0) this.names = [...new Set([...this.names, ...named.names])];
    this.signature = named.signature;
    return true;
  }

  /** The identity of a call that belongs to an upload session: it goes where the session is. */
  toSession(identity: Identity, binding: ResourceBinding): Identity {
    this.session = binding;
    this.names = [binding.name];
    return { ...identity, target: binding.detail ?? identity.target, repeatable: false };
  }

  planned(plan: Extract<Plan, { ok: true }>): void {
    this.#unknown = plan.unknown;
    this.#owner = plan.owner;
    if (plan.listed === null) return;
    this.#listed = plan.listed.projectId;
    this.skipped += plan.listed.skipped;
  }

  /** The attempt was refused as naming something that this project does not have: the others are searched. */
  search(): void {
    this.searching = true;
  }

  /** Nobody knows who has what the call names, so each project may be asked. */
  get maySearch(): boolean {
    return this.#unknown.length > 0 && this.#owner === null && this.session === null;
  }

  /** What is created goes where the client's other resources are. */
  get creates(): boolean {
    return this.route !== null && this.route.creates;
  }

  /** What the call names holds for one model only. */
  get bindsModel(): boolean {
    return this.names.length > 0;
  }

  get list(): PlanRequest["list"] {
    if (this.merge === null) return null;
    return { kind: (this.route as ResourceRoute).kind, after: this.merge.after ?? this.#listedAfter };
  }

  /** The answer is read as a whole before anything goes out. */
  get collects(): boolean {
    return this.merge !== null || this.rewrites;
  }

  /** The identity as it goes upstream in this attempt. */
  toAttempt(identity: Identity): Identity {
    return this.merge === null ? identity : { ...identity, target: this.merge.target(this.#listed) };
  }

  /** Finds what the answer creates; null: nothing can be created. */
  learner(): AnswerNames | null {
    const { route } = this;
    if (route === null && this.session === null && this.signature === null) return null;
    return createAnswerNames({ route, bytes: this.#env.bytes, digest: this.#env.digest, now: this.#env.clock.now() });
  }

  /**
   * The answer to an upload's start: its address becomes one of the gateway's.
   * @returns null when the answer names no upload address; `unsafe` when it names one that leads elsewhere, or the gateway's
   *   own address is not known: the upstream's must not get out
   */
  sessionOf(headers: RawHeaders, lease: Lease): { headers: RawHeaders; binding: ResourceBinding } | "unsafe" | null {
    const location = this.#identity.operation === "upload" ? headerOf(headers, "location") : null;
    const upstream =
      headerOf(headers, "x-goog-upload-url") ?? headerOf(headers, "x-goog-upload-control-url") ?? location;
    if (upstream === null) return null;
    const { random, digest, clock } = this.#env;
    const rewritten = rewriteUploadAddress({
      upstream,
      base: this.#base(),
      allowedOrigins: [this.#env.addressFor("gemini-api", lease.baseUrl).origin],
      random,
      digest,
    });
    if (rewritten === null) return "unsafe";
    const now = clock.now();
    const changed: string[] = [];
    for (let index = 0; index < headers.length; index += 2) {
      const name = headers[index] as string;
      const lower = name.toLowerCase();
      // Google's own name of the session, which is as good as its address.
      if (lower === "x-guploader-uploadid") continue;
      const isAddress = addressHeaders.has(lower);
      changed.push(name, isAddress ? rewritten.clientUrl : (headers[index + 1] as string));
    }
    return {
      headers: changed,
      binding: {
        name: rewritten.name,
        kind: "upload",
        credentialId: lease.credentialId,
        projectId: lease.projectId,
        // The address stands for this client's key, whatever is shared.
        clientId: this.#clientId,
        createdAt: now,
        expiresAt: now + sessionLifeMs,
        detail: rewritten.upstreamTarget,
      },
    };
  }

  /** What is to be bound now that an answer has ended well; what was deleted is forgotten. */
  learnt(attempt: Attempt): ResourceBinding[] {
    if (attempt.status >= 300) return [];
    const now = this.#env.clock.now();
    const facts = { lease: attempt.lease, client: this.client, now };
    let made = toBindings(attempt.learner === null ? none : attempt.learner.end(), facts);
    // What an answer tells of something that nobody here made was not made now either.
    if (this.#unknown.length > 0 && !this.creates && this.session === null)
      made = made.map((binding) => ({ ...binding, detail: foundDetail }));
    const found: FoundResource[] = [];
    for (const name of this.#unknown) {
      const kind = toResource(name)?.kind;
      // Google has agents and voices of its own, which every project has.
      if (kind === undefined || kind === "agent" || kind === "voice") continue;
      if (made.some((one) => one.name === name)) continue;
      const lifetime = lifetimes[kind];
      found.push({ name, kind, expiresAt: lifetime === null ? null : now + lifetime });
    }
    this.#unknown = none;
    if (this.route !== null && this.route.forgets !== null) {
      this.#env.control.forget(this.route.forgets);
      this.#env.keptFiles?.remove(this.route.forgets);
    }
    for (const binding of toBindings(found, facts)) made.push({ ...binding, detail: foundDetail });
    return made;
  }

  /** What a broken answer told before it broke: a client that comes back must find it. */
  learntSoFar(attempt: Attempt): ResourceBinding[] {
    if (attempt.status >= 300 || attempt.learner === null) return [];
    const now = this.#env.clock.now();
    return toBindings(attempt.learner.end(), { lease: attempt.lease, client: this.client, now });
  }

  /** A page of a list; null: it is none. */
  readPage(attempt: Attempt): ListPage | null {
    this.#listedAfter = this.#listed;
    return (this.merge as ListMerge).read({
      projectId: this.#listed,
      body: this.#env.bytes.decode(this.#env.bytes.concat(attempt.held)),
    });
  }

  listBody(): string {
    return (this.merge as ListMerge).body();
  }

  rewritten(held: readonly Uint8Array[]): Uint8Array[] {
    const { bytes } = this.#env;
    return [bytes.encode(rewriteDownloadUris(bytes.decode(bytes.concat(held)), this.#base()))];
  }

  /** The gateway's own address as this client sees it. */
  #base(): string | null {
    const { host, forwardedProto } = this.#headers;
    const { publicUrl } = this.#env.settings;
    return externalBase({ publicUrl, host, forwardedProto, mountPrefix: this.#identity.mountPrefix, tls: this.#tls });
  }
}
