/**
 * What a gateway may have gathered over a year, put into its store before it starts.
 * @module
 */
import { join } from "node:path";
import type { ClientKey } from "../../gateway/src/clients/types.ts";
import type { CallRecord } from "../../gateway/src/core/records.ts";
import { loadMasterKeys } from "../../gateway/src/hosts/node/master-key-file.ts";
import { nodeDigest, nodeRandom } from "../../gateway/src/hosts/node/ports.ts";
import { sampleAttempt, sampleRecord, sampleStart, sampleUsage } from "../../gateway/src/storage/contract-samples.ts";
import { openNodeSqlite } from "../../gateway/src/storage/drivers/open-node.ts";
import type { GatewayStore } from "../../gateway/src/storage/types-analytics.ts";
import type { PricedCall } from "../../gateway/src/storage/types.ts";
import { createVault } from "../../gateway/src/vault/envelope.ts";
import { credentialIdOf, fingerprintOf } from "../../gateway/src/vault/fingerprint.ts";

/** A night in which the clocks of Los Angeles are changed. */
export interface ChangeNight {
  name: string;
  /** Year, month from 1, day of the date on which it happens. */
  date: readonly [number, number, number];
}

/** Of 2026: a day of 25 hours, and one of 23. */
export const changeNights: readonly ChangeNight[] = [
  { name: "autumn, a day of 25 hours", date: [2026, 11, 1] },
  { name: "spring, a day of 23 hours", date: [2026, 3, 8] },
];

const hourMs = 3_600_000;
const models = ["gemini-3.8-flash", "gemini-3.8-pro", "gemini-embedding-2"] as const;

/**
 * Calls of three days around a change of clocks, most of them near it: of three models and two clients, some retried,
 * some failed or refused, some without usage or cost.
 */
export function seededCalls({ date: [year, month, day] }: ChangeNight): PricedCall[] {
  // 2 o'clock at night in Los Angeles: 9 or 10 in UTC.
  const middle = Date.UTC(year, month - 1, day, 9, 30);
  return Array.from({ length: 96 }, (_, index) => {
    const place = (index - 47.5) / 48;
    return seededCall(Math.round(middle + place * Math.abs(place) * 36 * hourMs), index);
  });
}

/**
 * Puts credentials and calls into the store of a folder.
 * @param options `credentials`: how many
 * @returns ids of the credentials
 */
export async function seedStore(options: {
  dataDir: string;
  credentials: number;
  calls: readonly PricedCall[];
  now: number;
}): Promise<string[]> {
  const { dataDir, now } = options;
  const store = await openNodeSqlite({ path: join(dataDir, "gemini-proxy.sqlite") });
  try {
    await store.clients.add(client({ id: "client_1", name: "laptop", createdAt: now }));
    await store.clients.add(client({ id: "client_2", name: "ci", createdAt: now }));
    const ids = await addCredentials(store, options);
    const calls = [...options.calls, ...recentCalls(now, ids.slice(0, 20))];
    for (let from = 0; from < calls.length; from += 500) await store.ledger.insert(calls.slice(from, from + 500));
    await store.health.write(
      ids.slice(0, 200).map((subject, index) => ({
        kind: "cooldown" as const,
        removed: false,
        value: {
          scope: "credential-model" as const,
          subject,
          model: models[index % 2] ?? "",
          untilMs: now + hourMs,
          sinceMs: now,
          cause: "day-quota" as const,
          rule: "quota.day",
          words: "You exceeded your current quota.",
        },
      })),
    );
    return ids;
  } finally {
    await store.close();
  }
}

// --- helpers ---

/** Calls of the last hour, so that the pool has columns. */
function recentCalls(now: number, credentialIds: readonly string[]): PricedCall[] {
  return Array.from({ length: 30 }, (_, index) =>
    seededCall(now - (index + 1) * 60_000, index, credentialIds[index % credentialIds.length]),
  );
}

/** Name of a seeded credential. */
const seededName = (index: number): string => `seeded-${String(index).padStart(5, "0")}`;
/** The key of a seeded credential. */
const seededKey = (index: number): string => `AIzaSyDashboardSeed-${String(index).padStart(19, "0")}`;

async function addCredentials(
  store: GatewayStore,
  { dataDir, credentials, now }: { dataDir: string; credentials: number; now: number },
): Promise<string[]> {
  const masterKeys = await loadMasterKeys({ settings: { encryptionKey: null, dataDir }, random: nodeRandom });
  const vault = createVault({ masterKeys, random: nodeRandom });
  const ids: string[] = [];
  for (let index = 0; index < credentials; index++) {
    const fingerprint = fingerprintOf(seededKey(index), nodeDigest);
    const id = credentialIdOf(fingerprint);
    ids.push(id);
    await store.credentials.add({
      id,
      name: seededName(index),
      sealed: await vault.seal(seededKey(index), id),
      fingerprint,
      projectId: null,
      weight: 1,
      tier: 0,
      enabled: index % 50 !== 49,
      createdAt: now + index,
    });
  }
  return ids;
}

function client(options: { id: string; name: string; createdAt: number }): ClientKey {
  const { name } = options;
  return {
    ...options,
    digest: nodeDigest.sha256(`gp-${name}-of-the-seed`),
    prefix: `gp-${name.slice(0, 4)}`,
    source: "stored",
    enabled: true,
    expiresAt: null,
    allowedModels: null,
  };
}

function seededCall(at: number, index: number, credentialId = `cred_${index % 4}`): PricedCall {
  const model = models[index % models.length] ?? models[0];
  const usage = sampleUsage({
    promptTokens: 1_000 + index * 7,
    cachedTokens: index,
    outputTokens: 100 + index,
    thoughtsTokens: index * 3,
    toolUseTokens: 0,
    totalTokens: 1_100 + index * 11,
    modalities: null,
  });
  const facts = { clientId: `client_${(index % 2) + 1}`, modelAsked: model, totalMicros: 50_000 + index * 9_000 };
  const nothing = { usage: null, modelServed: null, finishReason: null };
  if (index % 12 === 5) return priced(at, { ...facts, ...nothing, ...refusal, attempts: [] }, 0);
  const busy = sampleAttempt({ ...nothing, ...failure, credentialId: "cred_busy", firstByteMicros: null });
  if (index % 12 === 7)
    return priced(at, { ...facts, ...nothing, status: 503, outcome: "error", attempts: [busy] }, null);
  const good = sampleAttempt({ number: index % 6 === 0 ? 2 : 1, credentialId, modelServed: model, usage });
  const attempts = index % 6 === 0 ? [busy, good] : [good];
  return priced(at, { ...facts, modelServed: model, usage, attempts }, 1_000_000 + index);
}

const refusal = { status: 429, outcome: "refused", errorCode: "client_rate_limited", backend: null } as const;
const failure = { status: 503, rule: "server.5xx", fault: "upstream", words: "The model is overloaded." } as const;

function priced(at: number, change: Partial<CallRecord>, costNanoUsd: number | null): PricedCall {
  const record = sampleRecord(at - sampleStart, change);
  return { record, costNanoUsd, attemptCosts: record.attempts.map(({ usage }) => (usage === null ? 0 : costNanoUsd)) };
}
