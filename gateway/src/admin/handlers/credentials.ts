/**
 * Credentials: list, import, export, changes, checks; the pool's matrix.
 * @module
 */
import { AdminError } from "../admin-errors.ts";
import {
  changeCredential,
  changeCredentials,
  checkCredential,
  deleteCredential,
  exportCredentials,
  getCredential,
  importCredentials,
  listCredentials,
  resetCredential,
} from "../contract/credentials.ts";
import { implement } from "../implement.ts";
import type { Implementation } from "../implement.ts";
import type { AdminServices } from "../services.ts";
import { findRow, forgetRows, isOfEnvironment, readRows } from "../views/credential-rows.ts";
import type { CredentialRow } from "../views/credential-rows.ts";
import { selectRows, toCredentialItems } from "../views/credential-view.ts";
import type { CredentialItem } from "../views/credential-view.ts";
import { readQuotas } from "../views/quota-rows.ts";
import { changeMany, checkOne } from "./credentials-bulk.ts";
import { checkChange, storeChange, takeEffect } from "./credentials-change.ts";
import { exportKeys } from "./credentials-export.ts";
import { importKeys } from "./credentials-import.ts";
import { poolHandlers } from "./pool.ts";

/** Everything about credentials and the pool. */
export const credentialHandlers: readonly Implementation[] = [
  ...poolHandlers,

  implement(listCredentials, async ({ query, services }) => {
    const rows = await readRows(services);
    const { page, matching } = await selectRows(rows, query, services);
    return { credentials: await toCredentialItems(page, services), total: rows.length, matching };
  }),

  implement(getCredential, async ({ params, services }) => {
    const row = await rowOf(params.id, services);
    return {
      credential: await itemOf(row, services),
      quotas: readQuotas(services).ofProject(row.view.projectId).slice(),
    };
  }),

  implement(importCredentials, async ({ body, services, note }) => {
    const outcome = await importKeys(body, services);
    const { dryRun, added, duplicates, rejected } = outcome;
    note({ detail: { dryRun, added, duplicates, rejected } });
    return outcome;
  }),

  implement(exportCredentials, async ({ body, services, note }) => {
    const outcome = await exportKeys(body, services);
    note({ detail: { mode: body.mode, count: outcome.count } });
    return outcome;
  }),

  implement(changeCredential, async ({ params, body, services }) => {
    const row = await rowOf(params.id, services);
    const change = await checkChange(row, body, { rows: await readRows(services), services });
    if (Object.keys(change).length > 0) {
      await storeChange(row, change, services);
      await takeEffect(services, change.enabled === true ? [row] : []);
    }
    return itemOf(await rowOf(params.id, services), services);
  }),

  implement(deleteCredential, async ({ params, services }) => {
    const row = await rowOf(params.id, services);
    if (isOfEnvironment(row))
      throw new AdminError("source_environment", {
        message: "The credential comes from the environment and cannot be removed here.",
        next:
          row.kind === "code-assist"
            ? "Take it out of GCP_SERVICE_ACCOUNT, or switch it off."
            : "Take it out of GEMINI_API_KEY, GEMINI_API_KEYS, API_KEYS or the key file, or switch it off.",
      });
    await services.store.credentials.remove(params.id);
    await takeEffect(services);
  }),

  implement(checkCredential, async ({ params, services }) => {
    return checkOne(await rowOf(params.id, services), services);
  }),

  implement(resetCredential, async ({ params, services }) => {
    await rowOf(params.id, services);
    services.pool.reset(params.id);
    forgetRows(services);
    return itemOf(await rowOf(params.id, services), services);
  }),

  implement(changeCredentials, async ({ body, services, request, note }) => {
    const outcome = await changeMany(body, services, request.signal);
    const { action, projectId, dryRun, ids } = body;
    const { changed } = outcome;
    note({ detail: { action, projectId, dryRun, count: ids.length, changed, ids: ids.slice(0, 20) } });
    return outcome;
  }),
];

// --- helpers ---

/** @throws AdminError `not_found` */
async function rowOf(id: string, services: AdminServices): Promise<CredentialRow> {
  const row = await findRow(services, id);
  if (row === null) throw new AdminError("not_found", { message: "There is no credential with this id.", field: "id" });
  return row;
}

async function itemOf(row: CredentialRow, services: AdminServices): Promise<CredentialItem> {
  const [item] = await toCredentialItems([row], services);
  // One row gives one item.
  if (item === undefined) throw new AdminError("internal");
  return item;
}
