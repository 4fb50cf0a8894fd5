/* oxlint-disable max-lines -- one table: how each hot setting shows that it has taken effect */
import { afterEach, expect, test, vi } from "vitest";
import { createSessions } from "../admin/auth/sessions.ts";
import { Call } from "../call/call.ts";
import { createLocalControl } from "../call/local-control.ts";
import { createLiveSessions } from "../call/live/live-sessions.ts";
import type { ClientKey } from "../clients/types.ts";
import { portableBytes } from "../core/portable-bytes.ts";
import type { CallRecord } from "../core/records.ts";
import { createPrices } from "../ledger/prices.ts";
import { createObservers } from "../observe/observers.ts";
import { settingsTable } from "../settings/table.ts";
import type { Settings } from "../settings/types.ts";
import type { GatewayStore } from "../storage/types-analytics.ts";
import { openNodeSqlite } from "../storage/drivers/open-node.ts";
import {
  answer,
  clientKey,
  createWorld,
  keyOf,
  otherClient,
  otherKey,
  SimulatedHost,
  type CallWorld,
} from "../testkit/call-world.ts";
import { createLiveWorld } from "../testkit/live-harness.ts";
import { makeVault } from "../testkit/loaded-state.ts";
import { createKeptLogger } from "../testkit/simulated.ts";
import { housekeeping } from "./administration/housekeeping.ts";
import { createCaptureStore, type CaptureStore } from "./capture-store.ts";
import { FetchCallHost } from "./fetch/fetch-call-host.ts";
import { createFront } from "./front/front.ts";
import { createGuard } from "./front/guard.ts";
import { applyHotSettings } from "./hot-settings.ts";
import { withLevel } from "./level-logger.ts";
import { createSettingsControl, type SettingsHost } from "./settings-control.ts";
import { createPages } from "./static/pages.ts";

afterEach(async () => {
  vi.restoreAllMocks();
  for (const store of stores.splice(0)) await store.close();
});

const hour = 3_600_000;
const day = 24 * hour;
const key = ["x-goog-api-key", clientKey];
const generate = "/v1beta/models/m:generateContent";
const streaming = "/v1beta/models/m:streamGenerateContent?alt=sse";
const count = "/v1beta/models/m:countTokens";
const good = '{"candidates":[{"content":{"parts":[{"text":"Hello"}]},"finishReason":"STOP"}]}';

const chat = '{"model":"m","max_tokens":100,"messages":[{"role":"user","content":"hi"}]}';

/** Name → what a change does to the next call, or to the part that uses it. */
const cases: Readonly<Record<string, Case>> = {
  PUBLIC_URL: {
    to: "https://public.example/gate",
    before: "https://asked.example",
    after: "https://public.example/gate",
    observe({ world }) {
      const { host, call } = world.start("/upload/v1beta/files", [
        ...key,
        "host",
        "asked.example",
        "x-forwarded-proto",
        "https",
        "content-length",
        "2",
      ]);
      answer(call, 1, 200, "", ["x-goog-upload-url", "https://generativelanguage.googleapis.com/upload/x?upload_id=1"]);
      return host.header("x-goog-upload-url")?.split("/upload")[0];
    },
  },
  LOG_LEVEL: {
    to: "debug",
    before: 0,
    after: 1,
    observe({ settings }) {
      const kept = createKeptLogger();
      withLevel(kept, settings).log("debug", "event");
      return kept.lines.length;
    },
  },
  LIMIT_TIME_ZONE: {
    to: "Asia/Tokyo",
    before: 12 * hour,
    after: 3 * hour,
    options: { clients: [{ ...otherClient, limits: { requestsPerDay: 1 } }] },
    // The world's clock says noon in UTC; the second look finds what the first one took.
    observe({ world: { clients, clock } }) {
      const client = clients.list().find(({ id }) => id === "client_2") as ClientKey;
      const estimate = { tokens: 0, costNanoUsd: 0 };
      clients.reserve(client, estimate, clock.now());
      const refused = clients.reserve(client, estimate, clock.now());
      return refused.ok ? "taken twice" : refused.retryAfterMs;
    },
  },
  TRUSTED_PROXIES: {
    to: "192.0.2.1",
    before: 403,
    after: 0,
    options: { clients: [{ ...otherClient, ipRanges: ["10.0.0.0/8"] }] },
    observe({ world }) {
      const host = new SimulatedHost();
      const headers = ["x-goog-api-key", otherKey, "x-forwarded-for", "10.1.2.3"];
      new Call(world.environment, host, {
        method: "GET",
        url: "/v1beta/models",
        headers,
        address: "192.0.2.1",
      }).begin();
      return host.status;
    },
  },
  CORS_ORIGINS: {
    to: "https://app.example",
    before: "*",
    after: "https://app.example",
    observe({ world }) {
      const { host, call } = world.start(generate, [...key, "origin", "https://app.example"]);
      answer(call, 1, 200, good);
      return host.header("access-control-allow-origin");
    },
  },
  FIRST_BYTE_TIMEOUT_MS: {
    to: "7s",
    before: 11_000,
    after: 7_000,
    options: { settings: { FIRST_BYTE_TIMEOUT_MS: "11s" } },
    observe: timerSet,
  },
  IDLE_TIMEOUT_MS: {
    to: "7s",
    before: 11_000,
    after: 7_000,
    options: { settings: { IDLE_TIMEOUT_MS: "11s" } },
    observe: timerSet,
  },
  CLIENT_STALL_TIMEOUT_MS: {
    to: "7s",
    before: 11_000,
    after: 7_000,
    options: { settings: { CLIENT_STALL_TIMEOUT_MS: "11s" } },
    observe: timerSet,
  },
  PROXY_LOADBALANCE_STRATEGY: {
    to: "sticky_until_error",
    before: 2,
    after: 1,
    observe: ({ world }) => new Set([served(world), served(world)]).size,
  },
  PREFIX_AFFINITY: {
    to: "off",
    before: 1,
    after: 2,
    observe({ world }) {
      const body = `{"contents":[{"parts":[{"text":"${"long ".repeat(3_000)}"}]}]}`;
      return new Set([served(world, body), served(world, body)]).size;
    },
  },
  QUOTA_SCHEDULING: {
    to: "off",
    before: 429,
    after: 200,
    options: { credentials: 1, settings: { QUOTA_LIMITS: '{"*":{"*":{"rpm":1}}}' } },
    observe: ({ world }) => [statusOf(world), statusOf(world)][1],
  },
  QUOTA_LIMITS: {
    to: '{"*":{"*":{"rpm":1000}}}',
    before: 429,
    after: 200,
    options: { credentials: 1, settings: { QUOTA_LIMITS: '{"*":{"*":{"rpm":1}}}' } },
    observe: ({ world }) => [statusOf(world), statusOf(world)][1],
  },
  DISABLE_SHARE: {
    to: "1",
    before: 3,
    after: 4,
    options: { credentials: 12, settings: { DISABLE_SHARE: "0.1" } },
    observe({ world }) {
      const invalid = '{"error":{"code":400,"message":"API key not valid","status":"INVALID_ARGUMENT"}}';
      for (let index = 0; index < 5; index++) {
        const { host, call } = world.start(generate);
        for (let number = 1; number <= host.sent.length && disabledIn(world) < 4; number++)
          answer(call, number, 400, reason("API_KEY_INVALID", invalid));
        call.clientGone();
        // What rests as suspect comes back.
        world.clock.advance(61_000);
      }
      return disabledIn(world);
    },
  },
  PROXY_MAX_RETRIES: { to: "0", before: 2, after: 1, observe: ({ world }) => attemptsAfter(world, 429) },
  TRANSIENT_RETRIES: { to: "0", before: 2, after: 1, observe: ({ world }) => attemptsAfter(world, 503) },
  EMPTY_RETRIES: {
    to: "0",
    before: 2,
    after: 1,
    observe({ world }) {
      const { host, call } = world.start(generate);
      answer(call, 1, 200, '{"candidates":[{"content":{"role":"model"},"finishReason":"STOP"}]}');
      host.fire();
      return host.sent.length;
    },
  },
  OPENAI_CHAT: {
    to: "translate",
    before: "/v1beta/openai/chat/completions",
    after: "/v1beta/models/m:generateContent",
    observe({ world }) {
      const { host } = world.start("/v1/chat/completions", ["authorization", `Bearer ${clientKey}`], { body: chat });
      return host.sent[0]?.path;
    },
  },
  INCLUDE_THOUGHTS: {
    to: "off",
    before: true,
    after: false,
    observe({ world }) {
      const thinking = { thinking: { type: "enabled", budget_tokens: 2_000 } };
      const { host } = world.start("/v1/messages", key, { body: JSON.stringify({ ...JSON.parse(chat), ...thinking }) });
      return sentText(host).includes('"includeThoughts":true');
    },
  },
  SIGNATURES_IN_IDS: {
    to: "off",
    before: true,
    after: false,
    observe({ world }) {
      const { host, call } = world.start("/v1/messages", key, { body: chat });
      const part = { functionCall: { name: "f", args: {} }, thoughtSignature: "c2lnbmF0dXJl" };
      answer(call, 1, 200, JSON.stringify({ candidates: [{ content: { parts: [part] }, finishReason: "STOP" }] }));
      return /"id":"toolu_[^"]*_g1/.test(host.body);
    },
  },
  STREAM_KEEPALIVE_MS: {
    to: "0",
    before: true,
    after: false,
    observe({ world }) {
      const { host } = world.start("/v1/messages", key, {
        body: JSON.stringify({ ...JSON.parse(chat), stream: true }),
      });
      host.fire();
      return host.body.includes("ping");
    },
  },
  LONG_ANSWER_HOPS: {
    to: "1",
    before: 2,
    after: 1,
    observe({ world }) {
      const { host, call } = world.start("/v1/messages", key, { body: chat });
      const candidate = { content: { parts: [{ text: "a" }] }, finishReason: "CONTINUATION", continuationToken: "t" };
      answer(call, 1, 200, JSON.stringify({ candidates: [candidate] }));
      return host.sent.length;
    },
  },
  RESPONSES_STORE: {
    to: "off",
    before: 200,
    after: 400,
    observe({ world }) {
      const { environment } = world;
      environment.responses = {
        put: () => undefined,
        get: ({ id, clientId }, then) => then({ id, clientId, model: "m", turns: "[]", createdAt: 0 }),
        remove: (_question, then) => then(false),
      };
      const body = JSON.stringify({ model: "m", input: "hi", previous_response_id: "resp_1" });
      const { host, call } = world.start("/v1/responses", ["authorization", `Bearer ${clientKey}`], { body });
      if (host.sent.length > 0) answer(call, 1, 200, good);
      return host.status;
    },
  },
  COUNT_TOKENS: {
    to: "estimate",
    before: 1,
    after: 0,
    observe({ world }) {
      const { host } = world.start("/v1/messages/count_tokens", key, { body: chat });
      return host.sent.length;
    },
  },
  RETRY_DEADLINE_MS: {
    to: "1s",
    before: 2,
    after: 1,
    observe: ({ world }) => attemptsAfter(world, 503, () => world.clock.advance(30_000)),
  },
  RETRY_BUDGET: {
    to: "5%",
    before: 2,
    after: 1,
    observe({ world }) {
      Object.assign(world.environment.open, { calls: 100, retrying: 12 });
      return attemptsAfter(world, 503);
    },
  },
  MODEL_ALIASES: {
    to: "m-fast=m",
    before: "/v1beta/models/m-fast:generateContent",
    after: "/v1beta/models/m:generateContent",
    observe: ({ world }) => world.start("/v1beta/models/m-fast:generateContent").host.sent[0]?.path,
  },
  MODEL_FALLBACKS: {
    to: "m=m-2",
    before: undefined,
    after: "/v1beta/models/m-2:generateContent",
    options: { credentials: 1, settings: { QUOTA_LIMITS: '{"*":{"m":{"rpm":1}}}' } },
    observe({ world }) {
      world.start(generate);
      return world.start(generate).host.sent[0]?.path;
    },
  },
  UPSTREAM_STORE: {
    to: "off",
    before: "{}",
    after: '{"store":false}',
    observe: ({ world }) => bodyOf(world).replaceAll(/\s/g, ""),
  },
  REQUEST_DEDUP_WINDOW_MS: {
    to: "5s",
    before: 1,
    after: 0,
    observe: ({ world }) => [world.start(count), world.start(count)][1]?.host.sent.length,
  },
  RESPONSE_CACHE_TTL_MS: {
    to: "1m",
    before: undefined,
    after: "hit",
    observe: ({ world }) => cacheHeader(world, 3),
  },
  RESPONSE_CACHE_BYTES: {
    to: "1MB",
    before: undefined,
    after: "hit",
    options: { settings: { RESPONSE_CACHE_TTL_MS: "1m", RESPONSE_CACHE_BYTES: "64KB" } },
    observe: ({ world }) => cacheHeader(world, 20_000),
  },
  RESOURCE_SHARING: {
    to: "all",
    before: 403,
    after: 0,
    options: { clients: [otherClient] },
    observe({ world }) {
      bindFile(world, "client_2");
      return world.start("/v1beta/files/a", key, { method: "GET" }).host.status;
    },
  },
  OWNER_WAIT_MS: {
    to: "0",
    before: 0,
    after: 429,
    options: { settings: { QUOTA_LIMITS: '{"*":{"*":{"rpm":1}}}', OWNER_WAIT_MS: "2m" } },
    observe({ world }) {
      bindFile(world, "client_1");
      const uri = "https://generativelanguage.googleapis.com/v1beta/files/a";
      const body = JSON.stringify({ contents: [{ parts: [{ fileData: { fileUri: uri } }] }] });
      const calls = [world.start(generate, key, { body }), world.start(generate, key, { body })];
      return calls[1]?.host.status;
    },
  },
  REWRITE_DOWNLOADS: {
    to: "on",
    before: "https://generativelanguage.googleapis.com/v1beta/files/a:download?alt=media",
    after: "https://asked.example/v1beta/files/a:download?alt=media",
    observe({ world }) {
      const headers = [...key, "host", "asked.example", "x-forwarded-proto", "https"];
      const { host, call } = world.start("/v1beta/models/m/operations/o", headers, { method: "GET" });
      const uri = "https://generativelanguage.googleapis.com/v1beta/files/a:download?alt=media";
      answer(call, 1, 200, JSON.stringify({ uri }), ["content-type", "application/json"]);
      return (JSON.parse(host.body) as { uri: string }).uri;
    },
  },
  LIVE: {
    to: "off",
    before: undefined,
    after: 501,
    observe({ settings }) {
      const world = createLiveWorld();
      world.environment.settings = settings;
      return world.open().host.refused?.status;
    },
  },
  MAX_LIVE_SESSIONS: {
    to: "1",
    before: true,
    after: false,
    observe({ settings }) {
      const sessions = createLiveSessions(settings);
      sessions.enter({ drain: () => undefined });
      return sessions.enter({ drain: () => undefined });
    },
  },
  MAX_BODY_BYTES: {
    to: "1KB",
    before: 0,
    after: 413,
    observe: ({ world }) => world.start(generate, [...key, "content-length", "2000"]).host.status,
  },
  MAX_OPEN_CALLS: {
    to: "1",
    before: 0,
    after: 503,
    observe: ({ world }) => [world.start(generate), world.start(generate)][1]?.host.status,
  },
  MAX_REPLAY_BYTES: { to: "1", before: 2, after: 1, observe: ({ world }) => attemptsAfter(world, 503) },
  MAX_BUFFERED_BYTES: {
    to: "1MB",
    before: 200,
    after: 503,
    observe: async ({ world }) => (await fetched(world, `{"a":"${"x".repeat(2_000_000)}"}`)).status,
  },
  RETENTION_DAYS: {
    to: "5",
    before: 1,
    after: 0,
    observe: ({ store, settings }) => callsLeft(store, settings, { agedDays: 10 }),
  },
  LEDGER_MAX_BYTES: {
    to: "10MB",
    before: true,
    after: false,
    options: { settings: { LEDGER_MAX_BYTES: "1GB" } },
    async observe({ store, settings }) {
      // Any database is above it: what is asked is the bound that reaches the ledger.
      const bytes = async (): Promise<number> => 11 * 1024 * 1024;
      const slim = { ...store, ledger: { ...store.ledger, bytes } };
      return (await callsLeft(slim, settings, { agedDays: 1 })) > 0;
    },
  },
  CAPTURE: {
    to: "all",
    before: null,
    after: good,
    async observe({ world, captures }) {
      return (await captured(world, captures))?.response.body ?? null;
    },
  },
  CAPTURE_MAX_BYTES: {
    to: "1KB",
    before: false,
    after: true,
    options: { settings: { CAPTURE: "all" } },
    observe: async ({ world, captures }) => (await captured(world, captures, " ".repeat(2_000)))?.request.cut,
  },
  CAPTURE_RETENTION_MS: {
    to: "1h",
    before: 24 * 3_600_000,
    after: 3_600_000,
    options: { settings: { CAPTURE: "all" } },
    observe: async ({ world, captures }) => ((await captured(world, captures))?.expiresAt ?? 0) - world.clock.now(),
  },
  CAPTURE_STORE_BYTES: {
    to: "1MB",
    before: true,
    after: false,
    options: { settings: { CAPTURE: "all", CAPTURE_MAX_BYTES: "512KB" } },
    async observe({ world, captures }) {
      const ids: string[] = [];
      for (let index = 0; index < 3; index++) {
        world.clock.advance(1);
        ids.push((await captured(world, captures, "x".repeat(500_000)))?.callId ?? "");
      }
      await captures.prune();
      return (await captures.read(ids[0] ?? "")) !== null;
    },
  },
  DASHBOARD: {
    to: "off",
    before: 302,
    after: 404,
    async observe({ settings, world, store }) {
      const nothing = async (): Promise<never> => Promise.reject(new Error("not asked for"));
      const { tokens } = store.administration;
      const { clock, environment } = world;
      const isAdminToken = (): boolean => false;
      const front = createFront({
        settings,
        guard: createGuard({ settings, isAdminToken, tokens, digest: environment.digest, clock }),
        pages: createPages(null),
        health: nothing,
        ready: () => true,
        healthInDetail: nothing,
        prometheus: nothing,
        metrics: nothing,
        modelUsage: nothing,
      });
      return (await front.answer({ method: "GET", url: "/stat", header: () => null })).status;
    },
  },
  SESSION_MS: {
    to: "1h",
    before: 12 * 3_600_000,
    after: 3_600_000,
    async observe({ control, world: { environment, clock }, store }) {
      const { administration } = store;
      const parts = { ...environment, administration, settings: control, store, vault: makeVault() };
      const sessions = createSessions(parts);
      const { session } = await sessions.create({ operatorId: null, name: "admin token", role: "admin" });
      return session.expiresAt - clock.now();
    },
  },
  AUDIT_RETENTION_DAYS: {
    to: "5",
    before: 1,
    after: 0,
    async observe({ store, settings, world: { clock } }) {
      const entry = { actor: "a", role: "admin", action: "x", target: null, detail: null, address: null } as const;
      const at = clock.now() - 10 * day;
      await store.administration.audit.add({ ...entry, id: String(++made), at, outcome: "done" });
      const now = clock.now();
      await housekeeping({ store, settings, captures: null, now })["audit.unpruned"]?.();
      return (await store.administration.audit.list({ limit: 10 })).length;
    },
  },
  LOG_CALLS: {
    to: "on",
    before: 0,
    after: 1,
    observe({ settings, world }) {
      const logger = createKeptLogger();
      const observers = createObservers({
        ...world.environment,
        settings,
        logger,
        version: "0",
        startedAt: 0,
        post: null,
        schedule: () => () => undefined,
        price: () => ({ costNanoUsd: null }),
        gauges: () => {
          throw new Error("not asked for");
        },
      });
      statusOf(world);
      observers.settled(world.settled.at(-1) as CallRecord);
      return logger.lines.length;
    },
  },
};

test("the table has every hot setting", () => {
  const hot = settingsTable.filter((row) => row.hot).map(({ name }) => name);
  expect(Object.keys(cases).sort()).toEqual(hot.sort());
});

test.each(Object.entries(cases))(
  "a change of %s takes effect at once",
  async (name, { to, before, after, ...rest }) => {
    const bench = await createBench(rest.options);
    expect(await rest.observe(bench)).toEqual(before);
    const told = await bench.control.change({ [name]: to }, false);
    expect(told).toEqual({ changed: [name], afterRestart: [], outranked: [] });
    expect(await rest.observe(bench)).toEqual(after);
  },
);

// --- helpers ---

interface Bench {
  world: CallWorld;
  settings: Settings;
  control: SettingsHost;
  store: GatewayStore;
  captures: CaptureStore;
}

function sentText(host: SimulatedHost): string {
  const body = host.sent[0]?.body;
  if (body == null || body === "pass") return "";
  return portableBytes.decode(portableBytes.concat(body.chunks));
}

interface Case {
  to: string;
  before: unknown;
  after: unknown;
  options?: Parameters<typeof createWorld>[0];
  observe(bench: Bench): unknown;
}

const stores: GatewayStore[] = [];
let made = 0;

/** Wired as a host is: one settings object, and what copies settings is told of changes. */
async function createBench(options: Case["options"] = {}): Promise<Bench> {
  const world = createWorld({ credentials: 6, ...options });
  const { environment, pool, clients, affinity } = world;
  const { settings, logger } = environment;
  pool.configure(settings);
  environment.control = createLocalControl({
    pool,
    clients,
    affinity,
    prices: createPrices(),
    recorder: {
      began: () => undefined,
      settled: (record) => void world.settled.push(record),
      flush: async () => undefined,
      close: async () => undefined,
      state: () => ({ queued: 0, spilled: 0, lost: 0, failures: 0, lastError: null }),
    },
    get shareAll() {
      return settings.resourceSharing === "all";
    },
  });
  const store = await openNodeSqlite({ path: ":memory:" });
  stores.push(store);
  const captures = createCaptureStore({
    administration: store.administration.captures,
    vault: makeVault(),
    settings,
    clock: world.clock,
    logger,
    schedule: () => () => undefined,
  });
  const control = createSettingsControl({
    settings,
    sources: new Map(),
    stored: {},
    save: (changes) => store.administration.settings.write(changes),
    read: () => store.administration.settings.list(),
    logger,
  });
  const parts = { settings, environment, pool, clients, capture: captures };
  control.listen((changed) => applyHotSettings(parts, changed));
  applyHotSettings(parts);
  return { world, settings, control, store, captures };
}

/** Which key a call went out with. */
function served(world: CallWorld, body = "{}"): string {
  const { host, call } = world.start(generate, key, { body });
  const name = keyOf(host);
  answer(call, 1, 200, good);
  return name;
}

function statusOf(world: CallWorld): number {
  const { host, call } = world.start(generate);
  if (host.sent.length > 0) answer(call, 1, 200, good);
  return host.status;
}

/** Attempts that are made when the first one fails so. */
function attemptsAfter(world: CallWorld, status: number, meanwhile: () => void = () => undefined): number {
  const { host, call } = world.start(generate);
  meanwhile();
  const word = status === 429 ? "RESOURCE_EXHAUSTED" : "UNAVAILABLE";
  answer(call, 1, status, `{"error":{"code":${status},"message":"not now","status":"${word}"}}`);
  host.fire();
  const sent = host.sent.length;
  call.clientGone();
  return sent;
}

function bodyOf(world: CallWorld): string {
  const { body } = world.start(generate).host.sent[0] as { body: unknown };
  return portableBytes.decode(portableBytes.concat((body as { chunks: Uint8Array[] }).chunks));
}

function cacheHeader(world: CallWorld, size: number): string | undefined {
  const { call } = world.start(count);
  answer(call, 1, 200, `{"totalTokens": ${"1".repeat(size)}}`);
  return world.start(count).host.header("x-gproxy-cache");
}

function bindFile(world: CallWorld, clientId: string): void {
  const createdAt = world.clock.now();
  const binding = { name: "files/a", kind: "file", credentialId: "cred_0", projectId: "cred_0" } as const;
  world.affinity.bind([{ ...binding, clientId, createdAt, expiresAt: null, detail: null }], createdAt);
}

function disabledIn(world: CallWorld): number {
  return world.pool.counts(world.clock.now()).disabled;
}

function reason(word: string, body: string): string {
  const value = JSON.parse(body) as { error: Record<string, unknown> };
  value.error["details"] = [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: word }];
  return JSON.stringify(value);
}

/** Which of the two times a call through the fetch host waits for. */
async function timerSet({ world }: Bench): Promise<number> {
  const timer = vi.spyOn(globalThis, "setTimeout");
  const response = await fetched(world, "{}", 200_000);
  // The answer is not read: the host waits for its client.
  const seen = await vi.waitFor(() => {
    const ms = timer.mock.calls.map(([, after]) => after).find((after) => after === 11_000 || after === 7_000);
    return ms ?? Promise.reject(new Error("neither"));
  });
  timer.mockRestore();
  await response.body?.cancel();
  return seen;
}

async function fetched(world: CallWorld, body: string, answerBytes = 1): Promise<Response> {
  const event = `data: {"candidates":[{"content":{"parts":[{"text":"${"x".repeat(answerBytes)}"}]},"finishReason":"STOP"}]}\n\n`;
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      // One in each turn: from the second on the host waits for its client.
      await new Promise((resolve) => setImmediate(resolve));
      controller.enqueue(portableBytes.encode(event));
      if (++events === 4) controller.close();
    },
  });
  let events = 0;
  const platform = { fetch: async () => new Response(stream), keepAlive: () => undefined };
  const request = new Request(`http://gateway.example${streaming}`, {
    method: "POST",
    headers: { "x-goog-api-key": clientKey },
    body,
  });
  const host = new FetchCallHost(world.environment, platform, request);
  host.call.begin();
  return host.response;
}

async function callsLeft(store: GatewayStore, settings: Settings, { agedDays }: { agedDays: number }): Promise<number> {
  const world = createWorld();
  statusOf(world);
  const record = world.settled[0] as CallRecord;
  const now = world.clock.now() + agedDays * day;
  await store.ledger.insert([{ record, costNanoUsd: null, attemptCosts: [null] }]);
  await housekeeping({ store, settings, captures: null, now })["retention.failed"]?.();
  return (await store.ledger.list({})).length;
}

async function captured(world: CallWorld, captures: CaptureStore, body = "{}"): ReturnType<CaptureStore["read"]> {
  const { call } = world.start(generate, key, { body });
  answer(call, 1, 200, good);
  await captures.flush();
  return captures.read(call.id);
}
