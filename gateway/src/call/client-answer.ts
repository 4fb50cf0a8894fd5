/**
 * The client's side of a call: head, bytes, and what is remembered of them for the record.
 * @module
 */
import type { CaptureSink } from "./capture/types.ts";
import type { CallEnvironment } from "./environment.ts";
import type { CallHost } from "./host.ts";
import { addCorsHeaders } from "./response-headers.ts";
import type { Transform } from "./transform.ts";

/** What goes to one client. A class for the same reason as the call (docs/decisions/0003). */
export class ClientAnswer {
  /** The status sent; 0: none yet. */
  status = 0;
  /** Monotonic milliseconds; -1: not yet. */
  headAt = -1;
  firstByteAt = -1;
  /** When the last bytes went out, monotonic milliseconds; -1: none did. */
  lastAt = -1;
  /** `lastAt` is kept. */
  stamps = false;
  /** Body bytes. */
  bytes = 0;
  /** The bytes sent last: where a broken stream stopped. */
  lastChunk: Uint8Array | null = null;
  /** Changes the bytes of the attempt that is relayed; null: they pass untouched. */
  transform: Transform | null = null;
  /** More headers of the gateway's own, flat; null: none. */
  extra: string[] | null = null;
  /** The answer's bytes are gathered here for others that wait for the same; null: nobody may. */
  kept: Uint8Array[] | null = null;
  /** Copies go here; null: the call is not captured. */
  capture: CaptureSink | null = null;
  readonly #environment: CallEnvironment;
  readonly #host: CallHost;
  readonly #origin: string | null;

  constructor(environment: CallEnvironment, host: CallHost, origin: string | null) {
    this.#environment = environment;
    this.#host = host;
    this.#origin = origin;
  }

  /**
   * Sends the head with the gateway's own headers.
   * @param facts `overheadMs`: the gateway's own time so far
   */
  head(
    status: number,
    headers: string[],
    facts: { id: string; attempts: number; overheadMs: number; now: number },
  ): void {
    this.status = status;
    this.headAt = facts.now;
    headers.push(
      "x-gproxy-request-id",
      facts.id,
      "x-gproxy-attempts",
      String(facts.attempts),
      "x-gproxy-overhead-ms",
      Math.max(0, facts.overheadMs).toFixed(2),
    );
    if (this.extra !== null) for (const text of this.extra) headers.push(text);
    addCorsHeaders(headers, this.#origin, this.#environment.settings.corsOrigins);
    if (this.capture !== null) this.capture.head(status, headers);
    this.#host.head(status, headers);
  }

  /** Upstream bytes, changed where they must be. */
  forward(chunk: Uint8Array): void {
    if (this.transform === null) return this.write(chunk);
    for (const piece of this.transform.push(chunk)) this.write(piece);
  }

  /** What the transform still holds, at a good end. After a bad one it is dropped: half an event would hide the error. */
  flush(): void {
    if (this.transform !== null) for (const piece of this.transform.end()) this.write(piece);
  }

  /** Bytes as they are. */
  write(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    if (this.firstByteAt < 0) this.firstByteAt = this.#environment.clock.monotonic();
    if (this.stamps) this.lastAt = this.#environment.clock.monotonic();
    this.bytes += chunk.length;
    if (this.kept !== null) this.kept.push(chunk);
    this.lastChunk = chunk;
    if (this.capture !== null) this.capture.data(chunk);
    this.#host.data(chunk);
  }
}
