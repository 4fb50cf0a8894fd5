/**
 * What can be changed of Code Assist accounts beside what keys have: the project of stored ones, and a row of its own for
 * that of the environment.
 * @module
 */
import { plainSecret } from "../../backends/credential-text.ts";
import { readTokens, writeTokens } from "../../accounts/tokens.ts";
import { unknownAccount } from "../../core/accounts.ts";
import { environmentMark, isEnvironmentRow } from "../../settings/stored-keys.ts";
import { parseCloudProject } from "../../settings/structured-values.ts";
import { AdminError } from "../admin-errors.ts";
import type { AdminServices } from "../services.ts";

/**
 * Changes the project of a stored account. Its tokens are sealed again: by the new envelope everybody sees that something
 * changed.
 * @throws AdminError `source_environment`, `conflict`
 */
export async function changeCloudProject(id: string, project: string | null, services: AdminServices): Promise<void> {
  const { store, vault } = services;
  const field = "body.cloudProject";
  for (let attempt = 0; attempt < 3; attempt++) {
    const row = await store.credentials.get(id);
    if (row === null || isEnvironmentRow(row))
      throw new AdminError("source_environment", {
        message: "The account comes from the environment.",
        next: "Set GEMINI_PROJECT_ID there.",
        field,
      });
    const opened = await vault.open(row.sealed, id).catch(() => null);
    const tokens = opened === null ? null : readTokens(plainSecret(opened));
    if (tokens === null)
      throw new AdminError("conflict", {
        message: "The account's tokens cannot be opened with the configured master key.",
        next: "Log the account in again.",
        field,
      });
    const sealed = await vault.seal(writeTokens(tokens), id);
    const account = { ...(row.account ?? unknownAccount), wantedProject: project, projectFoundAt: null };
    if (await store.credentials.update(id, { sealed, account }, { sealed: row.sealed })) return;
  }
  throw new AdminError("conflict", { message: "The account's tokens change again and again.", next: "Try again." });
}

/** @throws AdminError `body_invalid` */
export function checkCloudProject(text: string): string {
  const project = parseCloudProject(text);
  if (project === null)
    throw new AdminError("body_invalid", {
      message: "Expected the id of a Google Cloud project, such as my-project (not its number).",
      field: "body.cloudProject",
    });
  return project;
}

/**
 * The account of the environment gets a row that can hold changes. The gateway itself makes one with the first refresh,
 * which tells nobody: then this one is not added.
 */
export async function ensureAccountStored(id: string, services: AdminServices): Promise<void> {
  const given = services.accounts?.given() ?? null;
  if (given?.id !== id) return;
  const { name, fingerprint, tokens, facts } = given;
  await services.store.credentials.add({
    id,
    name: name + environmentMark,
    sealed: await services.vault.seal(writeTokens(tokens), id),
    fingerprint,
    projectId: null,
    weight: 1,
    tier: 0,
    enabled: true,
    createdAt: services.clock.now(),
    kind: "code-assist",
    // Not taken for what became of the environment's text: a refresh under way must not think that somebody was first.
    account: { ...facts, given: null },
  });
}
