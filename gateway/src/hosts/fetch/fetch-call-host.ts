/**
 * Moves the bytes of one call on platforms that have only `fetch`: Workers, Bun, Deno. The same core decides.
 * @module
 */
import { Call } from "../../call/call.ts";
import type { CallEnvironment } from "../../call/environment.ts";
import type { BodyNeed, CallHost, UpstreamRequest } from "../../call/host.ts";
import { portableBytes } from "../../core/portable-bytes.ts";
import { toFailure } from "./failures.ts";
import { fromHeaders, hasNoBody, splitUrl, toHeaders } from "./web-messages.ts";

/** What the platform brings. */
export interface FetchPlatform {
  /** The platform's fetch; upstream calls go through it. */
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Keeps work alive after the response was returned (Workers' `waitUntil`); a no-op elsewhere. */
  keepAlive(work: Promise<unknown>): void;
  /** The client's address, as the platform itself knows it. @default not known */
  address?: string | null;
}

/** Bytes that may wait for a slow client before the upstream is paused. */
const highWaterMark = 65_536;

/** One call's host. */
export class FetchCallHost implements CallHost {
  readonly bodyUnannounced = true;
  readonly call: Call;
  readonly response: Promise<Response>;
  readonly #environment: CallEnvironment;
  readonly #platform: FetchPlatform;
  readonly #request: Request;
  #resolve!: (response: Response) => void;
  #status = 0;
  #headers: string[] = [];
  #headReady = false;
  #answered = false;
  #ended = false;
  #cut = false;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #scheduled = false;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #wake: (() => void) | null = null;
  #abort: AbortController | null = null;
  #generation = 0;
  #held = 0;

  constructor(environment: CallEnvironment, platform: FetchPlatform, request: Request) {
    this.#environment = environment;
    this.#platform = platform;
    this.#request = request;
    this.response = new Promise((resolve) => (this.#resolve = resolve));
    const headers: string[] = [];
    request.headers.forEach((value, name) => headers.push(name, value));
    const { pathname, search } = splitUrl(request.url);
    this.call = new Call(environment, this, {
      method: request.method,
      url: pathname + search,
      headers,
      address: platform.address ?? null,
      tls: request.url.startsWith("https:"),
    });
    request.signal?.addEventListener("abort", () => this.#gone(), { once: true });
  }

  want(need: BodyNeed): void {
    if (this.#request.body === null) return this.call.body(null);
    if (need === "pass") return this.call.body("pass");
    this.#platform.keepAlive(this.#collect());
  }

  send(request: UpstreamRequest): void {
    this.#platform.keepAlive(this.#run(request, ++this.#generation));
  }

  abort(): void {
    this.#generation += 1;
    this.#abort?.abort();
    this.#abort = null;
    this.#wake?.();
  }

  head(status: number, headers: string[]): void {
    // A Response can have no other; an upstream that is no HTTP server to speak of must not end the process.
    this.#status = status < 200 || status > 599 ? 502 : status;
    this.#headers = headers;
    this.#headReady = true;
    this.#schedule();
  }

  data(chunk: Uint8Array): void {
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.byteLength;
    this.#schedule();
  }

  end(): void {
    this.#ended = true;
    this.#release();
    this.#schedule();
  }

  cut(): void {
    this.#cut = true;
    this.#release();
    this.#schedule();
  }

  later(ms: number, callback: () => void): () => void {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  }

  // --- helpers ---

  /** Everything of one turn leaves together; an answer that is whole by then needs no stream at all. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (!this.#answered) {
      if (!this.#headReady) return;
      // An answer that is no stream is of no use in parts: a short one is sent whole, which costs half of a stream.
      if (!this.#ended && !this.#cut && this.call.identity?.stream !== true && this.#pendingBytes < highWaterMark)
        return;
      this.#answered = true;
      if (this.#ended && !this.#cut) {
        const body =
          this.#pending.length === 0 ? null : (portableBytes.concat(this.#pending) as Uint8Array<ArrayBuffer>);
        this.#pending = [];
        return this.#resolve(
          new Response(hasNoBody(this.#status) ? null : body, {
            status: this.#status,
            headers: toHeaders(this.#headers, false),
          }),
        );
      }
      const stream = new ReadableStream<Uint8Array>(
        {
          start: (controller) => void (this.#controller = controller),
          pull: () => this.#wake?.(),
          cancel: () => {
            this.#controller = null;
            this.#gone();
          },
        },
        { highWaterMark, size: (chunk) => chunk.byteLength },
      );
      this.#resolve(
        new Response(hasNoBody(this.#status) ? null : stream, {
          status: this.#status,
          headers: toHeaders(this.#headers, true),
        }),
      );
    }
    if (this.#controller === null) return void (this.#pending = []);
    if (this.#pending.length > 0) {
      this.#controller.enqueue(portableBytes.concat(this.#pending));
      this.#pending = [];
    }
    if (this.#cut) this.#controller.error(new Error("the answer is not whole"));
    else if (this.#ended) this.#controller.close();
    if (this.#cut || this.#ended) this.#controller = null;
  }

  #gone(code: "client_gone" | "client_stalled" = "client_gone"): void {
    this.call.clientGone(code);
    this.#release();
  }

  /** Counts bytes of the body that this call holds; false when all calls together hold too many. */
  #hold(bytes: number): boolean {
    const { buffered, settings } = this.#environment;
    this.#held += bytes;
    buffered.bytes += bytes;
    return buffered.bytes <= settings.maxBufferedBytes;
  }

  #release(): void {
    this.#environment.buffered.bytes -= this.#held;
    this.#held = 0;
  }

  async #collect(): Promise<void> {
    const limit = this.#environment.settings.maxBodyBytes;
    const reader = (this.#request.body as ReadableStream<Uint8Array>).getReader();
    const chunks: Uint8Array[] = [];
    let length = 0;
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        length += value.byteLength;
        if (length > limit) {
          reader.cancel().catch(() => undefined);
          return this.call.refuse("body_too_large");
        }
        // Small bodies are gone before the counter would matter.
        if (length > 65_536 && !this.#hold(value.byteLength)) {
          reader.cancel().catch(() => undefined);
          return this.call.refuse("overloaded");
        }
        chunks.push(value);
      }
    } catch {
      return this.#gone();
    }
    this.call.body({ chunks, length });
  }

  async #run(request: UpstreamRequest, generation: number): Promise<void> {
    const { settings } = this.#environment;
    const abort = new AbortController();
    this.#abort = abort;
    let cause: "first-byte-timeout" | "idle-timeout" | null = null;
    let timer = setTimeout(() => {
      cause = "first-byte-timeout";
      abort.abort();
    }, settings.firstByteTimeoutMs);
    const current = (): boolean => this.#generation === generation;
    try {
      const response = await this.#platform.fetch(request.origin + request.path, this.#toInit(request, abort.signal));
      if (!current()) return;
      this.call.upstreamHead(request.attempt, response.status, fromHeaders(response.headers));
      const reader = response.body?.getReader();
      for (;;) {
        if (reader === undefined) break;
        clearTimeout(timer);
        timer = setTimeout(() => {
          cause = "idle-timeout";
          abort.abort();
        }, settings.idleTimeoutMs);
        const { done, value } = await reader.read();
        if (!current()) return;
        if (done) break;
        this.call.upstreamData(request.attempt, value);
        clearTimeout(timer);
        await this.#room();
        if (!current()) return;
      }
      this.call.upstreamEnd(request.attempt);
    } catch (error) {
      if (current()) this.call.upstreamFailed(request.attempt, toFailure(error, cause));
    } finally {
      clearTimeout(timer);
    }
  }

  /** Waits while the client has more to read than the high-water mark; a client that stalls for too long is left. */
  async #room(): Promise<void> {
    if (this.#scheduled) this.#flushNow();
    while (this.#controller !== null && (this.#controller.desiredSize ?? 1) <= 0) {
      const stall = setTimeout(() => {
        this.#gone("client_stalled");
        this.#controller?.error(new Error("the client stopped reading"));
        this.#controller = null;
        this.#wake?.();
      }, this.#environment.settings.clientStallTimeoutMs);
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = null;
      clearTimeout(stall);
    }
  }

  #flushNow(): void {
    if (this.#answered) this.#flush();
  }

  #toInit(request: UpstreamRequest, signal: AbortSignal): RequestInit {
    const headers = toHeaders(request.headers, false);
    // Platforms ask for compression by themselves; the tap reads plain bytes.
    headers.set("accept-encoding", "identity");
    const init: RequestInit = { method: request.method, headers, redirect: "manual", signal };
    if (request.body === "pass") {
      init.body = this.#request.body;
      (init as { duplex?: string }).duplex = "half";
    } else if (request.body !== null && request.body.length > 0) {
      init.body = portableBytes.concat(request.body.chunks) as Uint8Array<ArrayBuffer>;
    }
    return init;
  }
}
