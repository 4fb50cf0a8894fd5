/**
 * Accounts in the store: tokens sealed by the vault, beside what may be shown.
 * @module
 */
import type { AccountShelf, KeptAccount } from "../../accounts/shelf.ts";
import { readTokens, writeTokens } from "../../accounts/tokens.ts";
import { plainSecret } from "../../backends/credential-text.ts";
import { unknownAccount } from "../../core/accounts.ts";
import type { Digest, Random } from "../../core/ports.ts";
import { environmentMark } from "../../settings/stored-keys.ts";
import type { Settings } from "../../settings/types.ts";
import type { Store, StoredCredential } from "../../storage/types.ts";
import type { Vault } from "../../vault/envelope.ts";
import { environmentAccount, isSavedOf, type EnvironmentAccount } from "./environment-account.ts";

/** Makes a shelf; its locks are this process's. */
export function createAccountShelf(parts: {
  store: Pick<Store, "credentials" | "accountLeases">;
  vault: Vault;
  settings: Pick<Settings, "codeAssistAccount">;
  digest: Digest;
  random: Random;
}): AccountShelf {
  const { store, vault, digest, random } = parts;
  const owner = digest.sha256(random.bytes(16).join()).slice(0, 16);
  const given = environmentAccount(parts.settings, digest);
  const givenFor = (id: string): EnvironmentAccount | null => (given?.id === id ? given : null);

  return {
    async read(id) {
      const row = await store.credentials.get(id);
      const environment = givenFor(id);
      if (environment !== null && (row === null || !isSavedOf(environment, row))) return fromText(environment, row);
      if (row === null) return null;
      try {
        return await open(row, vault);
      } catch (error) {
        // Sealed with a master key that is gone: the environment's text is as good as it was.
        if (environment !== null) return fromText(environment, null);
        throw error;
      }
    },

    async write(id, { tokens, facts, was }) {
      const sealed = await vault.seal(writeTokens(tokens), id);
      const row = await store.credentials.get(id);
      const environment = givenFor(id);
      if (row !== null) {
        const isText = was === environment?.envelope;
        // Another process was first with the same text.
        if (isText && environment !== null && isSavedOf(environment, row) && (await opens(row, vault))) return null;
        const expected = { sealed: isText ? row.sealed : was };
        return (await store.credentials.update(id, { sealed, account: facts }, expected)) ? sealed : null;
      }
      if (environment === null) return null;
      const { name, fingerprint } = environment;
      const isNew = await store.credentials.add({
        id,
        name: name + environmentMark,
        sealed,
        fingerprint,
        projectId: null,
        weight: 1,
        tier: 0,
        enabled: true,
        createdAt: facts.lastRefreshAt ?? 0,
        kind: "code-assist",
        account: facts,
      });
      return isNew ? sealed : null;
    },

    async note(id, { facts, was }) {
      await store.credentials.update(id, { account: facts }, { sealed: was });
    },

    lock: (id, now, untilMs) => store.accountLeases.take({ id, owner, now, untilMs }),
    unlock: (id) => store.accountLeases.release({ id, owner }),
  };
}

/**
 * In memory only, for hosts without a store: the account of the environment.
 */
export function createMemoryShelf(account: EnvironmentAccount): AccountShelf {
  let kept: KeptAccount = fromText(account, null);
  let writings = 0;
  return {
    read: (id) => Promise.resolve(id === account.id ? kept : null),
    write(_id, { tokens, facts }) {
      kept = { sealed: `${account.envelope} ${++writings}`, tokens, facts };
      return Promise.resolve(kept.sealed);
    },
    note(_id, { facts }) {
      kept = { ...kept, facts };
      return Promise.resolve();
    },
    lock: () => Promise.resolve(true),
    unlock: () => Promise.resolve(),
  };
}

// --- helpers ---

function fromText(environment: EnvironmentAccount, row: StoredCredential | null): KeptAccount {
  const wantedProject = row?.account?.wantedProject ?? null;
  return {
    sealed: environment.envelope,
    tokens: environment.tokens,
    facts: { ...environment.facts, wantedProject },
  };
}

async function open(row: StoredCredential, vault: Vault): Promise<KeptAccount> {
  const tokens = readTokens(plainSecret(await vault.open(row.sealed, row.id)));
  if (tokens === null) throw new Error("What is sealed are no tokens of an account. Remove it and log in again.");
  return { sealed: row.sealed, tokens, facts: row.account ?? unknownAccount };
}

async function opens(row: StoredCredential, vault: Vault): Promise<boolean> {
  return open(row, vault).then(
    () => true,
    () => false,
  );
}
