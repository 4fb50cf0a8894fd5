/**
 * Changes of credentials, as the command line makes them: those of the environment get a row that holds the changes.
 * @module
 */
import { containsSecret } from "../../backends/credential-text.ts";
import { environmentMark, isLearnedProject, proxyContext } from "../../settings/stored-keys.ts";
import { parseQuotaTier } from "../../settings/structured-values.ts";
import type { StoredCredential } from "../../storage/types.ts";
import { fingerprintOf } from "../../vault/fingerprint.ts";
import { AdminError } from "../admin-errors.ts";
import type { RouteBody } from "../define-route.ts";
import type { changeCredential } from "../contract/credentials.ts";
import type { AdminServices } from "../services.ts";
import { factsOf, forgetRows, isOfEnvironment } from "../views/credential-rows.ts";
import type { CredentialRow } from "../views/credential-rows.ts";
import { openSecret } from "../views/masked-keys.ts";
import { forgetQuotas } from "../views/quota-rows.ts";
import { changeCloudProject, checkCloudProject, ensureAccountStored } from "./accounts-project.ts";
import { checkNoSecret } from "./name-rules.ts";
import { allowBaseUrl, allowProxy } from "./upstream-rules.ts";
import type { AllowedUrl } from "./upstream-rules.ts";

/** What is to be changed; null takes a value away. */
export type CredentialChange = RouteBody<typeof changeCredential>;

/** A change that can be stored. */
export type CheckedChange = Partial<
  Pick<StoredCredential, "name" | "projectId" | "weight" | "tier" | "enabled" | "baseUrl" | "quotaTier">
> & {
  proxy?: string | null;
  /** Of accounts. */
  cloudProject?: string | null;
};

/**
 * Checks a change against the rules that the command line has.
 * @param parts `rows`: all credentials, since names are unique
 * @throws AdminError `body_invalid`, `conflict`, `source_environment`, naming the field and showing no secret
 */
export async function checkChange(
  row: CredentialRow,
  change: CredentialChange,
  parts: { rows: readonly CredentialRow[]; services: AdminServices },
): Promise<CheckedChange> {
  const { rows, services } = parts;
  const checked: CheckedChange = {};
  const { name, projectId, weight, tier, enabled, quotaTier, baseUrl, proxy, cloudProject } = change;
  checkKind(row, change);
  if (name !== undefined && name !== row.view.name) checked.name = await checkName(name, row, { rows, services });
  if (projectId !== undefined) checked.projectId = checkProject(projectId, row);
  if (weight !== undefined) checked.weight = weight;
  if (tier !== undefined) checked.tier = tier;
  if (enabled !== undefined) checked.enabled = enabled;
  if (quotaTier !== undefined) checked.quotaTier = checkQuotaTier(quotaTier);
  const settings = services.settings.current;
  if (baseUrl !== undefined && baseUrl !== factsOf(row).baseUrl)
    checked.baseUrl = baseUrl === null ? null : checkUrl("baseUrl", allowBaseUrl(baseUrl, settings));
  if (cloudProject !== undefined) checked.cloudProject = cloudProject === null ? null : checkCloudProject(cloudProject);
  if (proxy !== undefined) checked.proxy = proxy === null ? null : checkUrl("proxy", allowProxy(proxy, settings));
  return checked;
}

/** @throws AdminError `body_invalid`; null stays null */
export function checkQuotaTier(quotaTier: string | null): string | null {
  const word = quotaTier === null ? null : parseQuotaTier(quotaTier);
  if (quotaTier !== null && word === null) throw invalid("quotaTier", "Expected one word such as free or paid1.");
  return word;
}

/** @throws AdminError `body_invalid`, or `source_environment` when the environment names the project */
export function checkProject(projectId: string | null, row: CredentialRow | null): string | null {
  if (projectId === null) {
    const given = row?.configured?.projectId ?? null;
    if (given !== null)
      throw new AdminError("source_environment", {
        message: "The environment says the project of this credential.",
        next: "Take it out there.",
        field: "body.projectId",
      });
    return null;
  }
  if (!/^[\w.:/-]{1,200}$/.test(projectId)) throw invalid("projectId", "Expected an id without blanks.");
  checkNoSecret(projectId, "projectId");
  return projectId;
}

/** Stores a checked change. The revision is not raised: see `takeEffect`. */
export async function storeChange(row: CredentialRow, change: CheckedChange, services: AdminServices): Promise<void> {
  const { store, vault } = services;
  const { proxy, cloudProject, ...plain } = change;
  const { id } = row.view;
  const isSwitch = Object.keys(change).length === 1 && change.enabled !== undefined;
  if (isSwitch && change.enabled === factsOf(row).enabled) return;
  if (isSwitch && change.enabled === true && isSwitchOnly(row)) {
    await store.credentials.remove(id);
    return;
  }
  await ensureStored(row, services);
  if (cloudProject !== undefined) await changeCloudProject(id, cloudProject, services);
  const sealedProxy = typeof proxy === "string" ? await vault.seal(proxy, proxyContext(id)) : proxy;
  await store.credentials.update(id, { ...plain, ...(sealedProxy === undefined ? {} : { sealedProxy }) });
}

/**
 * Brings what was stored into memory.
 * @param enabled credentials that were switched on: the gateway forgets why it took them out
 */
export async function takeEffect(services: AdminServices, enabled: readonly CredentialRow[] = []): Promise<void> {
  await services.store.revision.raise();
  await services.reload();
  for (const { view } of enabled) if (view.disabled !== null) services.pool.reset(view.id);
  forgetRows(services);
  forgetQuotas(services);
}

/** A name that does not end like those of rows that only hold changes of keys of the environment. */
export function withoutMark(name: string): string {
  return name.endsWith(environmentMark) ? withoutMark(name.slice(0, -environmentMark.length)) || "key" : name;
}

// --- helpers ---

/** What only keys or only accounts have. */
function checkKind({ kind }: CredentialRow, { baseUrl, cloudProject }: CredentialChange): void {
  if (kind === "code-assist" && baseUrl != null)
    throw new AdminError("body_invalid", {
      message: "Code Assist has one address for all accounts.",
      next: "It is CODE_ASSIST_BASE_URL.",
      field: "body.baseUrl",
    });
  if (kind === "api-key" && cloudProject !== undefined)
    throw new AdminError("body_invalid", {
      message: "Only Code Assist accounts have a project of this kind.",
      next: "Of a key it is 'projectId'.",
      field: "body.cloudProject",
    });
}

function invalid(field: string, message: string): AdminError {
  return new AdminError("body_invalid", { message, field: `body.${field}` });
}

async function checkName(
  given: string,
  row: CredentialRow,
  parts: { rows: readonly CredentialRow[]; services: AdminServices },
): Promise<string> {
  if (isOfEnvironment(row) || (row.configured !== null && row.view.source === "env"))
    throw new AdminError("source_environment", {
      message: "The credential has its name from the environment.",
      next: 'Name it there: [{"name": "…", "key": "…"}].',
      field: "body.name",
    });
  const name = withoutMark(given.replace(/[\s\p{Cc}]+/gu, " ").trim());
  if (name === "") throw invalid("name", "Expected 1 to 100 characters.");
  checkNoSecret(name, "name");
  const secret = await openSecret(row, parts.services);
  // A name that holds the key would show it everywhere.
  if (secret !== null && containsSecret(name, secret)) throw invalid("name", "A name must not contain the key.");
  if (parts.rows.some((other) => other.view.id !== row.view.id && other.view.name === name))
    throw new AdminError("conflict", {
      message: "Another credential has this name.",
      next: "Choose another one.",
      field: "body.name",
    });
  return name;
}

function checkUrl(field: string, allowed: AllowedUrl): string {
  if (!allowed.ok) throw invalid(field, `Expected ${allowed.expected}.`);
  return allowed.url;
}

/** Whether a row only holds a switch. It goes when the key is enabled again. */
function isSwitchOnly(row: CredentialRow): boolean {
  const { stored } = row;
  // The row of an account holds its tokens, too, which may be newer than the environment's.
  if (stored === null || row.kind === "code-assist" || !isOfEnvironment(row)) return false;
  const { projectId, weight, tier, baseUrl, sealedProxy, quotaTier } = stored;
  const others = [baseUrl, sealedProxy, quotaTier].some((value) => value != null);
  return (projectId === null || isLearnedProject(projectId)) && weight === 1 && tier === 0 && !others;
}

/** A credential of the environment gets a row for what is changed about it. */
async function ensureStored(row: CredentialRow, services: AdminServices): Promise<void> {
  if (row.stored !== null) return;
  if (row.kind === "code-assist") await ensureAccountStored(row.view.id, services);
  if (row.configured === null) return;
  const { secret, name } = row.configured;
  await services.store.credentials.add({
    id: row.view.id,
    name: name + environmentMark,
    sealed: await services.vault.seal(secret, row.view.id),
    fingerprint: fingerprintOf(secret, services.digest),
    projectId: null,
    weight: 1,
    tier: 0,
    enabled: true,
    createdAt: services.clock.now(),
  });
}
