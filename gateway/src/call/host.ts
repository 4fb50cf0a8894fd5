/**
 * The border between the core, which decides, and a host, which moves bytes.
 * The core is handed heads and chunks and says what to do next; it never waits and never touches a stream.
 * @module
 */
import type { RawHeaders } from "../core/headers.ts";
import type { Secret } from "../core/secret.ts";

/** A client request's head. */
export interface RequestHead {
  method: string;
  /** Path and query as received. */
  url: string;
  headers: RawHeaders;
  /** The connection's other end; null: the platform does not tell. @default null */
  address?: string | null;
  /** The connection is encrypted. @default false */
  tls?: boolean;
}

/** A request body that was collected: its chunks as they came, never joined by the core. */
export interface CollectedBody {
  chunks: readonly Uint8Array[];
  length: number;
}

/** What to send upstream. */
export interface UpstreamRequest {
  /** Number of the attempt; given back with each of its events. */
  attempt: number;
  /** `https://host[:port]`. */
  origin: string;
  /** Path and query. */
  path: string;
  method: string;
  /** Flat list, without host and content-length. */
  headers: string[];
  /** The bytes to send; `pass`: the client's body as it comes in; null: none. */
  body: CollectedBody | "pass" | null;
  /** Outbound proxy for this attempt (Node only); null: none. */
  proxy: Secret | null;
  /** Takes the bytes of a body that passes, as they go up; null or absent: nobody does. */
  tee?: { push(chunk: Uint8Array): void } | null;
}

/** How an attempt failed without (or after) a head. */
export interface AttemptFailure {
  kind: "connect" | "connect-timeout" | "first-byte-timeout" | "idle-timeout" | "broken";
  /** System or library error code, such as ECONNRESET. */
  code: string;
  words: string;
}

/** What a host does for one call. All methods return at once; none throws. */
export interface CallHost {
  /** The platform's heads do not tell whether a body follows (HTTP/2 and later): it is always asked for. */
  readonly bodyUnannounced: boolean;
  /**
   * The call is admitted: collect the body (or let it come) and give it to `call.body`. Not asked when the head
   * announces none.
   */
  want(need: BodyNeed): void;
  /** Starts an attempt. Its events come back through the call's `upstream…` methods. */
  send(request: UpstreamRequest): void;
  /** Ends the running attempt; later events of it are ignored. */
  abort(): void;
  /** Sends the answer's head to the client. */
  head(status: number, headers: string[]): void;
  /** Sends bytes to the client. The host keeps order and slows the upstream down when the client is slow. */
  data(chunk: Uint8Array): void;
  /** Ends the answer well. */
  end(): void;
  /** Ends the connection so that the client sees that the answer is not whole. */
  cut(): void;
  /** Calls back after `ms` milliseconds; the returned function cancels. */
  later(ms: number, callback: () => void): () => void;
}

/** What the host must do with the request's body. */
export type BodyNeed = "collect" | "pass";
