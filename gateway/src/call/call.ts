/* oxlint-disable max-lines -- the transitions of one machine are one topic: reading them in one place is the point */
/**
 * A call's way as a state machine without I/O: identify → admit → plan → attempt (≤ n) → relay → settle.
 *
 * The host feeds it heads, chunks and failures and does what it says (call/host.ts). One object a call, since a dozen
 * closures a call cost more than the rest of the machine (bench/README.md).
 * @module
 */
import type { Admission, ClientKey } from "../clients/types.ts";
import type { Lease } from "../core/credential.ts";
import type { ErrorCode } from "../core/errors.ts";
import { headerOf, type RawHeaders } from "../core/headers.ts";
import type { AttemptRecord, CallOutcome } from "../core/records.ts";
import type { Fault, Verdict } from "../core/verdict.ts";
import type { Pick } from "../pool/types.ts";
import { createAttempt, toAttemptRecord, type Attempt } from "./attempt.ts";
import {
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
import { ClientAnswer } from "./client-answer.ts";
import type { ControlReceiver } from "./control.ts";
import { identifyKnown, type CallEnvironment } from "./environment.ts";
import type { CallFacts } from "./facts.ts";
import type { AttemptFailure, CallHost, CollectedBody, RequestHead } from "./host.ts";
import type { Identity } from "./identity.ts";
import { toOutcome, type Outcome } from "./outcome.ts";
import { parseOverrides, type Overrides } from "./overrides.ts";
import { bodyForLease, prepareBody, withoutForeignSignatures } from "./prepare-body.ts";
import { scanRequestHeaders, type ScannedHeaders } from "./request-headers.ts";
import { preflightHeaders, relayedHeaders } from "./response-headers.ts";
import { nextTryIn } from "./retry-policy.ts";
import { toCallRecord } from "./settle.ts";
import { createTap } from "./tap/tap.ts";
import type { TapResult } from "./tap-types.ts";
import { createTransform } from "./transform.ts";
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
/** Of call/verdict: the body is repaired before the next attempt (fact sheet upstream 4.4). */
const foreignSignatureRule = "signature.foreign";

/** One client request on its way. */
export class Call implements CallFacts, ControlReceiver {
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
  #last: LastOutcome | null = null;
  #stickyKey: string | null = null;
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

  planned(pick: Pick): void {
    try {
      this.#planned(pick);
    } catch (error) {
      this.#failed(error);
    }
  }

  unavailable(): void {
    if (this.#attempt === null) this.refuse("state_unavailable");
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
    if (attempt !== null) {
      if (attempt.phase !== "relay") this.waitedMs += this.#env.clock.monotonic() - attempt.sentAt;
      this.#host.abort();
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
    const secret = headers.bearer ?? headers.apiKey ?? headers.googleKey ?? identity.queryKey;
    const digest = secret === null ? null : this.#env.digest.sha256(secret);
    const admission = this.#env.control.admit(digest, this, this.startedAt);
    if (admission !== null) this.admitted(admission);
  }

  #admitted(admission: Admission): void {
    if (this.#done) return;
    if (!admission.ok) return this.refuse(admission.code);
    const identity = this.identity as Identity;
    this.client = admission.client;
    this.#open = true;
    this.#env.open.calls += 1;
    this.#env.control.began(this.id, this.startedAt);
    if (!this.#env.control.allows(admission.client, this.model)) return this.refuse("model_not_allowed");
    // Elsewhere than in paths and known bodies a model may be named too (interactions, videos): a list fails closed.
    if (
      this.model === null &&
      admission.client.allowedModels !== null &&
      this.head.method === "POST" &&
      !identity.modelInBody &&
      identity.operation !== "upload"
    )
      return this.refuse("model_not_allowed");
    const length = this.#headers.contentLength;
    const { settings } = this.#env;
    const pass =
      identity.bodyMode === "pass" || (length !== null && length > settings.maxReplayBytes && !identity.modelInBody);
    if (
      length !== null &&
      length > (pass && identity.bodyMode === "pass" ? settings.maxUploadBytes : settings.maxBodyBytes)
    )
      return this.refuse("body_too_large");
    this.#bodyAskedAt = this.#env.clock.monotonic();
    if (this.#headers.hasBody || this.#host.bodyUnannounced) this.#host.want(pass ? "pass" : "collect");
    else this.body(null);
  }

  #prepare(body: CollectedBody | "pass" | null): void {
    if (this.#done) return;
    const identity = this.identity as Identity;
    this.#bodyCame();
    if (body !== null) this.requestBytes = body === "pass" ? (this.#headers.contentLength ?? 0) : body.length;
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
    if (prepared.identity.modelInBody) {
      this.model = prepared.identity.model;
      if (!this.#env.control.allows(this.client as ClientKey, this.model)) return this.refuse("model_not_allowed");
    }
    this.#plan();
  }

  #planned(pick: Pick): void {
    if (this.#done) {
      if (pick.ok) this.#return(pick.lease, null, false);
      return;
    }
    if (pick.ok) this.#send(pick.lease);
    else if (this.#last !== null && pick.reason !== "cooling" && this.#last.verdict.relayable) this.#relayLast();
    else if (this.#last !== null && this.#last.verdict.relayable && !isCredentialFault(this.#last.verdict))
      this.#relayLast();
    else this.#answer(errorAnswer(this, this.#env, codeOfPick(pick, this.#last), pick), "error");
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
    const watched =
      readable &&
      status === 200 &&
      (identity.generative || identity.operation === "embed" || identity.operation === "embeddings");
    if (watched)
      attempt.tap = createTap({
        framing: identity.framing,
        surface: identity.backend === "gemini-api" ? "gemini" : "openai",
        bytes: this.#env.bytes,
      });
    if (watched && identity.generative) attempt.phase = "hold";
    else this.#commit(attempt);
  }

  #data(attempt: Attempt, chunk: Uint8Array): void {
    if (attempt.firstByteAt < 0) attempt.firstByteAt = this.#env.clock.monotonic();
    const { tap } = attempt;
    if (attempt.phase === "relay") {
      tap?.push(chunk);
      return this.answer.forward(chunk);
    }
    attempt.held.push(chunk);
    attempt.heldBytes += chunk.length;
    if (attempt.phase === "hold") {
      tap?.push(chunk);
      const early = tap === null ? null : tap.earlyError;
      if (tap?.committed === true || attempt.heldBytes > holdLimit) this.#commit(attempt);
      else if (tap !== null && early !== null) {
        // Nothing good follows an error, and an upstream that then falls silent must not hold the call.
        this.#host.abort();
        this.#judged(attempt, this.#statusOutcome(attempt, early.code ?? 500, early.body), tap.end());
      }
    } else if (attempt.heldBytes > errorBodyLimit) {
      this.#host.abort();
      this.#judged(
        attempt,
        this.#statusOutcome(attempt, attempt.status, collectedText(attempt, this.#env.bytes)),
        null,
      );
    }
  }

  #end(attempt: Attempt): void {
    if (attempt.phase === "error")
      return this.#judged(
        attempt,
        this.#statusOutcome(attempt, attempt.status, collectedText(attempt, this.#env.bytes)),
        null,
      );
    const tapped = attempt.tap === null ? null : attempt.tap.end();
    if (attempt.phase === "relay") return this.#finish(attempt, tapped);
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
    this.#finish(attempt, tapped);
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
    const pick = this.#env.control.plan(
      {
        model: this.model,
        strategy: this.#overrides.strategy ?? this.#env.settings.strategy,
        stickyKey: this.#stickyKey,
        tried: this.#tried,
        allowTried:
          this.#last !== null &&
          (this.#last.verdict.retry === "again" || this.#last.verdict.rule === foreignSignatureRule),
        now: this.#env.clock.now(),
      },
      this,
      this.id,
    );
    if (pick !== null) this.planned(pick);
  }

  #send(lease: Lease): void {
    const attempt = createAttempt(this.attempts.length + 1, lease, this.#env.clock.monotonic());
    this.#attempt = attempt;
    const identity = this.identity as Identity;
    const client = this.client as ClientKey;
    let body = this.#body;
    if (identity.dialect === "openai-chat") {
      this.answer.transform = createTransform(identity, client, lease.projectId, this.#env);
      if (this.model !== null && identity.operation === "chat" && body !== null && body !== "pass")
        body = bodyForLease(body, { model: this.model, client, lease, environment: this.#env });
    }
    this.#host.send(
      toUpstreamRequest({
        attempt: attempt.number,
        method: this.head.method,
        identity,
        headers: this.#headers,
        lease,
        body,
        address: this.#env.addresses[identity.backend],
      }),
    );
  }

  #commit(attempt: Attempt): void {
    const now = this.#env.clock.monotonic();
    attempt.phase = "relay";
    this.waitedMs += now - attempt.sentAt;
    this.#relayHead(attempt, now);
    for (const chunk of attempt.held) this.answer.forward(chunk);
    attempt.held = [];
  }

  #relayHead(attempt: Attempt, now: number): void {
    const headers = relayedHeaders(attempt.headers, {
      // A stream may get an error event at its end: with a length told before, it would run into the next answer.
      dropLength: this.answer.transform !== null || (this.identity as Identity).stream,
      kinds: this.#env.headerKinds,
    });
    this.#sendHead(attempt.status, headers, now);
  }

  #sendHead(status: number, headers: string[], now: number): void {
    this.answer.head(status, headers, {
      id: this.id,
      attempts: this.attempts.length + (this.#attempt === null ? 0 : 1),
      overheadMs: now - this.startedMono - this.waitedMs,
      now,
    });
  }

  #finish(attempt: Attempt, tapped: TapResult | null): void {
    const { generative, stream } = this.identity as Identity;
    if (tapped === null || !generative || (tapped.error === null && (tapped.complete || !stream))) {
      this.answer.flush();
      this.#close(attempt, success, tapped, true);
      this.#host.end();
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
      this.#close(attempt, { ...verdict, rule: `stream.${verdict.rule}` }, tapped, false, verdict);
      this.#host.end();
    }
    this.#settle("incomplete");
  }

  #broke(attempt: Attempt, tapped: TapResult | null, failure: AttemptFailure): void {
    const stalled = failure.kind === "idle-timeout";
    const rule = stalled ? "stream.stalled" : "stream.broken";
    this.#close(attempt, { rule, fault: "upstream", words: failure.words }, tapped, false);
    this.#endWithError(stalled ? "upstream_idle_timeout" : "upstream_broken");
    this.#settle("incomplete");
  }

  /** Past the commit point there is no status left: the error goes into the stream, or the connection is cut. */
  #endWithError(code: ErrorCode): void {
    this.errorCode = code;
    const event = streamError(this, code);
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
    const verdict = judge(outcome);
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
        replayable: this.#body !== "pass",
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
    if (rule === foreignSignatureRule && this.#body !== null && this.#body !== "pass")
      this.#body = withoutForeignSignatures(this.#body, this.#env);
    if (verdict.retry === "other") return this.#plan();
    this.#transient += 1;
    this.#setRetrying(true);
    this.#cancelTimer = this.#host.later(wait, () => {
      this.#cancelTimer = null;
      try {
        this.#plan();
      } catch (error) {
        this.#failed(error);
      }
    });
  }

  #giveUp(): void {
    const last = this.#last as LastOutcome;
    if (last.verdict.relayable || last.outcome.kind === "empty") return this.#relayLast();
    this.#answer(errorAnswer(this, this.#env, codeOfLast(last), null, last.verdict), "error");
  }

  #relayLast(): void {
    const last = this.#last as LastOutcome;
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
      this.#host.end();
      return this.#settle("ok");
    }
    this.#answer(relayedError(this, this.#env, last), "error");
  }

  #answer(answer: Answer, outcome: CallOutcome): void {
    this.errorCode = answer.code;
    this.#sendHead(answer.status, answer.headers, this.#env.clock.monotonic());
    if (this.head.method !== "HEAD") this.answer.write(answer.body);
    this.#host.end();
    this.#settle(outcome);
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
    this.#tried.push(attempt.lease.credentialId);
    this.attempts.push(
      toAttemptRecord(attempt, judged, tapped, { startedAt: this.startedMono, now: this.#env.clock.monotonic() }),
    );
    this.#return(attempt.lease, verdict, succeeded);
  }

  #return(lease: Lease, verdict: Verdict | null, succeeded: boolean): void {
    this.#env.control.report({
      lease,
      model: this.model,
      rule: verdict === null ? "ok" : verdict.rule,
      effects: verdict === null ? none : verdict.effects,
      consumer: verdict === null ? null : verdict.consumer,
      limits: verdict === null ? none : verdict.limits,
      succeeded,
      stickyKey: this.#stickyKey,
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

  #repeatable(): boolean {
    return (this.identity as Identity).repeatable && this.#body !== "pass";
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
    this.#setRetrying(false);
    if (!this.#open) return;
    this.#env.open.calls -= 1;
    this.#env.control.settle(toCallRecord(this, outcome, this.#env.clock.monotonic()));
  }
}

// --- helpers ---

function isPlain(encoding: string | null): boolean {
  return encoding === null || encoding === "identity";
}
