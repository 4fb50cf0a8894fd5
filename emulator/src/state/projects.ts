/** @module The projects, their keys, and which limits hold for a model. */

import type { KeyState, ProjectConfig, ProjectState, Tier } from "../types.ts";
import type { QuotaLimits } from "./quota-limits.ts";
import type { Model } from "./models.ts";
import { defaultLimits } from "./models.ts";

/** A key that is known, with its project. */
export interface KnownKey {
  key: string;
  state: KeyState;
  project: ProjectConfig;
}

/** The projects of one emulator. */
export interface Projects {
  find(key: string): KnownKey | undefined;
  get(id: string): ProjectConfig | undefined;
  /** Adds a project or replaces the one of the same id, keys included. */
  set(project: ProjectConfig): void;
  /** Back to the projects given at the start. */
  reset(): void;
  list(): ProjectConfig[];
}

/** @throws TypeError when a key belongs to two projects, or for an unknown tier or state. */
export function createProjects(initial: readonly ProjectConfig[]): Projects {
  const projects = new Map<string, ProjectConfig>();
  const keys = new Map<string, KnownKey>();
  const set = (project: ProjectConfig): void => {
    if (typeof project?.id !== "string" || !Array.isArray(project.keys)) {
      throw new TypeError("A project needs an id and keys");
    }
    checkNames(project);
    for (const { key } of project.keys) {
      const owner = keys.get(key)?.project.id;
      if (owner !== undefined && owner !== project.id) throw new TypeError(`Key is already of ${owner}`);
    }
    for (const { key } of projects.get(project.id)?.keys ?? []) keys.delete(key);
    projects.set(project.id, project);
    for (const { key, state } of project.keys) keys.set(key, { key, state: state ?? "active", project });
  };
  const reset = (): void => {
    projects.clear();
    keys.clear();
    for (const project of initial) set(project);
  };
  reset();
  return {
    find: (key) => keys.get(key),
    get: (id) => projects.get(id),
    set,
    reset,
    list: () => [...projects.values()],
  };
}

/** Limits of a project for a model: its own, else those for `"*"`, else the tier's. */
export function limitsOf(project: ProjectConfig, model: Model): QuotaLimits {
  const defaults = defaultLimits(model, project.tier ?? "paid1");
  return { ...defaults, ...project.quotas?.["*"], ...project.quotas?.[model.id] };
}

// --- helpers ---

const TIERS: readonly Tier[] = ["free", "paid1", "paid2", "paid3", "unlimited"];
const KEY_STATES: readonly KeyState[] = [
  "active",
  "invalid",
  "expired",
  "leaked",
  "suspended",
  "restricted",
  "referrer-blocked",
  "ip-blocked",
];
const PROJECT_STATES: readonly ProjectState[] = [
  "active",
  "service-disabled",
  "denied",
  "prepaid-depleted",
  "spending-cap",
  "billing-spending-cap",
  "location-unsupported",
];

// Projects come from files and over HTTP too: a misspelt state must not pass for a healthy one.
function checkNames({ tier = "paid1", state = "active", keys }: ProjectConfig): void {
  if (!TIERS.includes(tier)) throw new TypeError(`Unknown tier: ${tier}`);
  if (!PROJECT_STATES.includes(state)) throw new TypeError(`Unknown project state: ${state}`);
  for (const { key, state: keyState = "active" } of keys) {
    if (typeof key !== "string" || key === "") throw new TypeError("A key must be a text");
    if (!KEY_STATES.includes(keyState)) throw new TypeError(`Unknown key state: ${keyState}`);
  }
}
