/**
 * Names for the ids that the record of calls holds.
 * @module
 */
import { environmentAccount } from "../hosts/accounts/environment-account.ts";
import { nodeDigest } from "../hosts/node/ports.ts";
import { credentialIdOf, fingerprintOf } from "../vault/fingerprint.ts";
import type { Configuration } from "./configuration.ts";
import { usageFailure } from "./failure.ts";
import type { Workspace } from "./workspace.ts";

/** Names by id, both ways. */
export interface Names {
  /** The client's name; the id where it is not known any more; null for calls without a client. */
  client(id: string | null): string | null;
  credential(id: string): string;
  /** @throws CliFailure (exit code 2) when the word is neither an id nor a known name */
  clientId(word: string): string;
  /** @throws CliFailure (exit code 2) when the word is neither an id nor a known name */
  credentialId(word: string): string;
}

/**
 * Loads names.
 * @param workspace open store
 * @param configuration settings in force: keys and clients of the environment have names, too
 */
export async function loadNames(workspace: Workspace, configuration: Configuration): Promise<Names> {
  const { settings } = configuration;
  const clients = new Map((await workspace.store.clients.list()).map(({ id, name }) => [id, name]));
  settings.proxyApiKeys.forEach((_, index) => clients.set(`client_env_${index + 1}`, `env-${index + 1}`));
  const credentials = new Map((await workspace.store.credentials.list()).map(({ id, name }) => [id, name]));
  for (const { name, secret } of settings.credentials)
    credentials.set(credentialIdOf(fingerprintOf(secret, nodeDigest)), name);
  const account = environmentAccount(settings, nodeDigest);
  if (account !== null) credentials.set(account.id, account.name);
  return {
    client: (id) => (id === null ? null : (clients.get(id) ?? id)),
    credential: (id) => credentials.get(id) ?? id,
    clientId: (word) => idOf(clients, word, /^client_\w+$/, "client", "clients list"),
    credentialId: (word) => idOf(credentials, word, /^cred_[0-9a-f]{16}$/, "key", "keys list"),
  };
}

// --- helpers ---

/** An id is taken as it is: the record outlives what it names. */
function idOf(names: ReadonlyMap<string, string>, word: string, shape: RegExp, what: string, command: string): string {
  const found = [...names].filter(([id, name]) => id === word || name === word);
  if (found.length === 1) return (found[0] as [string, string])[0];
  if (found.length > 1) throw usageFailure(`The name '${word}' fits ${found.length} ${what}s.`, "Use the id.");
  if (shape.test(word)) return word;
  throw usageFailure(`There is no ${what} '${word}'.`, `'gemini-proxy ${command}' shows all of them.`);
}
