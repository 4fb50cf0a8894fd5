/**
 * The data that commands work on: the store of DATA_DIR, opened directly, so that it does not matter whether the gateway
 * runs. After a change of keys or clients the store's revision is raised; a running gateway then reloads within a second.
 * @module
 */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { loadMasterKeys } from "../hosts/node/master-key-file.ts";
import { nodeRandom } from "../hosts/node/ports.ts";
import { openNodeSqlite } from "../storage/drivers/open-node.ts";
import type { Store } from "../storage/types.ts";
import { createVault } from "../vault/envelope.ts";
import type { Vault } from "../vault/envelope.ts";
import type { Configuration } from "./configuration.ts";
import { CliFailure, wordsOf } from "./failure.ts";

/** File of the database in the data directory. The hosts use the same name. */
export const databaseFile = "gemini-proxy.sqlite";

/** An open store with its vault. */
export interface Workspace {
  store: Store;
  /** False: nothing is stored yet; `store` is an empty one in memory. */
  exists: boolean;
  /** The vault, made at the first call: a passphrase takes some tenths of a second. */
  vault(): Promise<Vault>;
}

/**
 * Opens the store, runs the work, and closes it again.
 * @param configuration settings in force
 * @param options `write`: make folder and database when missing; else an empty store in memory stands in
 * @param work what is done with it
 * @returns what the work gives
 * @throws CliFailure when the database cannot be opened
 */
export async function withWorkspace<Result>(
  configuration: Configuration,
  options: { write: boolean },
  work: (workspace: Workspace) => Promise<Result>,
): Promise<Result> {
  const { settings } = configuration;
  const path = join(settings.dataDir, databaseFile);
  const exists = existsSync(path);
  const store = await open(settings.dataDir, options.write || exists ? path : ":memory:");
  let vault: Promise<Vault> | null = null;
  const makeVault = async (): Promise<Vault> =>
    createVault({ masterKeys: await loadMasterKeys({ settings, random: nodeRandom }), random: nodeRandom });
  try {
    return await work({ store, exists, vault: () => (vault ??= makeVault()) });
  } finally {
    await store.close();
  }
}

// --- helpers ---

async function open(dataDir: string, path: string): Promise<Store> {
  try {
    if (path !== ":memory:") mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    return await openNodeSqlite({ path });
  } catch (error) {
    throw new CliFailure(`The database cannot be opened: ${wordsOf(error)}`, {
      place: path,
      next: "Check DATA_DIR, its owner and its permissions; 'gemini-proxy doctor' tells more.",
    });
  }
}
