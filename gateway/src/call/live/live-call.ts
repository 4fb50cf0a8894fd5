/* oxlint-disable max-lines -- the transitions of one machine are one topic, as in call/call.ts */
/**
 * A Live session's way as a state machine without I/O: identify → admit → upgrade → setup → plan → connect (≤ n) → relay →
 * settle. The host feeds it messages and does what it says (live-host.ts).
 *
 * Until the server's `setupComplete` another credential may be tried, and the client notices nothing; after it never. One
 * project serves the whole session, and owns the handles by which it is taken up again (fact sheet upstream 9, 1.11).
 * @module
 */
import { addCredential } from "../../backends/gemini-api/authenticate.ts";
import { redactSecret } from "../../backends/credential-text.ts";
import type { Admission, ClientKey, Reserved } from "../../clients/types.ts";
import type { Lease } from "../../core/credential.ts";
import type { ErrorCode } from "../../core/errors.ts";
import type { RawHeaders } from "../../core/headers.ts";
import type { CallOutcome } from "../../core/records.ts";
import type { ResourceName } from "../../core/resources.ts";
import type { Fault, Verdict } from "../../core/verdict.ts";
import { redact } from "../../vault/redact.ts";
import { codeOfLast, codeOfPick } from "../answers.ts";
import { createAttempt, type Attempt } from "../attempt.ts";
import type { ControlReceiver, Plan, TokenAdmission } from "../control.ts";
import type { CallEnvironment } from "../environment.ts";
import type { AttemptFailure, RequestHead } from "../host.ts";
import { clientAddress } from "../limits/client-address.ts";
import { toLimitRefusal, type LimitRefusal } from "../limits/refusal.ts";
import { resolveModel } from "../../clients/aliases.ts";
import { toOutcome, type Outcome } from "../outcome.ts";
import { parseOverrides, type Overrides } from "../overrides.ts";
import { scanRequestHeaders, type ScannedHeaders } from "../request-headers.ts";
import { authTokenName, liveHandleName } from "../resources/names.ts";
import { nextTryIn } from "../retry-policy.ts";
import { judge } from "../verdict/judge.ts";
import { closeOf, cutReason, isSendable, sendableCode, type Close } from "./close-codes.ts";
import { closeOfRefusal, isGoodEnd, outcomeOfClose } from "./close-outcome.ts";
import { LiveBooks, type Judged } from "./live-books.ts";
import type { LiveHost, LiveMessage, LiveSide } from "./live-host.ts";
import { identifyLive, type LiveIdentity } from "./live-identity.ts";
import type { Drainable, LiveSessions } from "./live-sessions.ts";
import { findPresented, type Presented } from "./presented.ts";
import { isOriginAllowed, refusalOf } from "./refusal.ts";
import { readServerMessage } from "./server-message.ts";
import { readClientMessage } from "./client-message.ts";
import { readSetup, withModel } from "./setup.ts";
import { judgeToken } from "./token-verdict.ts";
import type { Moment } from "./turns.ts";
import { createWaitingMessages } from "./waiting-messages.ts";

/** Longest wait for the client's first message. */
export const firstMessageMs = 10_000;
/** Longest wait for `setupComplete` once the upstream is connected. */
const setupCompleteMs = 30_000;
/** Names that a session is known to be let use; beyond them it is asked each time. */
const knownNames = 1_000;
/** After the client's close, usage of its last turn may still be on its way. */
export const lingerMs = 2_000;

/**
 * - `admit`: is this client let in?
 * - `setup`: upgraded; the first message is awaited;
 * - `opening`: a credential is chosen, connected, and set up, maybe more than once;
 * - `relay`: the server's first message has come;
 * - `closing`: the client has closed; what the upstream still tells is counted;
 * - `done`.
 */
type Phase = "admit" | "setup" | "opening" | "relay" | "closing" | "done";

const success: Judged = { rule: "ok", fault: "none", words: "" };
const clientLeft: Judged = { rule: "client.gone", fault: "client", words: "" };

interface Last {
  verdict: Verdict;
  outcome: Outcome;
  attempt: Attempt;
  /** How it was told: by a close of the upstream, or null. */
  close: Close | null;
}

/** One Live session on its way. */
export class LiveCall implements ControlReceiver, Drainable {
  readonly id: string;
  readonly startedAt: number;
  readonly head: RequestHead;
  readonly #startedMono: number;
  readonly #books: LiveBooks;
  readonly #env: CallEnvironment;
  readonly #sessions: LiveSessions;
  readonly #host: LiveHost;
  readonly #headers: ScannedHeaders;
  readonly #overrides: Overrides;
  readonly #waiting: ReturnType<typeof createWaitingMessages>;
  readonly #ruleCounts = new Map<string, number>();
  #phase: Phase = "admit";
  #identity: LiveIdentity | null = null;
  #presented: Presented | null = null;
  #first: LiveMessage | null = null;
  /** Names something, and waits for the answer whether it may; what comes after it waits too. */
  #checking: { message: LiveMessage; names: readonly ResourceName[] } | null = null;
  #names: ResourceName[] = [];
  #unknown: readonly ResourceName[] = [];
  #attempt: Attempt | null = null;
  #last: Last | null = null;
  #transient = 0;
  #retrying = false;
  #ownerWaitFrom = -1;
  #timer: (() => void) | null = null;
  #stalled: Partial<Record<LiveSide, () => void>> = {};
  #goneAway = false;
  #acceptedMono = -1;

  constructor(environment: CallEnvironment, parts: { sessions: LiveSessions; host: LiveHost; head: RequestHead }) {
    this.#env = environment;
    this.#sessions = parts.sessions;
    this.#host = parts.host;
    this.head = parts.head;
    this.startedAt = environment.clock.now();
    this.#startedMono = environment.clock.monotonic();
    this.id = environment.newId(this.startedAt);
    this.#books = new LiveBooks(environment, {
      id: this.id,
      startedAt: this.startedAt,
      startedMono: this.#startedMono,
    });
    this.#headers = scanRequestHeaders(parts.head.headers);
    this.#overrides = parseOverrides(this.#headers.overrides);
    this.#waiting = createWaitingMessages(environment.settings.liveMaxMessageBytes);
  }

  // --- what the host tells ---

  /** The upgrade request is here: admits its client, and has the host accept or refuse it. */
  begin(): void {
    this.#guarded(() => this.#begin());
  }

  /** A whole message of the client. */
  clientMessage(message: LiveMessage): void {
    this.#guarded(() => this.#fromClient(message));
  }

  /** The client closed, or its connection ended (1006). */
  clientClosed(code: number, reason: string): void {
    this.#guarded(() => this.#clientClosed(code, reason));
  }

  upstreamOpen(number: number): void {
    this.#during(number, (attempt) => this.#opened(attempt));
  }

  /** The upstream did not upgrade. @param body at most 256 KB */
  upstreamRefused(number: number, answer: { status: number; headers: RawHeaders; body: string }): void {
    this.#during(number, (attempt) => {
      attempt.status = answer.status;
      this.#judged(attempt, this.#statusOutcome(answer), null);
    });
  }

  upstreamMessage(number: number, message: LiveMessage): void {
    this.#during(number, (attempt) => this.#fromUpstream(attempt, message));
  }

  upstreamClosed(number: number, code: number, reason: string): void {
    this.#during(number, (attempt) => this.#upstreamClosed(attempt, { code, reason }));
  }

  /** The connection could not be made, or broke. */
  upstreamFailed(number: number, failure: AttemptFailure): void {
    this.#during(number, (attempt) => this.#upstreamFailed(attempt, failure));
  }

  /** What waited for a side has gone out. */
  drained(side: LiveSide): void {
    const cancel = this.#stalled[side];
    if (cancel === undefined) return;
    cancel();
    delete this.#stalled[side];
    this.#host.resume(side === "client" ? "upstream" : "client");
  }

  /** A message was larger than LIVE_MAX_MESSAGE_BYTES. */
  tooLarge(side: LiveSide): void {
    this.#guarded(() => {
      const words = `a message of the ${side} is larger than LIVE_MAX_MESSAGE_BYTES (${this.#env.settings.liveMaxMessageBytes})`;
      this.#endBy("body_too_large", { words, rule: "live.too-large" });
    });
  }

  /** More waits for a side than may, and the other side cannot be paused. */
  overfull(side: LiveSide): void {
    this.#guarded(() => this.#endBy("overloaded", { words: `the ${side} reads too slowly`, rule: "live.overfull" }));
  }

  drain(): void {
    this.#guarded(() => this.#endBy("draining", { rule: "gateway.draining" }));
  }

  // --- what the control tells ---

  admitted(admission: Admission): void {
    this.#guarded(() => (admission.ok ? this.#admittedClient(admission.client) : this.#refuse(admission.code)));
  }

  tokenAdmitted(admission: TokenAdmission): void {
    this.#guarded(() => {
      if (admission.ok) this.#admittedClient(admission.client);
      // `upload_unknown` is told for upload sessions only.
      else this.#refuse(admission.code === "upload_unknown" ? "client_key_invalid" : admission.code);
    });
  }

  reserved(reserved: Reserved): void {
    // The token was for asking: what is used is told by the turns.
    if (reserved.ok) this.#books.reservation = { ...reserved.reservation, tokens: 0 };
    // The client left while its limits were asked for: the row is written again, with what must be given back.
    if (this.#phase === "done") return this.#settle("cancelled", "client_gone");
    this.#guarded(() => {
      if (reserved.ok) return this.#accept();
      this.#refuse(reserved.code, toLimitRefusal(reserved));
    });
  }

  planned(plan: Plan): void {
    if (this.#phase === "done") {
      if (plan.ok) this.#books.giveBack(plan.lease, { verdict: null, succeeded: false, used: null });
      return;
    }
    this.#guarded(() => this.#planned(plan));
  }

  /** A handle that is not safe yet is used minutes later at the earliest: nothing waits for it. */
  bound(): void {}

  filtered(visible: readonly ResourceName[]): void {
    this.#guarded(() => this.#checked(visible));
  }

  unavailable(): void {
    if (this.#checking !== null) {
      this.#checking = null;
      return this.#guarded(() => this.#endBy("state_unavailable"));
    }
    if (this.#phase === "relay" || this.#phase === "closing" || this.#attempt !== null) return;
    this.#guarded(() => this.#fail("state_unavailable"));
  }

  // --- admission ---

  #begin(): void {
    const { settings, control, digest } = this.#env;
    if (!settings.live) return this.#refuse("live_unsupported");
    const identity = identifyLive(this.head.url);
    this.#identity = identity;
    this.#books.path = identity === null ? "" : identity.path;
    if (identity === null || this.head.method !== "GET") return this.#refuse("path_unknown");
    if (!isOriginAllowed(this.#headers.origin, settings.corsOrigins)) return this.#refuse("origin_refused");
    if (this.#env.draining) return this.#refuse("draining");
    if (!this.#sessions.enter(this)) return this.#refuse("live_too_many");
    const presented = findPresented(this.head.headers, this.#headers, identity);
    this.#presented = presented;
    const address = clientAddress(this.head.address ?? null, this.#headers.forwardedFor, settings.trustedProxies);
    if (presented.token !== null) {
      const name = authTokenName(presented.token, digest);
      this.#names.push(name);
      const admission = control.admitToken(name, this, this.startedAt, address);
      if (admission !== null) this.tokenAdmitted(admission);
      return;
    }
    const key = presented.key === null ? null : digest.sha256(presented.key);
    const admission = control.admit(key, this, this.startedAt, address);
    if (admission !== null) this.admitted(admission);
  }

  #admittedClient(client: ClientKey): void {
    if (this.#phase !== "admit") return;
    this.#books.begin(client);
    if (client.limits == null) return this.#accept();
    // What a session will use is not known: its turns are counted as they end. So a client that has used up its tokens or
    // a budget opens none; a token and a price that is not known ask for just that.
    const estimate = { tokens: 1, costNanoUsd: null };
    const reserved = this.#env.control.reserve(client, estimate, this, this.#env.clock.now());
    if (reserved !== null) this.reserved(reserved);
  }

  #accept(): void {
    if (this.#phase !== "admit") return;
    this.#phase = "setup";
    this.#books.status = 101;
    this.#acceptedMono = this.#env.clock.monotonic();
    this.#after(firstMessageMs, () =>
      this.#fail("live_setup_missing", { words: `no message came within ${firstMessageMs / 1000} s` }),
    );
    this.#host.accept((this.#presented as Presented).protocol, ["x-gproxy-request-id", this.id]);
  }

  /** Before the upgrade: a plain HTTP answer. */
  #refuse(code: ErrorCode, limit: LimitRefusal | null = null): void {
    if (this.#phase !== "admit") return;
    const answer = refusalOf(code, {
      requestId: this.id,
      origin: this.#headers.origin,
      corsOrigins: this.#env.settings.corsOrigins,
      limit,
      bytes: this.#env.bytes,
    });
    this.#books.status = answer.status;
    this.#host.refuse(answer.status, answer.headers, answer.body);
    this.#settle("refused", code);
  }

  // --- the client's side ---

  #fromClient(message: LiveMessage): void {
    if (message.data.length > this.#env.settings.liveMaxMessageBytes) return this.tooLarge("client");
    switch (this.#phase) {
      case "setup":
        return this.#readSetup(message);
      case "opening":
        return this.#keep(message);
      case "relay":
        return this.#checking === null ? this.#relayUp(message) : this.#keep(message);
      default:
    }
  }

  /** It goes up when what it waits for is there. */
  #keep(message: LiveMessage): void {
    const room = this.#waiting.add(message);
    if (room === "full") this.#host.pause("client");
    else if (room === "over") this.#fail("overloaded", { words: "more came before the session stood than is kept" });
  }

  #readSetup(message: LiveMessage): void {
    const { bytes, control, digest, settings } = this.#env;
    const client = this.#books.client as ClientKey;
    this.#cancelTimer();
    this.#phase = "opening";
    this.#books.waitedMs += this.#env.clock.monotonic() - this.#acceptedMono;
    const read = readSetup(message.data, { bytes, digest, hosts: this.#env.hosts });
    if (!read.ok) return this.#fail("live_setup_missing", { words: read.words });
    const { setup } = read;
    const token = (this.#presented as Presented).token;
    // A token may fix the model; who may use some models only must name one of them.
    if (setup.model === null && token === null)
      return this.#fail("live_setup_missing", { words: "the setup names no model" });
    if (setup.model === null ? client.allowedModels !== null : !control.allows(client, setup.model))
      return this.#fail("model_not_allowed");
    this.#books.setupBytes = message.data.length;
    this.#first = message;
    this.#books.model = setup.model;
    const real =
      setup.model === null ? null : resolveModel({ client, aliases: settings.modelAliases, model: setup.model });
    if (real !== null && real !== setup.model) {
      this.#books.model = real;
      this.#first = { data: withModel(message.data, setup, real, bytes), binary: message.binary };
    }
    if (setup.handle !== null) this.#names.push(liveHandleName(setup.handle, digest));
    this.#names.push(...setup.names);
    this.#plan();
  }

  /** Sends a message up, if the client may use all that it names. */
  #relayUp(message: LiveMessage): void {
    const { bytes, digest, hosts, control, clock } = this.#env;
    const read = readClientMessage(message.data, { known: new Set(this.#names), bytes, digest, hosts });
    if (!read.ok) return this.#endBy(read.code, { words: read.words, rule: "live.message" });
    if (read.names.length === 0) return this.#sendUp(message);
    this.#checking = { message, names: read.names };
    const visible = control.filter(read.names, this.#books.resourceClient, this, clock.now());
    if (visible !== null) this.#checked(visible);
  }

  #checked(visible: readonly ResourceName[]): void {
    const checking = this.#checking;
    this.#checking = null;
    if (checking === null || this.#phase !== "relay") return;
    const seen = new Set(visible);
    const other = checking.names.find((name) => !seen.has(name));
    if (other !== undefined)
      return this.#endBy("resource_forbidden", { words: `'${other}' is none of this client's`, rule: "live.message" });
    if (this.#names.length + seen.size <= knownNames) this.#names.push(...seen);
    this.#sendUp(checking.message);
    this.#flush();
  }

  #sendUp(message: LiveMessage): void {
    this.#books.sent(message.data.length, this.#moment());
    if (!this.#host.send("upstream", message)) this.#hold("upstream");
  }

  #clientClosed(code: number, reason: string): void {
    const attempt = this.#attempt;
    switch (this.#phase) {
      case "relay": {
        this.#unstall();
        const told = isSendable(code) ? { code, reason: cutReason(reason) } : { code: 1000, reason: "" };
        this.#host.close("upstream", told.code, told.reason);
        const end = (): void => this.#end({ outcome: code === 1006 ? "cancelled" : "ok", judged: success });
        if (!this.#books.turnOpen) return end();
        this.#phase = "closing";
        this.#host.resume("upstream");
        this.#after(lingerMs, end);
        return;
      }
      case "closing":
      case "done":
        return;
      default:
        if (attempt !== null) this.#host.cut("upstream");
        if (this.#books.status === 0) this.#books.status = 499;
        this.#end({ outcome: "cancelled", judged: clientLeft, code: "client_gone" });
    }
  }

  // --- the upstream's side ---

  #plan(): void {
    const { control, settings, clock } = this.#env;
    const plan = control.plan(
      {
        model: this.#books.model,
        strategy: this.#overrides.strategy ?? settings.strategy,
        stickyKey: null,
        tried: this.#books.tried,
        allowTried: this.#last?.verdict.retry === "again",
        client: this.#books.resourceClient,
        names: this.#names,
        creates: false,
        list: null,
        signature: null,
        affinityKey: null,
        cost: { requests: 1, tokens: 0 },
        now: clock.now(),
      },
      this,
      this.id,
    );
    if (plan !== null) this.planned(plan);
  }

  #planned(plan: Plan): void {
    if (plan.ok) {
      this.#unknown = plan.unknown;
      return this.#connect(plan.lease);
    }
    const last = this.#last;
    switch (plan.reason) {
      case "forbidden":
        return this.#fail("resource_forbidden", { words: plan.words });
      case "apart":
        return this.#fail("resources_apart", { words: plan.words });
      case "list-end":
        return this.#fail("internal");
      default:
    }
    if (plan.owned === true && plan.reason === "cooling" && this.#waitForOwner(plan.soonestMs)) return;
    if (last !== null && last.verdict.relayable && (plan.reason !== "cooling" || last.verdict.fault === "client"))
      return this.#relayLast(last);
    if (plan.owned === true && plan.reason !== "tried")
      return this.#endBy(plan.reason === "cooling" ? "owner_exhausted" : "owner_unusable", {
        soonestMs: plan.soonestMs,
        outcome: "error",
      });
    this.#endBy(codeOfPick(plan, last === null ? null : { ...last, held: [], tapped: null }), {
      soonestMs: plan.soonestMs,
      outcome: "error",
    });
  }

  /** The one project that can serve rests: it is waited for a while (OWNER_WAIT_MS). */
  #waitForOwner(soonestMs: number | null): boolean {
    const mono = this.#env.clock.monotonic();
    if (this.#ownerWaitFrom < 0) this.#ownerWaitFrom = mono;
    const left = this.#env.settings.ownerWaitMs - (mono - this.#ownerWaitFrom);
    const wait = soonestMs === null ? Infinity : soonestMs - this.#env.clock.now();
    if (wait > left) return false;
    this.#books.tried = [];
    this.#after(Math.max(1, wait), () => this.#plan());
    return true;
  }

  #connect(lease: Lease): void {
    const { token } = this.#presented as Presented;
    const attempt = createAttempt(this.#books.attempts.length + 1, lease, this.#env.clock.monotonic());
    this.#attempt = attempt;
    const address = this.#env.addressFor("gemini-api", lease.baseUrl);
    const headers = this.#headers.forward.slice();
    // Exactly one credential goes up, in a header, where it reaches no log (fact sheet upstream 2.1).
    if (token === null) addCredential(headers, lease.secret);
    else headers.push("authorization", `Token ${token}`);
    this.#after(this.#env.settings.connectTimeoutMs, () => {
      this.#host.cut("upstream");
      this.#upstreamFailed(attempt, { kind: "connect-timeout", code: "", words: "" });
    });
    this.#host.connect({
      attempt: attempt.number,
      origin: address.origin,
      path: address.prefix + (this.#identity as LiveIdentity).target,
      headers,
      proxy: lease.proxy ?? this.#env.proxy,
    });
  }

  #opened(attempt: Attempt): void {
    if (attempt.status === 101) return;
    attempt.status = 101;
    this.#after(setupCompleteMs, () => {
      this.#host.cut("upstream");
      // Nothing was generated, so unlike a slow answer it may be tried again.
      const words = "the setup was not answered";
      this.#judged(attempt, { kind: "cut", words, repeatable: true, now: this.#env.clock.now() }, null);
    });
    this.#host.send("upstream", this.#first as LiveMessage);
  }

  #fromUpstream(attempt: Attempt, message: LiveMessage): void {
    const { data } = message;
    if (data.length > this.#env.settings.liveMaxMessageBytes) return this.tooLarge("upstream");
    const moment = this.#moment();
    if (attempt.firstByteAt < 0) attempt.firstByteAt = moment.mono;
    const told = readServerMessage(data, this.#env.bytes);
    if (told.goAway) this.#goneAway = true;
    const { lease } = attempt;
    if (told.handle !== null)
      this.#books.bind([liveHandleName(told.handle, this.#env.digest)], { lease, receiver: this });
    const opening = this.#phase === "opening";
    if (opening) this.#stand(attempt, moment);
    this.#books.received(told, data.length, { lease, moment });
    if (this.#phase === "closing")
      return this.#books.turnOpen ? undefined : this.#end({ outcome: "ok", judged: success });
    if (!this.#host.send("client", message)) this.#hold("client");
    if (opening) this.#flush();
  }

  /** The session stands: from here on there is no other attempt. */
  #stand(attempt: Attempt, { mono }: Moment): void {
    this.#cancelTimer();
    this.#setRetrying(false);
    this.#phase = "relay";
    this.#books.readyMono = mono;
    this.#books.waitedMs += mono - attempt.sentAt;
    attempt.phase = "relay";
    this.#first = null;
    if (this.#unknown.length > 0) this.#books.bind(this.#unknown, { lease: attempt.lease, receiver: this });
  }

  /** What the client has said meanwhile. */
  #flush(): void {
    const waiting = this.#waiting.take();
    for (const [index, message] of waiting.entries()) {
      this.#relayUp(message);
      if (this.#checking !== null) {
        for (const later of waiting.slice(index + 1)) this.#keep(later);
        return;
      }
      if (this.#phase !== "relay") return;
    }
    if (this.#stalled.upstream === undefined) this.#host.resume("client");
  }

  #upstreamClosed(attempt: Attempt, close: Close): void {
    const { now } = this.#moment();
    if (this.#phase === "closing") return this.#end({ outcome: "ok", judged: success });
    const facts = { model: this.#books.model, namesResource: this.#names.length > 0, now };
    if (this.#phase !== "relay") return this.#judged(attempt, outcomeOfClose(close, facts), close);
    const good = isGoodEnd(close.code, this.#goneAway);
    const verdict = good ? null : this.#judge(outcomeOfClose(close, facts));
    const passed = isSendable(close.code) || close.code === 1005;
    const told: Close = passed
      ? { code: sendableCode(close.code), reason: this.#cleanReason(close.reason, attempt.lease) }
      : closeOf("upstream_broken");
    this.#host.close("client", told.code, told.reason);
    this.#end({
      outcome: good ? "ok" : "incomplete",
      judged: verdict === null ? success : { ...verdict, rule: `stream.${verdict.rule}` },
      verdict,
      code: passed ? null : "upstream_broken",
    });
  }

  #upstreamFailed(attempt: Attempt, failure: AttemptFailure): void {
    const headCame = attempt.status >= 0;
    switch (this.#phase) {
      case "closing":
        return this.#end({ outcome: "ok", judged: success });
      case "relay":
        return this.#endBy("upstream_broken", { rule: "stream.broken", fault: "upstream", words: failure.words });
      default:
        this.#judged(attempt, toOutcome(failure, { headCame, repeatable: true, now: this.#env.clock.now() }), null);
    }
  }

  // --- judgement ---

  #judge(outcome: Outcome): Verdict {
    return (this.#presented as Presented).token === null ? judge(outcome) : judgeToken(outcome);
  }

  #statusOutcome(answer: { status: number; headers: RawHeaders; body: string }): Outcome {
    return {
      kind: "status",
      ...answer,
      backend: "gemini-api",
      model: this.#books.model,
      namesResource: this.#names.length > 0,
      repeatable: true,
      streaming: true,
      now: this.#env.clock.now(),
    };
  }

  #judged(attempt: Attempt, outcome: Outcome, close: Close | null): void {
    const { clock, open, random, settings } = this.#env;
    const verdict = this.#judge(outcome);
    const last = { verdict, outcome, attempt, close };
    this.#last = last;
    this.#cancelTimer();
    this.#books.waitedMs += clock.monotonic() - attempt.sentAt;
    this.#attempt = null;
    this.#books.closeAttempt(attempt, verdict, { verdict, succeeded: false });
    const sameRule = this.#ruleCounts.get(verdict.rule) ?? 0;
    const wait = nextTryIn(
      {
        verdict,
        attempts: this.#books.attempts.length,
        sameRule,
        transient: this.#transient,
        elapsedMs: clock.monotonic() - this.#startedMono,
        maxRetries: this.#overrides.maxRetries,
        replayable: true,
        open,
        random: random.next(),
      },
      settings,
    );
    if (wait === null)
      return verdict.relayable
        ? this.#relayLast(last)
        : this.#fail(codeOfLast({ ...last, held: [], tapped: null }), { soonestMs: soonestOf(verdict) });
    this.#ruleCounts.set(verdict.rule, sameRule + 1);
    if (verdict.retry === "other") return this.#plan();
    this.#transient += 1;
    this.#setRetrying(true);
    this.#after(wait, () => this.#plan());
  }

  /** The upstream's own words, where they are about the client's request. */
  #relayLast(last: Last): void {
    const { close, outcome, verdict, attempt } = last;
    if (outcome.kind !== "status") return this.#fail(codeOfLast({ ...last, held: [], tapped: null }));
    const told =
      close !== null && isSendable(close.code)
        ? { code: close.code, reason: this.#cleanReason(close.reason, attempt.lease) }
        : closeOfRefusal(outcome.status, this.#cleanReason(verdict.words, attempt.lease));
    this.#host.close("client", told.code, told.reason);
    this.#end({ outcome: "error", judged: success });
  }

  // --- ends ---

  /** One of the gateway's own errors, before the session stood. */
  #fail(code: ErrorCode, facts: { soonestMs?: number | null; words?: string | null } = {}): void {
    if (this.#phase === "admit") return this.#refuse(code);
    this.#endBy(code, facts);
  }

  /** Ends both sides with one of the gateway's own errors. */
  #endBy(
    code: ErrorCode,
    facts: {
      soonestMs?: number | null;
      words?: string | null;
      rule?: string;
      fault?: Fault;
      /** When the session never stood. @default by whether there was an attempt */
      outcome?: "error";
    } = {},
  ): void {
    if (this.#phase === "done") return;
    if (this.#phase === "admit") return this.#refuse(code);
    const stood = this.#phase === "relay" || this.#phase === "closing";
    // Words of failures are for the log; those of the gateway's own checks are for the client.
    const told = closeOf(code, {
      soonestMs: facts.soonestMs ?? null,
      words: facts.fault === undefined ? (facts.words ?? null) : null,
    });
    if (this.#phase !== "closing") this.#host.close("client", told.code, told.reason);
    if (stood) this.#host.close("upstream", 1000, "");
    else if (this.#attempt !== null) this.#host.cut("upstream");
    const refused = !stood && this.#books.attempts.length === 0 && this.#attempt === null;
    this.#end({
      outcome: stood ? "incomplete" : (facts.outcome ?? (refused ? "refused" : "error")),
      judged: { rule: facts.rule ?? "gateway.internal", fault: facts.fault ?? "gateway", words: facts.words ?? "" },
      code,
    });
  }

  #end(end: {
    outcome: CallOutcome;
    /** Of the attempt under way, if there is one. */
    judged: Judged;
    verdict?: Verdict | null;
    code?: ErrorCode | null;
  }): void {
    if (this.#phase === "done") return;
    const attempt = this.#attempt;
    const stood = this.#phase === "relay" || this.#phase === "closing";
    if (attempt !== null) {
      this.#books.endTurn(attempt.lease, this.#moment());
      if (!stood) this.#books.waitedMs += this.#env.clock.monotonic() - attempt.sentAt;
      const good = stood && end.judged === success;
      this.#attempt = null;
      this.#books.closeAttempt(attempt, end.judged, { verdict: end.verdict ?? null, succeeded: good });
    }
    this.#settle(end.outcome, end.code ?? null);
  }

  #settle(outcome: CallOutcome, code: ErrorCode | null): void {
    this.#phase = "done";
    this.#cancelTimer();
    this.#unstall();
    this.#setRetrying(false);
    this.#waiting.take();
    this.#first = null;
    this.#checking = null;
    this.#sessions.leave(this);
    this.#books.settle(outcome, code);
  }

  // --- small things ---

  /** A side takes no more for now: the other one waits, for as long as its time-out allows. */
  #hold(side: LiveSide): void {
    if (this.#stalled[side] !== undefined) return;
    const { settings } = this.#env;
    this.#host.pause(side === "client" ? "upstream" : "client");
    const ms = side === "client" ? settings.clientStallTimeoutMs : settings.idleTimeoutMs;
    this.#stalled[side] = this.#host.later(ms, () =>
      this.#guarded(() => {
        const code = side === "client" ? "client_stalled" : "upstream_idle_timeout";
        const fault = side === "client" ? "client" : "upstream";
        this.#endBy(code, { rule: `live.stalled-${side}`, fault });
        this.#host.cut(side);
      }),
    );
  }

  #unstall(): void {
    this.#stalled.client?.();
    this.#stalled.upstream?.();
    this.#stalled = {};
  }

  /** Upstream words for a client: without secrets, and short enough. */
  #cleanReason(reason: string, lease: Lease): string {
    return cutReason(redact(redactSecret(reason, lease.secret)));
  }

  #moment(): Moment {
    return { now: this.#env.clock.now(), mono: this.#env.clock.monotonic() };
  }

  #setRetrying(on: boolean): void {
    if (this.#retrying === on) return;
    this.#retrying = on;
    this.#env.open.retrying += on ? 1 : -1;
  }

  #after(ms: number, work: () => void): void {
    this.#cancelTimer();
    this.#timer = this.#host.later(ms, () => {
      this.#timer = null;
      this.#guarded(work);
    });
  }

  #cancelTimer(): void {
    this.#timer?.();
    this.#timer = null;
  }

  #during(number: number, work: (attempt: Attempt) => void): void {
    const attempt = this.#attempt;
    if (attempt !== null && attempt.number === number) this.#guarded(() => work(attempt));
  }

  /** A mistake of the gateway's own ends this session and no other. */
  #guarded(work: () => void): void {
    if (this.#phase === "done") return;
    try {
      work();
    } catch (error) {
      // Messages of parsers quote what they read, so only the place is logged.
      const place = error instanceof Error ? (error.stack ?? "").split("\n").find((line) => /^ +at /.test(line)) : null;
      this.#env.logger.log("error", "live.failed", {
        requestId: this.id,
        cause: error instanceof Error ? error.name : typeof error,
        place: place?.trim() ?? null,
      });
      this.#endBy("internal");
    }
  }
}

// --- helpers ---

/** The latest end of what must rest now. */
function soonestOf(verdict: Verdict): number | null {
  let until: number | null = null;
  for (const effect of verdict.effects) if (effect.kind === "cooldown") until = effect.untilMs;
  return until;
}
