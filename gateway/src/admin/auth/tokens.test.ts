import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSeededRandom } from "../../testkit/simulated.ts";
import { createAdminWorld, type AdminWorld } from "../../testkit/admin-world.ts";
import { generateAdminToken } from "./secrets.ts";

let world: AdminWorld;
beforeEach(async () => {
  world = await createAdminWorld();
});
afterEach(() => world.close());

const make = async (body: object): Promise<{ id: string; secret: string; headers: Record<string, string> }> => {
  const answer = await world.request("POST", "/tokens", { body: { name: "tool", role: "admin", ...body } });
  expect(answer.status).toBe(201);
  const { token, secret } = answer.body as { token: { id: string }; secret: string };
  return { id: token.id, secret, headers: { authorization: `Bearer ${secret}` } };
};
const statusOf = async (headers: Record<string, string>): Promise<number> =>
  (await world.request("GET", "/settings", { as: "nobody", headers })).status;
const find = async (id: string) => (await world.store.administration.tokens.list()).find((each) => each.id === id);

describe("tokens of tools", () => {
  it("are told once, kept as a digest, and hold at once", async () => {
    const { id, secret, headers } = await make({});
    expect(secret).toMatch(/^ga-[0-9A-Za-z]{40}$/);
    expect(await statusOf(headers)).toBe(200);
    world.secrets.add(secret);
    const listed = await world.request("GET", "/tokens");
    expect(listed.body.tokens.find((each: { id: string }) => each.id === id)).toMatchObject({
      name: "tool",
      role: "admin",
      prefix: secret.slice(0, 7),
    });
    expect(JSON.stringify(await find(id))).not.toContain(secret);
    expect(JSON.stringify(await world.store.administration.audit.list({ limit: 9 }))).not.toContain(secret);
    expect(await statusOf({ authorization: `Bearer ${secret.slice(0, -1)}` })).toBe(401);
  });

  it("end at their time, and at once when they are revoked here", async () => {
    const short = await make({ expiresAt: world.clock.now() + 1000 });
    expect(await statusOf(short.headers)).toBe(200);
    world.clock.advance(1000);
    expect(await statusOf(short.headers)).toBe(401);
    const { id, headers } = await make({});
    expect(await statusOf(headers)).toBe(200);
    expect((await world.request("DELETE", `/tokens/${id}`)).status).toBe(204);
    expect(await statusOf(headers)).toBe(401);
    expect((await world.request("DELETE", `/tokens/${id}`)).body.error.code).toBe("not_found");
  });

  it("end within five seconds when another process revokes them", async () => {
    const { id, headers } = await make({});
    expect(await statusOf(headers)).toBe(200);
    await world.store.administration.tokens.remove(id);
    world.clock.advance(4999);
    expect(await statusOf(headers)).toBe(200);
    world.clock.advance(1);
    expect(await statusOf(headers)).toBe(401);
  });

  it("cannot begin with an end that is over", async () => {
    const answer = await world.request("POST", "/tokens", {
      body: { name: "t", role: "admin", expiresAt: world.clock.now() },
    });
    expect(answer.body.error).toMatchObject({ code: "body_invalid", field: "body.expiresAt" });
  });

  it("have their use written at most once a minute, and work when it cannot be written", async () => {
    const { id, headers } = await make({});
    const start = world.clock.now();
    await statusOf(headers);
    world.clock.advance(59_999);
    await statusOf(headers);
    expect((await find(id))?.lastUsedAt).toBe(start);
    world.clock.advance(1);
    await statusOf(headers);
    expect((await find(id))?.lastUsedAt).toBe(start + 60_000);
    world.services.administration.tokens.used = () => Promise.reject(new Error("disk full"));
    world.clock.advance(60_000);
    expect(await statusOf(headers)).toBe(200);
    expect(world.logger.lines.some(({ event }) => event === "admin.token-use-unwritten")).toBe(true);
  });

  it("are read again after the store has failed once", async () => {
    const { headers } = await make({});
    const { list } = world.services.administration.tokens;
    world.clock.advance(5000);
    world.services.administration.tokens.list = () => Promise.reject(new Error("disk full"));
    expect(await statusOf(headers)).toBe(500);
    world.services.administration.tokens.list = list;
    expect(await statusOf(headers)).toBe(200);
  });

  it("use each of 62 characters equally often", () => {
    const random = createSeededRandom(5);
    const counts = new Map<string, number>();
    for (let round = 0; round < 2000; round++)
      for (const character of generateAdminToken(random).token.slice(3))
        counts.set(character, (counts.get(character) ?? 0) + 1);
    expect(counts.size).toBe(62);
    // 80,000 / 62 = 1290, standard deviation 36.
    for (const count of counts.values()) expect(Math.abs(count - 1290)).toBeLessThan(200);
  });
});
