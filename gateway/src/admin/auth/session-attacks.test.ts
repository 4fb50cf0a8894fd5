import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAdminWorld, worldAdminToken, type AdminWorld, type Answered } from "../../testkit/admin-world.ts";
import { createAdminApp } from "../app.ts";

const password = "correct horse battery";
let world: AdminWorld;
beforeEach(async () => {
  world = await createAdminWorld();
});
afterEach(() => world.close());

type Browser = { as: "nobody"; headers: Record<string, string> };
const logIn = (body: object, address = "192.0.2.1"): Promise<Answered> =>
  world.request("POST", "/session", { as: "nobody", body, info: { address } });
function browserOf(answer: Answered): Browser {
  const cookie = answer.headers.getSetCookie().at(-1)?.split(";")[0] ?? "";
  return { as: "nobody", headers: { cookie, "x-csrf-token": answer.body.csrfToken as string } };
}
const isIn = async (browser: Browser): Promise<boolean> =>
  (await world.request("GET", "/session", browser)).body.authenticated as boolean;
/** Makes an operator. @returns its id */
async function add(name: string, role = "viewer"): Promise<string> {
  return (await world.request("POST", "/operators", { body: { name, role, password } })).body.id as string;
}
const change = (id: string, body: object): Promise<Answered> => world.request("PATCH", `/operators/${id}`, { body });

/** Does something once, just before a session is stored: the last moment at which somebody else may come in between. */
function meanwhile(work: () => Promise<unknown>): void {
  const { sessions } = world.store.administration;
  const store = sessions.add.bind(sessions);
  sessions.add = async (session) => {
    sessions.add = store;
    await work();
    await store(session);
  };
}

describe("while a log-in is under way, an operator", () => {
  it.each([
    ["switched off", (id: string) => change(id, { enabled: false })],
    ["demoted", (id: string) => change(id, { role: "viewer" })],
    ["given another password", (id: string) => change(id, { password: `${password}!` })],
    ["removed", (id: string) => world.request("DELETE", `/operators/${id}`)],
  ])("who is %s has no session", async (_, work) => {
    const id = await add("Grace", "admin");
    meanwhile(() => work(id));
    const answer = await logIn({ name: "Grace", password });
    expect(answer.body.error.code).toBe("login_refused");
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it("cannot take back a password that an admin has just set", async () => {
    const id = await add("Grace");
    const thief = browserOf(await logIn({ name: "Grace", password }));
    const { passwords } = world.services;
    const { hash } = passwords;
    passwords.hash = async (text) => {
      passwords.hash = hash;
      const made = await hash(text);
      await change(id, { password: "the admin has set this" });
      return made;
    };
    const body = { current: password, password: "mine for ever, says the thief" };
    const answer = await world.request("POST", "/session/password", { ...thief, body });
    passwords.hash = hash;
    expect(answer.body.error.code).toBe("session_required");
    expect((await logIn({ name: "Grace", password: body.password })).status).toBe(401);
    expect((await logIn({ name: "Grace", password: "the admin has set this" })).status).toBe(200);
  });
});

describe("a session", () => {
  it("made with an admin token that was changed since is over, those of operators are not", async () => {
    const { services } = world;
    const next = (adminTokenDigest: string): void => {
      world.app.fetch = createAdminApp({ ...services, adminTokenDigest }).fetch;
    };
    next("aa".repeat(32));
    await add("Grace");
    const [token, grace] = [
      browserOf(await logIn({ token: worldAdminToken })),
      browserOf(await logIn({ name: "Grace", password })),
    ];
    next("aa".repeat(32));
    expect([await isIn(token), await isIn(grace)]).toEqual([true, true]);
    next("bb".repeat(32));
    expect([await isIn(token), await isIn(grace)]).toEqual([false, true]);
    const kept = await world.store.meta.get("admin_sessions_token");
    expect(kept).not.toContain("bb".repeat(8));
  });

  it("ends after 30 days however much it is used", async () => {
    const browser = browserOf(await logIn({ token: worldAdminToken }));
    const halfDayMs = 11.9 * 3_600_000;
    for (let halfDays = 0; halfDays < 60; halfDays++) {
      world.clock.advance(halfDayMs);
      expect(await isIn(browser)).toBe(true);
    }
    world.clock.advance(halfDayMs);
    expect(await isIn(browser)).toBe(false);
  });

  it("is not pushed out by another operator who logs in again and again", async () => {
    await Promise.all([add("Ada", "admin"), add("Vera")]);
    const ada = browserOf(await logIn({ name: "Ada", password }));
    const token = browserOf(await logIn({ token: worldAdminToken }));
    const first = browserOf(await logIn({ name: "Vera", password }));
    for (let time = 0; time < 60; time++) {
      world.clock.advance(1);
      await logIn({ name: "Vera", password });
    }
    expect([await isIn(ada), await isIn(token), await isIn(first)]).toEqual([true, true, false]);
    const vera = (await world.store.administration.operators.list()).find(({ name }) => name === "Vera");
    expect(await world.store.administration.sessions.keepNewest(vera?.id ?? "", 0)).toBe(50);
  });
});

describe("guessing", () => {
  it("does not shut out who has the admin token, also where everybody has the address of one proxy", async () => {
    for (let time = 0; time < 30; time++) await logIn({ token: "wrong" });
    expect((await logIn({ token: "wrong" })).body.error.code).toBe("login_limited");
    expect((await logIn({ token: worldAdminToken })).status).toBe(200);
    expect((await logIn({ token: "wrong" })).body.error.code).toBe("login_limited");
  });

  it("at others' passwords does not count against who finds all checks taken", async () => {
    await add("Ada");
    const { passwords } = world.services;
    const { verify } = passwords;
    let go: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (go = resolve));
    passwords.verify = () => gate.then(() => false);
    const guesses = Array.from({ length: 4 }, (_, index) =>
      logIn({ name: `n${index}`, password }, `192.0.2.${index + 10}`),
    );
    for (let time = 0; time < 9; time++) expect((await logIn({ name: "Ada", password })).status).toBe(429);
    go();
    await Promise.all(guesses);
    passwords.verify = verify;
    expect((await logIn({ name: "Ada", password })).status).toBe(200);
  });
});

it("what was typed into the field of the name is not in the audit log, whatever the log-in ended with", async () => {
  const body = { name: "typed the password here", password };
  await world.request("POST", "/session", { as: "nobody", body, origin: "http://gateway.lan" });
  const [line] = await world.store.administration.audit.list({ limit: 1 });
  expect(line).toMatchObject({ action: "session.create", outcome: "refused" });
  expect(JSON.stringify(line)).not.toContain("typed");
});
