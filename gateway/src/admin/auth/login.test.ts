import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createAdminWorld,
  worldAdminToken,
  type AdminWorld,
  type Answered,
  type RequestOptions,
} from "../../testkit/admin-world.ts";

const password = "correct horse battery";
let world: AdminWorld;
beforeEach(async () => {
  world = await createAdminWorld();
  world.secrets.add(password);
});
afterEach(() => world.close());

const logIn = (body: object, options: RequestOptions = {}): Promise<Answered> =>
  world.request("POST", "/session", { as: "nobody", body, ...options });
const cookiesOf = (answer: Answered): string[] => answer.headers.getSetCookie();
/** What the browser sends after an answer: the last cookie that was set, and the CSRF token. */
function browserOf(answer: Answered): { as: "nobody"; headers: Record<string, string> } {
  const cookie = cookiesOf(answer).at(-1)?.split(";")[0] ?? "";
  return { as: "nobody", headers: { cookie, "x-csrf-token": answer.body.csrfToken as string } };
}
/** Makes Ada by the way that a first log-in takes. */
async function setUp(): Promise<{ as: "nobody"; headers: Record<string, string> }> {
  const first = browserOf(await logIn({ token: worldAdminToken }));
  return browserOf(await world.request("POST", "/session/password", { ...first, body: { name: "Ada", password } }));
}

describe("logging in", () => {
  it("with the admin token gives a session that nothing but the cookie opens", async () => {
    const answer = await logIn({ token: worldAdminToken });
    expect(answer.body).toMatchObject({
      authenticated: true,
      operator: {
        id: null,
        name: "admin token",
        role: "admin",
      },
      passwordSet: false,
    });
    const [cookie = ""] = cookiesOf(answer);
    expect(cookie).toMatch(
      /^__Host-gemini-proxy-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+; Secure$/,
    );
    const value = cookie.slice(cookie.indexOf("=") + 1, cookie.indexOf(";"));
    expect(answer.text).not.toContain(value);
    const sessions = await world.store.administration.sessions.get(world.services.digest.sha256(value));
    expect(sessions?.name).toBe("admin token");
    expect(JSON.stringify(sessions)).not.toContain(value);
    expect((await world.request("GET", "/operators", browserOf(answer))).status).toBe(200);
    expect((await world.request("GET", "/operators", { as: "nobody" })).status).toBe(401);
  });

  it("with the admin token the first time leads to an operator with a password, once", async () => {
    const first = browserOf(await logIn({ token: worldAdminToken }));
    const set = await world.request("POST", "/session/password", { ...first, body: { password } });
    expect(set.body).toMatchObject({ operator: { name: "admin", role: "admin" }, passwordSet: true });
    // The session of the token is over: it was made anew for the operator.
    expect((await world.request("GET", "/session", first)).body.authenticated).toBe(false);
    expect((await world.request("GET", "/operators", browserOf(set))).body.operators).toHaveLength(1);
    const again = browserOf(await logIn({ token: worldAdminToken }));
    const refused = await world.request("POST", "/session/password", { ...again, body: { password } });
    expect([refused.status, refused.body.error.code]).toEqual([409, "operator_required"]);
    expect((await logIn({ name: "admin", password })).body.operator.name).toBe("admin");
    expect((await world.request("POST", "/session/password", { as: "viewer-token", body: { password } })).status).toBe(
      409,
    );
  });

  it("with a wrong token, name or password is refused in the same words", async () => {
    await setUp();
    const tries = [
      { token: "wrong" },
      { name: "Nobody", password },
      { name: "Ada", password: "wrong" },
      { name: "ada", password },
    ];
    const answers: string[] = [];
    for (const body of tries) {
      const { status, body: told } = await logIn(body);
      answers.push(JSON.stringify([status, { ...told.error, requestId: "" }]));
    }
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain("login_refused");
  });

  it("costs one check of a password whether there is such a name or not", async () => {
    let checks = 0;
    const { passwords } = world.services;
    const counting = await createAdminWorld({
      services: { passwords: { hash: passwords.hash, verify: (...parts) => (checks++, passwords.verify(...parts)) } },
    });
    await counting.headersOf("admin");
    for (const name of ["Ada", "Nobody"]) {
      checks = 0;
      await counting.request("POST", "/session", { as: "nobody", body: { name, password: "wrong" } });
      expect([name, checks]).toEqual([name, 1]);
    }
    await counting.close();
  });

  it("is refused to an operator who is switched off", async () => {
    await setUp();
    const [ada] = await world.store.administration.operators.list();
    await world.store.administration.operators.update(ada?.id ?? "", { enabled: false });
    expect((await logIn({ name: "Ada", password })).body.error.code).toBe("login_refused");
  });

  it("takes either a token or a name and password, not both", async () => {
    for (const body of [{}, { token: "t", name: "n" }, { name: "n" }, { token: "" }, { token: 1 }])
      expect((await logIn(body)).body.error.code).toBe("body_invalid");
  });

  it("again ends the session before", async () => {
    const first = browserOf(await logIn({ token: worldAdminToken }));
    const second = await world.request("POST", "/session", { ...first, body: { token: worldAdminToken } });
    expect((await world.request("GET", "/session", first)).body.authenticated).toBe(false);
    expect((await world.request("GET", "/session", browserOf(second))).body.authenticated).toBe(true);
  });

  it("checks only some passwords at a time", async () => {
    const { hash } = world.services.passwords;
    let go: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (go = resolve));
    const slow = await createAdminWorld({ services: { passwords: { hash, verify: () => gate.then(() => false) } } });
    const answers = Array.from({ length: 6 }, (_, index) =>
      slow.request("POST", "/session", {
        as: "nobody",
        body: { name: `n${index}`, password },
        info: { address: `192.0.2.${index}` },
      }),
    );
    const busy = await Promise.all(answers.slice(4));
    expect(busy.map(({ status, headers }) => [status, headers.get("retry-after")])).toEqual([
      [429, "1"],
      [429, "1"],
    ]);
    go();
    expect((await Promise.all(answers.slice(0, 4))).map(({ status }) => status)).toEqual([401, 401, 401, 401]);
    await slow.close();
  });
});

describe("over plain http", () => {
  const plain = { origin: "http://gateway.lan:8787" };
  it("from another machine a log-in is refused with what to do", async () => {
    const answer = await logIn({ token: worldAdminToken }, plain);
    expect([answer.status, answer.body.error.code]).toEqual([403, "https_required"]);
    expect(answer.body.error.next).toMatch(/https.*INSECURE_COOKIES/);
    expect(cookiesOf(answer)).toEqual([]);
  });

  it("from this machine the Secure cookie is set, as browsers keep it there", async () => {
    for (const host of ["localhost:8787", "127.0.0.1:8787", "[::1]:8787", "dev.localhost"])
      expect(cookiesOf(await logIn({ token: worldAdminToken }, { origin: `http://${host}` }))[0]).toMatch(
        /^__Host-.*Secure$/,
      );
  });

  it("with INSECURE_COOKIES the cookie is a plain one, which https requests do not take", async () => {
    await world.close();
    world = await createAdminWorld({ environment: { INSECURE_COOKIES: "on" } });
    const answer = await logIn({ token: worldAdminToken }, plain);
    expect(cookiesOf(answer)[0]).toMatch(
      /^gemini-proxy-session=[^;]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/,
    );
    expect((await world.request("GET", "/session", { ...browserOf(answer), ...plain })).body.authenticated).toBe(true);
    expect((await world.request("GET", "/session", browserOf(answer))).body.authenticated).toBe(false);
    const secure = await logIn({ token: worldAdminToken });
    expect(cookiesOf(secure)[0]).toMatch(/^__Host-/);
  });

  it("a plain cookie is not taken without INSECURE_COOKIES", async () => {
    const answer = await logIn({ token: worldAdminToken });
    const browser = browserOf(answer);
    const cookie = (browser.headers["cookie"] as string).replace("__Host-", "");
    expect(
      (await world.request("GET", "/session", { as: "nobody", headers: { cookie }, ...plain })).body.authenticated,
    ).toBe(false);
  });

  it("behind a proxy that ends TLS, the page's own origin says that it is https", async () => {
    const answer = await logIn(
      { token: worldAdminToken },
      { origin: "http://gateway.example", headers: { origin: "https://gateway.example" } },
    );
    expect(cookiesOf(answer)[0]).toMatch(/^__Host-/);
    const claimed = await logIn({ token: worldAdminToken }, { ...plain, headers: { "x-forwarded-proto": "https" } });
    expect(claimed.body.error.code).toBe("https_required");
  });
});

describe("a session", () => {
  it("ends after SESSION_MS without use, and goes on with use", async () => {
    const browser = browserOf(await logIn({ token: worldAdminToken }));
    const hour = 3_600_000;
    for (let hours = 0; hours < 30; hours += 6) {
      world.clock.advance(6 * hour);
      expect((await world.request("GET", "/session", browser)).body.authenticated).toBe(true);
    }
    world.clock.advance(12 * hour);
    expect((await world.request("GET", "/session", browser)).body.authenticated).toBe(false);
    expect((await world.request("GET", "/settings", browser)).status).toBe(401);
  });

  it("is written at most once a minute", async () => {
    const browser = browserOf(await logIn({ token: worldAdminToken }));
    const { sessions } = world.services.administration;
    const seen: number[] = [];
    const write = sessions.seen.bind(sessions);
    sessions.seen = async (digest, at, end) => (seen.push(at), write(digest, at, end));
    const start = world.clock.now();
    for (let second = 0; second < 180; second += 10) {
      await world.request("GET", "/session", browser);
      world.clock.advance(10_000);
    }
    expect(seen).toEqual([start + 60_000, start + 120_000]);
  });

  it("is over after logging out, and the browser is told to forget it", async () => {
    const browser = browserOf(await logIn({ token: worldAdminToken }));
    const out = await world.request("DELETE", "/session", browser);
    expect(out.status).toBe(204);
    expect(cookiesOf(out)).toEqual([
      expect.stringMatching(/^__Host-gemini-proxy-session=;.*Max-Age=0; Secure$/),
      expect.stringMatching(/^gemini-proxy-session=;.*Max-Age=0$/),
    ]);
    expect((await world.request("GET", "/session", browser)).body).toMatchObject({
      authenticated: false,
      csrfToken: null,
    });
  });

  it("of anybody whose password or role was changed is over", async () => {
    const ada = await setUp();
    const admin = await world.request("POST", "/operators", {
      ...ada,
      body: { name: "Grace", role: "admin", password },
    });
    const id = admin.body.id as string;
    for (const change of [{ role: "viewer" }, { password: `${password}!` }, { enabled: true }]) {
      await world.request("PATCH", `/operators/${id}`, { ...ada, body: { password } });
      const grace = browserOf(await logIn({ name: "Grace", password }));
      expect((await world.request("GET", "/session", grace)).body.authenticated).toBe(true);
      await world.request("PATCH", `/operators/${id}`, { ...ada, body: change });
      expect((await world.request("GET", "/session", grace)).body.authenticated).toBe(false);
    }
  });

  it("changes its own password with the current one, and all its others end", async () => {
    const one = await setUp();
    const two = browserOf(await logIn({ name: "Ada", password }));
    const change = (body: object): Promise<Answered> => world.request("POST", "/session/password", { ...one, body });
    for (const body of [{ password: "a new long one" }, { password: "a new long one", current: "wrong" }]) {
      const refused = await change(body);
      expect([refused.status, refused.body.error.code]).toEqual([403, "password_wrong"]);
    }
    expect((await change({ name: "Eve", password: "a new long one", current: password })).body.error.field).toBe(
      "body.name",
    );
    expect((await change({ password: "short", current: password })).body.error.field).toBe("body.password");
    const changed = await change({ password: "a new long one", current: password });
    expect(changed.status).toBe(200);
    for (const old of [one, two]) expect((await world.request("GET", "/session", old)).body.authenticated).toBe(false);
    expect((await world.request("GET", "/session", browserOf(changed))).body.authenticated).toBe(true);
    expect((await logIn({ name: "Ada", password })).status).toBe(401);
    expect((await logIn({ name: "Ada", password: "a new long one" })).status).toBe(200);
  });
});
