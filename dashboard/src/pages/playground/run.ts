/**
 * Sending a request of the playground and reading its answer as it comes. `fetch` and the clock are handed in.
 * @module
 */
import { addToAnswer, emptyAnswer } from "./answer.ts";
import type { Answer } from "./answer.ts";
import { anthropicVersion } from "./request.ts";
import type { PlaygroundAuthentication, PlaygroundDialect, PlaygroundRequest } from "./request.ts";
import { createEventReader } from "./server-events.ts";

/** An event as it came. */
export interface RawEvent {
  /** Milliseconds after the request was sent. */
  atMs: number;
  type: string;
  data: string;
}

/** A run as far as it has come. */
export interface Run {
  state: "sending" | "reading" | "done" | "aborted" | "failed";
  status: number | null;
  /** `x-gproxy-*`, `content-type`, `retry-after`. */
  headers: [string, string][];
  requestId: string | null;
  answer: Answer;
  events: RawEvent[];
  /** Events that came after the list was full. */
  moreEvents: number;
  /** Milliseconds from sending to the first byte of the body; null: none came. */
  firstByteMs: number | null;
  totalMs: number | null;
  bytes: number;
  /** Why the connection failed, in the browser's words. */
  failure: string | null;
}

/** Events that are kept for the raw view. */
const mostEvents = 2000;
/** Characters of a body that is no stream. */
const mostBody = 8_000_000;

/** @returns a run that has just begun */
export function newRun(): Run {
  return {
    state: "sending",
    status: null,
    headers: [],
    requestId: null,
    answer: emptyAnswer(),
    events: [],
    moreEvents: 0,
    firstByteMs: null,
    totalMs: null,
    bytes: 0,
    failure: null,
  };
}

/** What `runRequest` works with. */
export interface RunOptions {
  request: PlaygroundRequest;
  dialect: PlaygroundDialect;
  key: string;
  signal: AbortSignal;
  fetch: typeof fetch;
  /** Milliseconds of a clock that only goes forward. */
  now: () => number;
  /** Told after each piece; the run is a new object each time. */
  onProgress: (run: Run) => void;
}

/**
 * Sends and reads to the end.
 * @param options see there
 * @returns the run when it is over; it never rejects
 */
export async function runRequest(options: RunOptions): Promise<Run> {
  const { request, signal, now, onProgress } = options;
  const begin = now();
  let run = newRun();
  const set = (change: Partial<Run>): void => {
    run = { ...run, ...change };
    onProgress(run);
  };
  set({});
  try {
    const response = await options.fetch(request.path, {
      method: request.method,
      headers: requestHeaders(options),
      ...(request.body === null ? {} : { body: request.body }),
      signal,
      // The session of the dashboard is none of the model's paths' business; the key is all that they get.
      credentials: "omit",
      redirect: "error",
      cache: "no-store",
      referrerPolicy: "no-referrer",
    });
    set({
      state: "reading",
      status: response.status,
      headers: shownHeaders(response.headers),
      requestId: response.headers.get("x-gproxy-request-id"),
    });
    const isStream = (response.headers.get("content-type") ?? "").includes("text/event-stream");
    const sink = isStream ? eventSink(options.dialect) : bodySink(options.dialect);
    const decoder = new TextDecoder();
    const reader = response.body?.getReader();
    while (reader !== undefined) {
      const { done, value } = await reader.read();
      if (done) break;
      const atMs = now() - begin;
      const text = decoder.decode(value, { stream: true });
      set({
        firstByteMs: run.firstByteMs ?? atMs,
        bytes: run.bytes + value.byteLength,
        ...sink.push(run, { text, atMs }),
      });
    }
    const atMs = now() - begin;
    set({ state: "done", totalMs: atMs, ...sink.end(run, { text: decoder.decode(), atMs }) });
  } catch (error) {
    const totalMs = now() - begin;
    if (signal.aborted) set({ state: "aborted", totalMs });
    else set({ state: "failed", totalMs, failure: error instanceof Error ? error.message : "The connection broke." });
  }
  return run;
}

// --- helpers ---

/** Puts pieces of text into a run. */
interface Sink {
  push(run: Run, piece: { text: string; atMs: number }): Partial<Run>;
  end(run: Run, piece: { text: string; atMs: number }): Partial<Run>;
}

function eventSink(dialect: PlaygroundDialect): Sink {
  const reader = createEventReader();
  const push: Sink["push"] = (run, { text, atMs }) => {
    const events = reader.push(text);
    let { answer } = run;
    for (const event of events) answer = addToAnswer(answer, { dialect, data: event.data });
    return {
      answer,
      ...addEvents(
        run,
        events.map((event) => ({ ...event, atMs })),
      ),
    };
  };
  return {
    push,
    end(run, piece) {
      // A last line break makes complete what a server ended without one.
      const last = push(run, { ...piece, text: `${piece.text}\n\n` });
      const { unfinished } = reader.end();
      if (unfinished === "") return last;
      const whole = { ...run, ...last };
      return { ...last, ...addEvents(whole, [{ type: "unfinished", data: unfinished, atMs: piece.atMs }]) };
    },
  };
}

function bodySink(dialect: PlaygroundDialect): Sink {
  let body = "";
  const push: Sink["push"] = (_run, { text }) => {
    if (body.length < mostBody) body += text;
    return {};
  };
  return {
    push,
    end(run, piece) {
      push(run, piece);
      if (body === "") return {};
      const answer = addToAnswer(run.answer, { dialect, data: body });
      return { answer, ...addEvents(run, [{ type: "body", data: body, atMs: piece.atMs }]) };
    },
  };
}

function addEvents(run: Run, events: RawEvent[]): Partial<Run> {
  if (events.length === 0) return {};
  const room = Math.max(0, mostEvents - run.events.length);
  return {
    events: room === 0 ? run.events : [...run.events, ...events.slice(0, room)],
    moreEvents: run.moreEvents + Math.max(0, events.length - room),
  };
}

function requestHeaders({ request, key }: RunOptions): Record<string, string> {
  return {
    ...(request.body === null ? {} : { "content-type": "application/json" }),
    ...keyHeaders(request.authentication, key),
  };
}

function keyHeaders(authentication: PlaygroundAuthentication, key: string): Record<string, string> {
  switch (authentication) {
    case "bearer":
      return { authorization: `Bearer ${key}` };
    case "x-api-key":
      return { "x-api-key": key, "anthropic-version": anthropicVersion };
    case "x-goog-api-key":
      return { "x-goog-api-key": key };
  }
}

function shownHeaders(headers: Headers): [string, string][] {
  const shown: [string, string][] = [];
  headers.forEach((value, name) => {
    if (name.startsWith("x-gproxy-") || name === "content-type" || name === "retry-after") shown.push([name, value]);
  });
  return shown;
}
