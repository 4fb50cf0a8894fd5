import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pacificDay } from "../../core/pacific-day.ts";
import { openNodeSqlite } from "../../storage/drivers/open-node.ts";
import type { Store } from "../../storage/types.ts";
import { createCliFolder } from "../testing.ts";

const key = (name: string): string => `AIzaSy-${name}-${"x".repeat(31 - name.length)}`;

interface KeyRow {
  id: string;
  name: string;
  [field: string]: unknown;
}

async function withStore<Result>(path: string, work: (store: Store) => Promise<Result>): Promise<Result> {
  const store = await openNodeSqlite({ path: join(path, "data/gemini-proxy.sqlite") });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

describe("gemini-proxy keys update", () => {
  it("sets what the options say, seals the proxy, shows no password, and takes values away with none", async () => {
    const folder = createCliFolder();
    const options = ["--quota-tier", "Free", "--base-url", "https://gw.example/google/v1beta/", "--tier", "2"];
    const proxy = "socks5://me:hunter2@10.0.0.1:1080";
    const added = await folder.run(["keys", "add", "-", "--name", "work", ...options, "--proxy", proxy], {
      input: key("one"),
    });
    expect(added.code).toBe(0);
    expect(added.stderr).toContain("password on the command line");
    const shown = { name: "work", tier: 2, quotaTier: "free", baseUrl: "https://gw.example/google" };
    const list = await folder.run(["keys", "list", "--json"]);
    expect(list.json()).toMatchObject([{ ...shown, proxy: "socks5://…@10.0.0.1:1080", projectId: null }]);
    const revision = await withStore(folder.path, (store) => store.revision.get());

    const updated = await folder.run(["keys", "update", "work", "--project", "p1", "--proxy", "-", "--name", "home"], {
      input: "http://you:hunter3@proxy.example:3128\n",
    });
    expect(updated).toMatchObject({ code: 0, stderr: "" });
    expect(updated.stdout).toMatch(/^Updated key 'home' \(cred_[0-9a-f]{16}\): name, project, proxy\.\n$/);
    const table = await folder.run(["keys", "list"]);
    expect(table.stdout).toMatch(/QUOTA .*NETWORK/);
    expect(table.stdout).toContain("https://gw.example/google via http://…@proxy.example:3128");
    const one = await folder.run(["keys", "show", "home"]);
    expect(one.stdout).toMatch(/proxy +http:\/\/…@proxy\.example:3128/);
    const stored = await withStore(folder.path, async (store) => {
      expect(await store.revision.get()).toBeGreaterThan(revision);
      return store.credentials.list();
    });
    expect(stored[0]?.sealedProxy).toMatch(/^v1\./);
    const seen = [added, list, updated, table, one].map(({ stdout, stderr }) => stdout + stderr).join("");
    expect(seen + JSON.stringify(stored)).not.toMatch(/hunter/);

    const cleared = ["project", "proxy", "base-url", "quota-tier", "tier", "weight"].flatMap((name) => [
      `--${name}`,
      "none",
    ]);
    expect((await folder.run(["keys", "update", "home", ...cleared, "--json"])).json()).toMatchObject({
      name: "home",
      projectId: null,
      proxy: null,
      baseUrl: null,
      quotaTier: null,
      tier: 0,
      weight: 1,
    });
  });

  it("refuses what is wrong without showing it and without changing anything", async () => {
    const folder = createCliFolder();
    await folder.run(["keys", "import", "-"], { input: `work=${key("one")}\nhome=${key("two")}` });
    for (const words of [[], ["--proxy", "ftp://me:hunter2@proxy"], ["--name", "home"], ["--name", key("one")]]) {
      const result = await folder.run(["keys", "update", "work", ...words]);
      expect([words, result.code]).toEqual([words, 2]);
      expect(result.stderr).not.toMatch(/hunter2|AIza/);
    }
    const insecure = ["keys", "update", "work", "--base-url", "http://gw.example", "--json"];
    const allowed = await folder.run(insecure, { env: { ALLOW_INSECURE_UPSTREAM: "on" } });
    expect(allowed.json()).toMatchObject({ baseUrl: "http://gw.example" });
  });

  it("changes keys of the environment for as long as they are there", async () => {
    const folder = createCliFolder();
    const env = { GEMINI_API_KEYS: JSON.stringify([{ name: "ci", key: key("one"), project: "p1", tier: 3 }]) };
    const updated = await folder.run(["keys", "update", "ci", "--quota-tier", "paid1", "--json"], { env });
    expect(updated.json()).toMatchObject({ name: "ci", source: "env", projectId: "p1", tier: 3, quotaTier: "paid1" });
    // Enabling again takes the row away only when it holds nothing else.
    await folder.run(["keys", "disable", "ci"], { env });
    expect((await folder.run(["keys", "list", "--json"], { env })).json()).toMatchObject([{ state: "off" }]);
    await folder.run(["keys", "enable", "ci"], { env });
    expect((await folder.run(["keys", "list", "--json"], { env })).json()).toMatchObject([
      { state: "active", quotaTier: "paid1" },
    ]);
    expect((await folder.run(["keys", "update", "ci", "--name", "x"], { env })).stderr).toContain(
      "from the environment",
    );
    // Without its variable it is out of use, and what is left of it can be removed.
    const [left] = (await folder.run(["keys", "list", "--json"])).json<KeyRow[]>();
    expect(left).toMatchObject({ state: "off", source: "stored" });
    expect((await folder.run(["keys", "remove", left?.id ?? "", "--yes"])).code).toBe(0);
  });
});

describe("gemini-proxy keys group", () => {
  it("puts keys into a project by hand and takes them out again; a wrong name changes nothing", async () => {
    const folder = createCliFolder();
    await folder.run(["keys", "import", "-", "--quota-tier", "free"], { input: `a=${key("one")}\nb=${key("two")}` });
    expect((await folder.run(["keys", "group", "p1", "a", "nobody"])).code).toBe(2);
    const grouped = await folder.run(["keys", "group", "p1", "a", "b", "--json"]);
    expect(grouped.json()).toMatchObject([
      { name: "a", projectId: "p1", changed: true },
      { name: "b", projectId: "p1", changed: true },
    ]);
    expect((await folder.run(["keys", "group", "p1", "a"])).stdout).toContain("belonged already to p1");
    const filtered = (await folder.run(["keys", "list", "--project", "p1", "--json"])).json<KeyRow[]>();
    expect(filtered).toMatchObject([{ quotaTier: "free" }, { quotaTier: "free" }]);
    await folder.run(["keys", "ungroup", "a"]);
    const left = (await folder.run(["keys", "list", "--project", "p1", "--json"])).json<KeyRow[]>();
    expect(left.map(({ name }) => name)).toEqual(["b"]);
  });
});

describe("gemini-proxy keys quotas", () => {
  it("shows limits and today's use of each project and model", async () => {
    const folder = createCliFolder();
    await folder.run(["keys", "add", "-", "--name", "work", "--project", "p1"], { input: key("one") });
    const { id } = (
      await folder.run(["keys", "add", "--name", "alone", "--json"], { input: key("two") })
    ).json<KeyRow>();
    // Tomorrow's beginning: a midnight that comes while the test runs changes nothing.
    const { end } = pacificDay(Date.now());
    const model = "gemini-3.8-flash";
    const limit = { model, metric: "requests", source: "google", learnedAt: 5 } as const;
    await withStore(folder.path, (store) =>
      store.quotas.write([
        { kind: "quota-limit", removed: false, value: { ...limit, projectId: "p1", window: "day", value: 20 } },
        { kind: "quota-limit", removed: false, value: { ...limit, projectId: "p1", window: "minute", value: 10 } },
        { kind: "quota-limit", removed: false, value: { ...limit, projectId: `own:${id}`, window: "day", value: 0 } },
        {
          kind: "quota-usage",
          removed: false,
          value: { projectId: "p1", model, metric: "requests", windowStart: end, used: 7 },
        },
      ]),
    );
    const none = { value: null, source: null, learnedAt: null };
    expect((await folder.run(["keys", "quotas", "--json"])).json()).toMatchObject([
      { projectId: `own:${id}`, keys: ["alone"], requestsPerDay: { value: 0 }, requestsToday: 0 },
      {
        projectId: "p1",
        model,
        keys: ["work"],
        requestsToday: 7,
        tokensToday: 0,
        tokensPerDay: none,
        requestsPerMinute: { value: 10, source: "google", learnedAt: 5 },
        requestsPerDay: { value: 20 },
      },
    ]);
    const table = await folder.run(["keys", "quotas", "--project", "p1"]);
    expect(table.stdout.split("\n")[1]?.split(/ +/)).toEqual(["p1", "work", model, "10", "-", "20", "7", "-", "0"]);
    expect((await folder.run(["keys", "show", "work", "--json"])).json()).toMatchObject({
      quotas: [{ projectId: "p1" }],
    });
    expect((await folder.run(["keys", "quotas", "--model", "other"])).stderr).toContain("Nothing is known");
  });
});

it("exports and imports everything that a key carries, sealed for another machine", async () => {
  const folder = createCliFolder();
  const entry = { name: "work", key: key("one"), project: "p1", tier: 1, weight: 2, plan: "paid1" };
  const network = { baseUrl: "https://gw.example", proxy: "socks5://me:hunter2@10.0.0.1:1080" };
  await folder.run(["keys", "import", "-"], { input: JSON.stringify([{ ...entry, ...network }]) });
  const env = { GEMINI_PROXY_EXPORT_PASSPHRASE: "correct horse battery" };
  const sealed = await folder.run(["keys", "export", "--encrypted"], { env });
  expect(sealed.stdout).not.toContain("hunter2");
  expect((await folder.run(["keys", "export"])).stdout).not.toContain("hunter2");
  const other = createCliFolder();
  await other.run(["keys", "import", "-"], { env, input: sealed.stdout });
  const plain = await other.run(["keys", "export", "--plain", "--yes-i-know"]);
  expect(plain.json<{ api_keys: unknown[] }>().api_keys).toEqual([
    expect.objectContaining({
      name: "work",
      api_key_value: key("one"),
      project: "p1",
      tier: 1,
      weight: 2,
      quota_tier: "paid1",
      base_url: network.baseUrl,
      proxy: network.proxy,
    }),
  ]);
});
