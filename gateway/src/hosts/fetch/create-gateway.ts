/**
 * The gateway wherever `fetch` runs: one function from Request to Response, state in memory only. For platforms of their
 * own kind and for embedding; Node, Bun and Workers have hosts that keep their state.
 * @module
 */
import { createCallEnvironment } from "../../call/environment.ts";
import { createLocalControl } from "../../call/local-control.ts";
import { createClients } from "../../clients/clients.ts";
import type { Bytes, Clock, Digest, Logger, Random } from "../../core/ports.ts";
import { portableBytes } from "../../core/portable-bytes.ts";
import type { CallRecord } from "../../core/records.ts";
import { createPrices } from "../../ledger/prices.ts";
import { createAffinity } from "../../pool/affinity/affinity.ts";
import { createPool } from "../../pool/pool.ts";
import type { CredentialView } from "../../pool/types.ts";
import { parseSettings } from "../../settings/parse.ts";
import { createAccountFetch } from "../accounts/account-fetch.ts";
import { createMemoryShelf } from "../accounts/account-shelf.ts";
import { createAccounts } from "../accounts/create-accounts.ts";
import { environmentAccount } from "../accounts/environment-account.ts";
import { environmentClients, environmentCredentials } from "../environment-entries.ts";
import { FetchCallHost } from "./fetch-call-host.ts";
import { refuseUpgrade } from "./refused-upgrade.ts";

/** What the platform must bring. Only the digest has no default: WebCrypto's is asynchronous. */
export interface GatewayOptions {
  /** Settings by name, as environment variables: docs/configuration.md. */
  environment: Readonly<Record<string, string | undefined>>;
  /** SHA-256 of a text, lower-case hex. */
  digest: Digest;
  /** Takes each call's record when it ended. @default none */
  onCall?: (record: CallRecord) => void;
  /** @default the platform's fetch */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** @default a pure one over TextDecoder */
  bytes?: Bytes;
  clock?: Clock;
  random?: Random;
  logger?: Logger;
}

/** A gateway in memory. */
export interface MemoryGateway {
  /**
   * Answers a request.
   * @param keepAlive the platform's `waitUntil`, where it has one
   */
  fetch(request: Request, keepAlive?: (work: Promise<unknown>) => void): Promise<Response>;
  /** Credentials and their health. */
  view(): CredentialView[];
}

/**
 * Makes a gateway.
 * @throws Error naming every setting that cannot be used
 */
export function createGateway(options: GatewayOptions): MemoryGateway {
  const { settings, problems } = parseSettings(options.environment);
  if (problems.length > 0)
    throw new Error(problems.map(({ variable, message }) => `${variable}: ${message}`).join("; "));
  const clock = options.clock ?? platformClock;
  const random = options.random ?? platformRandom;
  const { quotaLimits, quotaScheduling, disableShare } = settings;
  const pool = createPool({ random, onChange: () => undefined, quotaLimits, quotaScheduling, disableShare });
  pool.replace(environmentCredentials(settings, options.digest));
  const clients = createClients({ timeZone: settings.limitTimeZone });
  clients.replace(environmentClients(settings, options.digest), { open: settings.openMode });
  const logger = options.logger ?? { log: () => undefined };
  const send = options.fetch ?? ((url: string, init: RequestInit) => fetch(url, init));
  const account = environmentAccount(settings, options.digest);
  const accounts =
    account === null
      ? null
      : createAccounts({
          shelf: createMemoryShelf(account),
          ask: createAccountFetch(send),
          settings,
          clock,
          random,
          logger,
        });
  const control = createLocalControl({
    accounts: accounts?.keeper ?? null,
    clock,
    pool,
    clients,
    affinity: createAffinity(),
    recorder: null,
    prices: createPrices(),
    shareAll: settings.resourceSharing === "all",
  });
  const { onCall } = options;
  const environment = createCallEnvironment({
    settings,
    clock,
    random,
    logger,
    bytes: options.bytes ?? portableBytes,
    digest: options.digest,
    control:
      onCall === undefined
        ? control
        : {
            ...control,
            settle(record, reservation) {
              control.settle(record, reservation);
              onCall(record);
            },
          },
  });
  return {
    fetch(request, keepAlive = () => undefined) {
      const refused = refuseUpgrade(request);
      if (refused !== null) return Promise.resolve(refused);
      const host = new FetchCallHost(environment, { fetch: send, keepAlive }, request);
      host.call.begin();
      return host.response;
    },
    view: () => pool.view(clock.now()),
  };
}

// --- helpers ---

const platformClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };

const platformRandom: Random = {
  next: () => Math.random(),
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
};
