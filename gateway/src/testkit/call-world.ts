/**
 * A world for calls: a real pool, real clients and real affinity, and a host that writes down what it is told.
 * @module
 */
import { createHash } from "node:crypto";
import { Call } from "../call/call.ts";
import { createCallEnvironment, type CallEnvironment } from "../call/environment.ts";
import type { CallHost, UpstreamRequest } from "../call/host.ts";
import { createLocalControl } from "../call/local-control.ts";
import { createClients } from "../clients/clients.ts";
import type { ClientKey, Clients } from "../clients/types.ts";
import type { Credential } from "../core/credential.ts";
import { portableBytes } from "../core/portable-bytes.ts";
import type { CallRecord } from "../core/records.ts";
import { toSecret } from "../core/secret.ts";
import { createPrices } from "../ledger/prices.ts";
import { createAffinity } from "../pool/affinity/affinity.ts";
import type { Affinity } from "../pool/affinity/types.ts";
import { createPool } from "../pool/pool.ts";
import type { Pool } from "../pool/types.ts";
import { parseSettings } from "../settings/parse.ts";
import { createKeptLogger, createSeededRandom, createSimulatedClock, type SimulatedClock } from "./simulated.ts";

/** The key of the world's own client. */
export const clientKey = "gp-simulated";

/** The key of a second client, to be added by `clients: [otherClient]`. */
export const otherKey = "gp-other";

/** Lower-case hex. */
function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** A second client. */
export const otherClient: ClientKey = {
  id: "client_2",
  name: "two",
  digest: sha256(otherKey),
  prefix: "gp-othe",
  source: "stored",
  enabled: true,
  expiresAt: null,
  allowedModels: null,
  createdAt: 0,
};

/** Plays a whole answer of the upstream. */
export function answer(call: Call, attempt: number, status: number, body: string, headers: string[] = []): void {
  call.upstreamHead(attempt, status, headers);
  if (body !== "") call.upstreamData(attempt, portableBytes.encode(body));
  call.upstreamEnd(attempt);
}

/** Which credential an attempt carried. */
export function keyOf(host: SimulatedHost, attempt = 1): string {
  const { headers } = host.sent[attempt - 1] as { headers: string[] };
  return headers[headers.indexOf("x-goog-api-key") + 1] as string;
}

/** Everything a call told its host to do, and the means to play the upstream. */
export class SimulatedHost implements CallHost {
  bodyUnannounced = true;
  readonly wanted: string[] = [];
  sent: UpstreamRequest[] = [];
  aborted = 0;
  status = 0;
  headers: string[] = [];
  heads = 0;
  body = "";
  ends = 0;
  cuts = 0;
  timers: { ms: number; callback: () => void }[] = [];
  afterEnd = 0;
  want(need: "collect" | "pass"): void {
    this.wanted.push(need);
  }
  send(request: UpstreamRequest): void {
    this.sent.push(request);
  }
  abort(): void {
    this.aborted += 1;
  }
  head(status: number, headers: string[]): void {
    this.heads += 1;
    this.status = status;
    this.headers = headers;
  }
  data(chunk: Uint8Array): void {
    if (this.ends + this.cuts > 0) this.afterEnd += 1;
    this.body += new TextDecoder().decode(chunk);
  }
  end(): void {
    this.ends += 1;
  }
  cut(): void {
    this.cuts += 1;
  }
  later(ms: number, callback: () => void): () => void {
    const timer = { ms, callback };
    this.timers.push(timer);
    return () => void (this.timers = this.timers.filter((one) => one !== timer));
  }
  fire(): boolean {
    const timer = this.timers.shift();
    timer?.callback();
    return timer !== undefined;
  }
  header(name: string): string | undefined {
    const index = this.headers.findIndex((value, at) => at % 2 === 0 && value.toLowerCase() === name);
    return index < 0 ? undefined : this.headers[index + 1];
  }
}

/** A gateway in memory: one client, some credentials, a clock that is moved by hand. */
export interface CallWorld {
  clock: SimulatedClock;
  pool: Pool;
  clients: Clients;
  affinity: Affinity;
  environment: CallEnvironment;
  settled: CallRecord[];
  began: string[];
  /**
   * Begins a call and hands it its body.
   * @param options `method`: POST when not given; `body`: `{}` when not given
   */
  start(
    url?: string,
    headers?: string[],
    options?: { method?: string; body?: string },
  ): { host: SimulatedHost; call: Call };
}

/**
 * Makes one.
 * @param options `credentials`: how many (2), each its own project; `settings`: by name; `clients`: more of them; `change`:
 *   what differs from the ordinary of each credential
 */
export function createWorld(
  options: {
    credentials?: number;
    settings?: Record<string, string>;
    clients?: readonly ClientKey[];
    change?: (credential: Credential, index: number) => Partial<Credential>;
  } = {},
): CallWorld {
  const clock = createSimulatedClock();
  const random = createSeededRandom(7);
  const settled: CallRecord[] = [];
  const { settings } = parseSettings({ ...options.settings });
  const pool = createPool({ random, onChange: () => undefined, quotaLimits: settings.quotaLimits });
  pool.replace(
    Array.from({ length: options.credentials ?? 2 }, (_, index) => {
      const credential: Credential = {
        id: `cred_${index}`,
        name: `key ${index}`,
        secret: toSecret(`secret-of-credential-${index}`),
        projectId: null,
        source: "env",
        weight: 1,
        tier: 0,
        enabled: true,
      };
      return { ...credential, ...options.change?.(credential, index) };
    }),
  );
  const clients = createClients();
  clients.replace([
    {
      id: "client_1",
      name: "one",
      digest: sha256(clientKey),
      prefix: "gp-simu",
      source: "stored",
      enabled: true,
      expiresAt: null,
      allowedModels: ["m", "m-*"],
      createdAt: 0,
    },
    ...(options.clients ?? []),
  ]);
  const affinity = createAffinity();
  const began: string[] = [];
  const environment = createCallEnvironment({
    settings,
    clock,
    random,
    logger: createKeptLogger(),
    bytes: portableBytes,
    digest: { sha256 },
    control: createLocalControl({
      pool,
      clients,
      affinity,
      prices: createPrices(),
      shareAll: settings.resourceSharing === "all",
      recorder: {
        began: (id) => void began.push(id),
        settled: (record) => void settled.push(record),
        flush: async () => undefined,
        close: async () => undefined,
        state: () => ({ queued: 0, spilled: 0, lost: 0, failures: 0, lastError: null }),
      },
    }),
  });
  const start = (
    url = "/v1beta/models/m:streamGenerateContent?alt=sse",
    headers: string[] = ["x-goog-api-key", clientKey],
    { method = "POST", body = "{}" }: { method?: string; body?: string } = {},
  ): { host: SimulatedHost; call: Call } => {
    const host = new SimulatedHost();
    const call = new Call(environment, host, { method, url, headers });
    call.begin();
    const need = host.wanted[0];
    const chunk = portableBytes.encode(body);
    if (need === "collect") call.body(method === "GET" ? null : { chunks: [chunk], length: chunk.length });
    else if (need === "pass") call.body("pass");
    return { host, call };
  };
  return { clock, pool, clients, affinity, environment, settled, began, start };
}
