import { afterEach, describe, expect, it } from "vitest";
import { createResourceWorld, geminiKey } from "../../testkit/admin-resources.ts";
import type { AdminWorld } from "../../testkit/admin-world.ts";
import { judged, disable } from "../../pool/pool-fixture.ts";

let world: AdminWorld;
afterEach(() => world.close());

const environment = { GEMINI_API_KEYS: JSON.stringify([{ name: "ci", key: geminiKey("ci"), project: "p1", tier: 3 }]) };

async function worldOf(keys: readonly string[], env: Record<string, string> = {}): Promise<void> {
  world = await createResourceWorld({ environment: env });
  for (const name of keys) world.secrets.add(geminiKey(name));
  if (keys.length > 0) await add(keys.map((name) => `${name}=${geminiKey(name)}`).join("\n"));
}

async function add(text: string, more: Record<string, unknown> = {}) {
  return world.request("POST", "/credentials/import", { body: { text, ...more } });
}

async function all(query = ""): Promise<Record<string, unknown>[]> {
  return (await world.request("GET", `/credentials?${query}`)).body.credentials;
}

/** In the order of the alphabet: keys that were added at once have none in the pool. */
async function namesOf(query = ""): Promise<string[]> {
  return (await all(query)).map((row) => String(row["name"])).toSorted();
}

async function idOf(name: string): Promise<string> {
  const found = (await all()).find((row) => row["name"] === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return String(found["id"]);
}

describe("import", () => {
  it("adds keys of any form, sealed, and the pool uses them at once", async () => {
    await worldOf([]);
    const revision = await world.store.revision.get();
    const json = JSON.stringify([{ name: "work", key: geminiKey("a"), project: "p9", proxy: "http://u:hunter2@h:1" }]);
    world.secrets.add(geminiKey("a")).add("hunter2");
    const answer = await add(json, { tier: 2, quotaTier: "Free" });
    expect(answer.body).toMatchObject({ dryRun: false, added: 1, duplicates: 0, rejected: 0 });
    expect(answer.body.entries[0]).toMatchObject({ status: "added", name: "work", masked: "AIza…xxxx", line: 1 });
    expect(await all()).toMatchObject([
      { name: "work", masked: "AIza…xxxx", projectId: "p9", tier: 2, quotaTier: "free", proxy: "http://…@h:1" },
    ]);
    expect(await world.store.revision.get()).toBeGreaterThan(revision);
    const [row] = await world.store.credentials.list();
    expect(JSON.stringify(row)).not.toMatch(/AIzaSy|hunter2/);
  });

  it("tells of each line what would become of it, and a dry run changes nothing", async () => {
    await worldOf(["old"], environment);
    const text = [
      `# comment`,
      geminiKey("old"),
      `new=${geminiKey("new")}`,
      "bad key",
      geminiKey("new"),
      geminiKey("ci"),
    ];
    world.secrets.add(geminiKey("new"));
    const answer = await add(text.join("\n"), { dryRun: true });
    expect(answer.body).toMatchObject({ dryRun: true, added: 1, duplicates: 3, rejected: 1 });
    const shown = answer.body.entries.map((entry: Record<string, unknown>) => [
      entry["line"],
      entry["status"],
      entry["name"],
      entry["reason"],
    ]);
    expect(shown).toEqual([
      [2, "duplicate", "old", "is here already as 'old'"],
      [3, "added", "new", null],
      [4, "rejected", "line 4", expect.stringContaining("blank")],
      [5, "duplicate", "line 5", "is the same key as line 3"],
      [6, "duplicate", "ci", "is here already as 'ci'"],
    ]);
    expect(await all()).toHaveLength(2);
  });

  it("gives every key a name of its own", async () => {
    await worldOf(["a"]);
    const text = JSON.stringify([
      { name: "a", key: geminiKey("b") },
      { name: "a (environment)", key: geminiKey("c") },
      { key: geminiKey("d") },
    ]);
    const { entries } = (await add(text)).body;
    expect(entries.map((entry: { name: string }) => entry.name)).toEqual(["a-2", "a-3", "key-4"]);
  });

  it("refuses a text without a key, and an encrypted export that does not open", async () => {
    await worldOf(["a"]);
    expect((await add("# nothing\n")).body.error).toMatchObject({ code: "body_invalid", field: "body.text" });
    const passphrase = "correct horse battery";
    const exported = await world.request("POST", "/credentials/export", { body: { mode: "encrypted", passphrase } });
    const { text } = exported.body;
    for (const wrong of [undefined, "another horse battery"])
      expect((await add(text, { passphrase: wrong })).body.error).toMatchObject({ field: "body.passphrase" });
    await world.request("DELETE", `/credentials/${await idOf("a")}`);
    expect((await add(text, { passphrase })).body.entries).toMatchObject([{ status: "added", name: "a", line: null }]);
  });
});

describe("export", () => {
  it("is masked or encrypted, and never readable", async () => {
    await worldOf(["a", "b"], environment);
    const masked = (await world.request("POST", "/credentials/export", { body: { mode: "masked" } })).body;
    expect(masked).toMatchObject({ count: 3, fileName: "gemini-proxy-keys-masked-2026-11-21.json" });
    const names = JSON.parse(masked.text).api_keys.map((key: { name: string }) => key.name);
    expect(names.toSorted()).toEqual(["a", "b", "ci"]);
    const ids = [await idOf("a")];
    expect((await world.request("POST", "/credentials/export", { body: { mode: "masked", ids } })).body.count).toBe(1);
    for (const passphrase of [undefined, "too short"])
      expect(
        (await world.request("POST", "/credentials/export", { body: { mode: "encrypted", passphrase } })).body.error,
      ).toMatchObject({ field: "body.passphrase" });
  });

  it("tells when keys cannot be opened", async () => {
    await worldOf(["a"]);
    await world.store.credentials.update(await idOf("a"), { sealed: "v1.other.AA.AA.AA.AA" });
    await world.services.reload();
    await world.store.revision.raise();
    world.clock.advance(1000);
    expect(await all()).toMatchObject([{ name: "a", state: "disabled", disabled: { rule: "store.unreadable" } }]);
    const body = { mode: "encrypted", passphrase: "correct horse battery" };
    expect((await world.request("POST", "/credentials/export", { body })).status).toBe(409);
    expect((await world.request("DELETE", `/credentials/${await idOf("a")}`)).status).toBe(204);
  });
});

describe("change", () => {
  it("sets every field and takes values away with null", async () => {
    await worldOf(["a"]);
    const path = `/credentials/${await idOf("a")}`;
    const given = { projectId: "p1", weight: 2, tier: 1, quotaTier: "paid1", proxy: "socks5://u:hunter2@h:1080" };
    world.secrets.add("hunter2");
    const changed = await world.request("PATCH", path, {
      body: { ...given, name: "home", enabled: false, baseUrl: "https://gw.example/google/v1beta/" },
    });
    expect(changed.body).toMatchObject({
      ...given,
      name: "home",
      proxy: "socks5://…@h:1080",
      baseUrl: "https://gw.example/google",
      state: "off",
      enabled: false,
    });
    expect((await world.store.credentials.list())[0]?.sealedProxy).toMatch(/^v1\./);
    const none = { projectId: null, quotaTier: null, baseUrl: null, proxy: null };
    const cleared = await world.request("PATCH", path, { body: { ...none, enabled: true } });
    expect(cleared.body).toMatchObject({ quotaTier: null, baseUrl: null, proxy: null, state: "active" });
    expect(cleared.body.projectId).toMatch(/^own:/);
  });

  it("refuses what is wrong, naming the field, without showing or changing anything", async () => {
    await worldOf(["a", "b"]);
    const path = `/credentials/${await idOf("a")}`;
    const wrong: [string, unknown][] = [
      ["name", geminiKey("a")],
      ["name", "b"],
      ["projectId", "two words"],
      ["baseUrl", "http://gw.example"],
      ["baseUrl", "https://u:hunter2@gw.example"],
      ["proxy", "ftp://me:hunter2@proxy"],
      ["quotaTier", "two words"],
    ];
    world.secrets.add("hunter2");
    const before = await all();
    for (const [field, value] of wrong) {
      const answer = await world.request("PATCH", path, { body: { [field]: value } });
      expect([field, answer.status >= 400, answer.body.error.field]).toEqual([field, true, `body.${field}`]);
    }
    world.clock.advance(1000);
    expect(await all()).toEqual(before);
    expect((await world.request("PATCH", "/credentials/cred_none", { body: {} })).status).toBe(404);
  });

  it("works for keys of the environment for as long as they are there, but for name and removal", async () => {
    await worldOf([], environment);
    const path = `/credentials/${await idOf("ci")}`;
    expect((await world.request("PATCH", path, { body: { quotaTier: "paid1", enabled: false } })).body).toMatchObject({
      name: "ci",
      source: "env",
      projectId: "p1",
      tier: 3,
      quotaTier: "paid1",
      state: "off",
      createdAt: null,
    });
    expect((await world.request("PATCH", path, { body: { enabled: true } })).body).toMatchObject({
      state: "active",
      quotaTier: "paid1",
    });
    for (const body of [{ name: "x" }, { projectId: null }])
      expect((await world.request("PATCH", path, { body })).body.error.code).toBe("source_environment");
    expect((await world.request("DELETE", path)).body.error.code).toBe("source_environment");
    // A row that only holds the switch goes with it.
    await world.request("PATCH", path, { body: { quotaTier: null, enabled: false } });
    await world.request("PATCH", path, { body: { enabled: true } });
    expect(await world.store.credentials.list()).toEqual([]);
  });
});

describe("check and reset", () => {
  it("a check tells what Google says and changes nothing", async () => {
    await worldOf(["a"]);
    const id = await idOf("a");
    const said = { result: "invalid", status: 400, words: "API key not valid.", tookMs: 7 } as const;
    world.checks.set(id, said);
    expect((await world.request("POST", `/credentials/${id}/check`)).body).toEqual({
      id,
      ...said,
      outside: null,
      account: null,
      putBack: false,
    });
    expect((await world.request("GET", `/credentials/${id}`)).body).toMatchObject({
      credential: { state: "active" },
      quotas: [],
    });
    expect((await world.request("POST", "/credentials/cred_none/check")).status).toBe(404);
  });

  it("a reset ends cooldowns and disables; switching on again forgets a disable too", async () => {
    await worldOf(["a"]);
    const id = await idOf("a");
    const now = world.clock.now();
    const fail = (): void => judged(world.state.pool, id, { effects: [disable({ words: "API key not valid" })], now });
    fail();
    world.clock.advance(1000);
    expect(await all("state=disabled")).toMatchObject([{ id, disabled: { reason: "invalid-key" } }]);
    expect((await world.request("POST", `/credentials/${id}/reset`)).body).toMatchObject({ state: "active" });
    fail();
    world.clock.advance(1000);
    await world.request("PATCH", `/credentials/${id}`, { body: { enabled: true } });
    expect(await all()).toMatchObject([{ state: "active", disabled: null }]);
  });
});

describe("bulk", () => {
  const bulk = async (ids: readonly string[], action: string, more: Record<string, unknown> = {}) =>
    (await world.request("POST", "/credentials/bulk", { body: { ids, action, ...more } })).body;

  it("changes many at once, and tells only what did not go well", async () => {
    await worldOf(["a", "b", "c"], environment);
    const [a, b, c, ci] = await Promise.all(["a", "b", "c", "ci"].map(idOf));
    const ids = [a, b, "cred_none", ci] as string[];
    const missing = { id: "cred_none", status: "not_found", words: null };
    expect(await bulk(ids, "disable", { dryRun: true })).toEqual({ dryRun: true, changed: 3, results: [missing] });
    expect((await all("state=off")).length).toBe(0);
    expect(await bulk(ids, "disable")).toEqual({ dryRun: false, changed: 3, results: [missing] });
    expect(await namesOf("state=off")).toEqual(["a", "b", "ci"]);
    expect(await bulk(ids, "enable")).toMatchObject({ changed: 3 });
    expect(await bulk([a, b] as string[], "group", { projectId: "p7" })).toMatchObject({ changed: 2, results: [] });
    expect(await namesOf("projectId=p7")).toEqual(["a", "b"]);
    expect((await bulk([a] as string[], "group")).error).toMatchObject({ field: "body.projectId" });
    expect(await bulk([a, ci] as string[], "ungroup")).toMatchObject({
      changed: 1,
      results: [{ id: ci, status: "source_environment" }],
    });
    expect(await bulk([a, b, c, ci] as string[], "remove")).toMatchObject({ changed: 3, results: [{ id: ci }] });
    expect(await namesOf()).toEqual(["ci"]);
  });

  it("checks at most eight at once, and gives every answer", async () => {
    await worldOf(Array.from({ length: 20 }, (_, index) => `k${index}`));
    let [running, most] = [0, 0];
    world.services.checkKey = async () => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
      return { result: "ok", status: 200, words: null, tookMs: 1 };
    };
    const ids = (await all()).map((row) => String(row["id"]));
    const outcome = await bulk(ids, "check");
    const told = outcome.results.map(({ id, status }: { id: string; status: string }) => `${id} ${status}`);
    expect(told.toSorted()).toEqual(ids.map((id) => `${id} ok`).toSorted());
    expect([most, outcome.changed]).toEqual([8, 0]);
  });
});

it("lists are searched by name, id, project and mask, and come in pages", async () => {
  await worldOf(["alpha", "beta", "gamma"]);
  const id = await idOf("beta");
  expect(await namesOf("search=ALPH")).toEqual(["alpha"]);
  expect(await namesOf(`search=${id}`)).toEqual(["beta"]);
  expect(await namesOf(`search=${encodeURIComponent("AIza…x")}`)).toEqual(["alpha", "beta", "gamma"]);
  // Nothing of a key but what the mask shows can be searched for.
  expect(await namesOf("search=AIzaSy-beta")).toEqual([]);
  const page = (await world.request("GET", "/credentials?limit=1&offset=1")).body;
  expect(page).toMatchObject({ total: 3, matching: 3 });
  expect(page.credentials).toEqual((await all()).slice(1, 2));
});

it("a viewer reads and changes nothing", async () => {
  await worldOf(["a"]);
  const id = await idOf("a");
  expect((await world.request("GET", "/credentials", { as: "viewer" })).status).toBe(200);
  for (const [method, path] of [
    ["PATCH", `/credentials/${id}`],
    ["DELETE", `/credentials/${id}`],
    ["POST", "/credentials/export"],
  ] as const)
    expect((await world.request(method, path, { as: "viewer", body: { mode: "masked" } })).status).toBe(403);
});
