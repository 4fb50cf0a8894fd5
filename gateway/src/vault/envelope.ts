/**
 * Secrets at rest: AES-256-GCM envelopes. Each row has its own data key, which the master key wraps; ids of master key
 * and row are authenticated, so an envelope cannot be moved to another row or be relabelled.
 *
 * Text form, version 1: `v1.<master key id>.<nonce>.<wrapped data key>.<nonce>.<ciphertext>`, parts in base64url.
 * @module
 */
import type { Random } from "../core/ports.ts";
import { toSecret } from "../core/secret.ts";
import type { Secret } from "../core/secret.ts";
import { fromBase64, toBase64Url } from "./base64.ts";
import { VaultError } from "./vault-error.ts";

/** A master key. The id is stored with every envelope (see `toMasterKey`). */
export interface MasterKey {
  /** Letters, digits, `-` and `_`. */
  id: string;
  /** 32 bytes. */
  key: Uint8Array<ArrayBuffer>;
}

/** Seals and opens. */
export interface Vault {
  /**
   * Seals with the first master key.
   * @param plain the secret
   * @param context id of the row that will hold it; the same is needed to open it
   */
  seal(plain: string, context: string): Promise<string>;
  /** @throws VaultError `malformed`, `unknown-key`, `tampered` */
  open(sealed: string, context: string): Promise<Secret>;
  /** Whether it was sealed with another master key than the first. */
  isStale(sealed: string): boolean;
  /** Wraps the data key of an envelope with the first master key; the secret itself is not touched. Throws as `open`. */
  rewrap(sealed: string, context: string): Promise<string>;
}

/**
 * Makes a vault.
 * @param options `masterKeys`: the first seals, all open (so that keys can be rotated); `random`: strong bytes
 * @throws VaultError `bad-master-key` when there is none, or one is not 32 bytes
 */
export function createVault(options: { masterKeys: readonly MasterKey[]; random: Random }): Vault {
  const { masterKeys, random } = options;
  const [current] = masterKeys;
  if (current === undefined) throw new VaultError("bad-master-key", "The vault needs at least one master key.");
  for (const { id, key } of masterKeys)
    if (key.length !== 32 || !/^[\w-]+$/.test(id))
      throw new VaultError("bad-master-key", "A master key must have 32 bytes, and an id of letters and digits.");
  // Imported once, at the first use: WebCrypto has no synchronous import.
  const imported = new Map<string, Promise<CryptoKey>>();
  const masterOf = (id: string): Promise<CryptoKey> => {
    const found = masterKeys.find((master) => master.id === id);
    if (found === undefined)
      throw new VaultError(
        "unknown-key",
        `Sealed with master key '${id}', but only ${masterKeys.map((master) => `'${master.id}'`).join(", ")} is configured. Set ENCRYPTION_KEY to the key that was in use, or restore the key file.`,
      );
    const known = imported.get(id) ?? importKey(found.key);
    imported.set(id, known);
    return known;
  };

  const wrap = async (dataKey: Uint8Array<ArrayBuffer>, context: string): Promise<string> => {
    const nonce = random.bytes(12);
    const wrapped = await encrypt(await masterOf(current.id), nonce, dataKey, bound("wrap", current.id, context));
    return `v1.${current.id}.${toBase64Url(nonce)}.${toBase64Url(wrapped)}`;
  };
  const unwrap = async (parts: Envelope, context: string): Promise<Uint8Array<ArrayBuffer>> =>
    decrypt(await masterOf(parts.keyId), parts.wrapNonce, parts.wrapped, bound("wrap", parts.keyId, context));

  return {
    async seal(plain, context) {
      const dataKey = random.bytes(32);
      const nonce = random.bytes(12);
      const body = await encrypt(
        await importKey(dataKey),
        nonce,
        new TextEncoder().encode(plain),
        bound("data", "", context),
      );
      return `${await wrap(dataKey, context)}.${toBase64Url(nonce)}.${toBase64Url(body)}`;
    },
    async open(sealed, context) {
      const parts = readEnvelope(sealed);
      const dataKey = await importKey(await unwrap(parts, context));
      return toSecret(
        new TextDecoder().decode(await decrypt(dataKey, parts.nonce, parts.body, bound("data", "", context))),
      );
    },
    isStale: (sealed) => readEnvelope(sealed).keyId !== current.id,
    async rewrap(sealed, context) {
      const parts = readEnvelope(sealed);
      const dataKey = await unwrap(parts, context);
      return `${await wrap(dataKey, context)}.${toBase64Url(parts.nonce)}.${toBase64Url(parts.body)}`;
    },
  };
}

// --- helpers ---

interface Envelope {
  keyId: string;
  wrapNonce: Uint8Array<ArrayBuffer>;
  wrapped: Uint8Array<ArrayBuffer>;
  nonce: Uint8Array<ArrayBuffer>;
  body: Uint8Array<ArrayBuffer>;
}

function readEnvelope(sealed: string): Envelope {
  const [version, keyId, ...texts] = sealed.split(".");
  const [wrapNonce, wrapped, nonce, body, ...rest] = texts.map(fromBase64);
  if (version !== "v1" || !keyId || !wrapNonce || !wrapped || !nonce || !body || rest.length > 0)
    throw new VaultError(
      "malformed",
      "Not an envelope of this version of the vault. The row may have been written by a later version.",
    );
  return { keyId, wrapNonce, wrapped, nonce, body };
}

/** Additional authenticated data. JSON keeps the parts apart whatever characters they hold. */
function bound(part: "wrap" | "data", keyId: string, context: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(["gemini-proxy", 1, part, keyId, context]));
}

function importKey(bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}

async function encrypt(
  key: CryptoKey,
  iv: Uint8Array<ArrayBuffer>,
  plain: Uint8Array<ArrayBuffer>,
  additionalData: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, key, plain));
}

async function decrypt(
  key: CryptoKey,
  iv: Uint8Array<ArrayBuffer>,
  sealed: Uint8Array<ArrayBuffer>,
  additionalData: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData }, key, sealed));
  } catch {
    throw new VaultError(
      "tampered",
      "The envelope does not fit its row or was changed. Remove the row and add the key again.",
    );
  }
}
