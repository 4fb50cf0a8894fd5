/**
 * Capture: a copy of what a client sent and got, for the few calls that somebody wants to look into (CAPTURE). The call
 * hands its bytes to a sink; what is kept of them, and where, is the host's (hosts/capture-store.ts). Live sessions are
 * not captured.
 * @module
 */
import type { RawHeaders } from "../../core/headers.ts";
import type { CallRecord } from "../../core/records.ts";
import type { CollectedBody } from "../host.ts";

/** A call that was admitted. */
export interface CaptureSubject {
  id: string;
  method: string;
  /** Path and query as the call understands them: without the credential of the query. */
  target: string;
  /** As received, with every secret in it: the port keeps only what it knows to be harmless. */
  headers: RawHeaders;
  /** What the client presented as its key, to be found again in bodies; empty: nothing. */
  secrets: readonly string[];
}

/** Takes the copies of one call. Nothing throws, nothing waits, and chunks are not kept: they are copied. */
export interface CaptureSink {
  /** The body as the client sent it, or `pass`: it is streamed up, and only its announced size is known. Once at most. */
  request(body: CollectedBody | "pass", bytes: number): void;
  /** Status and flat headers as the client gets them. Once at most. */
  head(status: number, headers: readonly string[]): void;
  /** Bytes of the body as they go to the client. */
  data(chunk: Uint8Array): void;
  /** The call ended; nothing comes after it. Exactly once. */
  end(record: Pick<CallRecord, "outcome" | "status">): void;
}

/** Opens sinks. */
export interface CapturePort {
  /** @returns null: this call is not captured (switched off, or too much is being captured already) */
  open(subject: CaptureSubject): CaptureSink | null;
}
