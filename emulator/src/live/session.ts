/** @module A Live session: setup, then turns, until one side has enough (fact sheet upstream 9). What a message leads to is decided here, how a turn goes in turn.ts. */

import { isRefusal } from "../answer/admit-call.ts";
import type { Content } from "../answer/gemini-types.ts";
import type { ApiError } from "../errors/api-error.ts";
import { apiError } from "../errors/api-error.ts";
import type { ClientMessage, LiveSetup, RealtimeInput } from "./client-message.ts";
import { parseClientMessage } from "./client-message.ts";
import { toLiveEnd } from "./close-codes.ts";
import { openEntry } from "./entries.ts";
import { saveSession } from "./handles.ts";
import { countContent } from "./history.ts";
import type { LiveCall } from "./plan-turn.ts";
import type { InputCollector, UserTurn } from "./realtime-input.ts";
import { createInputCollector } from "./realtime-input.ts";
import { toDuration } from "./outbox.ts";
import type { OpenSession, Session, SessionOptions, Turn } from "./session-types.ts";
import { openSetup } from "./setup.ts";
import { runTurn } from "./turn.ts";

/** Creates a session; nothing is sent before its client has said `setup`. */
export function createSession(options: SessionOptions): Session {
  const { world, connection, outbox } = options;
  const { connectionMs = 600_000 } = options.world.options.live ?? {};
  const goAwayMs = Math.min(options.world.options.live?.goAwayMs ?? 60_000, connectionMs / 2);
  const endsAt = world.now() + connectionMs;
  const waiting = new Map<string, LiveCall>();
  const cancelled = new Set<string>();
  let results: NonNullable<Content["parts"]> = [];
  let state: "new" | "opening" | "open" = "new";
  let open: OpenSession | null = null;
  let input: InputCollector | null = null;
  let early: Buffer[] = [];
  let unfinished: Content[] = [];
  let turns: Turn[] = [];
  let chain: Promise<void> = Promise.resolve();
  let consumed = 0;
  let warned = false;
  let timer: NodeJS.Timeout | null = null;

  const fail = (error: ApiError): void => {
    const { code, reason, status } = toLiveEnd(error);
    options.entry.entry.errorStatus = status;
    connection.close(code, reason);
  };
  const interrupt = (): void => {
    for (const turn of turns) turn.interrupt.abort();
    if (waiting.size === 0) return;
    const ids = [...waiting.keys()];
    for (const id of ids) remember(cancelled, id);
    waiting.clear();
    results = [];
    void outbox.send({ toolCallCancellation: { ids } });
  };
  const updateHandle = async (session: OpenSession, resumable: boolean): Promise<void> => {
    const { sessionResumption } = session.setup;
    if (!sessionResumption || connection.closing()) return;
    const saved = { model: session.model.id, items: session.history.items() };
    const update = resumable ? { newHandle: saveSession(world, options.caller.key.project.id, saved), resumable } : {};
    const index = sessionResumption.transparent ? { lastConsumedClientMessageIndex: String(consumed) } : {};
    await outbox.send({ sessionResumptionUpdate: { ...update, ...(resumable ? index : {}) } });
  };
  const start = (session: OpenSession, said: UserTurn | null): void => {
    if (turns.length >= MAX_TURNS) return fail(EXHAUSTED);
    const entry = openEntry(world, { ...options.base, operation: "liveTurn" }, options.entry.entry.sequence);
    const turn: Turn = { entry, interrupt: new AbortController(), said };
    turns.push(turn);
    const run = async (): Promise<void> => {
      await runTurn(session, turn);
      turns = turns.filter((other) => other !== turn);
      await updateHandle(session, waiting.size === 0);
    };
    chain = chain.then(run).catch(options.onBug);
  };
  const hear = (session: OpenSession, message: RealtimeInput): void => {
    const { began, turn } = input?.take(message) ?? { began: false, turn: null };
    const mayInterrupt = session.setup.realtimeInputConfig?.activityHandling !== "NO_INTERRUPTION";
    if (began && mayInterrupt) interrupt();
    if (turn) start(session, turn);
  };
  const takeResults = (session: OpenSession, responses: { id?: string; name: string }[]): void => {
    for (const response of responses) {
      const id = response.id ?? "";
      // An answer to a call that was cancelled meanwhile is late, not wrong.
      if (cancelled.has(id)) continue;
      if (!waiting.delete(id)) return fail(STRAY_RESPONSE);
      results.push({ functionResponse: response });
    }
    if (waiting.size > 0 || results.length === 0) return;
    const content = { role: "user", parts: results };
    results = [];
    start(session, { content, tokens: countContent(content), heard: null });
  };
  const dispatch = (session: OpenSession, message: ClientMessage): void => {
    if ("setup" in message) return fail(SETUP_FIRST);
    if ("realtimeInput" in message) return hear(session, message.realtimeInput);
    if ("toolResponse" in message) return takeResults(session, message.toolResponse.functionResponses ?? []);
    const { turns: contents = [], turnComplete = false } = message.clientContent;
    interrupt();
    unfinished.push(...contents);
    if (unfinished.length > MAX_UNFINISHED) return fail(EXHAUSTED);
    if (!turnComplete) return;
    for (const content of unfinished.slice(0, -1)) session.history.add(content);
    const content = unfinished.at(-1);
    unfinished = [];
    start(session, content ? { content, tokens: countContent(content), heard: null } : null);
  };
  const begin = async (setup: LiveSetup): Promise<void> => {
    state = "opening";
    const opened = await openSetup(options, setup);
    if (!opened || connection.closing()) return;
    if (isRefusal(opened)) return fail(opened);
    const expect = (calls: readonly LiveCall[]): void => {
      for (const call of calls) waiting.set(call.id, call);
    };
    const session: OpenSession = { ...opened, fail, expect };
    open = session;
    input = createInputCollector(session.setup);
    await outbox.send({ setupComplete: {} });
    state = "open";
    tick();
    const held = early;
    early = [];
    for (const data of held) read(data);
  };
  const read = (data: Buffer): void => {
    if (connection.closing()) return;
    // A token's expiry ends what it may say, also in sessions that it opened in time.
    const { token } = options.caller;
    if (token?.expireTime != null && world.now() >= token.expireTime) return fail(TOKEN_EXPIRED);
    const message = parseClientMessage(data.toString());
    if (isRefusal(message)) return fail(message);
    consumed++;
    if (open) dispatch(open, message);
    else if ("setup" in message) void begin(message.setup).catch(options.onBug);
    else fail(SETUP_FIRST);
  };
  const tick = (): void => {
    if (connection.closing()) return;
    const left = endsAt - world.now();
    if (left <= 0) return fail(OVERSTAYED);
    if (left <= goAwayMs && !warned && state === "open") {
      warned = true;
      void outbox.send({ goAway: { timeLeft: toDuration(left) } });
    }
    if (timer) clearTimeout(timer);
    const next = warned || left <= goAwayMs ? left : left - goAwayMs;
    timer = setTimeout(tick, Math.min(Math.max(1, next), MAX_TIMER_MS)).unref();
  };
  tick();
  return {
    receive: (data) => {
      options.entry.received(data);
      if (state === "opening") {
        early.push(data);
        if (early.length > MAX_EARLY) fail(EXHAUSTED);
        return;
      }
      read(data);
      turns.at(-1)?.entry.received(data);
    },
    closed: (outcome) => {
      if (timer) clearTimeout(timer);
      const { errorStatus } = options.entry.entry;
      for (const { entry } of turns) {
        entry.file({ outcome, status: entry.entry.chunksSent > 0 ? 200 : 499, errorStatus });
      }
      turns = [];
    },
    tick,
  };
}

// --- helpers ---

const MAX_TURNS = 64;
const MAX_EARLY = 64;
const MAX_UNFINISHED = 512;
const MAX_CANCELLED = 256;
const MAX_TIMER_MS = 2_000_000_000;

const EXHAUSTED = apiError("RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota).");
const SETUP_FIRST = apiError("INVALID_ARGUMENT", "setup must be the first message and only the first message.");
const STRAY_RESPONSE = apiError(
  "PERMISSION_DENIED",
  "A function response does not belong to any pending function call.",
);
const TOKEN_EXPIRED = apiError("UNAUTHENTICATED", "Auth token is invalid or expired.");
const OVERSTAYED = apiError(
  "PERMISSION_DENIED",
  "Connection aborted because the client failed to close the connection after receiving a GoAway signal once the session duration expired",
);

function remember(ids: Set<string>, id: string): void {
  ids.add(id);
  if (ids.size <= MAX_CANCELLED) return;
  for (const oldest of ids) {
    ids.delete(oldest);
    return;
  }
}
