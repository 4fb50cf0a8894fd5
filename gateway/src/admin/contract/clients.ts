/**
 * Routes: client keys.
 * @module
 */
import * as z from "zod";
import { defineRoute } from "../define-route.ts";
import {
  clientChangeBody,
  clientCreateBody,
  clientCreatedSchema,
  clientSchema,
  playgroundKeySchema,
} from "../schemas/clients.ts";
import { idParams } from "../schemas/common.ts";

export const listClients = defineRoute({
  id: "listClients",
  method: "GET",
  path: "/clients",
  role: "viewer",
  tag: "clients",
  summary: "Client keys with limits and use",
  response: z.object({ clients: z.array(clientSchema) }),
});
export const getClient = defineRoute({
  id: "getClient",
  method: "GET",
  path: "/clients/:id",
  role: "viewer",
  tag: "clients",
  summary: "One client key",
  params: idParams,
  response: clientSchema,
});
export const createClient = defineRoute({
  id: "createClient",
  method: "POST",
  path: "/clients",
  role: "admin",
  tag: "clients",
  audit: "clients.create",
  summary: "Make a client key; it is told once",
  body: clientCreateBody,
  response: clientCreatedSchema,
  status: 201,
});
export const changeClient = defineRoute({
  id: "changeClient",
  method: "PATCH",
  path: "/clients/:id",
  role: "admin",
  tag: "clients",
  audit: "clients.change",
  summary: "Change name, models, limits, budgets …",
  params: idParams,
  body: clientChangeBody,
  response: clientSchema,
});
export const deleteClient = defineRoute({
  id: "deleteClient",
  method: "DELETE",
  path: "/clients/:id",
  role: "admin",
  tag: "clients",
  audit: "clients.revoke",
  summary: "Revoke a client key at once",
  params: idParams,
});
export const createPlaygroundKey = defineRoute({
  id: "createPlaygroundKey",
  method: "POST",
  path: "/clients/:id/playground-key",
  role: "admin",
  tag: "clients",
  audit: "clients.playground",
  summary: "A key for ten minutes that calls as this client",
  params: idParams,
  response: playgroundKeySchema,
  status: 201,
});
