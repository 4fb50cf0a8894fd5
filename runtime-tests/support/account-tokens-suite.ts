/**
 * Tokens that end while clients call: nobody notices, and the token endpoint is asked once.
 * @module
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { loadAccounts } from "./account-load.ts";
import { email, model, oauthCredentials, refreshToken, startAccountWorld, type AccountWorld } from "./account-world.ts";
import type { TargetName } from "./targets.ts";

const generate = `/v1beta/models/${model}:generateContent`;
const hello = { contents: [{ role: "user", parts: [{ text: "hello" }] }] };
const others = ["bob@example.com", "eve@example.com"].map((address) => ({
  email: address,
  refreshToken: `1//refresh-token-of-${address}`,
  firstByteDelayMs: 100,
}));

/** Each test has a gateway of its own: what is counted are its refreshes from the first on. */
export function describeAccountTokens(target: TargetName): void {
  const open: AccountWorld[] = [];
  const start = async (options: Parameters<typeof startAccountWorld>[1] = {}): Promise<AccountWorld> => {
    const world = await startAccountWorld(target, options);
    open.push(world);
    return world;
  };
  const status = async (world: AccountWorld): Promise<number> => {
    const response = await world.native(generate, hello);
    await response.arrayBuffer();
    return response.status;
  };

  afterEach(async () => {
    for (const world of open.splice(0)) await world.stop();
  });

  it("refused in the middle of a load of 50 clients: no client's error, one refresh", async () => {
    // On Workers there is the account of the environment alone: the command does not reach into a Durable Object.
    const accounts = target === "workerd" ? [] : others;
    const total = target === "workerd" ? 300 : 900;
    // Google is some way off: many calls are under way with a token before the first one hears that it is no good.
    const world = await start({
      account: { firstByteDelayMs: 100 },
      others: accounts,
      before: async ({ cli, dataDir }) => {
        for (const account of accounts) await addAccount(cli, dataDir, account);
      },
    });
    world.emulator.fault({ match: { operation: "oauthToken", count: "all" }, do: { delayMs: 150 } });
    const emails = [email, ...accounts.map((account) => account.email)];
    // Each at a moment of its own, by the count of answers.
    const moments = emails.map((_, index) => Math.round(total * (0.2 + 0.25 * index) + Math.random() * total * 0.1));
    const load = await loadAccounts(world, {
      workers: 50,
      go(answered) {
        emails.forEach((address, index) => {
          if (answered < (moments[index] ?? Infinity)) return;
          moments[index] = Infinity;
          world.emulator.expireTokens(address);
        });
        return answered < total;
      },
    });
    expect(load.wrong).toEqual([]);
    expect(load.answered).toBeGreaterThanOrEqual(total);
    expect(emails.map((address) => [address, world.refreshes(address)])).toEqual(emails.map((address) => [address, 2]));
    // They were used, and some calls did meet the dead token.
    const refused = world.emulator.record().filter((one) => one.status === 401);
    for (const address of emails)
      expect(refused.some(({ account }) => account === address || account === null)).toBe(true);
    expect(refused.length).toBeGreaterThanOrEqual(emails.length);
  }, 90_000);

  it("a refresh token that Google replaced is not lost with the process", async () => {
    const world = await start({ account: { rotatesRefreshToken: true } });
    expect(await status(world)).toBe(200);
    const [rotated] = world.emulator.accounts().flatMap(({ refreshTokens }) => refreshTokens);
    expect(rotated).not.toBe(refreshToken);
    await world.restart();
    world.emulator.expireTokens();
    expect(await status(world)).toBe(200);
    expect(world.refreshes()).toBe(2);
    expect(world.tokenRequests().map((one) => one.status)).toEqual([200, 200]);
    for (const secret of [rotated, refreshToken]) expect(world.gateway.output()).not.toContain(secret);
  }, 60_000);

  // The rest is the same code everywhere, and the command does not reach into a Durable Object.
  if (target !== "node24") return;

  it("of a refresh that was answered but not awaited nothing is left open: the next start has the token", async () => {
    const world = await start();
    expect(await status(world)).toBe(200);
    await world.restart();
    expect(await status(world)).toBe(200);
    expect(world.refreshes()).toBe(1);
  }, 60_000);

  it("over by the clock in the middle of a load: no client's error, never two refreshes at once", async () => {
    // The last ten seconds of a token are not used: each is good for two.
    const world = await start({
      account: { tokenLifeMs: 12_000 },
      environment: { TOKEN_REFRESH_BUFFER_MINUTES: "0" },
    });
    world.emulator.fault({ match: { operation: "oauthToken", count: "all" }, do: { delayMs: 150 } });
    const startedAt = performance.now();
    const seconds = 7;
    const load = await loadAccounts(world, {
      workers: 50,
      go: () => performance.now() - startedAt < seconds * 1_000,
    });
    expect(load.wrong).toEqual([]);
    const times = world.tokenRequests().map(({ time }) => time);
    expect(times.length).toBeGreaterThanOrEqual(3);
    // One for every two seconds, and those that the clock makes ahead of time, each five.
    expect(times.length).toBeLessThanOrEqual(2 + Math.ceil((performance.now() - startedAt) / 1_400));
    const between = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(Math.min(...between)).toBeGreaterThanOrEqual(150);
  }, 60_000);

  it("a token endpoint that fails twice is asked a third time, and the client waits that long", async () => {
    const world = await start();
    world.emulator.fault({
      match: { operation: "oauthToken", count: 2 },
      do: { response: { status: 503, body: { error: "internal_failure" } } },
    });
    expect(await Promise.all(Array.from({ length: 10 }, () => status(world)))).toEqual(Array(10).fill(200));
    expect(world.tokenRequests().map((one) => one.status)).toEqual([503, 503, 200]);
  }, 60_000);

  it("the command beside the gateway refreshes in turn with it: each refresh token is used once, no client's error", async () => {
    const world = await start({ account: { rotatesRefreshToken: true } });
    world.emulator.fault({ match: { operation: "oauthToken", count: "all" }, do: { delayMs: 300 } });
    const results: unknown[] = [];
    let done = false;
    const checks = (async () => {
      for (let check = 0; check < 3; check += 1) {
        // The first time the gateway has no token, either: whoever is first refreshes for both.
        results.push(await world.cli("accounts", "check"));
        if (check === 1) world.emulator.expireTokens();
      }
    })().finally(() => (done = true));
    const load = await loadAccounts(world, { workers: 20, go: () => !done });
    await checks;
    expect(results).toMatchObject(Array(3).fill([{ email, result: "ok" }]));
    expect(load.wrong).toEqual([]);
    const tokenRequests = world.tokenRequests();
    expect(tokenRequests.map((one) => one.status)).toEqual(tokenRequests.map(() => 200));
    // Three checks, the first need, and the refusal; fewer where one took over what the other had.
    expect(tokenRequests.length).toBeGreaterThanOrEqual(3);
    expect(tokenRequests.length).toBeLessThanOrEqual(5);
    expect(await status(world)).toBe(200);
  }, 60_000);
}

// --- helpers ---

async function addAccount(
  cli: AccountWorld["cli"],
  dataDir: string,
  account: { email: string; refreshToken: string },
): Promise<void> {
  const file = join(dataDir, `${account.email}.json`);
  await writeFile(file, oauthCredentials(account), { mode: 0o600 });
  await cli("accounts", "add", file);
}
