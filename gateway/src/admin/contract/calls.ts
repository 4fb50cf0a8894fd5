/**
 * Routes: calls, the live tail, export, captured bodies, usage.
 * @module
 */
import * as z from "zod";
import { defineRoute } from "../define-route.ts";
import {
  callFilterQuery,
  callListQuery,
  callPageSchema,
  callSchema,
  captureSchema,
  exportQuery,
  histogramQuery,
  histogramSchema,
} from "../schemas/calls.ts";
import { idParams } from "../schemas/common.ts";
import {
  breakdownQuery,
  breakdownSchema,
  seriesQuery,
  seriesSchema,
  summaryQuery,
  summarySchema,
} from "../schemas/usage.ts";

export const listCalls = defineRoute({
  id: "listCalls",
  method: "GET",
  path: "/calls",
  role: "viewer",
  tag: "calls",
  summary: "Calls with their attempts, the newest first",
  query: callListQuery,
  response: callPageSchema,
});
export const getCall = defineRoute({
  id: "getCall",
  method: "GET",
  path: "/calls/:id",
  role: "viewer",
  tag: "calls",
  summary: "One call",
  params: idParams,
  response: callSchema,
});
export const getCapture = defineRoute({
  id: "getCapture",
  method: "GET",
  path: "/calls/:id/capture",
  role: "admin",
  tag: "calls",
  summary: "Its captured bodies; 404 when none are kept",
  params: idParams,
  response: captureSchema,
});
export const getHistogram = defineRoute({
  id: "getHistogram",
  method: "GET",
  path: "/calls/histogram",
  role: "viewer",
  tag: "calls",
  summary: "Calls over time under a filter",
  query: histogramQuery,
  response: histogramSchema,
});
/** Events `call` (data: a call) and `gap` (data: {missed}) when the reader was too slow; a comment every 15 s. */
export const tailCalls = defineRoute({
  id: "tailCalls",
  method: "GET",
  path: "/calls/tail",
  role: "viewer",
  tag: "calls",
  summary: "Calls as they end, pushed",
  query: callFilterQuery,
  media: ["text/event-stream"],
});
export const exportCalls = defineRoute({
  id: "exportCalls",
  method: "GET",
  path: "/calls/export",
  role: "viewer",
  tag: "calls",
  summary: "A filtered range as a stream",
  query: exportQuery,
  media: ["text/csv", "application/x-ndjson", "json"],
});

export const getSummary = defineRoute({
  id: "getSummary",
  method: "GET",
  path: "/usage/summary",
  role: "viewer",
  tag: "usage",
  summary: "Sums of a range, and of the one before",
  query: summaryQuery,
  response: summarySchema,
});
export const getSeries = defineRoute({
  id: "getSeries",
  method: "GET",
  path: "/usage/series",
  role: "viewer",
  tag: "usage",
  summary: "Sums over time in a time zone",
  query: seriesQuery,
  response: seriesSchema,
});
export const getBreakdown = defineRoute({
  id: "getBreakdown",
  method: "GET",
  path: "/usage/breakdown",
  role: "viewer",
  tag: "usage",
  summary: "Sums by model, client, credential, status, dialect or rule",
  query: breakdownQuery,
  response: breakdownSchema,
});
/** Kept from before: `gemini-proxy` and scripts read it. */
export const getStats = defineRoute({
  id: "getStats",
  method: "GET",
  path: "/stats",
  role: "viewer",
  tag: "usage",
  summary: "Sums over calls by the ledger itself (slow over many)",
  query: callFilterQuery,
  response: z.looseObject({ calls: z.number(), costUsd: z.number() }),
});
