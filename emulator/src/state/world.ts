/** @module Everything one emulator knows. */

import type { Projects } from "./projects.ts";
import type { EmulatorOptions, ProjectConfig } from "../types.ts";
import type { ImplicitCache } from "../caches/implicit.ts";
import { createImplicitCache } from "../caches/implicit.ts";
import type { Accounts } from "../accounts/accounts.ts";
import { createAccounts } from "../accounts/accounts.ts";
import type { ByteStore } from "../resources/byte-store.ts";
import { createByteStore } from "../resources/byte-store.ts";
import type { Deferred } from "../resources/deferred.ts";
import { createDeferred } from "../resources/deferred.ts";
import type { Resources } from "../resources/registry.ts";
import { createResources } from "../resources/registry.ts";
import type { Faults } from "./faults.ts";
import { createFaults } from "./faults.ts";
import type { Ids } from "./ids.ts";
import { createIds } from "./ids.ts";
import type { Models } from "./models.ts";
import { createModels } from "./models.ts";
import { createProjects } from "./projects.ts";
import type { Quotas } from "./quotas.ts";
import { createQuotas } from "./quotas.ts";
import type { ServedRecords } from "./record.ts";
import { createRecords } from "./record.ts";
import type { Scripts } from "./scripts.ts";
import { createScripts } from "./scripts.ts";

/** The state of one emulator, all of it in memory. */
export interface World {
  options: EmulatorOptions;
  projects: Projects;
  accounts: Accounts;
  models: Models;
  quotas: Quotas;
  faults: Faults;
  records: ServedRecords;
  scripts: Scripts;
  ids: Ids;
  /** Files, caches, batches, …: whatever belongs to a project. */
  resources: Resources;
  /** What happens when the clock gets there. */
  deferred: Deferred;
  /** Beginnings of prompts, by project and model. */
  implicitCache: ImplicitCache;
  /** What accounts set with `setCodeAssistGlobalUserSetting`, by email. */
  userSettings: Map<string, boolean>;
  /** What `onboardUser` started, by operation: whose it is, and when it is done. */
  onboardings: Map<string, { email: string; due: number }>;
  /** Contents of files that must be kept. */
  contents: ByteStore;
  /** Milliseconds since the epoch, with what `advance` added. */
  now(): number;
  advance(ms: number): void;
  reset(): void;
}

/** The key of the project that serves when no projects are configured. */
export const DEFAULT_KEY = "AQ.emulator-default-key-0000000000000000000000000001";

/** Creates the state from the options, with their defaults. */
export function createWorld(options: EmulatorOptions): World {
  const clock = options.now ?? Date.now;
  const seed = options.seed ?? 1;
  let offset = 0;
  const world: World = {
    options,
    projects: createProjects(options.projects ?? [DEFAULT_PROJECT]),
    accounts: createAccounts({
      initial: options.accounts ?? [],
      client: options.oauthClient ?? DEFAULT_CLIENT,
      ids: () => world.ids,
    }),
    models: createModels(options.models ?? [], options.builtInModels ?? true),
    quotas: createQuotas(),
    faults: createFaults(),
    records: createRecords(options.recordLimit ?? 200_000),
    scripts: createScripts(options.script),
    ids: createIds(seed),
    resources: createResources(() => world.now()),
    deferred: createDeferred(),
    implicitCache: createImplicitCache(options.implicitCache ?? {}),
    userSettings: new Map(),
    onboardings: new Map(),
    contents: createByteStore(options.maxStoredBytes ?? 67_108_864),
    now: () => clock() + offset,
    advance: (ms) => {
      offset += ms;
    },
    reset: () => {
      offset = 0;
      world.ids = createIds(seed);
      world.models = createModels(options.models ?? [], options.builtInModels ?? true);
      world.projects.reset();
      world.accounts.reset();
      world.userSettings.clear();
      world.onboardings.clear();
      world.quotas.reset();
      world.faults = createFaults();
      world.records.reset();
      world.scripts.clear();
      world.deferred.clear();
      world.implicitCache.clear();
      world.resources.clear();
    },
  };
  return world;
}

// --- helpers ---

const DEFAULT_CLIENT = { id: "emulator-client", secret: "emulator-secret" };
const DEFAULT_PROJECT: ProjectConfig = { id: "projects/1001", keys: [{ key: DEFAULT_KEY }], tier: "unlimited" };
