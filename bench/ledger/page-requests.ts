/**
 * What the dashboard's pages ask of the admin API, with the longest range chosen.
 * @module
 */
import { rareClient, rareRule } from "./world.ts";

/** One request of a page. */
export interface PageRequest {
  page: string;
  name: string;
  path: string;
}

/** Time zones in which days begin at, and beside, whole hours of UTC. */
export const zones = ["UTC", "Asia/Kathmandu", "America/Los_Angeles"] as const;

/** What the requests are about. */
export interface PageSubject {
  fromMs: number;
  toMs: number;
  /** A call that there is. */
  callId: string;
  /** A model, a client and a credential that many calls have. */
  model: string;
  clientId: string;
  credentialId: string;
}

/** Everything that depends on a time zone. */
export function zonedRequests(subject: PageSubject, zone: string): PageRequest[] {
  const range = { fromMs: subject.fromMs, toMs: subject.toMs, zone };
  const { clientId } = subject;
  return [
    of("overview", "summary", "/usage/summary", range),
    of("overview", "series", "/usage/series", range),
    of("overview", "series by model", "/usage/series", { ...range, by: "model" }),
    of("overview", "series by client", "/usage/series", { ...range, by: "client" }),
    of("overview", "series by credential", "/usage/series", { ...range, by: "credential" }),
    of("overview", "breakdown by model", "/usage/breakdown", { ...range, by: "model", top: 15 }),
    of("overview", "breakdown by client", "/usage/breakdown", { ...range, by: "client", top: 15 }),
    of("overview", "breakdown by credential", "/usage/breakdown", { ...range, by: "credential", top: 15 }),
    of("clients", "a client's series", "/usage/series", { ...range, clientId, by: "model", top: 5 }),
    of("clients", "a client's breakdown", "/usage/breakdown", { ...range, clientId, by: "model", top: 10 }),
  ];
}

/** Everything else. */
export function plainRequests(subject: PageSubject): PageRequest[] {
  const { fromMs, toMs, callId, model, clientId, credentialId } = subject;
  const range = { sinceMs: fromMs, untilMs: toMs };
  const list = (name: string, filter: Record<string, string | number>): PageRequest =>
    of("calls", `list: ${name}`, "/calls", { ...range, ...filter, limit: 100 });
  const bars = (name: string, filter: Record<string, string | number>): PageRequest =>
    of("calls", `histogram: ${name}`, "/calls/histogram", { ...range, ...filter });
  return [
    of("overview", "attention", "/attention", {}),
    of("overview", "health", "/health", {}),
    list("all", {}),
    list("rare client", { clientId: rareClient }),
    list("rare rule", { rule: rareRule }),
    list("status 4xx", { status: "4xx" }),
    list("status 503", { status: "503" }),
    list("a frequent rule", { rule: "quota.minute" }),
    list("at least 55 s", { minMs: 55_000 }),
    list("at least 10 min (none)", { minMs: 600_000 }),
    list("cost from 8.0 to 8.1 mUSD", { minCostUsd: 0.008, maxCostUsd: 0.0081 }),
    list("cost above 1 USD (none)", { minCostUsd: 1 }),
    list("model and client", { model, clientId }),
    list("a rare client and a model", { model, clientId: rareClient }),
    list("credential", { credentialId }),
    list("credential and outcome", { credentialId, outcome: "incomplete" }),
    list("retried", { retried: "true" }),
    bars("all", {}),
    bars("status 4xx", { status: "4xx" }),
    bars("a client", { clientId }),
    bars("at least 30 s (reads calls)", { minMs: 30_000 }),
    bars("model and client (reads calls)", { model, clientId }),
    of("calls", "one call", `/calls/${callId}`, {}),
    of("calls", "models to choose from", "/usage/breakdown", { fromMs, toMs, by: "model", top: 200 }),
    of("pool", "matrix", "/pool", { limit: 100 }),
    of("pool", "cell", `/pool/${credentialId}/cell`, { model }),
    of("pool", "credential", `/credentials/${credentialId}`, {}),
    of("pool", "credentials", "/credentials", { limit: 1000 }),
    of("clients", "clients", "/clients", {}),
    of("clients", "client", `/clients/${clientId}`, {}),
    of("settings", "settings", "/settings", {}),
    of("settings", "prices", "/prices", {}),
    of("settings", "re-pricing", "/prices/reprice", {}),
    of("settings", "audit", "/audit", { limit: 50 }),
    of("settings", "operators", "/operators", {}),
    of("settings", "tokens", "/tokens", {}),
  ];
}

/** Searches that end before they have found all: they go on page by page. */
export function walks(subject: PageSubject): PageRequest[] {
  const names = [
    "list: rare client",
    "list: rare rule",
    "list: at least 10 min (none)",
    "list: cost from 8.0 to 8.1 mUSD",
    "list: credential and outcome",
    "list: a rare client and a model",
  ];
  return plainRequests(subject).filter(({ name }) => names.includes(name));
}

// --- helpers ---

function of(page: string, name: string, path: string, query: Record<string, string | number>): PageRequest {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) search.set(key, String(value));
  const text = search.toString();
  return { page, name, path: text === "" ? path : `${path}?${text}` };
}
