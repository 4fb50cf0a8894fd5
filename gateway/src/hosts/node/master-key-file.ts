/**
 * Master keys on a machine with files: from ENCRYPTION_KEY, from a file that it names, or from `master.key` in the data
 * directory, which the first start makes.
 * @module
 */
import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Random } from "../../core/ports.ts";
import type { Settings } from "../../settings/types.ts";
import { toBase64Url } from "../../vault/base64.ts";
import type { MasterKey } from "../../vault/envelope.ts";
import { createSalt, deriveMasterKey, parseMasterKeyText, toMasterKey } from "../../vault/master-key.ts";
import { VaultError } from "../../vault/vault-error.ts";

/** The key file that the first start makes, inside the data directory. */
export const masterKeyFile = "master.key";
/** Salt of a passphrase, inside the data directory. Without it the passphrase opens nothing: it belongs in backups. */
export const saltFile = "master-key.salt";

/**
 * Master keys of this installation; the first seals.
 * @param options `settings`: ENCRYPTION_KEY and DATA_DIR; `random`: strong bytes for a new key or salt; `rounds`: of
 *   PBKDF2 for a new salt
 * @throws VaultError `bad-master-key` when a key file is named that cannot be read, or the text is no key
 */
export async function loadMasterKeys(options: {
  settings: Pick<Settings, "encryptionKey" | "dataDir">;
  random: Random;
  rounds?: number;
}): Promise<MasterKey[]> {
  const { random } = options;
  const { encryptionKey, dataDir } = options.settings;
  const makeKey = (): string => `${toBase64Url(random.bytes(32))}\n`;
  const path = encryptionKey === null ? null : pathOf(encryptionKey);
  const text =
    encryptionKey === null
      ? readOrMake(join(dataDir, masterKeyFile), makeKey)
      : path === null
        ? encryptionKey
        : readNamed(path);
  const parsed = parseMasterKeyText(text);
  if (parsed.kind === "keys") return Promise.all(parsed.keys.map(toMasterKey));
  const salt = readOrMake(join(dataDir, saltFile), () => `${createSalt(random, options.rounds)}\n`);
  return [await deriveMasterKey(parsed.passphrase, salt)];
}

// --- helpers ---

/** `/…`, `./…`, `../…`, `~/…`, `C:\…` or `file:…` name a file, unless the text is itself a key (base64 can begin with `/`). */
function pathOf(text: string): string | null {
  const plain = text.trim();
  if (!/^(?:file:|\.{0,2}[/\\]|~[/\\]|[A-Za-z]:[/\\])/.test(plain)) return null;
  try {
    if (parseMasterKeyText(plain).kind === "keys") return null;
  } catch {
    // Too short for a passphrase: still a path.
  }
  const path = plain.replace(/^file:(?:\/\/)?/, "");
  return resolve(path.replace(/^~(?=[/\\])/, process.env["HOME"] ?? "~"));
}

function readNamed(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new VaultError(
      "bad-master-key",
      `ENCRYPTION_KEY names the file ${path}, which cannot be read (${codeOf(error)}).`,
    );
  }
}

/**
 * Reads a small secret file or makes it, readable by its owner only. Two processes may come here at once: `wx` lets one
 * of them win, the other reads what that one wrote.
 */
function readOrMake(path: string, make: () => string): string {
  mkdirSync(resolve(path, ".."), { recursive: true, mode: 0o700 });
  for (let round = 0; round < 200; round++) {
    const kept = readIfThere(path);
    if (kept !== null && kept.trim() !== "") return kept;
    if (kept === null) {
      try {
        const file = openSync(path, "wx", 0o600);
        try {
          const text = make();
          writeSync(file, text);
          // A key that seals rows must not be lost in a power cut after the rows are on disk.
          fsyncSync(file);
          return text;
        } finally {
          closeSync(file);
          chmodSync(path, 0o600);
        }
      } catch (error) {
        if (codeOf(error) !== "EEXIST")
          throw new VaultError(
            "bad-master-key",
            `The file ${path} cannot be made (${codeOf(error)}). Check DATA_DIR and its permissions.`,
          );
      }
    }
    // Empty: another process has made it and is about to write.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  }
  throw new VaultError(
    "bad-master-key",
    `The file ${path} is empty. Restore it from a backup, or remove it if nothing was stored yet.`,
  );
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw new VaultError(
      "bad-master-key",
      `The file ${path} cannot be read (${codeOf(error)}). Check its owner and permissions.`,
    );
  }
}

function codeOf(error: unknown): string {
  return (error as { code?: string } | null)?.code ?? String(error);
}
