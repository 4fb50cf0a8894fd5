/**
 * Routes: prices, settings, audit log, health.
 * @module
 */
import * as z from "zod";
import { defineRoute } from "../define-route.ts";
import { cursorQuery } from "../schemas/common.ts";
import {
  attentionSchema,
  auditPageSchema,
  healthSchema,
  pricesBody,
  pricesSchema,
  repriceBody,
  repriceSchema,
  settingsBody,
  settingsChangedSchema,
  settingsSchema,
} from "../schemas/operations.ts";

export const getPrices = defineRoute({
  id: "getPrices",
  method: "GET",
  path: "/prices",
  role: "viewer",
  tag: "prices",
  summary: "Prices in force",
  response: pricesSchema,
});
export const setPrices = defineRoute({
  id: "setPrices",
  method: "PUT",
  path: "/prices",
  role: "admin",
  tag: "prices",
  audit: "prices.set",
  summary: "Replace the own price rows",
  body: pricesBody,
  response: pricesSchema,
});
export const reprice = defineRoute({
  id: "reprice",
  method: "POST",
  path: "/prices/reprice",
  role: "admin",
  tag: "prices",
  audit: "prices.reprice",
  summary: "Compute the costs of a past range again; runs on, one at a time",
  body: repriceBody,
  response: repriceSchema,
  status: 202,
});
export const getReprice = defineRoute({
  id: "getReprice",
  method: "GET",
  path: "/prices/reprice",
  role: "viewer",
  tag: "prices",
  summary: "How far the last re-pricing is",
  response: repriceSchema,
});

export const listSettings = defineRoute({
  id: "listSettings",
  method: "GET",
  path: "/settings",
  role: "viewer",
  tag: "settings",
  summary: "Every setting and where its value comes from; secrets masked",
  response: settingsSchema,
});
export const changeSettings = defineRoute({
  id: "changeSettings",
  method: "PATCH",
  path: "/settings",
  role: "admin",
  tag: "settings",
  audit: "settings.change",
  summary: "Store settings; hot ones take effect at once",
  body: settingsBody,
  response: settingsChangedSchema,
});

export const listAudit = defineRoute({
  id: "listAudit",
  method: "GET",
  path: "/audit",
  role: "admin",
  tag: "audit",
  summary: "Who changed what, the newest first",
  query: z.strictObject({
    limit: z.coerce.number().int().min(1).max(500).default(50),
    cursor: cursorQuery.optional(),
    action: z.string().max(64).optional(),
    actor: z.string().max(100).optional(),
  }),
  response: auditPageSchema,
});

export const getHealth = defineRoute({
  id: "getHealth",
  method: "GET",
  path: "/health",
  role: "viewer",
  tag: "health",
  summary: "How the gateway fares",
  response: healthSchema,
});
export const getAttention = defineRoute({
  id: "getAttention",
  method: "GET",
  path: "/attention",
  role: "viewer",
  tag: "health",
  summary: "What needs a person now, the most urgent first",
  response: attentionSchema,
});
/** Kept from before: tools read it. */
export const getStatus = defineRoute({
  id: "getStatus",
  method: "GET",
  path: "/status",
  role: "viewer",
  tag: "health",
  summary: "The pool as it is",
  response: z.looseObject({ credentials: z.array(z.unknown()) }),
});
