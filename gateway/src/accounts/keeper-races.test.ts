import { afterEach, describe, expect, it } from "vitest";
import type { Lease } from "../core/credential.ts";
import { createAccounts } from "../hosts/accounts/create-accounts.ts";
import { openNodeSqlite } from "../storage/drivers/open-node.ts";
import type { Store } from "../storage/types.ts";
import {
  createAccountWorld,
  createSmallGoogle,
  credentialsFile,
  json,
  start,
  type AccountWorld,
} from "../testkit/account-world.ts";
import type { AccountAnswer } from "./ask.ts";
import { writeTokens } from "./tokens.ts";

const hour = 3_600_000;
const stores: Store[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

async function open(): Promise<Store> {
  const store = await openNodeSqlite({ path: ":memory:" });
  stores.push(store);
  return store;
}

async function ready(made: AccountWorld, lease?: Lease): Promise<Lease> {
  const prepared = await made.keeper.prepare(lease ?? (await made.lease()), made.clock.now());
  if (!prepared.ok) throw new Error(`${prepared.rule}: ${prepared.words}`);
  return prepared.lease;
}

const tokenOf = (lease: Lease | null): string => lease?.secret.reveal() ?? "none";
const revoked = json({ error: "invalid_grant", error_description: "Token has been expired or revoked." }, 400);

/** A door that a test opens: what waits at it says that it has come. */
function door(): { pass(): Promise<void>; come: Promise<void>; open(): void } {
  let [open, arrive] = [(): void => undefined, (): void => undefined];
  const opened = new Promise<void>((resolve) => (open = resolve));
  const come = new Promise<void>((resolve) => (arrive = resolve));
  return { come, open, pass: () => (arrive(), opened) };
}

/** The token endpoint answers only when the test lets it. */
function slowTokens(made: AccountWorld, answer: (body: string) => AccountAnswer): ReturnType<typeof door> {
  const gate = door();
  made.google.answers.set("/token", async ({ body }) => {
    await gate.pass();
    return answer(body ?? "");
  });
  return gate;
}

/** As a new log-in of the same account. */
const login = (made: AccountWorld, token = "1//fresh-refresh-token-x"): Promise<string> =>
  made.add(
    credentialsFile({ refresh_token: token, access_token: "ya29.fresh-access-token", expiry_date: start + 9 * hour }),
  );

/** Seals the same tokens again, as a change of the account's project does. */
async function sealAgain(made: AccountWorld, id: string, wantedProject: string): Promise<void> {
  const row = await made.store.credentials.get(id);
  const kept = await made.shelf.read(id);
  if (row?.account == null || kept === null) throw new Error("There is no account.");
  const sealed = await made.vault.seal(writeTokens(kept.tokens), id);
  const account = { ...row.account, wantedProject, projectFoundAt: null };
  await made.store.credentials.update(id, { sealed, account });
}

describe("while an account is refreshed", () => {
  it("a new log-in that was read meanwhile is not overwritten by what came of the old tokens", async () => {
    const made = createAccountWorld({ store: await open() });
    const id = await made.add(credentialsFile({ expiry_date: start + 4 * 60_000 }));
    const old = await made.lease();
    await ready(made, old);
    const gate = slowTokens(made, () => json({ access_token: "ya29.of-old-login", expires_in: 3_600 }));
    // In the buffer: refreshed behind the call.
    expect(tokenOf(made.keeper.lend(old, made.clock.now()))).toBe("ya29.first-access-token");
    await gate.come;
    await login(made);
    expect(tokenOf(await ready(made))).toBe("ya29.fresh-access-token");
    gate.open();
    await made.keeper.idle();
    expect((await made.shelf.read(id))?.tokens.refreshToken).toBe("1//fresh-refresh-token-x");
    expect(tokenOf(made.keeper.lend(await made.lease(), made.clock.now()))).toBe("ya29.fresh-access-token");
  });

  it("a new log-in that comes before the old token is refused keeps the account in use", async () => {
    const made = createAccountWorld({ store: await open() });
    const id = await made.add();
    const gate = slowTokens(made, () => revoked);
    const waiting = made.keeper.prepare(await made.lease(), made.clock.now());
    await gate.come;
    await login(made);
    gate.open();
    expect(await waiting).toMatchObject({ ok: true });
    expect(tokenOf(await ready(made))).toBe("ya29.fresh-access-token");
    expect((await made.shelf.read(id))?.facts.lastError).toBeNull();
  });

  it("a refresh token that another process has rotated without the lock is no lost log-in", async () => {
    const store = await open();
    const google = createSmallGoogle();
    let current = "1//first-refresh-token";
    let rotations = 0;
    google.answers.set("/token", ({ body }) => {
      if (new URLSearchParams(body ?? "").get("refresh_token") !== current) return revoked;
      current = `1//rotated-refresh-token-${++rotations}`;
      return json({ access_token: `ya29.granted-${rotations}`, expires_in: 3_600, refresh_token: current });
    });
    // Neither sees the other's lock, as with clocks that differ, or a lock that has run out.
    const lockless = { shelf: (shelf: AccountWorld["shelf"]) => ({ ...shelf, lock: () => Promise.resolve(true) }) };
    const one = createAccountWorld({ store, google, ...lockless });
    const other = createAccountWorld({ store, google, ...lockless, clock: one.clock });
    await one.add();
    const lease = await one.lease();
    const tokens = await Promise.all([ready(one, lease), ready(other, lease)]);
    expect(new Set(tokens.map(tokenOf))).toEqual(new Set(["ya29.granted-1"]));
    expect(rotations).toBe(1);
  });

  it("a rotated refresh token survives that the old ones are sealed again meanwhile", async () => {
    const made = createAccountWorld({ store: await open() });
    const id = await made.add();
    const gate = slowTokens(made, () =>
      json({ access_token: "ya29.granted-1", expires_in: 3_600, refresh_token: "1//rotated-refresh-token" }),
    );
    const waiting = ready(made);
    await gate.come;
    await sealAgain(made, id, "chosen-project");
    gate.open();
    expect(tokenOf(await waiting)).toBe("ya29.granted-1");
    const kept = await made.shelf.read(id);
    expect(kept?.tokens).toMatchObject({ refreshToken: "1//rotated-refresh-token", accessToken: "ya29.granted-1" });
    expect(kept?.facts.wantedProject).toBe("chosen-project");
  });

  it("a project that is chosen meanwhile is not taken back by what the gateway learns", async () => {
    const made = createAccountWorld({ store: await open() });
    const id = await made.add();
    const gate = slowTokens(made, () => ({ status: 503, body: "" }));
    const waiting = made.keeper.prepare(await made.lease(), made.clock.now());
    await gate.come;
    await sealAgain(made, id, "chosen-project");
    gate.open();
    await waiting;
    expect((await made.shelf.read(id))?.facts).toMatchObject({ wantedProject: "chosen-project" });
  });

  it("an account that was removed meanwhile is not refreshed", async () => {
    const made = createAccountWorld({ store: await open() });
    const id = await made.add(credentialsFile({ expiry_date: start + hour }));
    const lease = await made.lease();
    await ready(made, lease);
    await made.store.credentials.remove(id);
    made.clock.advance(hour);
    expect(await made.keeper.prepare(lease, made.clock.now())).toMatchObject({ ok: false, rule: "account.gone" });
    expect(made.google.count("/token")).toBe(0);
  });

  it("a project that is found in the meantime is not forgotten", async () => {
    const made = createAccountWorld({ store: await open(), environment: { PROJECT_ID_CACHE_TTL_HOURS: "1" } });
    await made.add(credentialsFile({ expiry_date: start + 64 * 60_000 }));
    const lease = await made.lease();
    await ready(made, lease);
    made.clock.advance(60 * 60_000 - 1);
    const writing = door();
    const write = made.tools.shelf.write.bind(made.tools.shelf);
    made.tools.shelf.write = async (...parameters) => {
      const sealed = await write(...parameters);
      await writing.pass();
      return sealed;
    };
    made.google.answers.set("/v1internal:loadCodeAssist", () =>
      json({ currentTier: { id: "standard-tier" }, cloudaicompanionProject: "second-project" }),
    );
    // Refreshed behind the call; while that is written, the project is over.
    expect(made.keeper.lend(lease, made.clock.now())).not.toBeNull();
    await writing.come;
    made.clock.advance(2);
    const found = await ready(made, lease);
    expect(found.cloudProject).toBe("second-project");
    writing.open();
    await made.keeper.idle();
    expect(made.keeper.lend(lease, made.clock.now())?.cloudProject).toBe("second-project");
  });
});

describe("a store that fails after a rotation", () => {
  const rotating = (google: ReturnType<typeof createSmallGoogle>): void => {
    let count = 0;
    google.answers.set("/token", () => {
      count++;
      return json({
        access_token: `ya29.granted-${count}`,
        expires_in: 3_600,
        refresh_token: `1//rotated-refresh-token-${count}`,
      });
    });
  };

  it("is tried once more when the gateway ends", async () => {
    const store = await open();
    let broken = true;
    const made = createAccountWorld({ store });
    rotating(made.google);
    const id = await made.add();
    const { shelf, settings, clock, logger } = made;
    const accounts = createAccounts({
      ...made.tools,
      settings,
      clock,
      logger,
      shelf: {
        ...shelf,
        write: (...parameters) =>
          broken ? Promise.reject(new Error("database is locked")) : shelf.write(...parameters),
      },
    });
    await accounts.keeper.prepare(await made.lease(), clock.now());
    broken = false;
    await accounts.close();
    expect((await shelf.read(id))?.tokens.refreshToken).toBe("1//rotated-refresh-token-1");
  });

  it("does not make a writing that is under way count as a refresh", async () => {
    const store = await open();
    let broken = true;
    const writing = door();
    const made = createAccountWorld({
      store,
      shelf: (shelf) => ({
        ...shelf,
        async write(...parameters) {
          if (broken) throw new Error("database is locked");
          await writing.pass();
          return shelf.write(...parameters);
        },
      }),
    });
    rotating(made.google);
    const id = await made.add();
    const lease = await made.lease();
    const first = await ready(made, lease);
    broken = false;
    made.keeper.tend(made.clock.now());
    await writing.come;
    made.keeper.refused(first, made.clock.now());
    const second = ready(made, lease);
    writing.open();
    expect(tokenOf(await second)).toBe("ya29.granted-2");
    await made.keeper.idle();
    expect((await made.shelf.read(id))?.tokens.refreshToken).toBe("1//rotated-refresh-token-2");
  });
});

describe("many calls", () => {
  it("a thousand that wait for a refresh that fails ask once, and are all told the same", async () => {
    const made = createAccountWorld({ store: await open() });
    await made.add();
    made.google.answers.set("/token", () => revoked);
    const lease = await made.lease();
    const told = await Promise.all(Array.from({ length: 1_000 }, () => made.keeper.prepare(lease, made.clock.now())));
    expect(new Set(told.map((one) => (one.ok ? "ok" : one.rule)))).toEqual(new Set(["account.login-needed"]));
    expect(made.google.count("/token")).toBe(1);
  });

  it("a token endpoint that is down is not asked by every call: rests grow to a minute", async () => {
    const made = createAccountWorld({ store: await open() });
    await made.add();
    made.google.answers.set("/token", () => new Error("connect ECONNREFUSED"));
    const lease = await made.lease();
    for (let second = 0; second < 600; second++) {
      await Promise.all([1, 2, 3].map(() => made.keeper.prepare(lease, made.clock.now())));
      made.clock.advance(1_000);
    }
    expect(made.google.count("/token")).toBeLessThan(3 * 20);
  });

  it("tokens that live less than the buffer are not refreshed with every call", async () => {
    const made = createAccountWorld({ store: await open() });
    await made.add();
    let granted = 0;
    made.google.answers.set("/token", () => json({ access_token: `ya29.granted-${++granted}`, expires_in: 120 }));
    const lease = await made.lease();
    await ready(made, lease);
    for (let second = 0; second < 240; second++) {
      if (made.keeper.lend(lease, made.clock.now()) === null) await ready(made, lease);
      await made.keeper.idle();
      made.clock.advance(1_000);
    }
    expect(granted).toBeGreaterThan(2);
    expect(granted).toBeLessThan(12);
  });

  it("of one token that is refused, and its successor too: one refresh, then a rest", async () => {
    const made = createAccountWorld({ store: await open() });
    await made.add(credentialsFile({ expiry_date: start + hour }));
    const lease = await made.lease();
    const first = await ready(made, lease);
    made.clock.advance(10 * 60_000);
    made.keeper.refused(first, made.clock.now());
    const second = await ready(made, lease);
    made.keeper.refused(second, made.clock.now());
    expect(await made.keeper.prepare(lease, made.clock.now())).toMatchObject({
      ok: false,
      rule: "account.tokens-refused",
    });
    expect(made.google.count("/token")).toBe(1);
  });
});

describe("all tokens of an account that are refused at once", () => {
  it("are replaced, also where another process had a newer one that was refused with them", async () => {
    const store = await open();
    const made = createAccountWorld({ store });
    await made.add(credentialsFile({ expiry_date: start + hour }));
    const lease = await made.lease();
    const first = await ready(made, lease);
    const other = createAccountWorld({ store });
    other.google.answers.set("/token", () => json({ access_token: "ya29.of-the-other", expires_in: 3_600 }));
    expect(await other.keeper.recheck(lease)).toMatchObject({ ok: true });
    made.clock.advance(10_000);
    made.keeper.refused(first, made.clock.now());
    const second = await ready(made, lease);
    expect(tokenOf(second)).toBe("ya29.of-the-other");
    made.keeper.refused(second, made.clock.now());
    expect(tokenOf(await ready(made, lease))).toBe("ya29.granted-1");
    expect(made.google.count("/token")).toBe(1);
  });
});

describe("time", () => {
  it("a wall clock that was ahead does not keep the account away for as long", async () => {
    const made = createAccountWorld({ store: await open() });
    await made.add();
    made.google.answers.set("/token", () => new Error("connect ECONNREFUSED"));
    const lease = await made.lease();
    made.clock.advance(5 * hour);
    expect(await made.keeper.prepare(lease, made.clock.now())).toMatchObject({ ok: false });
    made.clock.set(start);
    made.google.answers.set("/token", () => json({ access_token: "ya29.granted-1", expires_in: 3_600 }));
    expect(tokenOf(await ready(made, lease))).toBe("ya29.granted-1");
  });

  it("an access token alone, without an end, is used until Google refuses it", async () => {
    const made = createAccountWorld({ store: await open() });
    await made.add(credentialsFile({ refresh_token: undefined, expiry_date: undefined }));
    const lease = await made.lease();
    const first = await ready(made, lease);
    expect(tokenOf(first)).toBe("ya29.first-access-token");
    expect(tokenOf(made.keeper.lend(lease, made.clock.now()))).toBe("ya29.first-access-token");
    expect(made.google.count("/token")).toBe(0);
    made.keeper.refused(first, made.clock.now());
    expect(await made.keeper.prepare(lease, made.clock.now())).toMatchObject({ rule: "account.login-needed" });
  });

  it("a check looks at Google, also when calls make the account ready again and again", async () => {
    const made = createAccountWorld({ store: await open() });
    await made.add(credentialsFile({ expiry_date: start + hour }));
    const lease = await made.lease();
    made.google.answers.set("/v1internal:loadCodeAssist", () => ({ status: 503, body: "" }));
    const first = made.keeper.prepare(lease, made.clock.now());
    const check = made.keeper.recheck(lease);
    const again = first.then(() => {
      made.clock.advance(60_000);
      return made.keeper.prepare(lease, made.clock.now());
    });
    await Promise.all([first, check, again]);
    expect(made.google.count("/token")).toBe(1);
  });
});

describe("secrets", () => {
  it("what Google quotes of tokens and client secret is taken out, whatever shape they have", async () => {
    const made = createAccountWorld({
      store: await open(),
      environment: { CODE_ASSIST_CLIENT_SECRET: "oldShapedClientSecret42" },
    });
    const id = await made.add(credentialsFile({ refresh_token: "1/old.shaped.refresh" }));
    made.google.answers.set("/token", () =>
      json({ error: "odd", error_description: "bad 1/old.shaped.refresh of oldShapedClientSecret42" }, 418),
    );
    const prepared = await made.keeper.prepare(await made.lease(), made.clock.now());
    const shown = JSON.stringify([made.logger.lines, prepared, (await made.store.credentials.get(id))?.account]);
    expect(shown).toContain("bad [redacted] of [redacted]");
    expect(shown).not.toMatch(/old\.shaped|oldShaped/);
  });
});
