/**
 * A data directory as a busy gateway would leave it: credentials, clients, limits, and calls of many days, all written
 * through the gateway's own store.
 * @module
 */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CallRecord } from "../../gateway/src/core/records.ts";
import { nodeDigest, nodeRandom } from "../../gateway/src/hosts/node/ports.ts";
import { loadMasterKeys } from "../../gateway/src/hosts/node/master-key-file.ts";
import { openNodeSqlite } from "../../gateway/src/storage/drivers/open-node.ts";
import type { GatewayStore } from "../../gateway/src/storage/types-analytics.ts";
import type { PricedCall } from "../../gateway/src/storage/types.ts";
import { makeCalls } from "../../gateway/src/testkit/many-calls.ts";
import { createVault } from "../../gateway/src/vault/envelope.ts";
import { fingerprintOf } from "../../gateway/src/vault/fingerprint.ts";

/** How much of everything there is. */
const shape = { models: 20, clients: 50, credentials: 200, auditLines: 2_000 } as const;
/** A client with five calls in all the days, to be searched for. */
export const rareClient = "client_rare";
/** A verdict rule that two or three calls have. */
export const rareRule = "auth.leaked";
/** The database in a data directory. */
export const databaseFile = "gemini-proxy.sqlite";

/** What was made. */
export interface World {
  calls: number;
  days: number;
  /** Of the calls, epoch milliseconds. */
  startMs: number;
  endMs: number;
  /** Time that `insert` and `rollUp` took. */
  writeSeconds: number;
  rowsPerSecond: number;
  /** Of it, summing up hours and days. */
  rollUpSeconds: number;
  fileBytes: number;
  /** Rows of sums. */
  sums: number;
}

/**
 * Makes it, or reads what an earlier run left there.
 * @param options `directory`: empty, or one that this made
 * @throws Error when the directory holds a ledger of another size
 */
export async function makeWorld(options: {
  directory: string;
  calls: number;
  days: number;
  progress: (line: string) => void;
}): Promise<World> {
  const { directory, calls, days, progress } = options;
  const note = join(directory, noteFile);
  if (existsSync(note)) {
    const kept = JSON.parse(readFileSync(note, "utf8")) as World;
    if (kept.calls === calls && kept.days === days) return kept;
    throw new Error(`${directory} holds ${kept.calls} calls of ${kept.days} days: name another directory, or those`);
  }
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, databaseFile);
  if (existsSync(path)) throw new Error(`${path} is there already, and is not of a whole run: remove it`);
  const store = await openNodeSqlite({ path });
  try {
    await fillTables(store, directory);
    const written = await writeCalls(store, { calls, days, progress });
    const sums = await countSums(path);
    await store.close();
    const world: World = { calls, days, ...written, fileBytes: statSync(path).size, sums };
    writeFileSync(note, `${JSON.stringify(world)}\n`);
    return world;
  } catch (error) {
    await store.close();
    throw error;
  }
}

// --- helpers ---

/** Beside the database: what the run was, and that it came to its end. */
const noteFile = "bench-ledger.json";
/** As many as a gateway under load writes at once. */
const callsPerBatch = 500;
/** A gateway sums up each minute. */
const rollUpsPerDay = 4;

async function writeCalls(
  store: GatewayStore,
  options: { calls: number; days: number; progress: (line: string) => void },
): Promise<Pick<World, "startMs" | "endMs" | "writeSeconds" | "rollUpSeconds" | "rowsPerSecond">> {
  const { calls, days, progress } = options;
  const endMs = Date.now();
  const callsPerRollUp = Math.max(1, calls / days / rollUpsPerDay);
  let insertMs = 0;
  let rollUpMs = 0;
  let batch: PricedCall[] = [];
  let written = 0;
  const write = async (): Promise<void> => {
    const last = batch.at(-1);
    if (last === undefined) return;
    const before = performance.now();
    await store.ledger.insert(batch);
    insertMs += performance.now() - before;
    const step = Math.floor(written / callsPerRollUp);
    written += batch.length;
    if (step !== Math.floor(written / callsPerRollUp) || written === calls) {
      const began = performance.now();
      await store.ledger.rollUp({ now: last.record.startedAt, limit: Number.MAX_SAFE_INTEGER });
      rollUpMs += performance.now() - began;
    }
    batch = [];
    if (Math.floor((written * 20) / calls) !== Math.floor(((written - callsPerBatch) * 20) / calls))
      progress(`${written} of ${calls} calls, ${Math.round((written * 1000) / (insertMs + rollUpMs))}/s`);
  };
  let index = 0;
  for (const call of makeCalls({ count: calls, days, endMs, ...shape })) {
    batch.push(makeRare(call, index, calls));
    index += 1;
    if (batch.length >= callsPerBatch) await write();
  }
  await write();
  const writeSeconds = (insertMs + rollUpMs) / 1000;
  return {
    startMs: endMs - days * 86_400_000,
    endMs,
    writeSeconds,
    rollUpSeconds: rollUpMs / 1000,
    rowsPerSecond: calls / writeSeconds,
  };
}

/** A few calls that are looked for: each in another part of the range, none among the newest. */
function makeRare(call: PricedCall, index: number, calls: number): PricedCall {
  const change = (record: Partial<CallRecord>): PricedCall => ({ ...call, record: { ...call.record, ...record } });
  for (let each = 0; each < 5; each += 1)
    if (index === Math.floor((calls * (1 + 2 * each)) / 12)) return change({ clientId: rareClient });
  for (let each = 0; each < 3; each += 1) {
    if (index !== Math.floor((calls * (2 + 3 * each)) / 12)) continue;
    const [first] = call.record.attempts;
    if (first === undefined) return call;
    const failed = { ...first, status: 403, rule: rareRule, fault: "credential", usage: null } as const;
    const ended = { status: 403, outcome: "error", finishReason: null, usage: null } as const;
    return { ...change({ ...ended, attempts: [failed] }), costNanoUsd: 0, attemptCosts: [0] };
  }
  return call;
}

/** What the calls' ids name, and what else the pages show. */
async function fillTables(store: GatewayStore, directory: string): Promise<void> {
  const now = Date.now();
  const settings = { encryptionKey: null, dataDir: directory };
  const vault = createVault({ masterKeys: await loadMasterKeys({ settings, random: nodeRandom }), random: nodeRandom });
  for (let index = 0; index < shape.credentials; index += 1) {
    const id = `cred_${String(index).padStart(6, "0")}`;
    // Put together here, so that no scanner takes a literal for a leaked secret.
    const secret = "AIza" + `SyLedger${index}`.padEnd(35, "Mock");
    const facts = { weight: 1, tier: 0, enabled: true, createdAt: now };
    await store.credentials.add({
      id,
      name: `key ${index}`,
      projectId: `project-${index}`,
      ...facts,
      sealed: await vault.seal(secret, id),
      fingerprint: fingerprintOf(secret, nodeDigest),
    });
  }
  for (let index = 0; index < shape.clients; index += 1) await addClient(store, numbered("client_", index), now);
  await addClient(store, rareClient, now);
  const models = new Set(
    [...makeCalls({ count: 2_000, days: 1, ...shape })].map(({ record }) => record.modelAsked ?? ""),
  );
  models.delete("fast");
  await store.quotas.write(
    Array.from({ length: shape.credentials }, (_, project) => project).flatMap((project) =>
      [...models].map((model) => ({
        kind: "quota-limit" as const,
        removed: false,
        value: {
          projectId: `project-${project}`,
          model,
          metric: "requests" as const,
          window: "day" as const,
          value: 10_000,
          source: "google" as const,
          learnedAt: now,
        },
      })),
    ),
  );
  for (let index = 0; index < shape.auditLines; index += 1)
    await store.administration.audit.add({
      id: (now - index * 60_000).toString(36).padStart(9, "0") + "audit",
      at: now - index * 60_000,
      actor: "bench",
      role: "admin",
      action: "settings.change",
      target: null,
      detail: '{"changes":{"LOG_CALLS":"on"}}',
      address: "127.0.0.1",
      outcome: "done",
    });
  // Nothing is to be deleted until the bench says so.
  await store.administration.settings.write({ RETENTION_DAYS: "3650" });
}

function addClient(store: GatewayStore, id: string, now: number): Promise<void> {
  return store.clients.add({
    id,
    name: id.replace("_", " "),
    digest: nodeDigest.sha256(id),
    prefix: "gp-benc",
    source: "stored",
    enabled: true,
    expiresAt: null,
    allowedModels: null,
    createdAt: now,
    limits: { requestsPerMinute: 6_000, budgets: { month: 1_000 } },
  });
}

function numbered(prefix: string, index: number): string {
  return `${prefix}${String(index).padStart(6, "0")}`;
}

async function countSums(path: string): Promise<number> {
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(path, { readOnly: true });
  const row = database.prepare("select count(*) as rows from rollups").get() as { rows: number };
  database.close();
  return row.rows;
}
