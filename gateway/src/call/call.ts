/* oxlint-disable max-lines -- the transitions of one machine are one topic: reading them in one place is the point */
/**
 * A call's way as a state machine without I/O: identify → admit → plan → attempt (≤ n) → relay → settle.
 *
 * The host feeds it heads, chunks and failures and does what it says (call/host.ts). One object a call, since a dozen
 * closures a call cost more than the rest of the machine (bench/README.md).
 * @module
 */
import { allowsModel, resolveModel } from "../clients/aliases.ts";
import { isLimited } from "../clients/limits/checked-limits.ts";
import type { Admission, ClientKey, ClientReservation, Reserved } from "../clients/types.ts";
import type { Lease } from "../core/credential.ts";
import { errorTable, type ErrorCode } from "../core/errors.ts";
import { headerOf, type RawHeaders } from "../core/headers.ts";
import type { AttemptRecord, CallOutcome } from "../core/records.ts";
import type { ResourceBinding, ResourceClient, ResourceName } from "../core/resources.ts";
import type { Fault, Verdict } from "../core/verdict.ts";
import type { RequestProblem } from "../translation/types.ts";
import type { Pick } from "../pool/types.ts";
import { answerKey } from "./answer-cache/deterministic.ts";
import type { AnswerFollower, AnswerLead, KeptAnswer } from "./answer-cache/answer-cache.ts";
import { toCodeAssist, unwrapperOf } from "./code-assist.ts";
import { createAttempt, toAttemptRecord, type Attempt } from "./attempt.ts";
import {
  limitAnswer,
  namedAnswer,
  problemAnswer,
  codeOfLast,
  codeOfPick,
  collectedText,
  errorAnswer,
  isCredentialFault,
  relayedError,
  streamError,
  type Answer,
  type LastOutcome,
} from "./answers.ts";
import type { CapturePort } from "./capture/types.ts";
import { ClientAnswer } from "./client-answer.ts";
import type { ControlReceiver, Plan, TokenAdmission } from "./control.ts";
import { identifyKnown, type CallEnvironment } from "./environment.ts";
import { expectedUse, type ExpectedUse } from "./expected-use.ts";
import type { CallFacts } from "./facts.ts";
import type { AttemptFailure, CallHost, CollectedBody, RequestHead } from "./host.ts";
import type { KeptFiles } from "./reupload/types.ts";
import type { Identity } from "./identity.ts";
import { expectedCharge, isRead } from "./limits/expected-charge.ts";
import { addLimitHeaders } from "./limits/headers.ts";
import { clientAddress } from "./limits/client-address.ts";
import { renameInBody, withModel } from "./models/rename.ts";
import { toOutcome, type Outcome } from "./outcome.ts";
import { parseOverrides, type Overrides } from "./overrides.ts";
import { bodyForLease, prepareBody, withoutForeignSignatures } from "./prepare-body.ts";
import { quotaUse } from "./quota-use.ts";
import { LateAnswerNames } from "./recent-chunks.ts";
import { scanRequestHeaders, type ScannedHeaders } from "./request-headers.ts";
import { toBindings } from "./bindings.ts";
import { ResourceWork } from "./resource-work.ts";
import { Relocation, type Relocated, type UploadFailure } from "./reupload/relocation.ts";
import { expectUpload, keepUpload, type UploadKeeping } from "./reupload/upload-keeping.ts";
import { namesAgent } from "./resources/body-names.ts";
import { uploadSession } from "./resources/upload-address.ts";
import { preflightHeaders, relayedHeaders } from "./response-headers.ts";
import { nextTryIn } from "./retry-policy.ts";
import { toCallRecord } from "./settle.ts";
import { toFault } from "./dialect-errors.ts";
import { createTap } from "./tap/tap.ts";
import type { TapResult } from "./tap-types.ts";
import { createTransform } from "./transform.ts";
import type { AnswerTranslator, Finish } from "./translate/answer-translator.ts";
import { GenerationTranslator } from "./translate/answer-translator.ts";
import {
  answerModels,
  countWithoutGoogle,
  estimatedCount,
  modelsTranslator,
  pingOf,
  translatedHeaders,
} from "./translate/local-answers.ts";
import { namedResponse, parseBody, readDialect } from "./translate/read-dialect.ts";
import { asWritten, attemptIdentity, isModelPath, nativeTarget, needsKey, oddModel } from "./translate/route.ts";
import { isSchemaRefusal, rememberLowered, wasLowered } from "./translate/schema-refusals.ts";
import { TranslatedCall } from "./translate/translated-call.ts";
import { toUpstreamRequest } from "./upstream-request.ts";
import { judge } from "./verdict/judge.ts";

/** Error bodies are judged by their first part; no error of Google's is longer. */
const errorBodyLimit = 256 * 1024;
/** An answer that shows no content for this long is sent on as it is. */
const holdLimit = 1024 * 1024;

type Judged = { rule: string; fault: Fault; words: string };
const success: Judged = { rule: "ok", fault: "none", words: "" };
const clientLeft: Judged = { rule: "client.gone", fault: "client", words: "" };
const ownMistake: Judged = { rule: "gateway.internal", fault: "gateway", words: "" };
const none: readonly never[] = [];
const nobody: ResourceClient = { id: "", shared: false };
const overloadRule = "model.overloaded";
const foreignResourceRule = "resource.foreign";
/** Other projects asked for what nobody knows the owner of. */
const searchLimit = 10;
/** One page of one project's list. */
const listPageLimit = 8 * 1024 * 1024;
/** Beside generations: operations whose answers tell their usage. */
const tapped: ReadonlySet<string> = new Set(["embed", "embeddings", "interaction"]);
/** Of call/verdict: the body is repaired before the next attempt (fact sheet upstream 4.4). */
const foreignSignatureRule = "signature.foreign";
/** A tool's schema was refused: it is sent in the strict form. */
const schemaRule = "schema.refused";

/** One client request on its way. */
export class Call implements CallFacts, ControlReceiver, AnswerFollower {
  readonly id: string;
  readonly startedAt: number;
  readonly startedMono: number;
  readonly head: RequestHead;
  identity: Identity | null = null;
  client: ClientKey | null = null;
  model: string | null = null;
  readonly attempts: AttemptRecord[] = [];
  requestBytes = 0;
  readonly answer: ClientAnswer;
  /** Time spent waiting for the client's body, and for attempts: not the gateway's own. */
  waitedMs = 0;
  errorCode: ErrorCode | null = null;
  readonly #env: CallEnvironment;
  readonly #host: CallHost;
  #headers: ScannedHeaders;
  #overrides: Overrides;
  #body: CollectedBody | "pass" | null = null;
  /** Monotonic milliseconds; -1: not asked for, or here. */
  #bodyAskedAt = -1;
  #attempt: Attempt | null = null;
  /** Of the attempt that was sent last. */
  #lastLease: Lease | null = null;
  #last: LastOutcome | null = null;
  #stickyKey: string | null = null;
  #affinityKey: string | null = null;
  #use: ExpectedUse | null = null;
  #reservation: ClientReservation | null = null;
  /** Null: the call neither names nor makes a resource. */
  #resources: ResourceWork | null = null;
  /** Goes on once the control has answered `bound` or `filtered`; null: nothing is awaited. */
  #onBound: (() => void) | null = null;
  #onFiltered: ((visible: readonly ResourceName[]) => void) | null = null;
  /** Monotonic milliseconds since when the owner of what is named is waited for; -1: not waited for. */
  #ownerWaitFrom = -1;
  /** Another project than the files' own is looked for; null: it never came to that. */
  #relocation: Relocation | null = null;
  /** Bytes of an upload are kept as they pass; null: they are not. */
  #keeping: UploadKeeping | null = null;
  /** The body read in its dialect; null: it passes as it is, or was not read yet. */
  #translated: TranslatedCall | null = null;
  /** It was read for an account alone: keys get the body as it came. */
  #isLate = false;
  /** Why accounts cannot serve the call, which keys may; null: they can, as far as is known. */
  #accountsRefused: Answer | null = null;
  /** The stored response that the request goes on from, as text; null: none. */
  #previous: string | null = null;
  /** Of the hops so far of a long answer; null: this is the first. */
  #translator: AnswerTranslator | null = null;
  #hops = 1;
  /** The pool knows that the last signature is another project's than the chosen one's. */
  #isForeign = false;
  #cancelPing: (() => void) | null = null;
  #fallbacks: readonly string[] | null = null;
  /** Others wait for this call's answer, or it for theirs. */
  #lead: AnswerLead | null = null;
  #leave: (() => void) | null = null;
  #tried: string[] = [];
  #ruleCounts: Map<string, number> | null = null;
  #transient = 0;
  #retrying = false;
  #cancelTimer: (() => void) | null = null;
  #done = false;
  #open = false;

  constructor(environment: CallEnvironment, host: CallHost, head: RequestHead) {
    this.#env = environment;
    this.#host = host;
    this.head = head;
    this.startedAt = environment.clock.now();
    this.startedMono = environment.clock.monotonic();
    this.id = environment.newId(this.startedAt);
    this.#headers = scanRequestHeaders(head.headers);
    this.#overrides = parseOverrides(this.#headers.overrides);
    this.answer = new ClientAnswer(environment, host, this.#headers.origin);
  }

  /** Identifies and admits; asks the host for the body by `host.want`, or answers at once. */
  begin(): void {
    try {
      this.#begin();
    } catch (error) {
      this.#failed(error);
    }
  }

  admitted(admission: Admission): void {
    try {
      this.#admitted(admission);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** The body is here (`collect`), or is coming (`pass`); null: the request has none. */
  body(body: CollectedBody | "pass" | null): void {
    try {
      this.#prepare(body);
    } catch (error) {
      this.#failed(error);
    }
  }

  tokenAdmitted(admission: TokenAdmission): void {
    try {
      this.#tokenAdmitted(admission);
    } catch (error) {
      this.#failed(error);
    }
  }

  reserved(reserved: Reserved): void {
    try {
      this.#reserved(reserved);
    } catch (error) {
      this.#failed(error);
    }
  }

  planned(plan: Plan): void {
    try {
      this.#planned(plan);
    } catch (error) {
      this.#failed(error);
    }
  }

  bound(): void {
    const next = this.#onBound;
    this.#onBound = null;
    if (next === null || this.#done) return;
    try {
      next();
    } catch (error) {
      this.#failed(error);
    }
  }

  filtered(visible: readonly ResourceName[]): void {
    const next = this.#onFiltered;
    this.#onFiltered = null;
    if (next === null || this.#done) return;
    try {
      next(visible);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Another call's answer, kept for this one too. */
  answered(answer: KeptAnswer): void {
    this.#leave = null;
    try {
      this.#answerKept(answer, "coalesced");
    } catch (error) {
      this.#failed(error);
    }
  }

  /** The other call came to nothing: this one makes its own. */
  abandoned(): void {
    this.#leave = null;
    try {
      this.#plan();
    } catch (error) {
      this.#failed(error);
    }
  }

  unavailable(): void {
    // What was created is not remembered, but the client must not lose its answer for that.
    if (this.#onBound !== null) this.bound();
    else if (this.#attempt === null) this.refuse("state_unavailable");
  }

  upstreamHead(number: number, status: number, headers: RawHeaders): void {
    const attempt = this.#attempt;
    if (attempt === null || attempt.number !== number) return;
    try {
      this.#head(attempt, status, headers);
    } catch (error) {
      this.#failed(error);
    }
  }

  upstreamData(number: number, chunk: Uint8Array): void {
    const attempt = this.#attempt;
    if (attempt === null || attempt.number !== number) return;
    try {
      this.#data(attempt, chunk);
    } catch (error) {
      this.#failed(error);
    }
  }

  upstreamEnd(number: number): void {
    const attempt = this.#attempt;
    if (attempt === null || attempt.number !== number) return;
    try {
      this.#end(attempt);
    } catch (error) {
      this.#failed(error);
    }
  }

  upstreamFailed(number: number, failure: AttemptFailure): void {
    const attempt = this.#attempt;
    if (attempt === null || attempt.number !== number) return;
    try {
      this.#fail(attempt, failure);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** The client left, or stopped reading for too long: the upstream is told, and what was used is written down. */
  clientGone(code: "client_gone" | "client_stalled" = "client_gone"): void {
    if (this.#done) return;
    const attempt = this.#attempt;
    this.errorCode = code;
    this.#bodyCame();
    this.#leave?.();
    if (attempt !== null) {
      if (attempt.phase !== "relay") this.waitedMs += this.#env.clock.monotonic() - attempt.sentAt;
      this.#host.abort();
      this.#bindBroken(attempt);
      const tapped = attempt.tap === null ? null : attempt.tap.end();
      this.#close(attempt, clientLeft, tapped, false);
    }
    if (this.answer.status === 0) this.answer.status = 499;
    this.#settle("cancelled");
  }

  /** Answers with one of the gateway's own errors, before or instead of an attempt. */
  refuse(code: ErrorCode): void {
    if (this.#done) return;
    this.#bodyCame();
    this.#answer(errorAnswer(this, this.#env, code, null), "refused");
  }

  // --- private ---

  #begin(): void {
    const { settings, draining, open } = this.#env;
    const headers = this.#headers;
    if (this.head.method === "OPTIONS" && headers.origin !== null && headers.requestMethod !== null) {
      this.#done = true;
      this.#host.head(204, preflightHeaders(headers.origin, headers.requestHeaders, settings.corsOrigins));
      this.#host.end();
      return;
    }
    const identity = identifyKnown(this.#env, this.head.method, this.head.url, headers);
    this.identity = identity;
    if (identity === null) return this.refuse("path_unknown");
    this.model = identity.model;
    if (draining) return this.refuse("draining");
    if (open.calls >= settings.maxOpenCalls) return this.refuse("overloaded");
    const { control, digest } = this.#env;
    // What is in it could not be seen: whose files it names, which model.
    if (identity.bodyMode === "collect" && (headers.encoded || /protobuf/i.test(headers.contentType ?? "")))
      return this.refuse("encoding_unsupported");
    const address = clientAddress(this.head.address ?? null, headers.forwardedFor, settings.trustedProxies);
    // Most SDKs send no key with the chunks of an upload: the address itself is the proof (fact sheet upstream 1.5).
    const isChunk = identity.operation === "upload" && (this.head.method === "POST" || this.head.method === "PUT");
    const session = isChunk ? uploadSession(identity.target, digest) : null;
    if (session !== null) {
      const admission = control.admitToken(session, this, this.startedAt, address);
      if (admission !== null) this.tokenAdmitted(admission);
      return;
    }
    const secret = headers.bearer ?? headers.apiKey ?? headers.googleKey ?? identity.queryKey;
    const admission = control.admit(secret === null ? null : digest.sha256(secret), this, this.startedAt, address);
    if (admission !== null) this.admitted(admission);
  }

  #tokenAdmitted(admission: TokenAdmission): void {
    if (this.#done) return;
    if (!admission.ok) return this.refuse(admission.code);
    const { binding, client } = admission;
    this.#resources = this.#resourcesFor(this.identity as Identity, client);
    this.identity = this.#resources.toSession(this.identity as Identity, binding);
    this.#admittedClient(client);
  }

  #admitted(admission: Admission): void {
    if (this.#done) return;
    if (!admission.ok) return this.refuse(admission.code);
    this.#admittedClient(admission.client);
  }

  #admittedClient(client: ClientKey): void {
    let identity = this.identity as Identity;
    const { settings } = this.#env;
    this.client = client;
    this.#open = true;
    this.#env.open.calls += 1;
    this.#env.control.began(this.id, this.startedAt);
    if (this.#env.capture !== null) this.#capture(this.#env.capture, identity);
    if (!this.#allowed(this.model)) return this.refuse("model_not_allowed");
    // Whose it is could not be told, or the list could not be cut down to what is the client's.
    if (identity.resource?.refused === true) return this.refuse("resource_forbidden");
    if (identity.resource?.unlistable === true) return this.refuse("path_unknown");
    // Operations have the model's real name in theirs, and are somebody's by it.
    if (this.model !== null && !identity.modelInBody && (identity.resource === null || identity.resource.creates)) {
      const real = this.#resolved(client, this.model);
      if (real !== this.model) this.identity = identity = this.#renamed(identity, real);
    }
    if (identity.resource !== null && this.#resources === null) this.#resources = this.#resourcesFor(identity, client);
    if (this.#resources?.merge?.refused === true) return this.refuse("page_token_invalid");
    // Elsewhere than in paths and known bodies a model may be named too (interactions, videos): a list fails closed.
    if (
      this.model === null &&
      client.allowedModels !== null &&
      !isRead(this.head.method) &&
      !identity.modelInBody &&
      (identity.resource === null || identity.resource.usesModel)
    )
      return this.refuse("model_not_allowed");
    const length = this.#headers.contentLength;
    // A session of Google's own may belong to any project.
    if (identity.operation === "upload" && this.#resources?.session == null && /[?&]upload_id=/.test(identity.target))
      return this.refuse("upload_unknown");
    const pass = identity.bodyMode === "pass";
    if (length !== null && length > (pass ? settings.maxUploadBytes : settings.maxBodyBytes))
      return this.refuse("body_too_large");
    this.#bodyAskedAt = this.#env.clock.monotonic();
    if (this.#headers.hasBody || this.#host.bodyUnannounced) this.#host.want(pass ? "pass" : "collect");
    else this.body(null);
  }

  /** Only of admitted calls: nobody else may fill the store. */
  #capture(port: CapturePort, { target, path, queryKey }: Identity): void {
    const { method, headers } = this.head;
    const { bearer, googleKey, apiKey } = this.#headers;
    const secrets = [bearer, googleKey, apiKey, queryKey].filter((one) => one !== null);
    // What is translated has no target of its own yet.
    this.answer.capture = port.open({ id: this.id, method, target: target || path, headers, secrets });
  }

  #prepare(body: CollectedBody | "pass" | null): void {
    if (this.#done) return;
    const identity = this.identity as Identity;
    this.#bodyCame();
    if (body !== null) {
      this.requestBytes = body === "pass" ? (this.#headers.contentLength ?? 0) : body.length;
      if (this.answer.capture !== null) this.answer.capture.request(body, this.requestBytes);
    }
    const prepared = prepareBody({
      body,
      identity,
      headers: this.#headers,
      requestHeaders: this.head.headers,
      client: this.client as ClientKey,
      overrides: this.#overrides,
      environment: this.#env,
    });
    if (prepared.refusal !== null) return this.refuse(prepared.refusal);
    this.#body = prepared.body;
    this.identity = prepared.identity;
    this.#stickyKey = prepared.stickyKey;
    this.#affinityKey = prepared.affinityKey;
    const client = this.client as ClientKey;
    if (prepared.identity.modelInBody) {
      this.model = prepared.identity.model;
      // An agent runs models of its own choice: a list fails closed.
      if (!this.#allowed(this.model) || (client.allowedModels !== null && this.#runsAgent()))
        return this.refuse("model_not_allowed");
      const asked = this.model;
      const real = this.model === null ? null : this.#resolved(client, this.model);
      if (real !== null && real !== this.model) this.identity = this.#renamed(this.identity, real);
      if (this.identity.translated) return this.#translate(prepared.parsed, asked ?? "");
    }
    this.#prepared();
  }

  /** The body is what will go up, or will be translated for an account. */
  #prepared(): void {
    const identity = this.identity as Identity;
    const client = this.client as ClientKey;
    if (!this.#addNamed(identity)) return this.refuse("body_malformed");
    this.#use = expectedUse(identity, this.#body, this.#env, isLimited(client));
    if (!isLimited(client)) return this.#ask();
    const { operation } = identity;
    const estimate = expectedCharge({ operation, method: this.head.method, use: this.#use, price: this.#price });
    const reserved = this.#env.control.reserve(client, estimate, this, this.#env.clock.now());
    if (reserved !== null) this.reserved(reserved);
  }

  /** @returns false when the body names more resources than a call may */
  #addNamed(identity: Identity): boolean {
    const isOwned = this.model?.startsWith("tunedModels/") === true;
    if (this.#isWritten && !isOwned && this.#translated?.mayName === false) return true;
    const named = ResourceWork.named(this.#env, { identity, body: this.#body });
    if (named === null) return true;
    this.#resources ??= this.#resourcesFor(identity, this.client as ClientKey);
    return this.#resources.add(named);
  }

  /** Reads the body in its dialect, with the stored response that it goes on from; Gemini's takes its place. */
  #translate(parsed: unknown, askedModel: string): void {
    const identity = this.identity as Identity;
    if (!isModelPath(this.model as string)) return this.#answer(problemAnswer(this, this.#env, oddModel), "refused");
    const previous = namedResponse(identity, parsed);
    const { responses, settings } = this.#env;
    if (previous === null) return this.#translateWith(parsed, askedModel);
    const missing = (): void => {
      if (!previous.required) return this.#translateWith(parsed, askedModel);
      this.#answer(problemAnswer(this, this.#env, unknownResponse), "refused");
    };
    if (responses === null || !settings.responsesStore) return missing();
    const clientId = (this.client as ClientKey).id;
    responses.get({ id: previous.id, clientId, now: this.#env.clock.now() }, (found) => {
      if (this.#done) return;
      try {
        if (found === null) return missing();
        this.#previous = found.turns;
        this.#translateWith(parsed, askedModel);
      } catch (error) {
        this.#failed(error);
      }
    });
  }

  #translateWith(parsed: unknown, askedModel: string): void {
    const problem = this.#readDialect(parsed, askedModel);
    if (problem !== null) return this.#answer(problem, "refused");
    const identity = this.identity as Identity;
    const translated = this.#translated as TranslatedCall;
    const estimate = countWithoutGoogle(identity, translated, this.#env);
    if (estimate !== null) return this.#answerWhole(estimate);
    this.#writeAnew();
    this.identity = { ...identity, target: nativeTarget(identity) };
    this.#prepared();
  }

  /** @returns the refusal; null: it could be read */
  #readDialect(parsed: unknown, askedModel: string): Answer | null {
    const identity = this.identity as Identity;
    const environment = this.#env;
    const { includeThoughts } = environment.settings;
    const translation = readDialect(identity, { body: parsed, includeThoughts, previous: this.#previous });
    if (!translation.ok) return problemAnswer(this, environment, translation.problem);
    const translated = new TranslatedCall({
      environment,
      translation,
      clientId: (this.client as ClientKey).id,
      requestId: this.id,
      startedAt: this.startedAt,
      askedModel,
      countsTokens: identity.operation === "count-tokens",
    });
    if (wasLowered(environment, translated, this.model)) translated.lowerSchemas();
    const { conversationKey } = translation.conversation;
    if (conversationKey !== null && environment.settings.prefixAffinity)
      this.#affinityKey = `${this.model ?? ""}\n${environment.digest.sha256(`${(this.client as ClientKey).id}\n${conversationKey}`)}`;
    this.#translated = translated;
    return null;
  }

  #reserved(reserved: Reserved): void {
    if (reserved.ok) this.#reservation = reserved.reservation;
    if (this.#done) return this.#giveBackReservation();
    addLimitHeaders((this.answer.extra ??= []), reserved);
    if (reserved.ok) return this.#ask();
    this.#answer(limitAnswer(this, this.#env, reserved), "refused");
  }

  /** Another call of this client may have, or be making, the same answer. */
  #ask(): void {
    if (this.#done) return;
    const { answers } = this.#env;
    const key =
      answers === null || this.#lead !== null
        ? null
        : answerKey({
            clientId: (this.client as ClientKey).id,
            method: this.head.method,
            identity: this.identity as Identity,
            body: this.#body,
            contentType: this.#headers.contentType,
            bytes: this.#env.bytes,
            digest: this.#env.digest,
          });
    if (answers === null || key === null) return this.#plan();
    const choice = answers.ask(key, this, this.#env.clock.now());
    if (choice.kind === "hit") return this.#answerKept(choice.answer, "hit");
    if (choice.kind === "wait") return void (this.#leave = choice.leave);
    this.#lead = choice.lead;
    this.answer.kept = [];
    this.#plan();
  }

  #planned(plan: Plan): void {
    if (this.#done) {
      if (plan.ok) this.#return(plan.lease, { verdict: null, succeeded: false, used: null });
      return;
    }
    const resources = this.#resources;
    if (this.#relocation?.planning === true) return this.#plannedElsewhere(this.#relocation, plan);
    if (plan.ok) {
      resources?.planned(plan);
      this.#signFor(plan);
      return this.#send(plan.lease);
    }
    if ("words" in plan) {
      const { reason, words } = plan;
      const code = reason === "forbidden" ? "resource_forbidden" : "resources_apart";
      const refuse = (): void => this.#answer(namedAnswer(this, this.#env, code, words), "refused");
      return reason === "apart" ? this.#elsewhereOr(refuse) : refuse();
    }
    if ("skipped" in plan) {
      if (resources !== null) resources.skipped += plan.skipped;
      if (this.#last !== null && resources?.merge?.empty !== false) return this.#giveUp();
      return this.#answerList();
    }
    const last = this.#last;
    if (plan.causes["account"] !== undefined && (this.identity as Identity).operation === "models") {
      const list = answerModels(this.identity as Identity, this.#env);
      if (list !== null) return this.#answerWhole(list);
    }
    if (plan.owned === true) return this.#ownerOut(plan);
    if (plan.reason === "cooling" && this.#fallBack()) return;
    if (this.#accountsRefused !== null && last === null && plan.reason !== "cooling")
      return this.#answer(this.#accountsRefused, "refused");
    if (last !== null && plan.reason !== "cooling" && last.verdict.relayable) this.#relayLast();
    else if (last !== null && last.verdict.relayable && !isCredentialFault(last.verdict)) this.#relayLast();
    else this.#answer(errorAnswer(this, this.#env, codeOfPick(plan, last), plan), "error");
  }

  /** The one project that can serve rests or is gone: the call waits for it a while, then fails by its own reason. */
  #ownerOut(pick: Extract<Pick, { ok: false }>): void {
    const last = this.#last;
    if (pick.reason === "tried" && last !== null) return this.#giveUp();
    if (pick.reason !== "cooling")
      return this.#elsewhereOr(() => {
        if (last !== null && last.verdict.relayable) return this.#relayLast();
        this.#answer(errorAnswer(this, this.#env, "owner_unusable", pick), "error");
      });
    const mono = this.#env.clock.monotonic();
    if (this.#ownerWaitFrom < 0) this.#ownerWaitFrom = mono;
    const left = this.#env.settings.ownerWaitMs - (mono - this.#ownerWaitFrom);
    const wait = pick.soonestMs === null ? Infinity : pick.soonestMs - this.#env.clock.now();
    if (wait > left || this.#body === "pass")
      return this.#elsewhereOr(() => this.#answer(errorAnswer(this, this.#env, "owner_exhausted", pick), "error"));
    // What was tried may serve again by then.
    this.#tried = [];
    this.#later(Math.max(1, wait));
  }

  /** Another project serves the call with copies of its files, where they are kept; otherwise it is answered as given. */
  #elsewhereOr(otherwise: () => void): void {
    const { keptFiles, settings } = this.#env;
    const resources = this.#resources;
    if (keptFiles === null || resources === null || this.#body === null || this.#body === "pass") return otherwise();
    if (this.#env.clock.monotonic() - this.startedMono > settings.retryDeadlineMs) return otherwise();
    const { operation } = this.identity as Identity;
    this.#relocation ??= Relocation.of(this.#env, { operation, client: resources.client, names: resources.names });
    if (this.#relocation?.begin(otherwise) === true) return this.#plan();
    otherwise();
  }

  #plannedElsewhere(relocation: Relocation, plan: Plan): void {
    if (!plan.ok) return relocation.next() ? this.#plan() : relocation.giveUp();
    this.#resources?.planned(plan);
    this.#signFor(plan);
    const { lease } = plan;
    const missing = relocation.missing(lease, plan.unknown);
    if (missing.length === 0) return this.#sendElsewhere(relocation, lease);
    const from = this.#env.clock.monotonic();
    relocation.upload(missing, lease, (made, failure) => {
      if (this.#done) return;
      this.waitedMs += this.#env.clock.monotonic() - from;
      try {
        this.#bind(made, () => {
          if (failure === null) this.#sendElsewhere(relocation, lease);
          else this.#notElsewhere(relocation, lease, failure);
        });
      } catch (error) {
        this.#failed(error);
      }
    });
  }

  #sendElsewhere(relocation: Relocation, lease: Lease): void {
    const relocated = relocation.relocated(this.#body as CollectedBody, (this.identity as Identity).backend, lease);
    relocation.handOver();
    if (relocated !== null) return this.#send(lease, relocated);
    this.#return(lease, { verdict: null, succeeded: false, used: null });
    relocation.giveUp();
  }

  /** The files could not be uploaded there. Of what Google said only a dead credential counts: the model was not asked. */
  #notElsewhere(relocation: Relocation, lease: Lease, failure: UploadFailure): void {
    const { status, body, words } = failure;
    const outcome = { status, headers: none, body, backend: "gemini-api", model: null, namesResource: false } as const;
    const judged =
      status === null
        ? null
        : judge({ ...outcome, status, kind: "status", repeatable: true, streaming: false, now: this.#env.clock.now() });
    const effects = judged === null ? none : judged.effects.filter(({ kind }) => kind === "disable");
    const rule = judged === null ? "reupload.failed" : judged.rule;
    this.#env.logger.log("warn", "reupload.failed", {
      requestId: this.id,
      credential: lease.credentialId,
      status,
      rule,
      words: judged === null ? words : null,
    });
    this.#tried.push(lease.credentialId);
    relocation.handOver();
    const verdict = judged === null ? null : { ...judged, effects, limits: none };
    this.#return(lease, { verdict, succeeded: false, used: null });
    if (relocation.next()) this.#plan();
    else relocation.giveUp();
  }

  /** Goes on with the next model that the settings name for this one. */
  #fallBack(): boolean {
    const identity = this.identity as Identity;
    const { settings } = this.#env;
    if (this.model === null || this.#body === "pass" || this.#resources?.bindsModel === true) return false;
    if (!identity.generative && identity.operation !== "count-tokens") return false;
    const list = Object.hasOwn(settings.modelFallbacks, this.model) ? settings.modelFallbacks[this.model] : undefined;
    this.#fallbacks ??= list ?? none;
    const next = this.#fallbacks.find((model) => this.#allowed(model));
    if (next === undefined) return false;
    this.#fallbacks = this.#fallbacks.slice(this.#fallbacks.indexOf(next) + 1);
    this.identity = this.#renamed(identity, next);
    this.#tried = [];
    this.#last = null;
    this.#ruleCounts = null;
    this.#plan();
    return true;
  }

  /** No signature goes up any more: this project did not make them. */
  #dropSignatures(): void {
    this.#translated?.dropSignatures();
    if (this.#isWritten) this.#writeAnew();
    else if (this.#body !== null && this.#body !== "pass") this.#body = withoutForeignSignatures(this.#body, this.#env);
  }

  /** What another project signed must not go to the one that was chosen. */
  #signFor(plan: Extract<Plan, { ok: true }>): void {
    this.#isForeign = plan.foreignSignature;
    // Translated bodies know who signed what: see `#translatedBody`.
    if (plan.foreignSignature && this.#translated === null) this.#dropSignatures();
  }

  /** The body is Gemini's, written from the client's. */
  get #isWritten(): boolean {
    return this.#translated !== null && !this.#isLate;
  }

  #writeAnew(): void {
    if (this.#isWritten) this.#body = (this.#translated as TranslatedCall).body(this.model as string, "gemini-api");
  }

  /** The call for another model. The answer names it. */
  #renamed(identity: Identity, model: string): Identity {
    this.model = model;
    const isGemini = this.#isWritten;
    if (isGemini) this.#writeAnew();
    else if (
      identity.modelInBody &&
      (this.#isLate || !identity.translated) &&
      this.#body !== null &&
      this.#body !== "pass"
    )
      this.#body = renameInBody(this.#body, model, this.#env.bytes);
    const { extra } = this.answer;
    const at = extra === null ? -1 : extra.indexOf("x-gproxy-model");
    if (at >= 0) (extra as string[])[at + 1] = model;
    else (this.answer.extra ??= []).push("x-gproxy-model", model);
    const renamed = withModel(identity, model);
    return isGemini ? { ...renamed, target: nativeTarget(renamed) } : renamed;
  }

  #resourcesFor(identity: Identity, client: ClientKey): ResourceWork {
    return new ResourceWork(this.#env, { identity, headers: this.#headers, client, tls: this.head.tls === true });
  }

  #resolved(client: ClientKey, model: string): string {
    return resolveModel({ client, aliases: this.#env.settings.modelAliases, model });
  }

  readonly #price = (use: ExpectedUse): number | null =>
    this.#env.control.estimateCost(this.model, { input: use.inputTokens, output: use.outputTokens }, this.startedAt);

  #runsAgent(): boolean {
    const body = this.#body;
    return this.model === null || (body !== null && body !== "pass" && namesAgent(body.chunks, this.#env.bytes));
  }

  #allowed(model: string | null): boolean {
    const { control, settings } = this.#env;
    const client = this.client as ClientKey;
    return model === null
      ? control.allows(client, null)
      : allowsModel(control, { client, aliases: settings.modelAliases, model });
  }

  #answerKept(answer: KeptAnswer, how: "hit" | "coalesced"): void {
    if (this.#done) return;
    (this.answer.extra ??= []).push("x-gproxy-cache", how);
    this.#sendHead(answer.status, answer.headers.slice(), this.#env.clock.monotonic());
    for (const chunk of answer.chunks) this.answer.write(chunk);
    this.#host.end();
    this.#settle("ok");
  }

  #head(attempt: Attempt, status: number, headers: RawHeaders): void {
    attempt.status = status;
    attempt.headers = headers;
    const identity = this.identity as Identity;
    if (status >= 400) {
      attempt.phase = "error";
      return;
    }
    // What is compressed although it was not asked for passes unread: its usage stays unknown.
    const readable = isPlain(headerOf(headers, "content-encoding"));
    const resources = this.#resources;
    if (resources !== null && readable && status < 300) {
      if (resources.collects) {
        attempt.phase = "collect";
        return;
      }
      attempt.learner = resources.learner();
      if (this.#keeping !== null && attempt.learner !== null) attempt.learner = this.#keeping.watch(attempt.learner);
      const session = resources.sessionOf(attempt.headers, attempt.lease);
      if (session === "unsafe") {
        this.#host.abort();
        this.#close(attempt, { rule: "upload.address", fault: "upstream", words: "an address elsewhere" }, null, false);
        return this.#answer(errorAnswer(this, this.#env, "upstream_invalid", null), "error");
      }
      if (session !== null) {
        if (this.#env.keptFiles !== null) expectUpload(this.#env.keptFiles, session.binding.name, this.head.headers);
        attempt.headers = session.headers;
        attempt.phase = "collect";
        return this.#bind([session.binding], () => this.#commitBound(attempt));
      }
    }
    const isHead = this.head.method === "HEAD";
    if ((identity.translated || identity.backend === "code-assist") && !isHead && !(readable && status === 200))
      return this.#unreadable(attempt);
    const watched = readable && status === 200 && (identity.generative || tapped.has(identity.operation));
    if (readable && status === 200) attempt.decoder = unwrapperOf(identity, this.#env.bytes);
    if (attempt.decoder !== null) attempt.rewritten = true;
    // Signatures of native answers come back with the conversation's next turn, from the client.
    if (watched && identity.generative && identity.backend !== "gemini-openai") {
      const { bytes, digest, clock } = this.#env;
      attempt.learner = new LateAnswerNames({ route: identity.resource, bytes, digest, now: clock.now() });
    }
    if (watched)
      attempt.tap = createTap({
        framing: identity.framing,
        surface: identity.backend === "gemini-openai" ? "openai" : "gemini",
        bytes: this.#env.bytes,
      });
    if (readable && status === 200 && identity.translated && !isHead) this.#beginTranslation(attempt, identity);
    if (attempt.translator !== null || (watched && identity.generative)) attempt.phase = "hold";
    else this.#commit(attempt);
  }

  /** Compressed although nobody asked for it, or no answer at all: there is nothing that could be translated. */
  #unreadable(attempt: Attempt): void {
    this.#host.abort();
    this.waitedMs += this.#env.clock.monotonic() - attempt.sentAt;
    const words = `status ${attempt.status}, which cannot be read`;
    this.#close(attempt, { rule: "answer.invalid", fault: "upstream", words }, null, false);
    this.#answer(errorAnswer(this, this.#env, "upstream_invalid", null), "error");
  }

  #beginTranslation(attempt: Attempt, identity: Identity): void {
    const translated = this.#translated;
    attempt.translator =
      translated === null
        ? modelsTranslator(identity, this.#env.bytes)
        : translated.answer({
            lease: attempt.lease,
            model: this.model as string,
            stream: identity.stream,
            backend: identity.backend === "code-assist" ? "code-assist" : "gemini-api",
            estimatedPromptTokens: this.#use === null ? 0 : this.#use.inputTokens,
            earlier: this.#translator,
          });
    attempt.rewritten = true;
  }

  #data(attempt: Attempt, chunk: Uint8Array): void {
    if (attempt.firstByteAt < 0) attempt.firstByteAt = this.#env.clock.monotonic();
    const { decoder } = attempt;
    if (decoder === null) return this.#decoded(attempt, chunk);
    for (const piece of decoder.push(chunk)) if (this.#attempt === attempt) this.#decoded(attempt, piece);
  }

  /** Bytes as the rest of the way reads them. */
  #decoded(attempt: Attempt, chunk: Uint8Array): void {
    const { tap } = attempt;
    if (attempt.translator !== null) return this.#translateChunk(attempt, attempt.translator, chunk);
    if (attempt.phase === "relay") {
      tap?.push(chunk);
      return attempt.learner === null ? this.answer.forward(chunk) : this.#learn(attempt, chunk);
    }
    attempt.held.push(chunk);
    attempt.heldBytes += chunk.length;
    if (attempt.phase === "hold") {
      tap?.push(chunk);
      attempt.learner?.push(chunk);
      const early = tap === null ? null : tap.earlyError;
      if (tap?.committed === true || attempt.heldBytes > holdLimit) this.#commit(attempt);
      else if (tap !== null && early !== null) {
        // Nothing good follows an error, and an upstream that then falls silent must not hold the call.
        this.#host.abort();
        this.#judged(attempt, this.#statusOutcome(attempt, early.code ?? 500, early.body), tap.end());
      }
    } else if (attempt.phase === "collect") {
      if (this.#resources?.collects === false) attempt.learner?.push(chunk);
      if (attempt.heldBytes <= listPageLimit) return;
      this.#host.abort();
      this.#close(
        attempt,
        { rule: "list.too-large", fault: "upstream", words: "a page of a list is too large" },
        null,
        false,
      );
      this.#answer(errorAnswer(this, this.#env, "upstream_invalid", null), "error");
    } else if (attempt.heldBytes > errorBodyLimit) {
      this.#host.abort();
      this.#judged(
        attempt,
        this.#statusOutcome(attempt, attempt.status, collectedText(attempt, this.#env.bytes)),
        null,
      );
    }
  }

  /** What is held is the client's already; it can be dropped as long as nothing of it went out. */
  #translateChunk(attempt: Attempt, translator: AnswerTranslator, chunk: Uint8Array): void {
    const { tap } = attempt;
    tap?.push(chunk);
    attempt.learner?.push(chunk);
    const piece = translator.push(chunk);
    if (attempt.phase === "relay") {
      if (piece !== null) this.answer.write(piece);
      return;
    }
    if (piece !== null) {
      attempt.held.push(piece);
      attempt.heldBytes += piece.length;
    }
    const early = tap === null ? null : tap.earlyError;
    if (translator.committed || attempt.heldBytes > holdLimit) this.#commit(attempt);
    else if (tap !== null && early !== null) {
      this.#host.abort();
      this.#judged(attempt, this.#statusOutcome(attempt, early.code ?? 500, early.body), tap.end());
    }
  }

  #end(attempt: Attempt): void {
    if (attempt.decoder !== null && attempt.phase !== "error") {
      for (const piece of attempt.decoder.end()) if (this.#attempt === attempt) this.#decoded(attempt, piece);
      if (this.#attempt !== attempt) return;
      const closing = attempt.decoder.close?.() ?? null;
      if (closing !== null) attempt.tap?.push(closing);
      attempt.closing = closing;
    }
    if (attempt.translator !== null) return this.#endTranslated(attempt, attempt.translator);
    if (attempt.phase === "error")
      return this.#judged(
        attempt,
        this.#statusOutcome(attempt, attempt.status, collectedText(attempt, this.#env.bytes)),
        null,
      );
    if (attempt.phase === "collect") {
      attempt.ended = true;
      if (this.#onBound === null) this.#collected(attempt);
      return;
    }
    const tapped = attempt.tap === null ? null : attempt.tap.end();
    if (attempt.phase === "relay") return this.#endRelay(attempt, tapped);
    if (attempt.phase !== "hold" || tapped === null) return;
    // Everything is here and nothing was sent: the last chance to try elsewhere.
    if (tapped.error !== null)
      return this.#judged(attempt, this.#statusOutcome(attempt, tapped.error.code ?? 500, tapped.error.body), tapped);
    const now = this.#env.clock.now();
    if (tapped.empty) return this.#judged(attempt, { kind: "empty", now }, tapped);
    if (!tapped.complete && (this.identity as Identity).stream)
      return this.#judged(
        attempt,
        { kind: "cut", words: "ended without a finish reason", repeatable: this.#repeatable(), now },
        tapped,
      );
    this.#commit(attempt);
    this.#endRelay(attempt, tapped);
  }

  #endTranslated(attempt: Attempt, translator: AnswerTranslator): void {
    const tapped = attempt.tap === null ? null : attempt.tap.end();
    const isHeld = attempt.phase === "hold";
    const { stream } = this.identity as Identity;
    if (tapped !== null && tapped.error !== null)
      return this.#translatedError(
        attempt,
        this.#statusOutcome(attempt, tapped.error.code ?? 500, tapped.error.body),
        tapped,
      );
    const now = this.#env.clock.now();
    const words = "ended without a finish reason";
    if (stream && tapped !== null && !tapped.complete && !(isHeld && tapped.empty)) {
      if (isHeld) return this.#judged(attempt, { kind: "cut", words, repeatable: this.#repeatable(), now }, tapped);
      this.#close(attempt, { rule: "stream.cut", fault: "upstream", words }, tapped, false);
      this.#endWithError("upstream_broken", translator);
      return this.#settle("incomplete");
    }
    const finish = this.#finishOf(translator);
    switch (finish.kind) {
      case "good":
        if (isHeld) this.#commit(attempt);
        return this.#endGood(attempt, finish, tapped);
      case "continue":
        return this.#nextHop(attempt, translator, finish, tapped);
      case "blocked":
        this.waitedMs += this.#env.clock.monotonic() - attempt.sentAt;
        this.#close(attempt, success, tapped, true);
        return this.#answer(namedAnswer(this, this.#env, "prompt_blocked", finish.words), "error");
      case "unusable":
        if (isHeld) return this.#judged(attempt, { kind: "empty", now }, tapped);
        this.#close(attempt, { rule: "answer.unusable", fault: "upstream", words: finish.words }, tapped, false);
        this.#endWithError("answer_unusable", translator);
        return this.#settle("incomplete");
      case "invalid":
        if (isHeld && this.#translated?.countsTokens !== true)
          return this.#judged(
            attempt,
            { kind: "cut", words: "not understood", repeatable: this.#repeatable(), now },
            tapped,
          );
        this.#close(attempt, { rule: "answer.invalid", fault: "upstream", words: "not understood" }, tapped, false);
        if (isHeld) return this.#answer(errorAnswer(this, this.#env, "upstream_invalid", null), "error");
        this.#endWithError("upstream_broken", translator);
        return this.#settle("incomplete");
    }
  }

  #finishOf(translator: AnswerTranslator): Finish {
    const allowed = this.#hops < this.#env.settings.longAnswerHops;
    return translator instanceof GenerationTranslator ? translator.finish(allowed) : translator.finish();
  }

  #endGood(attempt: Attempt, finish: Extract<Finish, { kind: "good" }>, tapped: TapResult | null): void {
    const { translator, learner, lease } = attempt;
    const now = this.#env.clock.now();
    if (learner !== null) {
      const bindings = toBindings(learner.end(), { lease, client: nobody, now });
      if (bindings.length > 0) this.#env.control.bind(bindings, this, now);
    }
    if (finish.rest !== null) this.answer.write(finish.rest);
    if (finish.failed === true) {
      this.errorCode = "answer_unusable";
      const words = tapped?.finishReason ?? "";
      this.#close(attempt, { rule: "answer.unusable", fault: "upstream", words }, tapped, false);
      this.#host.end();
      return this.#settle("incomplete");
    }
    this.#close(attempt, success, tapped, true);
    this.#host.end();
    this.#settle("ok");
    this.#store(translator);
  }

  /** For `previous_response_id`, where the client did not say `store: false`. */
  #store(translator: AnswerTranslator | null): void {
    const { responses, settings } = this.#env;
    if (responses === null || !settings.responsesStore || !(translator instanceof GenerationTranslator)) return;
    const stored = translator.writer.stored?.() ?? null;
    if (stored === null) return;
    const { id, turns } = stored;
    const clientId = (this.client as ClientKey).id;
    responses.put({ id, clientId, model: this.model ?? "", turns: JSON.stringify(turns), createdAt: this.startedAt });
  }

  /** A long answer goes on: the same request with the token, at the same project (fact sheet upstream 1.10). */
  #nextHop(
    attempt: Attempt,
    translator: AnswerTranslator,
    { token, rest }: Extract<Finish, { kind: "continue" }>,
    tapped: TapResult | null,
  ): void {
    const translated = this.#translated as TranslatedCall;
    const { learner, lease } = attempt;
    const { client } = (this.#resources ??= this.#resourcesFor(this.identity as Identity, this.client as ClientKey));
    if (attempt.phase === "hold") {
      if (attempt.held.length > 0 || rest !== null) this.#commit(attempt);
      else this.waitedMs += this.#env.clock.monotonic() - attempt.sentAt;
    }
    if (rest !== null) this.answer.write(rest);
    this.#hops += 1;
    this.#translator = translator;
    this.#close(attempt, success, tapped, true);
    this.#last = null;
    this.#ruleCounts = null;
    this.#tried = [];
    translated.continueWith(token);
    // What was begun by an account goes on in Gemini's words, whoever does.
    this.#isLate = false;
    this.#writeAnew();
    this.identity = asWritten(this.identity as Identity);
    const bindings = learner === null ? [] : toBindings(learner.end(), { lease, client, now: this.#env.clock.now() });
    this.#bind(bindings, () => {
      // The token is its project's own.
      if (!this.#addNamed(this.identity as Identity)) return this.refuse("internal");
      this.#plan();
    });
  }

  /** An error inside an answer of status 200. */
  #translatedError(attempt: Attempt, outcome: Outcome, tapped: TapResult): void {
    if (attempt.phase === "hold") return this.#judged(attempt, outcome, tapped);
    const verdict = judge(outcome);
    this.#last = { verdict, outcome, attempt, held: attempt.held, tapped };
    // A dead credential is not the client's problem, here neither; that a quota is used up may be told.
    const isDead = isCredentialFault(verdict) && codeOfLast(this.#last) === "credentials_unusable";
    const { fault } = isDead
      ? errorAnswer(this, this.#env, "upstream_broken", null)
      : relayedError(this, this.#env, this.#last);
    this.errorCode = fault.code;
    const text = (attempt.translator as AnswerTranslator).fault(fault);
    this.#close(attempt, { ...verdict, rule: `stream.${verdict.rule}` }, tapped, false, verdict);
    if (text === null) this.#host.cut();
    else {
      this.answer.write(this.#env.bytes.encode(text));
      this.#host.end();
    }
    this.#settle("incomplete");
  }

  /** A good answer of the gateway's own making. */
  #answerWhole(text: string): void {
    const body = this.#env.bytes.encode(text);
    const headers = ["content-type", "application/json; charset=utf-8", "content-length", String(body.length)];
    this.#sendHead(200, headers, this.#env.clock.monotonic());
    if (this.head.method !== "HEAD") this.answer.write(body);
    this.#host.end();
    this.#settle("ok");
  }

  /** What the answer created is bound before its last bytes go out: a follow-up call must find its owner. */
  #endRelay(attempt: Attempt, tapped: TapResult | null): void {
    const { learner, lease } = attempt;
    if (this.#resources === null) {
      if (learner !== null) {
        const now = this.#env.clock.now();
        const bindings = toBindings(learner.end(), { lease, client: nobody, now });
        // Nothing waits for it: without it the next turn is served too, maybe by another project.
        if (bindings.length > 0) this.#env.control.bind(bindings, this, now);
      }
      return this.#finish(attempt, tapped);
    }
    this.#bind(this.#resources.learnt(attempt), () => {
      if (attempt.tail !== null) this.answer.forward(attempt.tail);
      attempt.tail = null;
      this.#finish(attempt, tapped);
    });
  }

  #learn(attempt: Attempt, chunk: Uint8Array): void {
    attempt.learner?.push(chunk);
    // A stream is not held up: what it makes is named in its first events.
    if (!this.#holdsTail(attempt)) return this.answer.forward(chunk);
    const before = attempt.tail;
    attempt.tail = chunk;
    if (before !== null) this.answer.forward(before);
  }

  #holdsTail(attempt: Attempt): boolean {
    const { stream, generative } = this.identity as Identity;
    if (this.#resources === null || stream || generative) return false;
    return !/^text\/event-stream/i.test(headerOf(attempt.headers, "content-type") ?? "");
  }

  /** Binds, then goes on: at once where the control is at hand. */
  #bind(bindings: readonly ResourceBinding[], next: () => void): void {
    if (bindings.length === 0) return next();
    this.#onBound = next;
    if (this.#env.control.bind(bindings, this, this.#env.clock.now())) this.bound();
  }

  #commitBound(attempt: Attempt): void {
    this.#commit(attempt);
    if (attempt.ended) this.#endRelay(attempt, null);
  }

  /** A page of a list is here: what the client may see of it joins what other projects gave. */
  #collected(attempt: Attempt): void {
    const resources = this.#resources as ResourceWork;
    if (resources.rewrites) {
      attempt.learner = resources.learner();
      for (const chunk of attempt.held) attempt.learner?.push(chunk);
      attempt.held = resources.rewritten(attempt.held);
      attempt.rewritten = true;
      this.#commit(attempt);
      return this.#endRelay(attempt, null);
    }
    const page = resources.readPage(attempt);
    if (page === null) {
      this.#close(attempt, { rule: "list.unreadable", fault: "upstream", words: "not a list" }, null, false);
      return this.#answer(errorAnswer(this, this.#env, "upstream_invalid", null), "error");
    }
    this.waitedMs += this.#env.clock.monotonic() - attempt.sentAt;
    this.#close(attempt, success, null, true);
    this.#tried = [];
    this.#onFiltered = (visible) => {
      page.accept(visible);
      if (resources.merge?.full === true) this.#answerList();
      else this.#plan();
    };
    const visible = this.#env.control.filter(page.names, resources.client, this, this.#env.clock.now());
    if (visible !== null) this.filtered(visible);
  }

  #answerList(): void {
    const resources = this.#resources as ResourceWork;
    const body = this.#env.bytes.encode(resources.listBody());
    const headers = ["content-type", "application/json; charset=UTF-8", "content-length", String(body.length)];
    if (resources.skipped > 0) headers.push("x-gproxy-list-skipped", String(resources.skipped));
    this.#sendHead(200, headers, this.#env.clock.monotonic());
    this.answer.write(body);
    this.#host.end();
    this.#settle("ok");
  }

  #fail(attempt: Attempt, failure: AttemptFailure): void {
    const tapped = attempt.tap === null ? null : attempt.tap.end();
    if (attempt.phase === "relay") return this.#broke(attempt, tapped, failure);
    // The status was told: what is missing of its body changes little.
    if (attempt.phase === "error")
      return this.#judged(
        attempt,
        this.#statusOutcome(attempt, attempt.status, collectedText(attempt, this.#env.bytes)),
        null,
      );
    // The head is all that matters of the start of an upload, and it goes out as soon as the session is bound.
    if (attempt.phase === "collect" && this.#onBound !== null) return void (attempt.ended = true);
    const headCame = attempt.status >= 0;
    const outcome = toOutcome(failure, { headCame, repeatable: this.#repeatable(), now: this.#env.clock.now() });
    this.#judged(attempt, outcome, tapped);
  }

  /** Or will not come: either way the client was waited for. */
  #bodyCame(): void {
    if (this.#bodyAskedAt < 0) return;
    this.waitedMs += this.#env.clock.monotonic() - this.#bodyAskedAt;
    this.#bodyAskedAt = -1;
  }

  #plan(): void {
    const resources = this.#resources;
    const relocation = this.#relocation?.planning === true ? this.#relocation : null;
    const plan = this.#env.control.plan(
      {
        model: this.model,
        strategy: this.#overrides.strategy ?? this.#env.settings.strategy,
        stickyKey: this.#stickyKey,
        tried: this.#tried,
        allowTried:
          this.#last !== null &&
          (this.#last.verdict.retry === "again" || this.#last.verdict.rule === foreignSignatureRule),
        keysOnly: this.#accountsRefused !== null || (this.identity !== null && needsKey(this.identity)),
        affinityKey: this.#affinityKey,
        cost: this.#use === null ? null : { requests: 1, tokens: this.#use.inputTokens },
        client: resources === null ? nobody : resources.client,
        names: relocation !== null ? relocation.names : resources === null ? none : resources.names,
        creates: resources !== null && resources.creates,
        list: resources === null ? null : resources.list,
        searching: resources !== null && resources.searching,
        signature: resources === null ? null : resources.signature,
        now: this.#env.clock.now(),
      },
      this,
      this.id,
    );
    if (plan !== null) this.planned(plan);
  }

  /** Plans again after a while. */
  #later(ms: number): void {
    this.#cancelTimer = this.#host.later(ms, () => {
      this.#cancelTimer = null;
      try {
        this.#plan();
      } catch (error) {
        this.#failed(error);
      }
    });
  }

  /** @param relocated what another project than the files' own gets; null: what the client sent */
  #send(lease: Lease, relocated: Relocated | null = null): void {
    const attempt = createAttempt(this.attempts.length + 1, lease, this.#env.clock.monotonic());
    this.#attempt = attempt;
    this.#lastLease = lease;
    const identity = this.#identityFor(lease);
    const client = this.client as ClientKey;
    let body = this.#body;
    if (identity.translated && this.#translated === null && identity.operation !== "models") {
      this.#accountsRefused = this.#translateLate();
      if (this.#accountsRefused !== null) {
        this.#attempt = null;
        this.#return(lease, { verdict: null, succeeded: false, used: null });
        return this.#plan();
      }
    }
    if (identity.translated && this.#translated !== null)
      body = this.#translatedBody(this.#translated, lease, identity);
    if (relocated !== null) {
      body = relocated.body;
      attempt.copies = { served: relocated.copies, uploaded: relocated.uploaded };
    }
    const { keptFiles } = this.#env;
    if (keptFiles !== null && body === "pass" && identity.operation === "upload" && identity.resource?.kind === "file")
      this.#keeping = this.#keepUpload(keptFiles, identity);
    const address = this.#env.addressFor(identity.backend, lease.baseUrl);
    this.answer.transform = null;
    if (identity.backend === "gemini-openai") {
      this.answer.transform = createTransform(identity, client, lease.projectId, this.#env);
      if (this.model !== null && identity.operation === "chat" && body !== null && body !== "pass")
        body = bodyForLease(body, { model: this.model, client, lease, environment: this.#env });
    }
    let upstream = this.#resources === null ? identity : this.#resources.toAttempt(identity);
    if (identity.backend === "code-assist") {
      const request = toCodeAssist({
        identity,
        lease,
        body: body as CollectedBody,
        callId: this.id,
        sessionKey: this.#affinityKey,
        environment: this.#env,
      });
      body = request.body;
      upstream = { ...identity, target: request.target };
    }
    if (identity.translated && identity.stream && this.#cancelPing === null) this.#armPing();
    this.#host.send(
      toUpstreamRequest({
        attempt: attempt.number,
        method: this.head.method,
        identity: upstream,
        headers: this.#headers,
        lease,
        body,
        // The path of an upload session is the upstream's own, from its root.
        address: this.#resources?.session == null ? address : { origin: address.origin, prefix: "" },
        proxy: this.#env.proxy,
        tee: this.#keeping === null ? null : this.#keeping.sink,
      }),
    );
  }

  /** The identity of an attempt with this credential; the call's own from now on, for its verdict and its record. */
  #identityFor(lease: Lease): Identity {
    const before = this.identity as Identity;
    const identity = attemptIdentity(before, lease, {
      settings: this.#env.settings,
      isWritten: this.#isWritten,
    });
    if (identity !== before) this.identity = identity;
    return identity;
  }

  /** A chat call that Google's own surface could have served, and that an account serves now. */
  #translateLate(): Answer | null {
    const parsed = parseBody(this.#body as CollectedBody, this.#env.bytes);
    if (parsed === undefined) return errorAnswer(this, this.#env, "body_malformed", null);
    this.#isLate = true;
    return this.#readDialect(parsed, modelNamed(parsed) ?? (this.model as string));
  }

  #translatedBody(translated: TranslatedCall, lease: Lease, identity: Identity): CollectedBody {
    const backend = identity.backend === "code-assist" ? "code-assist" : "gemini-api";
    const model = this.model as string;
    // Written first, so that it is known who signed what is in it.
    translated.body(model, backend);
    translated.signFor(lease, this.#isForeign);
    return translated.body(model, backend);
  }

  /** A stream that stays silent gets its head and a sign of life (fact sheet translation 0, rule 2). */
  #armPing(): void {
    const everyMs = this.#env.settings.streamKeepaliveMs;
    if (everyMs <= 0) return;
    this.answer.stamps = true;
    this.#cancelPing = this.#host.later(everyMs, () => {
      this.#cancelPing = null;
      if (this.#done) return;
      try {
        this.#ping(everyMs);
        if (!this.#done) this.#armPing();
      } catch (error) {
        this.#failed(error);
      }
    });
  }

  #ping(everyMs: number): void {
    const now = this.#env.clock.monotonic();
    const attempt = this.#attempt;
    // What passes as it came may be in the middle of an event.
    if (attempt !== null && attempt.phase === "relay" && attempt.translator === null) return;
    const translator = attempt === null ? this.#translator : attempt.translator;
    const text = translator === null ? pingOf(this.identity as Identity) : translator.ping();
    if (text === null) return;
    if (this.answer.headAt < 0) this.#sendHead(200, translatedHeaders(this.identity as Identity, this.id), now);
    else if (now - this.answer.lastAt < everyMs / 2) return;
    this.answer.write(this.#env.bytes.encode(text));
  }

  #keepUpload(keptFiles: KeptFiles, identity: Identity): UploadKeeping | null {
    const { headers } = this.head;
    const session = this.#resources?.session?.name ?? null;
    const { encoded } = this.#headers;
    const { target } = identity;
    return keepUpload(keptFiles, { callId: this.id, target, session, headers, encoded }, this.#env.bytes);
  }

  #commit(attempt: Attempt): void {
    const now = this.#env.clock.monotonic();
    attempt.phase = "relay";
    this.waitedMs += now - attempt.sentAt;
    this.#relayHead(attempt, now);
    const { held } = attempt;
    attempt.held = [];
    for (const chunk of held) {
      if (attempt.translator !== null) this.answer.write(chunk);
      else if (attempt.learner === null) this.answer.forward(chunk);
      else {
        // It has been read already, while it was held.
        if (attempt.tail !== null) this.answer.forward(attempt.tail);
        attempt.tail = this.#holdsTail(attempt) ? chunk : null;
        if (attempt.tail === null) this.answer.forward(chunk);
      }
    }
  }

  #relayHead(attempt: Attempt, now: number): void {
    // A sign of life, or an earlier part of a long answer, has gone out.
    if (this.answer.headAt >= 0) return;
    const identity = this.identity as Identity;
    const headers =
      identity.translated || identity.backend === "code-assist"
        ? translatedHeaders(identity, this.id)
        : relayedHeaders(attempt.headers, {
            // A stream may get an error event at its end: with a length told before, it would run into the next answer.
            dropLength: attempt.rewritten || this.answer.transform !== null || identity.stream,
            kinds: this.#env.headerKinds,
          });
    if (attempt.copies !== null) headers.push("x-gproxy-reuploaded", String(attempt.copies.served));
    this.#sendHead(attempt.status, headers, now);
  }

  #sendHead(status: number, headers: string[], now: number): void {
    const attempt = this.#attempt;
    // A sign of life goes out while the upstream is still waited for.
    const waiting = attempt === null || attempt.phase === "relay" ? 0 : now - attempt.sentAt;
    this.answer.head(status, headers, {
      id: this.id,
      attempts: this.attempts.length + (attempt === null ? 0 : 1),
      overheadMs: now - this.startedMono - this.waitedMs - waiting,
      now,
    });
  }

  #finish(attempt: Attempt, tapped: TapResult | null): void {
    const { generative, stream } = this.identity as Identity;
    if (tapped === null || !generative || (tapped.error === null && (tapped.complete || !stream))) {
      this.answer.flush();
      if (attempt.closing !== null) this.answer.write(attempt.closing);
      this.#close(attempt, success, tapped, true);
      this.#host.end();
      this.#keep(attempt, tapped);
      return this.#settle("ok");
    }
    if (tapped.error === null) {
      // A silent end is made loud.
      this.#close(
        attempt,
        { rule: "stream.cut", fault: "upstream", words: "ended without a finish reason" },
        tapped,
        false,
      );
      this.#endWithError("upstream_broken");
    } else {
      // The upstream's own error has gone out already. What it says of the credential holds all the same.
      const verdict = judge(this.#statusOutcome(attempt, tapped.error.code ?? 500, tapped.error.body));
      this.answer.flush();
      if (attempt.closing !== null) this.answer.write(attempt.closing);
      this.#close(attempt, { ...verdict, rule: `stream.${verdict.rule}` }, tapped, false, verdict);
      this.#host.end();
    }
    this.#settle("incomplete");
  }

  /** Hands the answer to those who wait for the same. */
  #keep(attempt: Attempt, tapped: TapResult | null): void {
    const lead = this.#lead;
    const { kept } = this.answer;
    if (lead === null || kept === null || attempt.status !== 200 || (tapped !== null && !tapped.complete)) return;
    this.#lead = null;
    const headers = relayedHeaders(attempt.headers, { dropLength: true, kinds: this.#env.headerKinds });
    const length = kept.reduce((sum, chunk) => sum + chunk.length, 0);
    headers.push("content-length", String(length));
    const modelServed = tapped === null ? null : tapped.modelServed;
    lead.offer({ status: 200, headers, chunks: kept, length, modelServed }, this.#env.clock.now());
  }

  /** An interaction in the background goes on although its stream broke: whoever comes back must find it. */
  #bindBroken(attempt: Attempt): void {
    if (this.#resources === null || attempt.phase !== "relay") return;
    const bindings = this.#resources.learntSoFar(attempt);
    if (bindings.length > 0) this.#env.control.bind(bindings, this, this.#env.clock.now());
  }

  #broke(attempt: Attempt, tapped: TapResult | null, failure: AttemptFailure): void {
    this.#bindBroken(attempt);
    const stalled = failure.kind === "idle-timeout";
    const rule = stalled ? "stream.stalled" : "stream.broken";
    this.#close(attempt, { rule, fault: "upstream", words: failure.words }, tapped, false);
    this.#endWithError(stalled ? "upstream_idle_timeout" : "upstream_broken", attempt.translator);
    this.#settle("incomplete");
  }

  /** Past the commit point there is no status left: the error goes into the stream, or the connection is cut. */
  #endWithError(code: ErrorCode, translator: AnswerTranslator | null = null): void {
    this.errorCode = code;
    const event =
      translator === null ? streamError(this, code) : translator.fault(toFault({ code, requestId: this.id }));
    if (event === null) return this.#host.cut();
    this.answer.write(this.#env.bytes.encode(event));
    this.#host.end();
  }

  #statusOutcome(attempt: Attempt, status: number, body: string): Outcome {
    const { backend, namesResource, stream } = this.identity as Identity;
    return {
      kind: "status",
      status,
      headers: attempt.headers,
      body,
      backend,
      model: this.model,
      namesResource,
      repeatable: this.#repeatable(),
      streaming: stream,
      now: this.#env.clock.now(),
    };
  }

  #judged(attempt: Attempt, outcome: Outcome, tapped: TapResult | null): void {
    let verdict = judge(outcome);
    // Nobody knows where it is: another project may have it.
    if (verdict.rule === foreignResourceRule && this.#resources?.maySearch === true) {
      this.#resources.search();
      verdict = { ...verdict, retry: "other", maxRetries: searchLimit };
    } else if (
      verdict.rule === foreignResourceRule &&
      attempt.copies !== null &&
      this.#relocation?.forgetCopies() === true
    )
      verdict = { ...verdict, retry: "other", maxRetries: 1 };
    if (
      this.#translated !== null &&
      // Others get the strict form in any case, or the client's own.
      (this.identity as Identity).translated &&
      (this.identity as Identity).backend === "gemini-api" &&
      isSchemaRefusal(outcome) &&
      this.#translated.lowerSchemas()
    ) {
      rememberLowered(this.#env, this.#translated, this.model);
      this.#writeAnew();
      verdict = { ...verdict, rule: schemaRule, fault: "gateway", retry: "again", maxRetries: 1, backoffMs: 0 };
    }
    this.waitedMs += this.#env.clock.monotonic() - attempt.sentAt;
    const held = attempt.held;
    this.#close(attempt, verdict, tapped, false, verdict);
    this.#last = { verdict, outcome, attempt, held, tapped };
    const rule = verdict.rule;
    const counts = (this.#ruleCounts ??= new Map());
    const sameRule = counts.get(rule) ?? 0;
    const wait = nextTryIn(
      {
        verdict,
        attempts: this.attempts.length,
        sameRule,
        transient: this.#transient,
        elapsedMs: this.#env.clock.monotonic() - this.startedMono,
        maxRetries: this.#overrides.maxRetries,
        replayable: this.#replayable(),
        open: this.#env.open,
        random: this.#env.random.next(),
      },
      this.#overrides.retryEmpty === null
        ? this.#env.settings
        : {
            ...this.#env.settings,
            emptyRetries: this.#overrides.retryEmpty ? Math.max(1, this.#env.settings.emptyRetries) : 0,
          },
    );
    if (wait === null) return this.#giveUp();
    counts.set(rule, sameRule + 1);
    if (rule === foreignSignatureRule) this.#dropSignatures();
    // At once: another credential, or another request after a refusal (retry-policy.ts). Neither is a repeat of a fault.
    if (verdict.retry === "other" || wait === 0) return this.#plan();
    this.#transient += 1;
    this.#setRetrying(true);
    this.#later(wait);
  }

  #giveUp(): void {
    const last = this.#last as LastOutcome;
    if (last.verdict.rule === overloadRule && this.#fallBack()) return;
    if (last.verdict.relayable || last.outcome.kind === "empty") return this.#relayLast();
    this.#answer(errorAnswer(this, this.#env, codeOfLast(last), null, last.verdict), "error");
  }

  #relayLast(): void {
    const last = this.#last as LastOutcome;
    if (last.outcome.kind === "empty" && (this.identity as Identity).translated)
      return this.#answer(errorAnswer(this, this.#env, "answer_unusable", null), "error");
    if (last.outcome.kind === "empty") {
      const { projectId } = last.attempt.lease;
      this.answer.transform = createTransform(
        this.identity as Identity,
        this.client as ClientKey,
        projectId,
        this.#env,
      );
      this.#relayHead(last.attempt, this.#env.clock.monotonic());
      for (const chunk of last.held) this.answer.forward(chunk);
      this.answer.flush();
      if (last.attempt.closing !== null) this.answer.write(last.attempt.closing);
      this.#host.end();
      return this.#settle("ok");
    }
    this.#answer(relayedError(this, this.#env, last), "error");
  }

  #answer(answer: Answer, outcome: CallOutcome): void {
    if (outcome === "error" && this.#translated?.countsTokens === true)
      return this.#answerWhole(estimatedCount(this.#translated));
    this.errorCode = answer.code;
    if (this.answer.headAt >= 0) return this.#answerInStream(answer);
    this.#sendHead(answer.status, answer.headers, this.#env.clock.monotonic());
    if (this.head.method !== "HEAD") this.answer.write(answer.body);
    this.#host.end();
    this.#settle(outcome);
  }

  /** The head is out, though nothing was said yet: the error goes into the stream. */
  #answerInStream(answer: Answer): void {
    const { fault } = answer;
    const translator = this.#translator ?? this.#silentTranslator();
    const text = translator === null ? null : translator.fault(fault);
    if (text === null) this.#host.cut();
    else {
      this.answer.write(this.#env.bytes.encode(text));
      this.#host.end();
    }
    this.#settle("incomplete");
  }

  /** Writes for an answer of which nothing came. */
  #silentTranslator(): AnswerTranslator | null {
    const lease = this.#lastLease;
    if (this.#translated === null || lease === null || !(this.identity as Identity).stream) return null;
    return this.#translated.answer({
      lease,
      model: this.model as string,
      stream: true,
      backend: "gemini-api",
      estimatedPromptTokens: 0,
      earlier: null,
    });
  }

  /** Ends an attempt: its row is written, its lease given back. */
  #close(
    attempt: Attempt,
    judged: Judged,
    tapped: TapResult | null,
    succeeded: boolean,
    verdict: Verdict | null = null,
  ): void {
    attempt.phase = "done";
    this.#attempt = null;
    if (this.#keeping !== null) this.#endKeeping(attempt, succeeded);
    this.#tried.push(attempt.lease.credentialId);
    this.attempts.push(
      toAttemptRecord(attempt, judged, tapped, { startedAt: this.startedMono, now: this.#env.clock.monotonic() }),
    );
    this.#return(attempt.lease, { verdict, succeeded, used: quotaUse(attempt, judged.rule, tapped) });
  }

  /** The bytes that went up were a file's, or not. */
  #endKeeping(attempt: Attempt, succeeded: boolean): void {
    const keeping = this.#keeping as UploadKeeping;
    this.#keeping = null;
    const { client } = this.#resources as ResourceWork;
    const { credentialId, projectId } = attempt.lease;
    const owner = { clientId: client.shared ? null : client.id, credentialId, projectId };
    keeping.end(succeeded && attempt.status === 200 ? owner : null, this.#env.clock.now());
  }

  #return(
    lease: Lease,
    facts: { verdict: Verdict | null; succeeded: boolean; used: { tokens: number | null } | null },
  ): void {
    const { verdict } = facts;
    this.#env.control.report({
      lease,
      model: this.model,
      rule: verdict === null ? "ok" : verdict.rule,
      effects: verdict === null ? none : verdict.effects,
      consumer: verdict === null ? null : verdict.consumer,
      limits: verdict === null ? none : verdict.limits,
      succeeded: facts.succeeded,
      stickyKey: this.#stickyKey,
      used: facts.used,
      now: this.#env.clock.now(),
    });
  }

  /** A mistake of the gateway's own ends this call and no other: thrown on, it would end the process. */
  #failed(error: unknown): void {
    // Messages of parsers quote what they read, so only the place is logged.
    const place = error instanceof Error ? (error.stack ?? "").split("\n").find((line) => /^ +at /.test(line)) : null;
    this.#env.logger.log("error", "call.failed", {
      requestId: this.id,
      cause: error instanceof Error ? error.name : typeof error,
      place: place?.trim() ?? null,
    });
    const attempt = this.#attempt;
    if (attempt !== null) {
      this.#host.abort();
      this.#close(attempt, ownMistake, null, false);
    }
    if (this.#done) return;
    if (this.answer.headAt < 0) return this.#answer(errorAnswer(this, this.#env, "internal", null), "error");
    this.errorCode = "internal";
    this.#host.cut();
    this.#settle("incomplete");
  }

  #replayable(): boolean {
    const body = this.#body;
    return body === null || (body !== "pass" && body.length <= this.#env.settings.maxReplayBytes);
  }

  #repeatable(): boolean {
    return (this.identity as Identity).repeatable && this.#replayable();
  }

  #setRetrying(on: boolean): void {
    if (this.#retrying === on) return;
    this.#retrying = on;
    this.#env.open.retrying += on ? 1 : -1;
  }

  #settle(outcome: CallOutcome): void {
    if (this.#done) return;
    this.#done = true;
    this.#cancelTimer?.();
    this.#cancelPing?.();
    this.#setRetrying(false);
    this.#onBound = null;
    this.#onFiltered = null;
    const uploading = this.#relocation === null ? null : this.#relocation.leave();
    if (uploading !== null) this.#return(uploading, { verdict: null, succeeded: false, used: null });
    const lead = this.#lead;
    this.#lead = null;
    if (this.#open) {
      this.#env.open.calls -= 1;
      const record = toCallRecord(this, outcome, this.#env.clock.monotonic());
      this.#env.control.settle(record, this.#reservation);
      this.#reservation = null;
      if (this.answer.capture !== null) this.answer.capture.end(record);
    }
    // Last: who waited makes its own call now, maybe at once.
    lead?.fail();
  }

  /** The client left while its limits were asked for. */
  #giveBackReservation(): void {
    const reservation = this.#reservation;
    if (reservation === null) return;
    this.#reservation = null;
    this.#env.control.settle(toCallRecord(this, "cancelled", this.#env.clock.monotonic()), reservation);
  }
}

// --- helpers ---

const unknownResponse: RequestProblem = {
  code: "previous_response_not_found",
  field: "previous_response_id",
  message: errorTable.previous_response_not_found.message,
};

function modelNamed(body: unknown): string | null {
  const model = typeof body === "object" && body !== null && "model" in body ? body.model : null;
  return typeof model === "string" ? model : null;
}

function isPlain(encoding: string | null): boolean {
  return encoding === null || encoding === "identity";
}
