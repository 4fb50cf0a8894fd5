/** @module A Google Gemini API to test against: start it, give its address to the program under test, read what it served. */

import type { IncomingMessage } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";

import type { AccountConfig, AccountSummary } from "./accounts/types.ts";
import { CONTROL_PREFIX, serveControl } from "./http/control.ts";
import { serveRequest } from "./http/serve-request.ts";
import { isLiveUrl } from "./live/route.ts";
import { createLive } from "./live/server.ts";
import type { ResourceSummary } from "./resources/registry.ts";
import type { Totals } from "./state/totals.ts";
import { createWorld } from "./state/world.ts";
import type { EmulatorOptions, FaultSpec, ProjectConfig, ServedRecord } from "./types.ts";
import type { ScriptedAnswer } from "./state/script-types.ts";

export type {
  KeyState,
  ProjectState,
  Tier,
  KeyConfig,
  ProjectConfig,
  ModelConfig,
  AnswerShape,
  FaultMatch,
  CustomResponse,
  FaultAction,
  FaultSpec,
  EmulatorOptions,
  Outcome,
  CredentialPlace,
  ServedRecord,
} from "./types.ts";
export type { QuotaLimits } from "./state/quota-limits.ts";
export type { ScriptRequest, ScriptedChunk, ScriptedAnswer } from "./state/script-types.ts";
export type { Surface } from "./state/surface.ts";
export type { ScriptCondition, TextPattern } from "./state/script-types.ts";
export type { AccountConfig, AccountState, AccountSummary, CodeAssistTier, OauthClient } from "./accounts/types.ts";
export type { AccountTotals, GroupTotals, Totals } from "./state/totals.ts";
export type { BatchTotals, ImplicitCacheOptions, ResourceOptions } from "./resources/options.ts";
export type { InteractionOptions } from "./interactions/types.ts";
export type { LiveFault, LiveNote, LiveOptions } from "./live/types.ts";
export { DEFAULT_KEY } from "./state/world.ts";

/** A running emulator. */
export interface Emulator {
  /** `http://host:port`, without a final slash. */
  url: string;
  port: number;
  /** Entries in order of their end, oldest first. */
  record(): ServedRecord[];
  totals(): Totals;
  /** Files, caches, batches, … by kind: names, owners, times. */
  resources(): Record<string, ResourceSummary[]>;
  /**
   * Commands a fault; gives back its number, from 1.
   * @throws TypeError for a fault that can never be right.
   */
  fault(spec: FaultSpec): number;
  clearFaults(): void;
  /** Appends answers that are consumed in order, before the `script` option is asked. */
  script(...answers: ScriptedAnswer[]): void;
  /**
   * Adds or replaces a project, keys included; its counts stay.
   * @throws TypeError when a key belongs to another project.
   */
  setProject(project: ProjectConfig): void;
  /**
   * Adds or replaces a Code Assist account; its tokens stay, unless its refresh token is another one.
   * @throws TypeError for a bad state or tier, a missing email or refresh token.
   */
  setAccount(account: AccountConfig): void;
  /** The Code Assist accounts as they are now. */
  accounts(): AccountSummary[];
  /** Voids the access tokens given so far, of one account or of all: the next call with one is a 401. */
  expireTokens(email?: string): void;
  /** Moves the clock of quotas and records forward. */
  advance(ms: number): void;
  /** As freshly started: projects, quotas, faults, scripts, record, ids, clock. Requests in flight go on. */
  reset(): void;
  /** Stops listening and breaks all connections. */
  close(): Promise<void>;
}

/**
 * Starts an emulator.
 * @throws when the port is taken, or a key belongs to two projects.
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const world = createWorld(options);
  const connections = new WeakMap<Socket, number>();
  const live = createLive(world);
  let closing = false;
  // Other offers to upgrade (h2c) are ignored, as at Google.
  const shouldUpgradeCallback = ({ url = "" }: IncomingMessage): boolean => isLiveUrl(url);
  const server = createServer({ shouldUpgradeCallback }, (request, response) => {
    if (request.url?.startsWith(CONTROL_PREFIX)) {
      void serveControl(request, response, world);
      return;
    }
    const connection = connections.get(request.socket) ?? 0;
    serveRequest(request, response, { world, connection, isClosing: () => closing }).catch((error: unknown) => {
      // A bug of the emulator must be seen, and must not look like Google.
      console.error("emulator failed", error);
      response.destroy();
    });
  });
  server.on("upgrade", (request, socket, head) => {
    live.upgrade(request, socket, { head, connection: connections.get(request.socket) ?? 0 });
  });
  server.on("connection", (socket) => connections.set(socket, world.records.connect()));
  // As Google: idle connections live for minutes, slow uploads are not cut.
  server.keepAliveTimeout = 240_000;
  server.requestTimeout = 0;
  server.maxHeadersCount = 0;
  const host = options.host ?? "127.0.0.1";
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port: options.port ?? 0, host, backlog: 4_096 }, () => resolve());
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    port,
    record: () => world.records.list(),
    totals: () => {
      world.deferred.settle(world.now());
      return world.records.totals();
    },
    resources: () => {
      world.deferred.settle(world.now());
      return world.resources.summary();
    },
    fault: (spec) => world.faults.add(spec),
    clearFaults: () => world.faults.clear(),
    script: (...answers) => world.scripts.push(answers),
    setProject: (project) => world.projects.set(project),
    setAccount: (account) => world.accounts.set(account),
    accounts: () => world.accounts.list(world.now()),
    expireTokens: (email) => world.accounts.expire(email),
    advance: (ms) => world.advance(ms),
    reset: () => world.reset(),
    close: async () => {
      closing = true;
      await live.close();
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      server.closeAllConnections();
      await closed;
    },
  };
}
