import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { Lease } from "../core/credential.ts";
import { openNodeSqlite } from "../storage/drivers/open-node.ts";
import type { Store } from "../storage/types.ts";
import {
  createAccountWorld,
  createSmallGoogle,
  credentialsFile,
  json,
  secretShapes,
  start,
  type AccountWorld,
} from "../testkit/account-world.ts";
import { createSimulatedClock } from "../testkit/simulated.ts";

const hour = 3_600_000;
const stores: Store[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

async function open(path = ":memory:"): Promise<Store> {
  const store = await openNodeSqlite({ path });
  stores.push(store);
  return store;
}

async function world(file?: Record<string, unknown>, environment: Record<string, string> = {}): Promise<AccountWorld> {
  const made = createAccountWorld({ store: await open(), environment });
  await made.add(credentialsFile(file));
  return made;
}

/** The lease, ready; throws when it cannot be made so. */
async function ready(made: AccountWorld, lease?: Lease): Promise<Lease> {
  const prepared = await made.keeper.prepare(lease ?? (await made.lease()), made.clock.now());
  if (!prepared.ok) throw new Error(prepared.words);
  return prepared.lease;
}

const tokenOf = (lease: Lease | null): string => lease?.secret.reveal() ?? "none";
const realWait = async (): Promise<boolean> => {
  await new Promise((resolve) => setTimeout(resolve, 2));
  return true;
};

describe("an account's tokens", () => {
  it("100 calls at once wait for one refresh and one discovery, and all get the same token and project", async () => {
    const made = await world();
    const lease = await made.lease();
    expect(made.keeper.lend(lease, made.clock.now())).toBeNull();
    const leases = await Promise.all(Array.from({ length: 100 }, () => ready(made, lease)));
    expect([made.google.count("/token"), made.google.count("/v1internal:loadCodeAssist")]).toEqual([1, 1]);
    expect(made.keeper.refreshes()).toBe(1);
    expect(new Set(leases.map(tokenOf))).toEqual(new Set(["ya29.granted-1"]));
    expect(leases[99]).toMatchObject({ cloudProject: "found-project", tokenExpiresAt: start + hour });
    const { body, headers } = made.google.asked[0] as { body: string; headers: Record<string, string> };
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
      grant_type: "refresh_token",
      refresh_token: "1//first-refresh-token",
      client_id: "client-id.apps.googleusercontent.com",
      client_secret: "GOCSPX-client-secret-text",
    });
    expect(headers["user-agent"]).toBe("gemini-proxy/0.0.0");
    expect(tokenOf(made.keeper.lend(lease, made.clock.now()))).toBe("ya29.granted-1");
  });

  it("a token that still lives is lent without asking anyone, and in the buffer while a new one is fetched", async () => {
    const made = await world({ expiry_date: start + hour });
    await ready(made);
    const lease = await made.lease();
    expect(made.google.count("/token")).toBe(0);
    expect(tokenOf(made.keeper.lend(lease, made.clock.now()))).toBe("ya29.first-access-token");
    made.clock.advance(hour - 4 * 60_000);
    expect(tokenOf(made.keeper.lend(lease, made.clock.now()))).toBe("ya29.first-access-token");
    expect(tokenOf(made.keeper.lend(lease, made.clock.now()))).toBe("ya29.first-access-token");
    await made.keeper.idle();
    expect(made.google.count("/token")).toBe(1);
    expect(tokenOf(made.keeper.lend(lease, made.clock.now()))).toBe("ya29.granted-1");
  });

  it("an account in use is refreshed in the background before its buffer begins; an idle one is left alone", async () => {
    const made = await world({ expiry_date: start + hour });
    const lease = await made.lease();
    await ready(made, lease);
    made.clock.advance(hour - 5 * 60_000 - 30_000);
    made.keeper.tend(made.clock.now());
    await made.keeper.idle();
    expect(made.google.count("/token")).toBe(0);
    made.keeper.lend(lease, made.clock.now());
    made.keeper.tend(made.clock.now());
    await made.keeper.idle();
    expect(made.google.count("/token")).toBe(1);
  });

  it("one that Google refused is not lent again, is replaced once, and a late refusal of it changes nothing", async () => {
    const made = await world({ expiry_date: start + hour });
    const lease = await made.lease();
    const first = await ready(made, lease);
    made.keeper.refused(first, made.clock.now());
    expect(made.keeper.lend(lease, made.clock.now())).toBeNull();
    const second = await ready(made, lease);
    expect(tokenOf(second)).toBe("ya29.granted-1");
    made.keeper.refused(first, made.clock.now());
    expect(tokenOf(made.keeper.lend(lease, made.clock.now()))).toBe("ya29.granted-1");
    expect(made.google.count("/token")).toBe(1);
  });

  it("an account whose new tokens are refused again and again rests, instead of being refreshed for ever", async () => {
    const made = await world();
    const lease = await made.lease();
    for (let time = 0; time < 2; time++) made.keeper.refused(await ready(made, lease), made.clock.now());
    const prepared = await made.keeper.prepare(lease, made.clock.now());
    expect(prepared).toMatchObject({
      ok: false,
      rule: "account.tokens-refused",
      effects: [{ kind: "cooldown", scope: "credential", untilMs: made.clock.now() + 5 * 60_000 }],
    });
    expect(made.google.count("/token")).toBe(2);
  });

  it("a rotated refresh token is saved before its access token is used, and is the one after a restart", async () => {
    const store = await open();
    const google = createSmallGoogle();
    const used: string[] = [];
    google.answers.set("/token", ({ body }) => {
      used.push(new URLSearchParams(body ?? "").get("refresh_token") ?? "");
      return json({ access_token: "ya29.granted-1", expires_in: 60, refresh_token: "1//rotated-refresh-token" });
    });
    google.answers.set("/v1internal:loadCodeAssist", async () => {
      const [row] = await store.credentials.list();
      const { tokens } = (await first.shelf.read(row?.id ?? "")) ?? {};
      expect(tokens?.refreshToken).toBe("1//rotated-refresh-token");
      return json({ currentTier: { id: "standard-tier" }, cloudaicompanionProject: "found-project" });
    });
    const first = createAccountWorld({ store, google });
    await first.add();
    await ready(first);
    const clock = createSimulatedClock(start + hour);
    const second = createAccountWorld({ store, google, clock });
    await ready(second);
    expect(used).toEqual(["1//first-refresh-token", "1//rotated-refresh-token"]);
    expect(google.count("/v1internal:loadCodeAssist")).toBe(1);
  });

  it("a token that cannot be written is used all the same, and written when the store is back", async () => {
    let broken = true;
    const store = await open();
    const made = createAccountWorld({
      store,
      shelf: (shelf) => ({
        ...shelf,
        write: (id, account) => (broken ? Promise.reject(new Error("disk full")) : shelf.write(id, account)),
      }),
    });
    const id = await made.add();
    const lease = await made.lease();
    expect(tokenOf(await ready(made, lease))).toBe("ya29.granted-1");
    expect(made.logger.lines.map(({ event }) => event)).toContain("account.unsaved");
    broken = false;
    made.keeper.tend(made.clock.now());
    await made.keeper.idle();
    expect((await made.shelf.read(id))?.tokens.accessToken).toBe("ya29.granted-1");
  });

  it("two keepers on one SQLite file refresh once: the other one waits and takes what was saved", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "gemini-proxy-")), "accounts.sqlite");
    const google = createSmallGoogle();
    const clock = createSimulatedClock(start);
    const [one, other] = [
      createAccountWorld({ store: await open(path), google, clock, wait: realWait }),
      createAccountWorld({ store: await open(path), google, clock, wait: realWait }),
    ] as const;
    await one.add();
    for (let time = 1; time <= 3; time++) {
      const tokens = await Promise.all([one, other].map(async (made) => tokenOf(await ready(made))));
      expect(tokens).toEqual([`ya29.granted-${time}`, `ya29.granted-${time}`]);
      expect(google.count("/token")).toBe(time);
      clock.advance(hour);
    }
  });

  it("a lock whose process died is taken over", async () => {
    const made = await world();
    const lease = await made.lease();
    const dead = { id: lease.credentialId, owner: "dead", now: made.clock.now(), untilMs: made.clock.now() + 30_000 };
    expect(await made.store.accountLeases.take(dead)).toBe(true);
    expect(tokenOf(await ready(made, lease))).toBe("ya29.granted-1");
    expect(made.clock.now()).toBeGreaterThan(start + 29_000);
  });

  it("new tokens in the store, from the command, are taken up with the next reload, also after a failure", async () => {
    const made = await world({ refresh_token: "1//revoked-refresh-token" });
    made.google.answers.set("/token", ({ body }) =>
      body?.includes("revoked") === true
        ? json({ error: "invalid_grant", error_description: "Token has been expired or revoked." }, 400)
        : json({ access_token: "ya29.granted-9", expires_in: 3_600 }),
    );
    expect(await made.keeper.prepare(await made.lease(), made.clock.now())).toMatchObject({ ok: false });
    await made.add(credentialsFile({ refresh_token: "1//fresh-refresh-token" }));
    expect(tokenOf(await ready(made))).toBe("ya29.granted-9");
  });

  it("no token, secret or code is in a log line, a failure or what is stored in the open", async () => {
    const made = await world();
    await ready(made);
    made.clock.advance(hour);
    made.google.answers.set("/token", ({ body }) =>
      json({ error: "odd", error_description: `cannot read ${body}` }, 418),
    );
    const prepared = await made.keeper.prepare(await made.lease(), made.clock.now());
    expect(prepared.ok).toBe(false);
    const [row] = await made.store.credentials.list();
    const shown = JSON.stringify([made.logger.lines, prepared, row, made.keeper.view(row?.id ?? "")]);
    expect(shown).not.toMatch(secretShapes);
  });
});

describe("the account of the environment", () => {
  const environment = (text: string): Record<string, string> => ({ GCP_SERVICE_ACCOUNT: text });

  it.each([
    ["milliseconds", start + hour],
    ["seconds", (start + hour) / 1_000],
    ["text", String(start + hour)],
  ])("its expiry_date in %s is the same moment (E fault 1)", async (_, expiry) => {
    const text = credentialsFile({ expiry_date: expiry });
    const made = createAccountWorld({ store: await open(), environment: environment(text) });
    expect(await ready(made)).toMatchObject({ tokenExpiresAt: start + hour });
    expect(made.google.count("/token")).toBe(0);
    made.clock.advance(hour);
    expect(tokenOf(await ready(made))).toBe("ya29.granted-1");
  });

  it("its refreshed tokens outlive a restart, and a new text outranks them (E fault 1)", async () => {
    const store = await open();
    const google = createSmallGoogle();
    const start1 = createAccountWorld({ store, google, environment: environment(credentialsFile()) });
    expect(tokenOf(await ready(start1))).toBe("ya29.granted-1");
    const start2 = createAccountWorld({ store, google, environment: environment(credentialsFile()) });
    expect(tokenOf(await ready(start2))).toBe("ya29.granted-1");
    expect(google.count("/token")).toBe(1);

    const newer = credentialsFile({ access_token: "ya29.newer-access-token", expiry_date: start + 2 * hour });
    const start3 = createAccountWorld({ store, google, environment: environment(newer) });
    const lease = await start3.lease();
    expect(tokenOf(await ready(start3, lease))).toBe("ya29.newer-access-token");
    expect(lease.credentialId).toBe((await start1.lease()).credentialId);
    start3.clock.advance(2 * hour);
    expect(tokenOf(await ready(start3))).toBe("ya29.granted-2");
    const start4 = createAccountWorld({ store, google, environment: environment(newer), clock: start3.clock });
    expect(tokenOf(await ready(start4))).toBe("ya29.granted-2");
  });

  it("saved tokens that no master key opens give way to the text", async () => {
    const store = await open();
    const first = createAccountWorld({ store, environment: environment(credentialsFile()) });
    await ready(first);
    const [row] = await store.credentials.list();
    await store.credentials.update(row?.id ?? "", { sealed: "v1.other.AAAA.AAAA.AAAA.AAAA" });
    const second = createAccountWorld({ store, environment: environment(credentialsFile()) });
    expect(tokenOf(await ready(second))).toBe("ya29.granted-1");
    expect(second.google.count("/token")).toBe(1);
  });
});
