/**
 * The two other books: what the emulator served, and what the ledger holds.
 * @module
 */
import type { Emulator } from "../../emulator/src/emulator.ts";
import type { DashboardWorld } from "./dashboard-world.ts";
import { until } from "./until.ts";

/** A call of the ledger, as far as is looked at. */
export interface LedgerRow {
  id: string;
  startedAt: number;
  clientId: string | null;
  status: number;
  costUsd: number | null;
  usage: { totalTokens: number } | null;
  attempts: { credentialId: string; status: number | null }[];
}

/** What the emulator served of generations. */
export interface Book {
  /** Answers with content: each is one call. */
  answered: number;
  attempts: number;
  tokens: number;
}

/** The emulator's book. @param key of one key; all when it is not given */
export function bookOf(emulator: Emulator, key?: string): Book {
  const generations = emulator
    .record()
    .filter((one) => /generatecontent/i.test(one.operation ?? "") && (key === undefined || one.key === key));
  return {
    answered: generations.filter(({ status }) => status === 200).length,
    attempts: generations.length,
    tokens: generations.reduce((sum, { usage }) => sum + (usage?.total ?? 0), 0),
  };
}

/** The ledger's calls of generations, the newest first, once it has as many as the emulator answered. */
export function ledgerOf({ gateway, emulator }: Pick<DashboardWorld, "gateway" | "emulator">): Promise<LedgerRow[]> {
  return until(async () => {
    const { calls } = await gateway.read<{ calls: LedgerRow[] }>("calls?limit=1000");
    return calls.length >= bookOf(emulator).answered ? calls : undefined;
  }, "the ledger to have what Google answered");
}
