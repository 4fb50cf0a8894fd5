/**
 * Front and admin API of a host that holds pool, clients and ledger itself: Node and Bun in the process, Workers in the
 * state object.
 * @module
 */
import type { AdminServices } from "../../admin/services.ts";
import type { CallEnvironment } from "../../call/environment.ts";
import type { RecorderState } from "../../ledger/types.ts";
import type { GatewayGauges } from "../../observe/metrics-types.ts";
import type { Observers } from "../../observe/observers.ts";
import { createAdminGate, type AdminGate } from "../front/admin-gate.ts";
import { createFront, type Front } from "../front/front.ts";
import { createGuard } from "../front/guard.ts";
import type { Pages } from "../static/pages.ts";
import { version } from "../version.ts";
import { createNumbers } from "./numbers.ts";
import { createAdminServices, type AdministrationParts } from "./services.ts";

/** A host's parts, with what the front needs beside those of the admin API. */
export interface OwnParts extends Omit<AdministrationParts, "hub" | "environment"> {
  environment: CallEnvironment;
  observers: Observers;
  pages: Pages;
}

/** Both, and the gauges that observers ask for. */
export interface Own {
  front: Front;
  admin: AdminGate;
  services: AdminServices;
  gauges(): GatewayGauges;
}

/** Makes them. The admin API's own code is loaded by the first request to it. */
export function createOwn(parts: OwnParts): Own {
  const { environment, observers, state, store, pages } = parts;
  const { clock, digest, logger } = environment;
  const settings = parts.settings.current;
  const services = createAdminServices({ ...parts, hub: observers.hub });
  const ledgerWorks = (recorder: RecorderState | null): boolean => recorder === null || recorder.lastError === null;
  const numbers = createNumbers({
    version,
    host: parts.host,
    startedAt: parts.startedAt,
    clock,
    settings,
    pool: state.pool,
    credential: (id) => state.credential(id),
    metrics: observers.metrics,
    resources: () => state.affinity.size(),
    recorder: parts.recorder,
    openCalls: parts.openCalls,
    listeners: () => observers.hub.size(),
    draining: parts.draining,
    rssBytes: () => parts.memory().rssBytes,
    otlp: () => observers.otlp(),
    tokenRefreshes: () => parts.accounts.keeper.refreshes(),
  });
  return {
    services,
    gauges: numbers.gauges,
    front: createFront({
      ...numbers,
      settings,
      pages,
      guard: createGuard({
        settings,
        clock,
        digest,
        isAdminToken: (token) => services.isAdminToken(token),
        tokens: store.administration.tokens,
      }),
      ready: () => !parts.draining() && ledgerWorks(parts.recorder()),
    }),
    admin: createAdminGate({
      logger,
      load: async () => (await import("../../admin/app.ts")).createAdminApp(services),
    }),
  };
}
