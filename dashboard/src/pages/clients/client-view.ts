/**
 * What the list of clients shows: state, limits in words, budgets with what is used of them.
 * @module
 */
import { formatCompact } from "../../lib/format.ts";
import type { Tone } from "../../ui/badge.tsx";
import type { Client, ClientUsage } from "./types.ts";

/** State of a client in words. */
export interface ClientState {
  state: "active" | "off" | "expired" | "over-budget";
  label: string;
  tone: Tone;
}

/**
 * A client's state.
 * @param client as told
 * @param now epoch milliseconds
 */
export function clientState(client: Client, now: number): ClientState {
  if (!client.enabled) return { state: "off", label: "Off", tone: "neutral" };
  if (client.expiresAt !== null && client.expiresAt <= now) return { state: "expired", label: "Expired", tone: "bad" };
  if (budgetRows(client).some((row) => row.usedUsd >= row.limitUsd))
    return { state: "over-budget", label: "Budget used up", tone: "warn" };
  return { state: "active", label: "Active", tone: "ok" };
}

/** A budget with what is used of it. */
export interface BudgetRow {
  window: ClientUsage["window"];
  usedUsd: number;
  limitUsd: number;
}

/** @returns the budgets of a client, the shortest window first */
export function budgetRows(client: Client): BudgetRow[] {
  const budgets = client.limits?.budgets;
  return (["day", "week", "month", "total"] as const).flatMap((window) => {
    const limitUsd = budgets?.[window] ?? null;
    if (limitUsd === null) return [];
    const usedUsd = client.usage.find((usage) => usage.window === window)?.costUsd ?? 0;
    return [{ window, usedUsd, limitUsd }];
  });
}

/** @returns rate limits in short words: `60 req/min`, `5 at once` */
export function limitWords(client: Client): string[] {
  const { limits } = client;
  const words: [number | null | undefined, string][] = [
    [limits?.requestsPerMinute, "req/min"],
    [limits?.requestsPerDay, "req/day"],
    [limits?.tokensPerMinute, "tok/min"],
    [limits?.concurrency, "at once"],
  ];
  return words.flatMap(([value, unit]) =>
    value === null || value === undefined ? [] : [`${formatCompact(value)} ${unit}`],
  );
}

/**
 * Clients whose name, prefix or models hold the words.
 * @param clients all
 * @param search as typed
 */
export function searchClients(clients: readonly Client[], search: string): Client[] {
  const words = search.trim().toLowerCase();
  if (words === "") return [...clients];
  return clients.filter((client) =>
    [client.name, client.prefix, client.id, ...(client.allowedModels ?? [])].some((text) =>
      text.toLowerCase().includes(words),
    ),
  );
}
