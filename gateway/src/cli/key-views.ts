/**
 * The pool's keys as the CLI shows them: those of the environment and those of the store, with the health that the
 * gateway has kept.
 * @module
 */
import {
  environmentMark,
  isEnvironmentRow,
  isLearnedProject,
  mergeKeyFacts,
  proxyContext,
} from "../settings/stored-keys.ts";
import type { KeyFacts } from "../settings/stored-keys.ts";
import { nodeDigest } from "../hosts/node/ports.ts";
import { ownProjectId } from "../pool/member.ts";
import type { Cooldown, Disabled } from "../pool/types.ts";
import type { StoredCredential } from "../storage/types.ts";
import { toSecret } from "../core/secret.ts";
import type { Secret } from "../core/secret.ts";
import { describeProxy } from "../settings/structured-values.ts";
import type { ConfiguredKey } from "../settings/types.ts";
import { credentialIdOf, fingerprintOf } from "../vault/fingerprint.ts";
import type { Vault } from "../vault/envelope.ts";
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
export interface KeyView extends KeyFacts {
  id: string;
  name: string;
  /** Null: it cannot be opened. */
  secret: Secret | null;
  /** Masked, for display. */
  key: string | null;
  source: "env" | "stored";
  /** The row of the store, also for a key of the environment that has been changed by hand. */
  stored: StoredCredential | null;
  /** Null: none of its own, or one that cannot be opened. */
  proxy: Secret | null;
  /** Without user name and password; null: none of its own. */
  proxyShown: string | null;
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
  // Accounts have commands of their own.
  const stored = (await workspace.store.credentials.list()).filter(({ kind }) => kind !== "code-assist");
  const health = await workspace.store.health.list();
  const views: KeyView[] = [];
  const vault = (): Promise<Vault> => workspace.vault();
  for (const key of configuration.settings.credentials) {
    const id = credentialIdOf(fingerprintOf(key.secret, nodeDigest));
    const row = stored.find((candidate) => candidate.id === id) ?? null;
    views.push(await toView({ id, key, row, vault }));
  }
  const known = new Set(views.map((view) => view.id));
  for (const row of stored) if (!known.has(row.id)) views.push(await toView({ id: row.id, key: null, row, vault }));
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
    name: view.name + environmentMark,
    sealed: await (await workspace.vault()).seal(plain.secret, view.id),
    fingerprint: fingerprintOf(plain.secret, nodeDigest),
    projectId: null,
    weight: 1,
    tier: 0,
    enabled: true,
    createdAt: now,
  });
}

/** Whether a key belongs to the environment alone: a row that it may have only holds changes. */
export function isOfEnvironment(view: KeyView): boolean {
  return view.source === "env" && (view.stored === null || isEnvironmentRow(view.stored));
}

/** Whether a key's row only holds its switch. Such a row goes when the key is enabled again. */
export function isSwitchOnly(view: KeyView): boolean {
  const { stored: row } = view;
  if (row === null || !isOfEnvironment(view)) return false;
  const { projectId, weight, tier, baseUrl, sealedProxy, quotaTier } = row;
  const others = [baseUrl, sealedProxy, quotaTier].some((value) => value != null);
  return (projectId === null || isLearnedProject(projectId)) && weight === 1 && tier === 0 && !others;
}

/** What `--json` shows of a key. Times are epoch milliseconds; the proxy without user name and password. */
export function toKeyJson(view: KeyView): Record<string, unknown> {
  const { id, name, key, source, projectId, weight, tier, quotaTier, baseUrl, proxyShown: proxy } = view;
  const { enabled, createdAt, state, disabled, cooldowns } = view;
  const facts = { projectId, weight, tier, quotaTier, baseUrl, proxy };
  return { id, name, key, source, ...facts, enabled, createdAt, state, disabled, cooldowns };
}

// --- helpers ---

async function toView(parts: {
  id: string;
  key: ConfiguredKey | null;
  row: StoredCredential | null;
  vault: () => Promise<Vault>;
}): Promise<KeyView> {
  const { id, key, row, vault } = parts;
  // One that does not open (master key changed) must not hide the others.
  const open = async (sealed: string, context: string): Promise<Secret | null> =>
    (await vault()).open(sealed, context).catch(() => null);
  const secret = key !== null ? toSecret(key.secret) : row === null ? null : await open(row.sealed, id);
  const ownProxy = key?.proxy === undefined ? null : toSecret(key.proxy);
  const sealedProxy = row?.sealedProxy ?? null;
  const proxy = sealedProxy === null ? ownProxy : await open(sealedProxy, proxyContext(id));
  const isLost = secret === null || (sealedProxy !== null && proxy === null);
  const facts = mergeKeyFacts(key, row);
  return {
    ...facts,
    id,
    name: key?.name ?? row?.name ?? id,
    secret,
    key: secret === null ? null : maskSecret(secret),
    source: key === null ? "stored" : "env",
    stored: row,
    // What was changed about a key of the environment has no effect without the key.
    enabled: facts.enabled && (key !== null || row === null || !isEnvironmentRow(row)),
    proxy,
    proxyShown: proxy === null ? (sealedProxy === null ? null : "unreadable") : describeProxy(revealed(proxy)),
    createdAt: row?.createdAt ?? null,
    state: isLost ? "unreadable" : "active",
    disabled: null,
    cooldowns: [],
  };
}

function revealed(proxy: Secret): string {
  // oxlint-disable-next-line house/reveal -- only its address is shown: user name and password are cut off
  return proxy.reveal();
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
    : view.state === "unreadable"
      ? "unreadable"
      : view.disabled !== null
        ? "disabled"
        : view.cooldowns.length > 0
          ? "cooling"
          : "active";
}
