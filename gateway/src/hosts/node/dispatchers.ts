/**
 * Connection pools to upstreams: one an origin, and one for each origin behind each outbound proxy.
 * @module
 */
import { callbackify } from "node:util";
import { buildConnector, Pool as ConnectionPool, type Dispatcher } from "undici";
import type { Secret } from "../../core/secret.ts";
import type { Settings } from "../../settings/types.ts";
import { openTunnel } from "./tunnel.ts";

/** Where a request goes. An `UpstreamRequest` is one. */
export interface DispatchTarget {
  /** `https://host[:port]`. */
  origin: string;
  /** Outbound proxy; null: none. */
  proxy: Secret | null;
}

/** All connection pools of a process. */
export interface Dispatchers {
  /** The pool for a target. To be used at once and not kept: pools that are not used any more are closed. */
  for(target: DispatchTarget): Dispatcher;
  /** Ends all connections, also those in use. */
  close(): Promise<void>;
}

/**
 * No connections yet.
 * @param settings time-outs
 * @param options `capacity`: most pools; beyond it the least recently used one is closed once its requests have ended
 *   (default 1,000)
 */
export function createDispatchers(
  settings: Pick<Settings, "connectTimeoutMs" | "firstByteTimeoutMs" | "idleTimeoutMs">,
  options: { capacity?: number } = {},
): Dispatchers {
  const { capacity = 1_000 } = options;
  const direct = new Map<string, Entry>();
  /** By the proxy's URL, then by origin. */
  const proxied = new Map<string, Map<string, Entry>>();
  const entries = new Set<Entry>();
  const leaving = new Set<ConnectionPool>();
  let uses = 0;

  function open(origin: string, proxy: string | null): Entry {
    const home = proxy === null ? direct : homeOf(proxied, proxy);
    if (entries.size >= capacity) closeOldest();
    // What a closed pool leaves behind; made anew after `closeOldest`, which may have taken the proxy's last one.
    if (proxy !== null) proxied.set(proxy, home);
    const pool = new ConnectionPool(origin, {
      connections: null,
      pipelining: 1,
      keepAliveTimeout: 60_000,
      keepAliveMaxTimeout: 600_000,
      connect:
        proxy === null ? { timeout: settings.connectTimeoutMs } : tunnelConnector(proxy, settings.connectTimeoutMs),
      headersTimeout: settings.firstByteTimeoutMs,
      bodyTimeout: settings.idleTimeoutMs,
    });
    const entry: Entry = { pool, used: 0, origin, proxy };
    home.set(origin, entry);
    entries.add(entry);
    return entry;
  }

  function closeOldest(): void {
    let oldest: Entry | null = null;
    for (const entry of entries) if (oldest === null || entry.used < oldest.used) oldest = entry;
    if (oldest === null) return;
    entries.delete(oldest);
    const { pool, origin, proxy } = oldest;
    const home = proxy === null ? direct : proxied.get(proxy);
    home?.delete(origin);
    if (proxy !== null && home?.size === 0) proxied.delete(proxy);
    leaving.add(pool);
    // Ends by itself when its last request has; one that hangs meets its time-outs.
    pool.close().then(
      () => leaving.delete(pool),
      () => leaving.delete(pool),
    );
  }

  function find({ origin, proxy }: DispatchTarget): Entry {
    if (proxy === null) return direct.get(origin) ?? open(origin, null);
    // oxlint-disable-next-line house/reveal -- it is about to be connected to; the text goes no further than the tunnel
    const url = proxy.reveal();
    return proxied.get(url)?.get(origin) ?? open(origin, url);
  }

  return {
    for(target) {
      const entry = find(target);
      entry.used = ++uses;
      return entry.pool;
    },
    async close() {
      const pools = [...[...entries].map(({ pool }) => pool), ...leaving];
      entries.clear();
      direct.clear();
      proxied.clear();
      await Promise.all(pools.map((pool) => pool.destroy()));
    },
  };
}

// --- helpers ---

interface Entry {
  pool: ConnectionPool;
  /** Number of its last use. */
  used: number;
  origin: string;
  proxy: string | null;
}

function homeOf(proxied: Map<string, Map<string, Entry>>, proxy: string): Map<string, Entry> {
  return proxied.get(proxy) ?? new Map<string, Entry>();
}

const tunnel = callbackify(openTunnel);

/** As undici connects by itself, but over a tunnel: TLS, its sessions and the choice of the protocol stay undici's. */
function tunnelConnector(proxy: string, timeoutMs: number): buildConnector.connector {
  const secure = buildConnector({ timeout: timeoutMs });
  return (options, callback) => {
    const { hostname, protocol } = options;
    const port = Number(options.port) || (protocol === "https:" ? 443 : 80);
    tunnel({ proxy, host: hostname, port, timeoutMs }, (error, socket) => {
      if (error !== null) callback(error, null);
      else if (protocol === "https:") secure({ ...options, httpSocket: socket }, callback);
      else callback(null, socket);
    });
  };
}
