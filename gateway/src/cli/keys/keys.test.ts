import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openNodeSqlite } from "../../storage/drivers/open-node.ts";
import { createCliFolder } from "../testing.ts";

const key = (name: string): string => `AIzaSy-${name}-${"x".repeat(31 - name.length)}`;

interface KeyRow {
  id: string;
  name: string;
  key: string;
  source: string;
  state: string;
  enabled: boolean;
  weight: number;
  tier: number;
  projectId: string | null;
}

describe("gemini-proxy keys", () => {
  it("adds a key once, lists it masked, switches it, and removes it", async () => {
    const folder = createCliFolder();
    const added = await folder.run(
      ["keys", "add", "-", "--name", "work", "--weight", "2", "--tier", "1", "--project", "p1"],
      { input: key("one") },
    );
    expect(added).toMatchObject({ code: 0, stderr: "" });
    expect(added.stdout).toMatch(/^Added key 'work' \(cred_[0-9a-f]{16}, AIza…xxxx\)\.\n$/);
    const again = await folder.run(["keys", "add", "--json"], { input: `${key("one")}\n` });
    expect(again.json()).toMatchObject({ status: "duplicate", name: "work", inEnvironment: false });

    const [row, ...more] = (await folder.run(["keys", "list", "--json"])).json<KeyRow[]>();
    expect(more).toEqual([]);
    expect(row).toMatchObject({
      name: "work",
      key: "AIza…xxxx",
      source: "stored",
      state: "active",
      weight: 2,
      tier: 1,
      projectId: "p1",
    });

    const store = await openNodeSqlite({ path: join(folder.path, "data/gemini-proxy.sqlite") });
    const before = await store.revision.get();
    expect((await folder.run(["keys", "disable", "work"])).stdout).toContain("Disabled key 'work'");
    expect(await store.revision.get()).toBeGreaterThan(before);
    expect((await store.credentials.list())[0]).toMatchObject({
      enabled: false,
      sealed: expect.stringMatching(/^v1\./),
    });
    expect((await folder.run(["keys", "enable", row?.id ?? "", "--json"])).json()).toEqual([
      { id: row?.id, name: "work", enabled: true, changed: true },
    ]);

    const refused = await folder.run(["keys", "remove", "work"]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("--yes");
    expect((await folder.run(["keys", "remove", "work", "--dry-run"])).stdout).toContain("Would remove");
    expect(await store.credentials.list()).toHaveLength(1);
    expect((await folder.run(["keys", "remove", "work", "--yes"])).code).toBe(0);
    expect(await store.credentials.list()).toHaveLength(0);
    await store.close();
  });

  it("imports every form at once, names what it refuses, and shows no secret", async () => {
    const folder = createCliFolder();
    writeFileSync(
      join(folder.path, "keys.txt"),
      `# mine\n${key("one")}\nhome=${key("two")}\nya29.secret-access-token\n${key("one")}\n`,
    );
    const dry = await folder.run(["keys", "import", "keys.txt", "--dry-run", "--json"]);
    expect(dry.json()).toMatchObject({ dryRun: true, added: 2, duplicates: 1, rejected: 1 });
    expect((await folder.run(["keys", "list", "--json"])).json()).toEqual([]);
    const imported = await folder.run(["keys", "import", "keys.txt"]);
    expect(imported.code).toBe(1);
    expect(imported.stdout).toContain("Added 2, duplicates 1, rejected 1.");
    expect(imported.stdout).toContain("line 4: is an OAuth access token");
    expect(imported.stdout + imported.stderr).not.toMatch(/secret-access|-one-|-two-/);
    const json = JSON.stringify([
      { key: "key_0", value: key("three") },
      { key: "key_1", value: key("two") },
    ]);
    const second = await folder.run(["keys", "import", "-"], { input: json });
    expect(second).toMatchObject({ code: 0 });
    expect(second.stdout).toContain("Added 1, duplicates 1, rejected 0.");
    const names = (await folder.run(["keys", "list", "--json"])).json<KeyRow[]>().map(({ name }) => name);
    expect(names.sort()).toEqual(["home", "key-1", "key_0"]);
  });

  it("exports masked by default, plain on demand, and sealed for another machine", async () => {
    const folder = createCliFolder();
    await folder.run(["keys", "import", "-"], { input: `work=${key("one")}` });
    const masked = await folder.run(["keys", "export"]);
    expect(masked.stdout).not.toContain(key("one"));
    expect((await folder.run(["keys", "export", "--plain"])).code).toBe(2);
    const plain = await folder.run(["keys", "export", "--plain", "--yes-i-know"]);
    expect(plain.json<{ api_keys: unknown[] }>().api_keys).toEqual([
      expect.objectContaining({ name: "work", api_key_value: key("one"), is_active: true }),
    ]);
    const env = { GEMINI_PROXY_EXPORT_PASSPHRASE: "correct horse battery" };
    const sealed = await folder.run(["keys", "export", "--encrypted"], { env });
    expect(sealed.stdout).not.toContain(key("one"));
    const other = createCliFolder();
    expect((await other.run(["keys", "import", "-"], { env, input: sealed.stdout })).stdout).toContain("Added 1");
    const wrong = await other.run(["keys", "import", "-"], {
      env: { GEMINI_PROXY_EXPORT_PASSPHRASE: "another horse battery" },
      input: sealed.stdout,
    });
    expect(wrong.stderr).toContain("not the one that sealed this file");
  });

  it("shows and switches keys of the environment; the switch goes when they are enabled again", async () => {
    const folder = createCliFolder();
    const env = { GEMINI_API_KEYS: JSON.stringify([{ name: "ci", key: key("one") }]) };
    expect((await folder.run(["keys", "list", "--json"], { env })).json()).toMatchObject([
      { name: "ci", source: "env", state: "active" },
    ]);
    expect((await folder.run(["keys", "disable", "ci"], { env })).code).toBe(0);
    expect((await folder.run(["keys", "list", "--json"], { env })).json()).toMatchObject([
      { name: "ci", source: "env", state: "off" },
    ]);
    const removed = await folder.run(["keys", "remove", "ci", "--yes"], { env });
    expect(removed).toMatchObject({ code: 2 });
    expect(removed.stderr).toContain("comes from the environment");
    await folder.run(["keys", "enable", "ci"], { env });
    expect((await folder.run(["keys", "list", "--json"], { env })).json()).toMatchObject([
      { name: "ci", state: "active" },
    ]);
    expect((await folder.run(["keys", "list", "--json"])).json()).toEqual([]);
  });

  it("shows what the gateway has learned, and forgets a disable on enable", async () => {
    const folder = createCliFolder();
    const { id } = (
      await folder.run(["keys", "add", "-", "--name", "work", "--json"], { input: key("one") })
    ).json<KeyRow>();
    const store = await openNodeSqlite({ path: join(folder.path, "data/gemini-proxy.sqlite") });
    const now = Date.now();
    const disabled = {
      scope: "credential",
      subject: id,
      reason: "leaked",
      sinceMs: now,
      probeAtMs: null,
      rule: "key.leaked",
      words: "reported as leaked",
    } as const;
    const cooldown = {
      scope: "project-model",
      subject: `own:${id}`,
      model: "gemini-3.8-flash",
      untilMs: now + 3_600_000,
      sinceMs: now,
      cause: "day-quota",
      rule: "quota.day",
      words: "quota",
    } as const;
    await store.health.write([
      { kind: "disabled", value: disabled, removed: false },
      { kind: "cooldown", value: cooldown, removed: false },
    ]);
    const [row] = (await folder.run(["keys", "list", "--json"])).json<Record<string, unknown>[]>();
    expect(row).toMatchObject({
      state: "disabled",
      disabled: { reason: "leaked" },
      cooldowns: [{ cause: "day-quota", model: "gemini-3.8-flash" }],
    });
    expect((await folder.run(["keys", "list"])).stdout).toContain("leaked: reported as leaked");
    expect((await folder.run(["keys", "enable", "work"])).stdout).toContain("Enabled key 'work'");
    expect((await store.health.list()).disabled).toEqual([]);
    expect((await folder.run(["keys", "list"])).stdout).toMatch(/cooling .*day-quota for gemini-3\.8-flash/);
    await store.close();
  });

  it("says which master key is missing instead of failing on all keys", async () => {
    const folder = createCliFolder();
    await folder.run(["keys", "add", "-", "--name", "old"], { input: key("one") });
    const env = { ENCRYPTION_KEY: "ab".repeat(32) };
    expect((await folder.run(["keys", "list", "--json"], { env })).json()).toMatchObject([
      { name: "old", state: "unreadable", key: null },
    ]);
    expect((await folder.run(["keys", "export", "--plain", "--yes-i-know"], { env })).stderr).toContain(
      "cannot be opened",
    );
  });
});
