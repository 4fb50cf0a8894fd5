/**
 * Method and path of each route of the admin API, by its id. Kept by hand so that the schemas (and zod) stay out of the
 * bundle; routes.test.ts proves that it equals the contract.
 * @module
 */
import type * as accountRoutes from "../../../gateway/src/admin/contract/accounts.ts";
import type * as callRoutes from "../../../gateway/src/admin/contract/calls.ts";
import type * as clientRoutes from "../../../gateway/src/admin/contract/clients.ts";
import type * as credentialRoutes from "../../../gateway/src/admin/contract/credentials.ts";
import type * as operationRoutes from "../../../gateway/src/admin/contract/operations.ts";
import type * as sessionRoutes from "../../../gateway/src/admin/contract/session.ts";

/** All definitions, by id. Types only. */
export type Contract = typeof accountRoutes &
  typeof callRoutes &
  typeof clientRoutes &
  typeof credentialRoutes &
  typeof operationRoutes &
  typeof sessionRoutes;

/** `operationId` of a route: `listCalls`. */
export type RouteId = keyof Contract;

/** How a route is reached: path below `/admin/api/v1`, parameters as `:name`. */
export interface RouteAddress {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
}

/** The table. */
export const routes: Readonly<Record<RouteId, RouteAddress>> = {
  getSession: { method: "GET", path: "/session" },
  createSession: { method: "POST", path: "/session" },
  deleteSession: { method: "DELETE", path: "/session" },
  setPassword: { method: "POST", path: "/session/password" },
  listOperators: { method: "GET", path: "/operators" },
  createOperator: { method: "POST", path: "/operators" },
  changeOperator: { method: "PATCH", path: "/operators/:id" },
  deleteOperator: { method: "DELETE", path: "/operators/:id" },
  listTokens: { method: "GET", path: "/tokens" },
  createToken: { method: "POST", path: "/tokens" },
  deleteToken: { method: "DELETE", path: "/tokens/:id" },

  listCalls: { method: "GET", path: "/calls" },
  getCall: { method: "GET", path: "/calls/:id" },
  getCapture: { method: "GET", path: "/calls/:id/capture" },
  getHistogram: { method: "GET", path: "/calls/histogram" },
  tailCalls: { method: "GET", path: "/calls/tail" },
  exportCalls: { method: "GET", path: "/calls/export" },
  getSummary: { method: "GET", path: "/usage/summary" },
  getSeries: { method: "GET", path: "/usage/series" },
  getBreakdown: { method: "GET", path: "/usage/breakdown" },
  getStats: { method: "GET", path: "/stats" },

  listClients: { method: "GET", path: "/clients" },
  getClient: { method: "GET", path: "/clients/:id" },
  createClient: { method: "POST", path: "/clients" },
  changeClient: { method: "PATCH", path: "/clients/:id" },
  deleteClient: { method: "DELETE", path: "/clients/:id" },
  createPlaygroundKey: { method: "POST", path: "/clients/:id/playground-key" },

  getMatrix: { method: "GET", path: "/pool" },
  getCell: { method: "GET", path: "/pool/:id/cell" },
  listCredentials: { method: "GET", path: "/credentials" },
  getCredential: { method: "GET", path: "/credentials/:id" },
  importCredentials: { method: "POST", path: "/credentials/import" },
  exportCredentials: { method: "POST", path: "/credentials/export" },
  changeCredential: { method: "PATCH", path: "/credentials/:id" },
  deleteCredential: { method: "DELETE", path: "/credentials/:id" },
  checkCredential: { method: "POST", path: "/credentials/:id/check" },
  resetCredential: { method: "POST", path: "/credentials/:id/reset" },
  changeCredentials: { method: "POST", path: "/credentials/bulk" },
  addAccount: { method: "POST", path: "/accounts" },
  beginAccountLogin: { method: "POST", path: "/accounts/login" },
  completeAccountLogin: { method: "POST", path: "/accounts/login/complete" },
  getAccountQuota: { method: "GET", path: "/accounts/:id/quota" },
  listQuotas: { method: "GET", path: "/quotas" },

  getPrices: { method: "GET", path: "/prices" },
  setPrices: { method: "PUT", path: "/prices" },
  reprice: { method: "POST", path: "/prices/reprice" },
  getReprice: { method: "GET", path: "/prices/reprice" },
  listSettings: { method: "GET", path: "/settings" },
  changeSettings: { method: "PATCH", path: "/settings" },
  listAudit: { method: "GET", path: "/audit" },
  getHealth: { method: "GET", path: "/health" },
  getAttention: { method: "GET", path: "/attention" },
  getStatus: { method: "GET", path: "/status" },
};
