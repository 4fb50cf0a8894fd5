/**
 * A world for the admin API: real services over SQLite in memory, a clock that is moved by hand, and requests as each
 * kind of caller sends them. Every answer is checked: against its route's schema, with nothing beyond it, and for secrets.
 * @module
 */
import { createHash } from "node:crypto";
import { createAdminApp, adminBasePath, type AdminApp } from "../admin/app.ts";
import type { RouteDefinition, RouteOutput } from "../admin/define-route.ts";
import type { Implementation, RequestInfo } from "../admin/implement.ts";
import { allImplementations } from "../admin/implementations.ts";
import type { AdminServices, CapturedCall, KeyCheck } from "../admin/services.ts";
import { portableBytes } from "../core/portable-bytes.ts";
import type { Random } from "../core/ports.ts";
import { loadState, type LoadedState } from "../hosts/state.ts";
import type { Settings } from "../settings/types.ts";
import { openNodeSqlite } from "../storage/drivers/open-node.ts";
import type { GatewayStore } from "../storage/types-analytics.ts";
import { createVault, type Vault } from "../vault/envelope.ts";
import { createTestHub, createTestPrices, createTestSettings, quickPasswords, type TestHub } from "./admin-parts.ts";
import { checkAnswer } from "./check-answer.ts";
import { createKeptLogger, createSeededRandom, createSimulatedClock, type SimulatedClock } from "./simulated.ts";

/**
 * Who sends a request. `admin` and `viewer` are sessions of operators (Ada, Vera) that are made at their first request, with
 * cookie and CSRF token; `viewer-token` is a stored token, there from the start.
 */
export type Caller =
  | "nobody"
  | "wrong-token"
  | "admin-token"
  | "viewer-token"
  | "admin"
  | "viewer"
  | "admin-without-csrf";

/** What a request has beside method and path. */
export interface RequestOptions {
  /** @default admin-token */
  as?: Caller;
  /** Sent as JSON. */
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  /** @default 192.0.2.1, over TLS */
  info?: Partial<RequestInfo>;
  /** @default https://gateway.test */
  origin?: string;
}

/** An answer that was read. */
export interface Answered {
  status: number;
  headers: Headers;
  text: string;
  /** Parsed JSON; undefined when it is none. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests reach into answers that were checked against their schema
  body: any;
}

/** The world. */
export interface AdminWorld {
  services: AdminServices;
  app: AdminApp;
  store: GatewayStore;
  state: LoadedState;
  clock: SimulatedClock;
  logger: ReturnType<typeof createKeptLogger>;
  hub: TestHub;
  prices: ReturnType<typeof createTestPrices>;
  /** What `checkKey` answers next, by credential id. @default ok */
  checks: Map<string, KeyCheck>;
  /** Captured calls by id. */
  captured: Map<string, CapturedCall>;
  /** Running timers of `services.every`; a test runs their tasks. */
  timers: ReadonlySet<{ ms: number; task: () => void }>;
  /** Texts that no answer may hold: keys of the environment, the admin token. Tests add theirs. */
  secrets: Set<string>;
  /** Headers that make a request one of that caller. */
  headersOf(caller: Caller): Promise<Record<string, string>>;
  /** Sends a request; `path` is below `/admin/api/v1`. Streams are not read: use `open`. */
  request(method: string, path: string, options?: RequestOptions): Promise<Answered>;
  /** The same without reading the answer. */
  open(method: string, path: string, options?: RequestOptions): Promise<Response>;
  /**
   * Asks a route for its answer, typed.
   * @throws when it refuses
   */
  ask<Route extends RouteDefinition>(
    route: Route,
    options?: RequestOptions & { params?: Record<string, string>; query?: Record<string, string | number | boolean> },
  ): Promise<RouteOutput<Route>>;
  close(): Promise<void>;
}

/** What accounts are made over. */
export interface AccountParts extends Pick<AdminWorld, "store" | "state" | "clock" | "logger"> {
  vault: Vault;
  settings: Settings;
  random: Random;
}

/** The admin token of the world. */
export const worldAdminToken = "gpa-admin-token-of-the-simulated-world";

/**
 * Makes one.
 * @param options `environment`: settings as variables (GEMINI_API_KEYS, PROXY_API_KEY …); `implementations`: other routes;
 *   `services`: parts to be replaced
 */
export async function createAdminWorld(
  options: {
    environment?: Readonly<Record<string, string>>;
    implementations?: readonly Implementation[];
    services?: Partial<AdminServices>;
    /** Makes the accounts of the world. @default there are none */
    accounts?: (parts: AccountParts) => NonNullable<AdminServices["accounts"]>;
    now?: number;
  } = {},
): Promise<AdminWorld> {
  const environment = { ADMIN_TOKEN: worldAdminToken, ...options.environment };
  const implementations = options.implementations ?? allImplementations;
  const clock = createSimulatedClock(options.now);
  const random = createSeededRandom(11);
  const logger = createKeptLogger();
  const store = await openNodeSqlite({ path: ":memory:" });
  const vault = createVault({ masterKeys: [{ id: "k1", key: new Uint8Array(32).fill(1) }], random });
  const settings = createTestSettings(environment, store);
  const state = await loadState({ store, vault, settings: settings.current, clock, random, digest, logger });
  const hub = createTestHub();
  const prices = createTestPrices();
  const checks = new Map<string, KeyCheck>();
  const captured = new Map<string, CapturedCall>();
  const timers = new Set<{ ms: number; task: () => void }>();
  const services: AdminServices = {
    host: "node",
    version: "0.0.0-test",
    startedAt: clock.now(),
    clock,
    random,
    digest,
    bytes: portableBytes,
    logger,
    settings,
    prices,
    vault,
    store,
    hub,
    isAdminToken: (token) => token === worldAdminToken,
    passwords: quickPasswords,
    pool: state.pool,
    affinity: state.affinity,
    clients: state.clients,
    administration: store.administration,
    analytics: store.analytics,
    captures: { read: async (id) => captured.get(id) ?? null },
    checkKey: async (id) => checks.get(id) ?? { result: "ok", status: 200, words: null, tookMs: 1 },
    accounts: options.accounts?.({ state, store, vault, settings: settings.current, clock, random, logger }) ?? null,
    reload: () => state.reload(),
    flush: async () => undefined,
    recorder: () => ({ queued: 0, spilled: 0, lost: 0, failures: 0, lastError: null }),
    openCalls: () => 0,
    draining: () => false,
    memory: () => ({ rssBytes: 1 }),
    breathe: async () => undefined,
    every(ms, task) {
      const timer = { ms, task };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    ...options.services,
  };
  const app = createAdminApp(services, implementations);
  const secrets = new Set([worldAdminToken, ...settings.current.credentials.map(({ secret }) => secret)]);
  const callers = new Map<Caller, Promise<Record<string, string>>>();

  async function addSession(role: "admin" | "viewer"): Promise<Record<string, string>> {
    const now = clock.now();
    const name = role === "admin" ? "Ada" : "Vera";
    const id = `operator_${role}`;
    const passwordHash = await quickPasswords.hash(`password of ${name}`);
    await store.administration.operators.add({
      id,
      name,
      role,
      passwordHash,
      enabled: true,
      createdAt: now,
      lastLoginAt: null,
    });
    const cookie = role.padEnd(43, "x");
    const csrfToken = `csrf-${role}`;
    await store.administration.sessions.add({
      digest: digest.sha256(cookie),
      operatorId: id,
      name,
      role,
      csrfToken,
      createdAt: now,
      expiresAt: now + settings.current.sessionMs,
      seenAt: now,
    });
    return { cookie: `__Host-gemini-proxy-session=${cookie}`, "x-csrf-token": csrfToken };
  }

  // From the start: what memory holds of tokens is some seconds old, and the clock stands still.
  const viewerToken = `ga-${"viewer".padEnd(40, "0")}`;
  secrets.add(viewerToken);
  await store.administration.tokens.add({
    id: "token_viewer",
    name: "scraper",
    role: "viewer",
    digest: digest.sha256(viewerToken),
    prefix: "ga-view",
    createdAt: clock.now(),
    expiresAt: null,
    lastUsedAt: null,
  });

  const makers: Record<Caller, () => Promise<Record<string, string>>> = {
    nobody: async () => ({}),
    "wrong-token": async () => ({ authorization: "Bearer gpa-this-is-not-the-token" }),
    "admin-token": async () => ({ authorization: `Bearer ${worldAdminToken}` }),
    "viewer-token": async () => ({ authorization: `Bearer ${viewerToken}` }),
    admin: () => addSession("admin"),
    viewer: () => addSession("viewer"),
    "admin-without-csrf": async () => ({ cookie: (await headersOf("admin"))["cookie"] as string }),
  };

  function headersOf(caller: Caller): Promise<Record<string, string>> {
    const known = callers.get(caller) ?? makers[caller]();
    callers.set(caller, known);
    return known;
  }

  async function open(method: string, path: string, sent: RequestOptions = {}): Promise<Response> {
    const origin = sent.origin ?? "https://gateway.test";
    const headers = new Headers({ host: new URL(origin).host, ...(await headersOf(sent.as ?? "admin-token")) });
    // As a browser sends it.
    if (headers.has("cookie") && method !== "GET") {
      headers.set("origin", origin);
      headers.set("sec-fetch-site", "same-origin");
    }
    if (sent.body !== undefined) headers.set("content-type", "application/json");
    for (const [name, value] of Object.entries(sent.headers ?? {})) headers.set(name, value);
    const request = new Request(`${origin}${adminBasePath}${path}`, {
      method,
      headers,
      ...(sent.body === undefined ? {} : { body: JSON.stringify(sent.body) }),
    });
    return app.fetch(request, { address: "192.0.2.1", secure: origin.startsWith("https:"), ...sent.info });
  }

  async function request(method: string, path: string, sent?: RequestOptions): Promise<Answered> {
    const response = await open(method, path, sent);
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
    const answered = {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && text !== "" ? (JSON.parse(text) as unknown) : undefined,
    };
    checkAnswer({ implementations, method, path, answered, secrets });
    return answered;
  }

  return {
    services,
    app,
    store,
    state,
    clock,
    logger,
    hub,
    prices,
    checks,
    captured,
    timers,
    secrets,
    headersOf,
    open,
    request,
    async ask(route, { params = {}, query = {}, ...sent } = {}) {
      const path = route.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
      const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
      const answered = await request(route.method, `${path}${search.size > 0 ? `?${search}` : ""}`, sent);
      if (answered.status >= 400) throw new Error(`${route.id} answered ${answered.status}: ${answered.text}`);
      return answered.body;
    },
    close: () => store.close(),
  };
}

// --- helpers ---

const digest = { sha256: (text: string): string => createHash("sha256").update(text).digest("hex") };
