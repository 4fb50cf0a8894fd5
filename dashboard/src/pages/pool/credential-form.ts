/**
 * Editing a credential: fields as text, and the change that they mean.
 * @module
 */
import type { Body } from "../../api/types.ts";
import { isOwnProject } from "./matrix.ts";
import type { Credential } from "./types.ts";

/** What a change sends. */
export type CredentialChange = Body<"changeCredential">;

/** Fields as text. `proxy` is write-only: empty leaves it as it is, `removeProxy` takes it away. */
export interface CredentialForm {
  name: string;
  projectId: string;
  tier: string;
  weight: string;
  quotaTier: string;
  baseUrl: string;
  /** Of accounts. */
  cloudProject: string;
  proxy: string;
  removeProxy: boolean;
  enabled: boolean;
}

/** @returns the fields of a credential */
export function toCredentialForm(credential: Credential): CredentialForm {
  return {
    name: credential.name,
    projectId: isOwnProject(credential) ? "" : credential.projectId,
    tier: String(credential.tier),
    weight: String(credential.weight),
    quotaTier: credential.quotaTier ?? "",
    baseUrl: credential.baseUrl ?? "",
    cloudProject: credential.account?.wantedProject ?? "",
    proxy: "",
    removeProxy: false,
    enabled: credential.enabled,
  };
}

/**
 * What was changed.
 * @param credential as it is
 * @param form as typed
 * @returns only the fields that differ, or the field that is wrong
 */
export function toCredentialChange(
  credential: Credential,
  form: CredentialForm,
): { ok: true; change: CredentialChange } | { ok: false; field: keyof CredentialForm; reason: string } {
  const before = toCredentialForm(credential);
  const change: CredentialChange = {};
  const name = form.name.trim();
  if (name === "") return { ok: false, field: "name", reason: "A name is needed." };
  if (name !== before.name) change.name = name;
  const projectId = form.projectId.trim();
  if (projectId !== before.projectId) change.projectId = projectId === "" ? null : projectId;
  const tier = Number(form.tier);
  if (form.tier.trim() === "" || !Number.isInteger(tier) || Math.abs(tier) > 100)
    return { ok: false, field: "tier", reason: "A whole number from -100 to 100." };
  if (tier !== credential.tier) change.tier = tier;
  const weight = Number(form.weight);
  if (!(weight > 0 && weight <= 1000)) return { ok: false, field: "weight", reason: "A number above 0, at most 1000." };
  if (weight !== credential.weight) change.weight = weight;
  const quotaTier = form.quotaTier.trim().toLowerCase();
  if (quotaTier !== before.quotaTier) change.quotaTier = quotaTier === "" ? null : quotaTier;
  const baseUrl = form.baseUrl.trim();
  if (baseUrl !== "" && !/^https?:\/\/[^\s]+$/.test(baseUrl))
    return { ok: false, field: "baseUrl", reason: "An address with https:// (or http://)." };
  if (baseUrl !== before.baseUrl) change.baseUrl = baseUrl === "" ? null : baseUrl;
  const cloudProject = form.cloudProject.trim();
  if (/^\d+$/.test(cloudProject))
    return { ok: false, field: "cloudProject", reason: "The project's id, not its number." };
  if (cloudProject !== before.cloudProject) change.cloudProject = cloudProject === "" ? null : cloudProject;
  if (form.removeProxy) change.proxy = null;
  else if (form.proxy.trim() !== "") {
    if (!/^(https?|socks5h?):\/\/\S+$/.test(form.proxy.trim()))
      return { ok: false, field: "proxy", reason: "http://, https:// or socks5://, then host and port." };
    change.proxy = form.proxy.trim();
  }
  if (form.enabled !== credential.enabled) change.enabled = form.enabled;
  return { ok: true, change };
}
