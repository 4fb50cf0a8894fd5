import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { startEmulator } from "../../../../emulator/src/emulator.ts";
import type { AccountConfig, Emulator } from "../../../../emulator/src/emulator.ts";
import { createCallEnvironment } from "../../call/environment.ts";
import type { Credential, Lease } from "../../core/credential.ts";
import { portableBytes } from "../../core/portable-bytes.ts";
import { parseSettings } from "../../settings/parse.ts";
import { openNodeSqlite } from "../../storage/drivers/open-node.ts";
import { credentialsFile, digest, idToken } from "../../testkit/account-world.ts";
import { createKeptLogger, createSeededRandom } from "../../testkit/simulated.ts";
import { createVault } from "../../vault/envelope.ts";
import { createGateway } from "../fetch/create-gateway.ts";
import { createAccountRequest } from "../node/account-request.ts";
import { createDispatchers } from "../node/dispatchers.ts";
import { nodeClock, nodeRandom } from "../node/ports.ts";
import { probeDue } from "../probe.ts";
import { loadState, type LoadedState } from "../state.ts";
import { createAccountShelf } from "./account-shelf.ts";
import { createAccounts, forgetOldTroubles, type Accounts } from "./create-accounts.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const email = "ada@example.com";
const refreshToken = "1//ada-refresh-token-0001";
const accountText = (token = refreshToken): string =>
  credentialsFile({ refresh_token: token, id_token: idToken({ sub: "1", email }) });

async function emulate(more: Partial<AccountConfig> = {}): Promise<Emulator> {
  const emulator = await startEmulator({
    accounts: [{ email, refreshToken, project: "ada-project", ...more }],
    recordHeaders: true,
  });
  closing.push(() => emulator.close());
  return emulator;
}

function variables(emulator: Emulator, more: Record<string, string> = {}): Record<string, string> {
  return {
    GCP_SERVICE_ACCOUNT: accountText(),
    CODE_ASSIST_BASE_URL: emulator.url,
    GOOGLE_OAUTH_BASE_URL: emulator.url,
    GOOGLE_GEMINI_API_BASE_URL: emulator.url,
    CODE_ASSIST_CLIENT_ID: "emulator-client",
    CODE_ASSIST_CLIENT_SECRET: "emulator-secret",
    ...more,
  };
}

/** What a host has of accounts, as the hosts wire it. */
interface Process {
  state: LoadedState;
  accounts: Accounts;
  account: Credential;
  logger: ReturnType<typeof createKeptLogger>;
  /** Saves and ends. */
  stop(): Promise<void>;
  probe(now: number): Promise<void>;
}

async function start(environment: Record<string, string>, path: string): Promise<Process> {
  const { settings, problems } = parseSettings(environment);
  expect(problems).toEqual([]);
  const logger = createKeptLogger();
  const store = await openNodeSqlite({ path });
  const vault = createVault({ masterKeys: [{ id: "k", key: new Uint8Array(32).fill(3) }], random: nodeRandom });
  const [clock, random] = [nodeClock, createSeededRandom()];
  const state = await loadState({ store, vault, settings, clock, random, digest, logger });
  await forgetOldTroubles({ pool: state.pool, store, settings, digest, clock });
  const dispatchers = createDispatchers(settings);
  const accounts = createAccounts({
    shelf: createAccountShelf({ store, vault, settings, digest, random: nodeRandom }),
    ask: createAccountRequest(dispatchers),
    settings,
    clock,
    random,
    logger,
  });
  const [view] = state.pool.view(clock.now());
  const stop = async (): Promise<void> => {
    await accounts.close();
    await dispatchers.close();
    await state.saveHealth();
    await store.close();
  };
  closing.push(stop);
  return {
    state,
    accounts,
    account: state.credential(view?.id ?? "") as Credential,
    logger,
    stop: () => {
      closing.splice(closing.indexOf(stop), 1);
      return stop();
    },
    probe: (now) =>
      probeDue({
        pool: state.pool,
        accounts: accounts.keeper,
        environment: createCallEnvironment({
          settings,
          clock: { ...clock, now: () => now },
          random,
          logger,
          bytes: portableBytes,
          digest,
          control: null as never,
        }),
      }),
  };
}

const freshPath = (): string => join(mkdtempSync(join(tmpdir(), "gemini-proxy-")), "test.sqlite");

/** Lets a call meet the account's trouble, as the plan does. */
async function meetTrouble({ state, accounts }: Process): Promise<Lease> {
  const now = nodeClock.now();
  const pick = state.pool.pick({ model: "m", strategy: "round_robin", stickyKey: null, tried: [], now });
  if (!pick.ok) throw new Error(pick.reason);
  const prepared = await accounts.keeper.prepare(pick.lease, now);
  state.pool.release(pick.lease);
  if (prepared.ok) throw new Error("It is well.");
  const { rule, effects } = prepared;
  state.pool.apply({ lease: pick.lease, model: null, rule, effects, consumer: null, limits: [], now });
  return pick.lease;
}

describe("accounts of a host, against the emulator", () => {
  it("refresh, discovery and quota speak as Google does, under our own name", async () => {
    const emulator = await emulate();
    const { accounts, account, logger } = await start(variables(emulator), freshPath());
    expect(await accounts.check(account)).toMatchObject({
      ok: true,
      lease: { cloudProject: "ada-project", tokenExpiresAt: expect.any(Number) },
    });
    expect(await accounts.quota(account)).toMatchObject({
      ok: true,
      value: expect.arrayContaining([expect.objectContaining({ model: "gemini-2.5-pro", fraction: 1 })]),
    });
    const agents = emulator.record().map(({ headers }) => headers?.["user-agent"]);
    expect(agents.length).toBeGreaterThan(2);
    for (const agent of agents) expect(agent).toMatch(/^gemini-proxy\/\d/);
    expect(JSON.stringify(logger.lines)).not.toMatch(/1\/\/|ya29|emulator-secret/);
  });

  it("an account that Google has never seen is onboarded", async () => {
    const emulator = await emulate({ state: "not-onboarded", onboardMs: 0 });
    const { accounts, account } = await start(variables(emulator, { GEMINI_PROJECT_ID: "ada-project" }), freshPath());
    expect(await accounts.check(account)).toMatchObject({ ok: true, lease: { cloudProject: "ada-project" } });
    expect(emulator.accounts()[0]).toMatchObject({ state: "active" });
  });

  it("an account behind VPC service controls uses the configured project", async () => {
    const emulator = await emulate({ state: "vpc-sc" });
    const { accounts, account } = await start(variables(emulator, { GEMINI_PROJECT_ID: "ada-project" }), freshPath());
    expect(await accounts.check(account)).toMatchObject({ ok: true, lease: { cloudProject: "ada-project" } });
  });

  it("refresh tokens that Google rotates are those of the next process", async () => {
    const emulator = await emulate({ rotatesRefreshToken: true });
    const path = freshPath();
    const first = await start(variables(emulator), path);
    for (let time = 0; time < 3; time++) expect(await first.accounts.check(first.account)).toMatchObject({ ok: true });
    await first.stop();
    const second = await start(variables(emulator), path);
    expect(await second.accounts.check(second.account)).toMatchObject({ ok: true });
    expect(emulator.totals().byAccount[email]?.byOperation["oauthToken"]).toBe(4);
  });

  it("no token, new or old, stands readable in any file of the database", async () => {
    const emulator = await emulate({ rotatesRefreshToken: true });
    const path = freshPath();
    const { accounts, account, state } = await start(variables(emulator), path);
    for (let time = 0; time < 3; time++) expect(await accounts.check(account)).toMatchObject({ ok: true });
    await state.saveHealth();
    const folder = dirname(path);
    const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), "latin1"));
    expect(files.join("")).toContain("ada-project");
    const rotated = emulator.accounts()[0]?.refreshTokens ?? [];
    expect(rotated).toHaveLength(1);
    for (const secret of [refreshToken, ...rotated, "ya29.", "1//", "emulator-secret"])
      for (const text of files) expect(text.includes(secret), secret).toBe(false);
  });

  it("an access token that Google made void is replaced after one refusal, also when only the quota is looked at", async () => {
    const emulator = await emulate();
    const { accounts, account } = await start(variables(emulator), freshPath());
    expect(await accounts.check(account)).toMatchObject({ ok: true });
    const refreshes = (): number => emulator.totals().byAccount[email]?.byOperation["oauthToken"] ?? 0;
    emulator.expireTokens(email);
    // Nobody has to log in again for a token that is over.
    expect(await accounts.quota(account)).toMatchObject({ ok: true });
    expect(refreshes()).toBe(2);
  });

  it("what kept the environment's account away is forgotten with a new text (E fault 1)", async () => {
    const emulator = await emulate({ state: "revoked" });
    const path = freshPath();
    const first = await start(variables(emulator), path);
    await meetTrouble(first);
    expect(first.state.pool.counts(nodeClock.now())).toMatchObject({ usable: 0, disabled: 1 });
    await first.stop();
    emulator.setAccount({ email, refreshToken: "1//ada-refresh-token-0002", project: "ada-project" });
    const text = accountText("1//ada-refresh-token-0002");
    const second = await start(variables(emulator, { GCP_SERVICE_ACCOUNT: text }), path);
    expect(second.account.id).toBe(first.account.id);
    expect(second.state.pool.counts(nodeClock.now())).toMatchObject({ usable: 1, disabled: 0 });
    expect(await second.accounts.check(second.account)).toMatchObject({ ok: true });
  });

  it("what a missing OAuth client kept away comes back when the settings have one", async () => {
    const emulator = await emulate();
    const path = freshPath();
    const first = await start({ ...variables(emulator), CODE_ASSIST_CLIENT_ID: "" }, path);
    await meetTrouble(first);
    await first.stop();
    const second = await start(variables(emulator), path);
    expect(second.state.pool.counts(nodeClock.now())).toMatchObject({ usable: 1, disabled: 0 });
  });

  it("a disabled account is probed by making it ready, and comes back when Google serves it again", async () => {
    const emulator = await emulate({ state: "unsupported-client" });
    const world = await start(variables(emulator), freshPath());
    await meetTrouble(world);
    const now = nodeClock.now();
    await world.probe(now + 7 * 3_600_000);
    const [view] = world.state.pool.view(now);
    expect(view).toMatchObject({ state: "disabled", disabled: { reason: "not-eligible" } });
    expect(view?.disabled?.probeAtMs).toBeGreaterThan(now + 3_600_000);
    emulator.setAccount({ email, refreshToken, project: "ada-project", state: "active" });
    // Its short memory of the fault is over.
    await world.accounts.check(world.account);
    await world.probe(now + 14 * 3_600_000);
    expect(world.state.pool.counts(now)).toMatchObject({ usable: 1, disabled: 0 });
    // What stands in the key's place is not sent anywhere.
    expect(emulator.record().filter(({ surface }) => surface === "native")).toEqual([]);
  });

  it("a probe that learns nothing leaves what is known of the account's trouble as it is", async () => {
    const emulator = await emulate({ state: "unsupported-client" });
    const world = await start(variables(emulator), freshPath());
    await meetTrouble(world);
    const now = nodeClock.now();
    const before = world.state.pool.view(now)[0]?.disabled;
    await emulator.close();
    // Its short memory of the fault is over.
    await world.accounts.check(world.account);
    await world.probe(now + 7 * 3_600_000);
    const after = world.state.pool.view(now)[0]?.disabled;
    expect(after?.probeAtMs).toBe(now + 7 * 3_600_000 + 10 * 60_000);
    expect(after).toMatchObject({ rule: before?.rule, words: before?.words, reason: "not-eligible" });
  });

  it("the plain fetch host has the environment's account, too", async () => {
    const emulator = await emulate();
    const gateway = createGateway({ environment: variables(emulator), digest });
    expect(gateway.view()).toMatchObject([{ name: email, state: "active" }]);
  });
});
