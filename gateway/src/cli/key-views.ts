/**
 * The pool's keys as the CLI shows them: those of the environment and those of the store, with the health that the
 * gateway has kept.
 * @module
 */
import { nodeDigest } from "../hosts/node/ports.ts";
import { ownProjectId } from "../pool/member.ts";
import type { Cooldown, Disabled } from "../pool/types.ts";
import type { StoredCredential } from "../storage/types.ts";
import { toSecret } from "../core/secret.ts";
import type { Secret } from "../core/secret.ts";
import { credentialIdOf, fingerprintOf } from "../vault/fingerprint.ts";
import { maskSecret } from "../vault/redact.ts";
import type { Configuration } from "./configuration.ts";
import { CliFailure, usageFailure } from "./failure.ts";
import type { Workspace } from "./workspace.ts";

/**
 * - `active`: in use; `cooling`: rests for at least one model; `disabled`: the gateway took it out, with a reason;
 * - `off`: switched off by hand; `unreadable`: no configured master key opens it.
 */
export type KeyState = "active" | "cooling" | "disabled" | "off" | "unreadable";

/** One key. */
export interface KeyView {
  id: string;
  name: string;
  /** Null: it cannot be opened. */
  secret: Secret | null;
  /** Masked, for display. */
  key: string | null;
  source: "env" | "stored";
  /** The row of the store, also for a key of the environment that has been changed by hand. */
  stored: StoredCredential | null;
  projectId: string | null;
  weight: number;
  tier: number;
  enabled: boolean;
  createdAt: number | null;
  state: KeyState;
  disabled: Disabled | null;
  cooldowns: readonly Cooldown[];
}

/**
 * All keys, those of the environment first.
 * @param workspace open store
 * @param configuration settings in force
 * @param now epoch milliseconds: cooldowns that are over are left out
 */
export async function loadKeyViews(
  workspace: Workspace,
  configuration: Configuration,
  now: number,
): Promise<KeyView[]> {
  const stored = await workspace.store.credentials.list();
  const health = await workspace.store.health.list();
  const views: KeyView[] = [];
  for (const { name, secret } of configuration.settings.credentials) {
    const id = credentialIdOf(fingerprintOf(secret, nodeDigest));
    const row = stored.find((candidate) => candidate.id === id) ?? null;
    views.push(toView({ id, name, source: "env", secret: toSecret(secret), row }));
  }
  const known = new Set(views.map((view) => view.id));
  for (const row of stored) {
    if (known.has(row.id)) continue;
    // One that does not open (master key changed) must not hide the others.
    const secret = await (await workspace.vault()).open(row.sealed, row.id).catch(() => null);
    views.push(toView({ id: row.id, name: row.name, source: "stored", secret, row }));
  }
  for (const view of views) judge(view, health, now);
  return views;
}

/**
 * Finds one key by id, by the beginning of its id, or by name.
 * @throws CliFailure (exit code 2) when there is none or more than one
 */
export function findKey(views: readonly KeyView[], word: string): KeyView {
  const exact = views.filter((view) => view.id === word || view.name === word);
  const found = exact.length > 0 ? exact : views.filter((view) => word.length >= 8 && view.id.startsWith(word));
  if (found.length === 1) return found[0] as KeyView;
  if (found.length === 0)
    throw usageFailure(`There is no key with the id or name '${word}'.`, "'gemini-proxy keys list' shows all keys.");
  throw usageFailure(`'${word}' fits ${found.length} keys: ${found.map((view) => view.id).join(", ")}.`, "Use the id.");
}

/** Ends the name of a row that only holds the switch of a key of the environment. */
const switchMark = " (environment)";

/**
 * The row under which a key's switch is kept; a key of the environment gets one when it has none.
 * @param view the key
 * @param workspace open store
 * @param now epoch milliseconds
 * @throws CliFailure when the key cannot be read
 */
export async function ensureStored(
  view: KeyView,
  workspace: Workspace,
  configuration: Configuration,
  now: number,
): Promise<void> {
  if (view.stored !== null) return;
  const plain = configuration.settings.credentials.find(
    ({ secret }) => credentialIdOf(fingerprintOf(secret, nodeDigest)) === view.id,
  );
  if (plain === undefined) throw new CliFailure(`The key '${view.name}' cannot be read.`);
  await workspace.store.credentials.add({
    id: view.id,
    name: view.name + switchMark,
    sealed: await (await workspace.vault()).seal(plain.secret, view.id),
    fingerprint: fingerprintOf(plain.secret, nodeDigest),
    projectId: null,
    weight: 1,
    tier: 0,
    enabled: true,
    createdAt: now,
  });
}

/** Whether a key's row only holds its switch. Such a row goes when the key is enabled, or the key would outlive its variable. */
export function isSwitchOnly(view: KeyView): boolean {
  return view.source === "env" && view.stored?.name.endsWith(switchMark) === true;
}

/** What `--json` shows of a key. Times are epoch milliseconds. */
export function toKeyJson(view: KeyView): Record<string, unknown> {
  const { id, name, key, source, projectId, weight, tier, enabled, createdAt, state, disabled, cooldowns } = view;
  return { id, name, key, source, projectId, weight, tier, enabled, createdAt, state, disabled, cooldowns };
}

// --- helpers ---

function toView(parts: {
  id: string;
  name: string;
  source: "env" | "stored";
  secret: Secret | null;
  row: StoredCredential | null;
}): KeyView {
  const { row, secret } = parts;
  return {
    id: parts.id,
    name: parts.name,
    secret,
    key: secret === null ? null : maskSecret(secret),
    source: parts.source,
    stored: row,
    projectId: row?.projectId ?? null,
    weight: row?.weight ?? 1,
    tier: row?.tier ?? 0,
    enabled: row?.enabled ?? true,
    createdAt: row?.createdAt ?? null,
    state: "active",
    disabled: null,
    cooldowns: [],
  };
}

/** Sets state, disable and cooldowns: those of the key itself and those of its project. */
function judge(
  view: KeyView,
  health: { cooldowns: readonly Cooldown[]; disabled: readonly Disabled[] },
  now: number,
): void {
  const projects = new Set([view.projectId, ownProjectId(view.id)]);
  const concerns = ({ scope, subject }: { scope: string; subject: string }): boolean =>
    scope.startsWith("credential") ? subject === view.id : scope.startsWith("project") && projects.has(subject);
  view.disabled = health.disabled.find(concerns) ?? null;
  view.cooldowns = health.cooldowns.filter((cooldown) => cooldown.untilMs > now && concerns(cooldown));
  view.state = !view.enabled
    ? "off"
    : view.secret === null
      ? "unreadable"
      : view.disabled !== null
        ? "disabled"
        : view.cooldowns.length > 0
          ? "cooling"
          : "active";
}
