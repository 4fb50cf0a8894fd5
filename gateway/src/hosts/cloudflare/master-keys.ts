/**
 * Master keys where there is no file system: from the ENCRYPTION_KEY secret, the salt of a passphrase in the object.
 * @module
 */
import type { Store } from "../../storage/types.ts";
import type { MasterKey } from "../../vault/envelope.ts";
import { createSalt, deriveMasterKey, parseMasterKeyText, toMasterKey } from "../../vault/master-key.ts";
import { workerRandom } from "./ports.ts";

const saltKey = "vault_salt";

/**
 * @param text ENCRYPTION_KEY, or null: nothing can have been sealed, so a key that is forgotten will do
 * @throws VaultError `bad-master-key` when the text is no key
 */
export async function masterKeysOf(text: string | null, store: Pick<Store, "meta">): Promise<MasterKey[]> {
  if (text === null) return [await toMasterKey(workerRandom.bytes(32))];
  const parsed = parseMasterKeyText(text);
  if (parsed.kind === "keys") return Promise.all(parsed.keys.map(toMasterKey));
  let salt = await store.meta.get(saltKey);
  if (salt === null) {
    // The platform caps PBKDF2 at 100,000 rounds.
    salt = createSalt(workerRandom, 100_000);
    await store.meta.set(saltKey, salt);
  }
  return [await deriveMasterKey(parsed.passphrase, salt)];
}
