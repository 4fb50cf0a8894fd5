/**
 * Hands one attempt's events from undici to the call. Late events of an attempt that was given up are dropped.
 * @module
 */
import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import type { AttemptFailure } from "../../call/host.ts";
import type { Call } from "../../call/call.ts";

/** An undici dispatch handler for one attempt. */
export class AttemptHandler implements Dispatcher.DispatchHandler {
  readonly #call: Call;
  readonly #attempt: number;
  #controller: Dispatcher.DispatchController | null = null;
  #dropped = false;
  #paused = false;

  constructor(call: Call, attempt: number) {
    this.#call = call;
    this.#attempt = attempt;
  }

  abort(): void {
    this.#dropped = true;
    this.#controller?.abort(new Error("given up"));
  }

  pause(): void {
    this.#paused = true;
    this.#controller?.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#controller?.resume();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#dropped) controller.abort(new Error("given up"));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (this.#dropped || status < 200) return;
    this.#call.upstreamHead(this.#attempt, status, toFlat(headers));
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#dropped) this.#call.upstreamData(this.#attempt, chunk);
  }

  onResponseEnd(): void {
    if (!this.#dropped) this.#call.upstreamEnd(this.#attempt);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (!this.#dropped) this.#call.upstreamFailed(this.#attempt, toFailure(error));
  }
}

// --- helpers ---

/** undici has parsed the list already; making a flat one from it costs less than decoding the raw one again. */
function toFlat(headers: IncomingHttpHeaders): string[] {
  const flat: string[] = [];
  for (const name in headers) {
    const value = headers[name];
    if (typeof value === "string") flat.push(name, value);
    else if (Array.isArray(value)) for (const one of value) flat.push(name, one);
  }
  return flat;
}

const connectCodes = new Set([
  // Of the way through an outbound proxy (tunnel.ts): nothing reached the upstream.
  "ERR_PROXY",
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EADDRNOTAVAIL",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
]);

/**
 * Tells failures before the request was sent from those after it.
 * @param error what undici reported
 */
function toFailure(error: Error): AttemptFailure {
  const code = codeOf(error);
  const words = error.message === "" ? code : error.message;
  if (code === "UND_ERR_CONNECT_TIMEOUT") return { kind: "connect-timeout", code, words };
  if (code === "UND_ERR_HEADERS_TIMEOUT") return { kind: "first-byte-timeout", code, words };
  if (code === "UND_ERR_BODY_TIMEOUT") return { kind: "idle-timeout", code, words };
  if (connectCodes.has(code)) return { kind: "connect", code, words };
  return { kind: "broken", code, words };
}

function codeOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === "string") return code;
  const inner = error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException | undefined) : undefined;
  return inner?.code ?? error.name;
}
