/**
 * Routes: Code Assist accounts. What they share with keys (list, change, check, remove, bulk) is among credentials.
 * @module
 */
import * as z from "zod";
import { defineRoute } from "../define-route.ts";
import {
  accountQuotaSchema,
  addAccountBody,
  addedFields,
  beginLoginBody,
  beginLoginSchema,
  completeLoginBody,
} from "../schemas/accounts.ts";
import { idParams } from "../schemas/common.ts";
import { credentialSchema } from "../schemas/credentials.ts";

const addedSchema = z.object({ ...addedFields, credential: credentialSchema });

export const addAccount = defineRoute({
  id: "addAccount",
  method: "POST",
  path: "/accounts",
  role: "admin",
  tag: "credentials",
  audit: "accounts.add",
  summary: "Add a Code Assist account by the content of oauth_creds.json, or give it new tokens",
  body: addAccountBody,
  response: addedSchema,
});
export const beginAccountLogin = defineRoute({
  id: "beginAccountLogin",
  method: "POST",
  path: "/accounts/login",
  role: "admin",
  tag: "credentials",
  audit: "accounts.login",
  summary: "Begin the log-in of an account: an address to open, good for ten minutes",
  body: beginLoginBody,
  response: beginLoginSchema,
});
export const completeAccountLogin = defineRoute({
  id: "completeAccountLogin",
  method: "POST",
  path: "/accounts/login/complete",
  role: "admin",
  tag: "credentials",
  audit: "accounts.login-complete",
  summary: "End the log-in with Google's code, and add the account or give it new tokens",
  body: completeLoginBody,
  response: addedSchema,
});
export const getAccountQuota = defineRoute({
  id: "getAccountQuota",
  method: "GET",
  path: "/accounts/:id/quota",
  role: "viewer",
  tag: "credentials",
  summary: "What Google says is left of an account's quota; Google is asked every 20 seconds at most",
  params: idParams,
  response: accountQuotaSchema,
});
