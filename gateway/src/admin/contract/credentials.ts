/**
 * Routes: credentials, the pool's matrix, quotas.
 * @module
 */
import * as z from "zod";
import { defineRoute } from "../define-route.ts";
import { kindSchema } from "../schemas/accounts.ts";
import { attemptSchema } from "../schemas/calls.ts";
import { countSchema, idParams, timeSchema } from "../schemas/common.ts";
import {
  bulkBody,
  bulkSchema,
  cellSchema,
  checkSchema,
  cooldownSchema,
  credentialChangeBody,
  credentialSchema,
  credentialStateSchema,
  disabledSchema,
  exportBody,
  exportSchema,
  importBody,
  importSchema,
  matrixSchema,
  quotaSchema,
} from "../schemas/credentials.ts";

/** What of the pool is looked at. */
const poolFilter = {
  /** Part of name, id, project, masked key or an account's address. */
  search: z.string().max(200).optional(),
  kind: kindSchema.optional(),
  state: credentialStateSchema.optional(),
  tier: z.coerce.number().int().optional(),
  projectId: z.string().max(200).optional(),
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
};

export const getMatrix = defineRoute({
  id: "getMatrix",
  method: "GET",
  path: "/pool",
  role: "viewer",
  tag: "credentials",
  summary: "Credentials by model: state, use against limits, cooldowns",
  query: z.strictObject(poolFilter),
  response: matrixSchema,
});
export const getCell = defineRoute({
  id: "getCell",
  method: "GET",
  path: "/pool/:id/cell",
  role: "viewer",
  tag: "credentials",
  summary: "One credential and one model: Google's words, and the attempts that led there",
  params: idParams,
  query: z.strictObject({ model: z.string().min(1).max(200) }),
  response: z.object({
    cell: cellSchema,
    cooldowns: z.array(cooldownSchema),
    disabled: disabledSchema.nullable(),
    quotas: z.array(quotaSchema),
    /** The newest first, 20 at most. */
    attempts: z.array(attemptSchema.extend({ callId: z.string(), startedAt: timeSchema })),
  }),
});

export const listCredentials = defineRoute({
  id: "listCredentials",
  method: "GET",
  path: "/credentials",
  role: "viewer",
  tag: "credentials",
  summary: "Credentials, masked",
  query: z.strictObject(poolFilter),
  response: z.object({ credentials: z.array(credentialSchema), total: countSchema, matching: countSchema }),
});
export const getCredential = defineRoute({
  id: "getCredential",
  method: "GET",
  path: "/credentials/:id",
  role: "viewer",
  tag: "credentials",
  summary: "One credential with the quotas of its project",
  params: idParams,
  response: z.object({ credential: credentialSchema, quotas: z.array(quotaSchema) }),
});
export const importCredentials = defineRoute({
  id: "importCredentials",
  method: "POST",
  path: "/credentials/import",
  role: "admin",
  tag: "credentials",
  audit: "credentials.import",
  summary: "Add keys in any format; dryRun tells what would happen",
  body: importBody,
  mostBodyBytes: 5_000_000,
  response: importSchema,
});
export const exportCredentials = defineRoute({
  id: "exportCredentials",
  method: "POST",
  path: "/credentials/export",
  role: "admin",
  tag: "credentials",
  audit: "credentials.export",
  summary: "Keys as a file: masked, or encrypted with a passphrase; no accounts",
  body: exportBody,
  response: exportSchema,
});
export const changeCredential = defineRoute({
  id: "changeCredential",
  method: "PATCH",
  path: "/credentials/:id",
  role: "admin",
  tag: "credentials",
  audit: "credentials.change",
  summary: "Change name, project, weight, tier, proxy …; switch on or off",
  params: idParams,
  body: credentialChangeBody,
  response: credentialSchema,
});
export const deleteCredential = defineRoute({
  id: "deleteCredential",
  method: "DELETE",
  path: "/credentials/:id",
  role: "admin",
  tag: "credentials",
  audit: "credentials.delete",
  summary: "Remove a stored credential",
  params: idParams,
});
export const checkCredential = defineRoute({
  id: "checkCredential",
  method: "POST",
  path: "/credentials/:id/check",
  role: "admin",
  tag: "credentials",
  audit: "credentials.check",
  summary: "Ask Google whether it is good: a key by GET models, an account by a refresh and its licence (no tokens)",
  params: idParams,
  response: checkSchema,
});
export const resetCredential = defineRoute({
  id: "resetCredential",
  method: "POST",
  path: "/credentials/:id/reset",
  role: "admin",
  tag: "credentials",
  audit: "credentials.reset",
  summary: "End its cooldowns and automatic disables",
  params: idParams,
  response: credentialSchema,
});
export const changeCredentials = defineRoute({
  id: "changeCredentials",
  method: "POST",
  path: "/credentials/bulk",
  role: "admin",
  tag: "credentials",
  audit: "credentials.bulk",
  summary: "The same change to many",
  body: bulkBody,
  response: bulkSchema,
});
/** Kept from before: tools read it. */
export const listQuotas = defineRoute({
  id: "listQuotas",
  method: "GET",
  path: "/quotas",
  role: "viewer",
  tag: "credentials",
  summary: "Limits of all projects with what is used",
  response: z.object({ quotas: z.array(quotaSchema) }),
});
