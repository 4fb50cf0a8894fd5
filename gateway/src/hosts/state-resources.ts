/**
 * Keeps the owners of resources across restarts: memory is the truth, the store its memory. Details are sealed, since
 * some of them (the address of an upload session) let whoever has them write.
 * @module
 */
import type { Logger } from "../core/ports.ts";
import type { ResourceBinding } from "../core/resources.ts";
import type { Affinity } from "../pool/affinity/types.ts";
import type { Store } from "../storage/types.ts";
import type { Vault } from "../vault/envelope.ts";

/** Most bindings of a kind that are kept and read at a start, the newest: as many as memory has room for. */
const mostOfAKind = 200_000;
/** Rows of one atomic write. */
const rowsAWrite = 2_000;
/** Rows deleted at once: about 10 ms of SQLite; and how often in a row, since the retention timer comes every minute. */
const rowsAPrune = 1_000;
const passesAPrune = 10;

interface Parts {
  affinity: Affinity;
  store: Pick<Store, "resources">;
  vault: Vault;
}

/**
 * Reads what was kept into memory. Bindings whose detail cannot be opened are left out, and their number is logged.
 * @param now epoch milliseconds
 */
export async function restoreResources(parts: Parts & { logger: Logger }, now: number): Promise<void> {
  const { affinity, store, vault, logger } = parts;
  const bindings: ResourceBinding[] = [];
  let unreadable = 0;
  for (const binding of await store.resources.list(now, mostOfAKind)) {
    try {
      const { detail } = binding;
      const opened = detail === null ? null : await vault.open(detail, contextOf(binding.name));
      // oxlint-disable-next-line house/reveal -- memory keeps details plain: they are parts of addresses, sealed on disk only
      bindings.push({ ...binding, detail: opened === null ? null : opened.reveal() });
    } catch {
      unreadable++;
    }
  }
  if (unreadable > 0)
    logger.log("warn", "resources.unreadable", {
      count: unreadable,
      next: "ENCRYPTION_KEY (or the key file in the data directory) is not the one that sealed them",
    });
  affinity.restore(bindings, now);
}

/**
 * Writes what changed; what could not be written is put back and comes again.
 * @throws what the store rejects with
 */
export async function saveResources({ affinity, store, vault }: Parts): Promise<void> {
  const { bind, forget } = affinity.takeChanges();
  let [bound, forgotten] = [0, 0];
  try {
    while (bound < bind.length || forgotten < forget.length) {
      const gone = forget.slice(forgotten, forgotten + rowsAWrite);
      // All deletions come first, so that a name in both ends up bound.
      const made = bind.slice(bound, gone.length > 0 ? bound : bound + rowsAWrite);
      await store.resources.write({ bind: await Promise.all(made.map((one) => seal(one, vault))), forget: gone });
      bound += made.length;
      forgotten += gone.length;
    }
  } catch (error) {
    affinity.putBack({ bind: bind.slice(bound), forget: forget.slice(forgotten) });
    throw error;
  }
}

/**
 * Deletes what has expired, and the oldest of what there is too much of, from the store; a bounded number each time. For the timer that also deletes old calls.
 * @param now epoch milliseconds
 * @returns how many rows went
 */
export async function pruneResources(store: Pick<Store, "resources">, now: number): Promise<number> {
  let gone = 0;
  for (let pass = 0; pass < passesAPrune; pass++) {
    const count = await store.resources.prune(now, rowsAPrune, mostOfAKind);
    gone += count;
    if (count === 0) break;
  }
  return gone;
}

// --- helpers ---

async function seal(binding: ResourceBinding, vault: Vault): Promise<ResourceBinding> {
  if (binding.detail === null) return binding;
  return { ...binding, detail: await vault.seal(binding.detail, contextOf(binding.name)) };
}

function contextOf(name: string): string {
  return `resource ${name}`;
}
