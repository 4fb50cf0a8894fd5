/**
 * From the text of ENCRYPTION_KEY to master keys.
 *
 * A text is either one or several whole keys (32 bytes each, as base64 or hex; the first seals, the others still open
 * what they sealed before), or a passphrase. Passphrases go through PBKDF2-SHA-256: WebCrypto has it on every platform,
 * which it has not for scrypt. Salt and rounds are kept by the host beside the database, not in it, since the vault is
 * opened before anything is read.
 * @module
 */
import type { Random } from "../core/ports.ts";
import { fromBase64, toBase64Url } from "./base64.ts";
import type { MasterKey } from "./envelope.ts";
import { VaultError } from "./vault-error.ts";

/** What a text holds. */
export type MasterKeyText =
  | { kind: "keys"; keys: readonly Uint8Array<ArrayBuffer>[] }
  | { kind: "passphrase"; passphrase: string };

/** Salt and rounds of a passphrase, as they are stored: `pbkdf2-sha256.<rounds>.<salt in base64url>`. */
export type SaltText = string;

/**
 * Reads the text of ENCRYPTION_KEY or of a key file.
 * @param text keys separated by commas, blanks or new lines (`#` comments allowed), or a passphrase
 * @throws VaultError `bad-master-key` when it is too short for a passphrase
 */
export function parseMasterKeyText(text: string): MasterKeyText {
  const words = text
    .replace(/^\s*#.*$/gm, "")
    .split(/[\s,]+/)
    .filter((word) => word !== "");
  const keys = words.map(keyOfWord);
  if (keys.length > 0 && keys.every((key) => key !== null)) return { kind: "keys", keys };
  const passphrase = text.trim();
  if (passphrase.length < 16)
    throw new VaultError(
      "bad-master-key",
      "ENCRYPTION_KEY is neither 32 bytes in base64 or hex nor a passphrase of 16 characters or more. Make one with: openssl rand -base64 32",
    );
  return { kind: "passphrase", passphrase };
}

/**
 * A master key from 32 bytes. Its id is made from the key, so that an envelope tells which key it needs.
 * @returns id (`k` + 10 hex digits of a digest) and key
 */
export async function toMasterKey(key: Uint8Array<ArrayBuffer>): Promise<MasterKey> {
  const label = new TextEncoder().encode("gemini-proxy master key id\0");
  const bytes = new Uint8Array(label.length + key.length);
  bytes.set(label);
  bytes.set(key, label.length);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const hex = [...digest.subarray(0, 5)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { id: `k${hex}`, key };
}

/**
 * Makes salt and rounds for a passphrase, to be stored.
 * @param random strong bytes
 * @param rounds of PBKDF2. @default 600,000
 */
export function createSalt(random: Random, rounds: number = defaultRounds): SaltText {
  return `pbkdf2-sha256.${rounds}.${toBase64Url(random.bytes(16))}`;
}

/**
 * A master key from a passphrase. Takes some tenths of a second at the default rounds.
 * @param passphrase the text; brought to Unicode form NFKC, so that it does not matter on which system it is typed
 * @param salt as `createSalt` made it
 * @throws VaultError `bad-master-key` when the salt cannot be read
 */
export async function deriveMasterKey(passphrase: string, salt: SaltText): Promise<MasterKey> {
  const [kind, rounds, text, ...rest] = salt.trim().split(".");
  const bytes = fromBase64(text ?? "");
  const iterations = Number(rounds);
  if (
    kind !== "pbkdf2-sha256" ||
    bytes === null ||
    bytes.length < 16 ||
    rest.length > 0 ||
    !(iterations >= 1000 && iterations <= 10_000_000)
  )
    throw new VaultError(
      "bad-master-key",
      "The stored salt of the passphrase cannot be read. Restore it from a backup.",
    );
  const material = await crypto.subtle.importKey(
    "raw",
    new TextEncoder().encode(passphrase.normalize("NFKC")),
    "PBKDF2",
    false,
    ["deriveBits"],
  );
  const bits = await crypto.subtle.deriveBits(
    { name: "PBKDF2", hash: "SHA-256", salt: bytes, iterations },
    material,
    256,
  );
  return toMasterKey(new Uint8Array(bits));
}

// --- helpers ---

/** Rounds of PBKDF2-SHA-256 for new salts (OWASP Password Storage Cheat Sheet). */
const defaultRounds = 600_000;

function keyOfWord(word: string): Uint8Array<ArrayBuffer> | null {
  if (/^[0-9a-f]{64}$/i.test(word))
    return Uint8Array.from(word.match(/../g) as string[], (pair) => Number.parseInt(pair, 16));
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(word)) return null;
  const bytes = fromBase64(word);
  return bytes?.length === 32 ? bytes : null;
}
