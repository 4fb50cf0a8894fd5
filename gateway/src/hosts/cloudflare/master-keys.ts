/**
 * Master keys where there is no file system: from the ENCRYPTION_KEY secret, the salt of a passphrase in the object; without
 * the secret a key that is made once and kept in the object, as other hosts keep a file.
 * @module
 */
import type { Logger } from "../../core/ports.ts";
import type { Store } from "../../storage/types.ts";
import { toBase64Url } from "../../vault/base64.ts";
import type { MasterKey } from "../../vault/envelope.ts";
import { createSalt, deriveMasterKey, parseMasterKeyText, toMasterKey } from "../../vault/master-key.ts";
import { workerRandom } from "./ports.ts";

const saltKey = "vault_salt";
const madeKey = "vault_master_key";

/**
 * Every key that may have sealed something; the first one seals.
 * @param parts `text`: ENCRYPTION_KEY, or null
 * @throws VaultError `bad-master-key` when the text is no key
 */
export async function masterKeysOf(parts: {
  text: string | null;
  store: Pick<Store, "meta">;
  logger: Logger;
}): Promise<MasterKey[]> {
  const { text, store, logger } = parts;
  const made = await store.meta.get(madeKey);
  if (text !== null) return [...(await keysOfText(text, store)), ...(made === null ? [] : await keysOf(made))];
  if (made !== null) return keysOf(made);
  // The object is put to sleep within minutes: a key that is forgotten would lose tokens that Google has replaced.
  const fresh = toBase64Url(workerRandom.bytes(32));
  await store.meta.set(madeKey, fresh);
  logger.log("warn", "vault.key-made", {
    words:
      "ENCRYPTION_KEY is not set: what is sealed in the object's storage can be opened by a key that lies there, too.",
    next: "npx wrangler secret put ENCRYPTION_KEY",
  });
  return keysOf(fresh);
}

// --- helpers ---

async function keysOf(text: string): Promise<MasterKey[]> {
  const parsed = parseMasterKeyText(text);
  return parsed.kind === "keys" ? Promise.all(parsed.keys.map(toMasterKey)) : [];
}

async function keysOfText(text: string, store: Pick<Store, "meta">): Promise<MasterKey[]> {
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
