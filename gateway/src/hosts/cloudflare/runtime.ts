/**
 * Structural types of the Workers runtime (https://developers.cloudflare.com/workers/runtime-apis/), as far as used.
 * @module
 */
import type { DurableObjectStorage } from "../../storage/drivers/durable-object.ts";
import type { StateApi } from "./state-api.ts";

/** State handed to a Durable Object. */
export interface DurableObjectState {
  storage: DurableObjectStorage & {
    getAlarm(): Promise<number | null>;
    setAlarm(time: number): Promise<void>;
  };
}

/** Context of a request. */
export interface ExecutionContext {
  waitUntil(work: Promise<unknown>): void;
}

/** A namespace of Durable Objects with the state's methods. */
export interface StateNamespace {
  idFromName(name: string): unknown;
  get(id: unknown, options?: { locationHint?: string }): StateApi;
}

/** A namespace of Durable Objects that fetch. */
export interface RelayNamespace {
  idFromName(name: string): unknown;
  get(id: unknown, options?: { locationHint?: string }): { fetch(url: string, init: RequestInit): Promise<Response> };
}

/** Files that were deployed with the worker. */
export interface AssetsBinding {
  fetch(url: string, init: RequestInit): Promise<Response>;
}

/** A KV namespace, as far as read. */
export interface KvNamespace {
  get(key: string): Promise<string | null>;
  list(options: {
    prefix: string;
    cursor?: string;
  }): Promise<{ keys: { name: string }[]; list_complete: boolean; cursor?: string }>;
}

/** Bindings and variables. Every other setting of the table may stand here too, as a variable or a secret. */
export interface WorkerEnvironment {
  GATEWAY_STATE: StateNamespace;
  /** Optional: the dashboard's files. */
  ASSETS?: AssetsBinding;
  /** Optional: keys of an older worker are read from here (import-keys.ts). */
  GEMINI_KEYS?: KvNamespace;
  /** Where the state object should live, such as `enam` or `weur`; only its first start looks at it. */
  STATE_LOCATION_HINT?: string;
  /** Optional: calls leave through it where Google refuses the edge's region. */
  EGRESS_RELAY?: RelayNamespace;
  /** Where the relay lives: `wnam`, `enam`, `weur`, `eeur`, `apac`, …; `off`: it is not used. @default wnam */
  EGRESS_LOCATION_HINT?: string;
  [name: string]: unknown;
}
