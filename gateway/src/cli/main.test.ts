import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createCliFolder } from "./testing.ts";

describe("gemini-proxy", () => {
  it("prints its version, and help with exit codes for every command", async () => {
    const folder = createCliFolder();
    expect((await folder.run(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    for (const words of [[], ["keys"], ["keys", "import", "--help"], ["logs", "tail", "-h"], ["stats", "--help"]]) {
      const { code, stdout } = await folder.run(words);
      expect(code).toBe(0);
      expect(stdout).toContain(["Usage: gemini-proxy", ...words.filter((word) => !word.startsWith("-"))].join(" "));
      expect(stdout).toMatch(/0 {2}done\n {2}1 {2}it did not work/);
    }
    expect(existsSync(join(folder.path, "data"))).toBe(false);
  });

  it("answers a wrong command line with exit code 2 and a next step on standard error", async () => {
    const folder = createCliFolder();
    for (const words of [
      ["kyes"],
      ["keys", "lst"],
      ["keys", "list", "--jsn"],
      ["keys", "list", "extra"],
      ["keys", "import"],
      ["logs", "show"],
      ["keys", "list", "--data-dir="],
    ]) {
      const { code, stdout, stderr } = await folder.run(words);
      expect([words, code, stdout]).toEqual([words, 2, ""]);
      expect(stderr).toMatch(/^error: .+\n {2}next: {2}.+\n$/);
    }
    const { stderr } = await folder.run(["keys", "list", "--jsn", "--json"]);
    expect(JSON.parse(stderr)).toEqual({
      error: { message: "Unknown option --jsn.", place: null, next: "See 'gemini-proxy keys list --help'." },
    });
  });

  it("names the place when the database cannot be opened", async () => {
    const folder = createCliFolder();
    writeFileSync(join(folder.path, "file"), "");
    const { code, stderr } = await folder.run(["keys", "add", "-", "--data-dir", "file"], {
      input: "AIzaSy-some-key-of-enough-length",
    });
    expect(code).toBe(1);
    expect(stderr).toContain("where: file/gemini-proxy.sqlite");
  });
});

describe("gemini-proxy config", () => {
  interface Shown {
    settings: { name: string; value: string | null; source: string }[];
    problems: { variable: string }[];
  }

  it("shows values with their sources and no secret", async () => {
    const folder = createCliFolder();
    writeFileSync(
      join(folder.path, ".env"),
      'RETENTION_DAYS=7\nPORT=1\nADMIN_TOKEN="an-admin-token-of-enough-length"\n',
    );
    writeFileSync(join(folder.path, "gemini.keys"), "AIzaSy-in-the-key-file-xxxxxxxxxxx\n");
    const env = {
      API_PORT: "9090",
      PORT: "8080",
      ENCRYPTION_KEY: "a passphrase that nobody sees",
      PROXY_API_KEY: "client-key-of-enough-length",
    };
    const result = await folder.run(["config", "--json", "--idle-timeout-ms", "90s"], { env });
    const rows = new Map(result.json<Shown>().settings.map((row) => [row.name, [row.value, row.source]]));
    expect(result.code).toBe(0);
    expect(rows.get("PORT")).toEqual(["8080", "environment"]);
    expect(rows.get("RETENTION_DAYS")).toEqual(["7", ".env"]);
    expect(rows.get("IDLE_TIMEOUT_MS")).toEqual(["90000", "flag"]);
    expect(rows.get("HOST")).toEqual(["127.0.0.1", "default"]);
    expect(rows.get("GEMINI_API_KEYS_FILE")).toEqual(["1 keys in all", "file gemini.keys"]);
    expect(rows.get("ENCRYPTION_KEY")).toEqual(["set", "environment"]);
    expect(rows.get("ADMIN_TOKEN")).toEqual(["an-a…ngth", ".env"]);
    expect(result.stdout).not.toMatch(/passphrase that|token-of-enough|in-the-key-file|key-of-enough/);
  });

  it("leaves out the .env file on demand and tells what is wrong", async () => {
    const folder = createCliFolder();
    writeFileSync(join(folder.path, ".env"), "PORT=wrong\nLOG_LEVEL=loud\n");
    const wrong = await folder.run(["config", "--json"]);
    expect(wrong.code).toBe(1);
    expect(wrong.json<Shown>().problems.map(({ variable }) => variable)).toEqual(["PORT", "LOG_LEVEL"]);
    expect((await folder.run(["config", "--dotenv", "none"])).code).toBe(0);
    expect((await folder.run(["config", "--dotenv", "missing.env"])).code).toBe(2);
    const start = await folder.run(["start"]);
    expect(start.code).toBe(2);
    expect(start.stderr).toContain("2 settings are wrong:");
    // A wrong PORT does not keep anybody from reading the log.
    expect((await folder.run(["logs", "list"])).code).toBe(0);
  });
});
