/**
 * For tests of the loaded state: a store in memory, a vault, simulated ports, and what is put into them.
 * @module
 */
import { createHash } from "node:crypto";
import type { Lease } from "../core/credential.ts";
import type { Digest } from "../core/ports.ts";
import type { ResourceBinding } from "../core/resources.ts";
import type { PickRequest } from "../pool/types.ts";
import { parseSettings } from "../settings/parse.ts";
import { openNodeSqlite } from "../storage/drivers/open-node.ts";
import type { Store, StoredCredential } from "../storage/types.ts";
import { createKeptLogger, createSeededRandom, createSimulatedClock } from "./simulated.ts";
import { createVault, type Vault } from "../vault/envelope.ts";
import { credentialIdOf, fingerprintOf } from "../vault/fingerprint.ts";
import { loadState, type LoadedState } from "../hosts/state.ts";

const digest: Digest = { sha256: (text: string) => createHash("sha256").update(text).digest("hex") };
const random = createSeededRandom();
/** What picks are made for. */
export const model = "gemini-3.8-flash";
const stores: Store[] = [];

/** For `afterEach`. */
export async function closeStores(): Promise<void> {
  for (const store of stores.splice(0)) await store.close();
}

/** An empty store in memory, closed by `closeStores`. */
export async function makeStore(): Promise<Store> {
  const store = await openNodeSqlite({ path: ":memory:" });
  stores.push(store);
  return store;
}

/** @param byte of which the master key is made */
export function makeVault(byte = 1): Vault {
  return createVault({ masterKeys: [{ id: `k${byte}`, key: new Uint8Array(32).fill(byte) }], random });
}

/** A loaded state with its simulated ports. */
export interface Loaded extends LoadedState {
  clock: ReturnType<typeof createSimulatedClock>;
  logger: ReturnType<typeof createKeptLogger>;
}

/** Loads a state over a store. */
export async function load(
  store: Store,
  options: { environment?: Record<string, string>; vault?: Vault; now?: number } = {},
): Promise<Loaded> {
  const clock = createSimulatedClock(options.now);
  const logger = createKeptLogger();
  const { settings } = parseSettings(options.environment ?? {});
  const parts = { store, settings, clock, random, digest, logger, vault: options.vault ?? makeVault() };
  return { ...(await loadState(parts)), clock, logger };
}

/** A key of the shape of Google's. */
export const key = (name: string): string => `AIzaSy-${name}-${"x".repeat(31 - name.length)}`;
/** The credential's id. */
export const idOf = (name: string): string => credentialIdOf(fingerprintOf(key(name), digest));

/** Stores a sealed credential. */
export async function addCredential(store: Store, name: string, more: Partial<StoredCredential> = {}): Promise<string> {
  const id = idOf(name);
  const sealed = await makeVault().seal(key(name), id);
  const facts = { projectId: null, weight: 1, tier: 0, enabled: true, createdAt: 1 };
  await store.credentials.add({ id, name, sealed, fingerprint: fingerprintOf(key(name), digest), ...facts, ...more });
  return id;
}

function request(clock: { now(): number }, more: Partial<PickRequest> = {}): PickRequest {
  return { model, strategy: "round_robin", stickyKey: null, tried: [], now: clock.now(), ...more };
}

/** @throws when the pool gives none */
export function take(state: Loaded, more: Partial<PickRequest> = {}): Lease {
  const pick = state.pool.pick(request(state.clock, more));
  if (!pick.ok) throw new Error(`no credential: ${pick.reason}`);
  return pick.lease;
}

/** A file of client_1 in p1. */
export function binding(name: string, more: Partial<ResourceBinding> = {}): ResourceBinding {
  const owner = { credentialId: idOf("one"), projectId: "p1", clientId: "client_1" };
  return { name, kind: "file", ...owner, createdAt: 1, expiresAt: null, detail: null, ...more };
}
