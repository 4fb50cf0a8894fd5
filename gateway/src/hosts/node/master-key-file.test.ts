import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { loadMasterKeys, masterKeyFile, saltFile } from "./master-key-file.ts";
import { nodeRandom } from "./ports.ts";

const folder = (): string => join(mkdtempSync(join(tmpdir(), "gemini-proxy-key-")), "data");
const load = (dataDir: string, encryptionKey: string | null = null): ReturnType<typeof loadMasterKeys> =>
  loadMasterKeys({ settings: { dataDir, encryptionKey }, random: nodeRandom, rounds: 1000 });

describe("loadMasterKeys", () => {
  it("makes a key file that only its owner can read, and reads it the next time", async () => {
    const dataDir = folder();
    const made = await load(dataDir);
    expect(statSync(join(dataDir, masterKeyFile)).mode & 0o777).toBe(0o600);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    expect(await load(dataDir)).toEqual(made);
  });

  it("agrees on one key when several processes start at once", async () => {
    const dataDir = folder();
    const script = `import(${JSON.stringify(join(import.meta.dirname, "master-key-file.ts"))}).then(async ({ loadMasterKeys }) => {
      const random = { next: Math.random, bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) };
      console.log((await loadMasterKeys({ settings: { dataDir: ${JSON.stringify(dataDir)}, encryptionKey: null }, random }))[0].id);
    })`;
    const ids = await Promise.all(
      Array.from({ length: 4 }, async () =>
        (await promisify(execFile)(process.execPath, ["-e", script])).stdout.trim(),
      ),
    );
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^k[0-9a-f]{10}$/);
  });

  it("reads the key from the variable, or from the file that it names, also with an old key behind it", async () => {
    const dataDir = folder();
    const [kept] = await load(dataDir);
    const text = readFileSync(join(dataDir, masterKeyFile), "utf8");
    expect(await load(folder(), text.trim())).toEqual([kept]);
    const path = join(dataDir, "other.key");
    writeFileSync(path, `${"ab".repeat(32)}\n${text}`);
    for (const name of [path, `file:${path}`]) {
      const keys = await load(folder(), name);
      expect(keys).toHaveLength(2);
      expect(keys[1]).toEqual(kept);
    }
  });

  it("keeps the salt of a passphrase beside the database", async () => {
    const dataDir = folder();
    const [key] = await load(dataDir, "correct horse battery staple");
    expect(readFileSync(join(dataDir, saltFile), "utf8")).toMatch(/^pbkdf2-sha256\.1000\./);
    expect(await load(dataDir, "correct horse battery staple")).toEqual([key]);
    expect(await load(folder(), "correct horse battery staple")).not.toEqual([key]);
  });

  it("says what is wrong with a file that is not there and with a text that is too short", async () => {
    await expect(load(folder(), "/nowhere/master.key")).rejects.toThrow(
      "/nowhere/master.key, which cannot be read (ENOENT)",
    );
    await expect(load(folder(), "short")).rejects.toThrow("16 characters");
  });
});
