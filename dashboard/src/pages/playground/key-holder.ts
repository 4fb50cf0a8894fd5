/**
 * The playground's key: made for ten minutes, held in memory only, made again when it ends.
 * @module
 */

/** A key and when it ends, epoch milliseconds. */
export interface HeldKey {
  key: string;
  expiresAt: number;
}

/** Gives keys of clients. */
export interface KeyHolder {
  /** @returns a key that is good for a while yet; rejects as `make` does */
  get(clientId: string): Promise<string>;
  /** Forgets a client's key, for one that was refused. */
  forget(clientId: string): void;
}

/** A key that ends sooner than this is not begun with: a call may wait before it is admitted. */
const leastLifeMs = 20_000;

/**
 * Makes a holder.
 * @param options `make` asks the gateway for a key; `now` gives epoch milliseconds
 */
export function createKeyHolder(options: {
  make: (clientId: string) => Promise<HeldKey>;
  now: () => number;
}): KeyHolder {
  const keys = new Map<string, Promise<HeldKey>>();
  const make = (clientId: string): Promise<HeldKey> => {
    const made = options.make(clientId);
    keys.set(clientId, made);
    // A failure is not kept: the next call asks again.
    made.catch(() => {
      if (keys.get(clientId) === made) keys.delete(clientId);
    });
    return made;
  };
  return {
    async get(clientId) {
      const held = keys.get(clientId);
      if (held !== undefined) {
        const key = await held;
        if (key.expiresAt - options.now() > leastLifeMs) return key.key;
        // Whoever came first has made a new one meanwhile.
        const newer = keys.get(clientId);
        if (newer !== undefined && newer !== held) return (await newer).key;
      }
      return (await make(clientId)).key;
    },
    forget(clientId) {
      keys.delete(clientId);
    },
  };
}
