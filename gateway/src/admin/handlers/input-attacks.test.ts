import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAdminWorld, type AdminWorld, type Answered } from "../../testkit/admin-world.ts";

const key = (letter: string): string => `AIzaSy${letter.repeat(33)}`;
let world: AdminWorld;
beforeEach(async () => {
  world = await createAdminWorld();
});
afterEach(() => world.close());

const load = (entries: object[]): Promise<Answered> =>
  world.request("POST", "/credentials/import", { body: { text: JSON.stringify(entries) } });
const post = (path: string, body: object): Promise<Answered> => world.request("POST", path, { body });

describe("importing keys", () => {
  it("sends none to an inner address, and tells of each why", async () => {
    const outcome = await load([
      { name: "good", key: key("a"), base_url: "https://gw.example/google" },
      { name: "loop", key: key("b"), base_url: "http://127.0.0.1:9200" },
      { name: "cloud", key: key("c"), base_url: "https://169.254.169.254" },
      { name: "hop", key: key("d"), proxy: "http://user:hunter22@169.254.169.254" },
    ]);
    expect(outcome.body).toMatchObject({ added: 1, rejected: 3 });
    const refused = (outcome.body.entries as { name: string; status: string }[]).filter(
      ({ status }) => status === "rejected",
    );
    expect(refused.map(({ name }) => name)).toEqual(["loop", "cloud", "hop"]);
    expect(outcome.text).not.toContain("hunter22");
    expect((await world.request("GET", "/credentials")).body.total).toBe(1);
  });

  it("shows no key that stands where a name or a project should", async () => {
    const others = ["w", "x", "y"].map(key);
    for (const secret of others) world.secrets.add(secret);
    const outcome = await load([
      { name: others[0], key: key("a") },
      { name: "b", key: key("b"), project: others[1] },
      { name: others[2], key: key("c"), project: others[1] },
    ]);
    expect(outcome.body).toMatchObject({ added: 1, rejected: 2 });
    // Every answer is looked through for `secrets`.
    const listed = await world.request("GET", "/credentials");
    expect(listed.body.credentials.map(({ name }: { name: string }) => name)).toEqual(["key-1"]);
  });

  it("refuses a text that would hold up calls for seconds", async () => {
    for (const text of ["a,".repeat(400_000), "x\n".repeat(400_000), `api_key${"\t".repeat(400_000)}`]) {
      const answer = await post("/credentials/import", { text });
      expect([answer.status, answer.body.error.field]).toEqual([400, "body.text"]);
    }
  });
});

describe("changing a credential", () => {
  let id: string;
  beforeEach(async () => {
    id = (await load([{ name: "home", key: key("a") }])).body.entries[0].id as string;
  });
  const change = (body: object): Promise<Answered> => world.request("PATCH", `/credentials/${id}`, { body });

  it.each([
    ["baseUrl", "http://127.0.0.1:6379"],
    ["baseUrl", "https://192.168.1.1"],
    ["baseUrl", "https://[::ffff:10.0.0.1]"],
    ["proxy", "http://169.254.169.254"],
    ["name", key("z")],
    ["projectId", key("z")],
  ])("does not take as %s %s", async (field, value) => {
    world.secrets.add(key("z"));
    const answer = await change({ [field]: value });
    expect([answer.status, answer.body.error?.field]).toEqual([400, `body.${field}`]);
  });
});

it("of a change of many that fails on the way, what was done is in force", async () => {
  const { entries } = (await load(["a", "b", "c"].map((letter) => ({ name: letter, key: key(letter) })))).body;
  const ids = (entries as { id: string }[]).map(({ id }) => id);
  const { credentials } = world.store;
  const update = credentials.update.bind(credentials);
  credentials.update = (id, change) => (id === ids[2] ? Promise.reject(new Error("disk full")) : update(id, change));
  expect((await post("/credentials/bulk", { ids, action: "disable" })).status).toBe(500);
  const states = world.state.pool.view(world.clock.now()).map(({ id, state }) => [id, state]);
  expect(Object.fromEntries(states)).toEqual({
    [ids[0] ?? ""]: "off",
    [ids[1] ?? ""]: "off",
    [ids[2] ?? ""]: "active",
  });
});

describe("a name", () => {
  it("holds no secret", async () => {
    const secrets = [key("z"), `AQ.${"b".repeat(40)}`, `ga-${"c".repeat(40)}`, `gp-${"d".repeat(40)}`];
    for (const name of secrets)
      for (const [path, more] of [
        ["/clients", {}],
        ["/tokens", { role: "viewer" }],
        ["/operators", { role: "viewer", password: "correct horse battery" }],
      ] as const) {
        const answer = await post(path, { name, ...more });
        expect([path, answer.status, answer.body.error?.field]).toEqual([path, 400, "body.name"]);
      }
  });

  it("of an operator or token is nobody else's, so that the audit log tells who it was", async () => {
    const operator = { role: "viewer", password: "correct horse battery" };
    const token = { role: "admin" };
    expect((await post("/operators", { ...operator, name: "Grace" })).status).toBe(201);
    expect((await post("/tokens", { ...token, name: "backup" })).status).toBe(201);
    expect((await post("/tokens", { ...token, name: "backup" })).status).toBe(201);
    for (const [path, body, names] of [
      ["/tokens", token, ["Grace", "gRACE", "Ｇrace", "admin token", "Admin Token", "nobody"]],
      ["/operators", operator, ["grace", "backup", "ADMIN TOKEN", "nobody"]],
    ] as const)
      for (const name of names) {
        const answer = await post(path, { ...body, name });
        expect([name, answer.body.error?.code]).toEqual([name, "conflict"]);
      }
    for (const name of ["Gra\u200bce", "Grace\n", "Gra\u0000ce", "\u202eecarG", "a\u2028b"])
      for (const [path, body] of [
        ["/tokens", token],
        ["/operators", operator],
      ] as const)
        expect([name, (await post(path, { ...body, name })).status]).not.toEqual([name, 201]);
  });

  it("of the first operator is not the admin token's either", async () => {
    const body = { name: "Admin token", password: "correct horse battery" };
    expect((await post("/session/password", body)).body.error.code).toBe("conflict");
  });
});

describe("a body", () => {
  it("of many settings or aliases is refused before each is looked at", async () => {
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`A${index}`, "gemini-x"]));
    const settings = await world.request("PATCH", "/settings", { body: { changes: many, dryRun: true } });
    expect([settings.status, settings.body.error.field]).toEqual([400, "body.changes"]);
    expect(settings.text.length).toBeLessThan(1_000);
    const client = await post("/clients", { name: "x", aliases: many });
    expect([client.status, client.body.error.field]).toEqual([400, "body.aliases"]);
  });

  it("names no time that a Date cannot", async () => {
    for (const expiresAt of [8_640_000_000_000_001, Number.MAX_SAFE_INTEGER]) {
      expect((await post("/clients", { name: "x", expiresAt })).status).toBe(400);
      expect((await post("/tokens", { name: "x", role: "viewer", expiresAt })).status).toBe(400);
    }
  });
});
